"""Distil networks A and B of one N into affine maps, one per noise level."""

import torch

from gahb.analysis.gaussian.measure import distil_pair, held_out, levels_to_distil
from gahb.analysis.gaussian.models import load_gaussians
from gahb.data.splits import read_split
from gahb.denoisers.registry import load_pair
from gahb.hardware.devices import precise_device, prepare_device
from gahb.jobs.job import working
from gahb.settings import SUBSETS
from gahb.storage import read_array, write_arrays

with working(snakemake, "distil N={n}") as job:
    device, chosen = prepare_device(job.runtime, job.threads), job.settings
    _, others = held_out(read_split(job.input.split), chosen.agreement)
    arrays = distil_pair(
        load_pair(job.input.checkpoints, chosen.denoiser, device),
        load_gaussians(job.input.gaussians, precise_device(device)),
        torch.from_numpy(read_array(job.input.images)[others]).to(device),
        levels_to_distil(chosen.agreement, chosen.sampling),
        chosen.agreement,
        chosen.seed,
    )
    worst = max(arrays[f"condition_{subset}"].max() for subset in SUBSETS)
    job.log.info("condition numbers up to %.3g", worst)
    write_arrays(job.output.maps, arrays)
