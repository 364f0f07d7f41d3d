"""Decompose the Jacobian of a network at noisy test images."""

import torch

from gahb.analysis.bases.measure import measure_bases
from gahb.data.splits import read_split
from gahb.data.synthetic import tangents
from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.denoisers.registry import load
from gahb.hardware import precise_device, prepare_device
from gahb.jobs.job import working
from gahb.settings import BasesSettings, DataSettings, DenoiserSettings, RuntimeSettings
from gahb.storage import read_array, read_arrays, write_arrays

chosen = snakemake.params.settings
bases = BasesSettings(**chosen["bases"])
with working(snakemake, f"bases {snakemake.wildcards.experiment}"):
    device = prepare_device(
        RuntimeSettings(**snakemake.config.get("runtime", {})), snakemake.threads
    )
    test = read_split(snakemake.input.split).test[: bases.images]
    arrays = measure_bases(
        load(snakemake.input.checkpoint, DenoiserSettings(**chosen["denoiser"]), device),
        GaussianDenoiser.from_arrays(read_arrays(snakemake.input.gaussian), precise_device(device)),
        torch.from_numpy(read_array(snakemake.input.images)[test]).to(device),
        tangents(DataSettings(**chosen["data"]), test, chosen["seed"]),
        float(snakemake.wildcards.sigma),
        bases,
        chosen["seed"],
    )
    write_arrays(snakemake.output.bases, arrays)
