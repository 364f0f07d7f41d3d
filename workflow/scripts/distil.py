"""Distil networks A and B of one N into affine maps, one per noise level."""

import torch

from gahb.analysis.gaussian.measure import distil_pair, held_out, levels_to_distil, load_gaussians
from gahb.data.splits import read_split
from gahb.denoisers.registry import load_pair
from gahb.hardware import precise_device, prepare_device
from gahb.jobs.job import working
from gahb.settings import (
    SUBSETS,
    AgreementSettings,
    DenoiserSettings,
    RuntimeSettings,
    SamplingSettings,
)
from gahb.storage import read_array, write_arrays

chosen, n = snakemake.params.settings, snakemake.wildcards.n
agreement, sampling = (
    AgreementSettings(**chosen["agreement"]),
    SamplingSettings(**chosen["sampling"]),
)
with working(snakemake, f"distil N={n}") as log:
    device = prepare_device(
        RuntimeSettings(**snakemake.config.get("runtime", {})), snakemake.threads
    )
    _, rest = held_out(read_split(snakemake.input.split), agreement)
    arrays = distil_pair(
        load_pair(snakemake.input.checkpoints, DenoiserSettings(**chosen["denoiser"]), device),
        load_gaussians(snakemake.input.gaussians, precise_device(device)),
        torch.from_numpy(read_array(snakemake.input.images)[rest]).to(device),
        levels_to_distil(agreement, sampling),
        agreement,
        chosen["seed"],
    )
    worst = max(arrays[f"condition_{subset}"].max() for subset in SUBSETS)
    log.info("condition numbers up to %.3g", worst)
    write_arrays(snakemake.output.maps, arrays)
