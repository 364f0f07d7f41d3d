"""Decompose the Jacobian of a network at noisy test images."""

import torch

from gahb.analysis.bases import measure_bases
from gahb.data.splits import read_split
from gahb.data.synthetic import tangents
from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.denoisers.registry import load
from gahb.hardware import precise_device, prepare_device
from gahb.job import working
from gahb.sections import Bases, Data, Denoiser, Runtime
from gahb.storage import read_array, read_arrays, write_arrays

chosen = snakemake.params.settings
bases = Bases(**chosen["bases"])
with working(snakemake, f"bases {snakemake.wildcards.experiment}"):
    device = prepare_device(Runtime(**snakemake.config.get("runtime", {})), snakemake.threads)
    test = read_split(snakemake.input.split).test[: bases.images]
    arrays = measure_bases(
        load(snakemake.input.checkpoint, Denoiser(**chosen["denoiser"]), device),
        GaussianDenoiser.from_arrays(read_arrays(snakemake.input.gaussian), precise_device(device)),
        torch.from_numpy(read_array(snakemake.input.images)[test]).to(device),
        tangents(Data(**chosen["data"]), test, chosen["seed"]),
        float(snakemake.wildcards.sigma),
        bases,
        chosen["seed"],
    )
    write_arrays(snakemake.output.bases, arrays)
