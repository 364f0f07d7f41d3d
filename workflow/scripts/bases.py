"""Decompose the Jacobian of a network at noisy test images."""

import torch

from gahb.analysis.bases.measure import measure_bases
from gahb.data.drawn.sets import tangents
from gahb.data.splits import read_split
from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.denoisers.registry import load
from gahb.hardware.devices import precise_device, prepare_device
from gahb.jobs.job import working
from gahb.storage import read_array, read_arrays, write_arrays

with working(snakemake, "bases {experiment}") as job:
    device, chosen = prepare_device(job.runtime, job.threads), job.settings
    test = read_split(job.input.split).test[: chosen.bases.images]
    arrays = measure_bases(
        load(job.input.checkpoint, chosen.denoiser, device),
        GaussianDenoiser.from_arrays(read_arrays(job.input.gaussian), precise_device(device)),
        torch.from_numpy(read_array(job.input.images)[test]).to(device),
        tangents(chosen.data, test, chosen.seed),
        float(job.wildcards.sigma),
        chosen.bases,
        chosen.seed,
    )
    write_arrays(job.output.bases, arrays)
