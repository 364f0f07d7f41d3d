"""Take a trained network from a file, if it is the one configured."""

from pathlib import Path

from gahb.console import reporting
from gahb.denoisers.adoption import adopt_to_file
from gahb.sections import Denoiser

wildcards, chosen = snakemake.wildcards, snakemake.params.settings
with reporting(snakemake.log[0], f"adopt N={wildcards.n} {wildcards.subset}"):
    adopt_to_file(
        Path(snakemake.output.checkpoint),
        Path(snakemake.input.weights),
        Denoiser(**chosen["denoiser"]),
        chosen["data"]["channels"],
        chosen["data"]["size"],
    )
