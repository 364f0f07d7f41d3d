"""Take a trained network from a file, if it is the one configured."""

from pathlib import Path

from gahb.denoisers.pretrained import adopt_to_file
from gahb.jobs.job import working
from gahb.settings import DenoiserSettings

wildcards, chosen = snakemake.wildcards, snakemake.params.settings
with working(snakemake, f"adopt N={wildcards.n} {wildcards.subset}"):
    adopt_to_file(
        Path(snakemake.output.checkpoint),
        Path(snakemake.input.weights),
        DenoiserSettings(**chosen["denoiser"]),
        chosen["data"]["channels"],
        chosen["data"]["size"],
    )
