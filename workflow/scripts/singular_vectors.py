"""Compare singular vectors of Jacobians with principal components of the training set."""

import torch

from gahb.analysis.gaussian.components import singular_vectors_against_components
from gahb.analysis.gaussian.measure import held_out, load_gaussians
from gahb.data.splits import read_split
from gahb.denoisers.registry import load_pair
from gahb.hardware import precise_device, prepare_device
from gahb.jobs.job import working
from gahb.settings import AgreementSettings, DenoiserSettings, RuntimeSettings
from gahb.storage import read_array, write_arrays

chosen = snakemake.params.settings
agreement = AgreementSettings(**chosen["agreement"])
with working(snakemake, f"singular vectors N={snakemake.wildcards.n}"):
    device = prepare_device(
        RuntimeSettings(**snakemake.config.get("runtime", {})), snakemake.threads
    )
    test, _ = held_out(read_split(snakemake.input.split), agreement)
    pixels = read_array(snakemake.input.images)[test[: agreement.jacobian_images]]
    arrays = singular_vectors_against_components(
        load_pair(snakemake.input.checkpoints, DenoiserSettings(**chosen["denoiser"]), device),
        load_gaussians(snakemake.input.gaussians, precise_device(device)),
        torch.from_numpy(pixels).to(device),
        agreement.jacobian_sigmas,
        agreement.jacobian_modes,
        chosen["seed"],
    )
    write_arrays(snakemake.output.vectors, arrays)
