"""Measure a network beside the denoisers that its optimality is judged by."""

import torch

from gahb.analysis.bases.slopes import measure_errors
from gahb.analysis.transition.evaluation import noise_levels
from gahb.data.splits import read_split
from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.denoisers.registry import load
from gahb.hardware.devices import precise_device, prepare_device
from gahb.jobs.job import working
from gahb.storage import read_array, read_arrays, write_arrays

with working(snakemake, "optimality {experiment}") as job:
    device, chosen = prepare_device(job.runtime, job.threads), job.settings
    test = read_split(job.input.split).test[: chosen.evaluation.images]
    arrays = measure_errors(
        load(job.input.checkpoint, chosen.denoiser, device),
        GaussianDenoiser.from_arrays(read_arrays(job.input.gaussian), precise_device(device)),
        torch.from_numpy(read_array(job.input.images)[test]).to(device),
        chosen.data,
        noise_levels(chosen.evaluation),
        chosen.seed,
    )
    write_arrays(job.output.errors, arrays)
