"""Compare singular vectors of Jacobians with principal components of the training set."""

import torch

from gahb.analysis.gaussian.components import singular_vectors_against_components
from gahb.analysis.gaussian.measure import held_out
from gahb.analysis.gaussian.models import load_gaussians
from gahb.data.splits import read_split
from gahb.denoisers.registry import load_pair
from gahb.hardware.devices import precise_device, prepare_device
from gahb.jobs.job import working
from gahb.storage import read_array, write_arrays

with working(snakemake, "singular vectors N={n}") as job:
    device, chosen = prepare_device(job.runtime, job.threads), job.settings
    test, _ = held_out(read_split(job.input.split), chosen.agreement)
    pixels = read_array(job.input.images)[test[: chosen.agreement.jacobian_images]]
    arrays = singular_vectors_against_components(
        load_pair(job.input.checkpoints, chosen.denoiser, device),
        load_gaussians(job.input.gaussians, precise_device(device)),
        torch.from_numpy(pixels).to(device),
        chosen.agreement.jacobian_sigmas,
        chosen.agreement.jacobian_modes,
        chosen.seed,
    )
    write_arrays(job.output.vectors, arrays)
