"""Compare singular vectors of Jacobians with principal components of the training set."""

import torch

from gahb.analysis.components import singular_vectors_against_components
from gahb.analysis.models import held_out, load_gaussians
from gahb.data.splits import read_split
from gahb.denoisers.registry import load_pair
from gahb.hardware import precise_device, prepare_device
from gahb.job import working
from gahb.sections import Agreement, Denoiser, Runtime
from gahb.storage import read_array, write_arrays

chosen = snakemake.params.settings
agreement = Agreement(**chosen["agreement"])
with working(snakemake, f"singular vectors N={snakemake.wildcards.n}"):
    device = prepare_device(Runtime(**snakemake.config.get("runtime", {})), snakemake.threads)
    test, _ = held_out(read_split(snakemake.input.split), agreement)
    pixels = read_array(snakemake.input.images)[test[: agreement.jacobian_images]]
    arrays = singular_vectors_against_components(
        load_pair(snakemake.input.checkpoints, Denoiser(**chosen["denoiser"]), device),
        load_gaussians(snakemake.input.gaussians, precise_device(device)),
        torch.from_numpy(pixels).to(device),
        agreement.jacobian_sigmas,
        agreement.jacobian_modes,
        chosen["seed"],
    )
    write_arrays(snakemake.output.vectors, arrays)
