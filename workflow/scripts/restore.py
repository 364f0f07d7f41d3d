"""Restore test images from linear measurements with both networks of the largest N."""

import torch

from gahb.analysis.gaussian.models import load_gaussians
from gahb.analysis.restoration import restore_test_images
from gahb.data.splits import read_split
from gahb.denoisers.registry import load_pair
from gahb.hardware.devices import prepare_device
from gahb.images import as_float
from gahb.jobs.job import working
from gahb.storage import read_array, write_arrays

with working(snakemake, "restore {experiment}") as job:
    device, chosen = prepare_device(job.runtime, job.threads), job.settings
    test = read_split(job.input.split).test[: chosen.conditional.images]
    arrays = restore_test_images(
        load_pair(job.input.checkpoints, chosen.denoiser, device),
        load_gaussians(job.input.gaussians, "cpu"),
        as_float(torch.from_numpy(read_array(job.input.images)[test]), "cpu"),
        chosen.conditional,
        chosen.sampling,
        chosen.seed,
        device,
    )
    write_arrays(job.output.restored, arrays)
