"""Measure networks A and B of one N against the linear, Gaussian and empirical models."""

import numpy as np
import torch

from gahb.analysis.gaussian.measure import grid, held_out, load_gaussians, load_linear, measure
from gahb.data.splits import read_split
from gahb.denoisers.empirical import EmpiricalDenoiser
from gahb.denoisers.registry import load_pair
from gahb.hardware import precise_device, prepare_device
from gahb.jobs.job import working
from gahb.settings import SUBSETS, AgreementSettings, DenoiserSettings, RuntimeSettings
from gahb.storage import read_array, write_arrays
from gahb.training.snapshots import presentations_of

chosen, n = snakemake.params.settings, int(snakemake.wildcards.n)
agreement, stage = AgreementSettings(**chosen["agreement"]), snakemake.wildcards.stage
with working(snakemake, f"agree N={n}{stage}"):
    device = prepare_device(
        RuntimeSettings(**snakemake.config.get("runtime", {})), snakemake.threads
    )
    images, parts = read_array(snakemake.input.images), read_split(snakemake.input.split)
    training = {
        subset: torch.from_numpy(images[parts.training(subset, n)]).to(device) for subset in SUBSETS
    }
    models = {
        "network": load_pair(
            snakemake.input.checkpoints,
            DenoiserSettings(**chosen["denoiser"]),
            device,
            presentations_of(stage),
        ),
        "gaussian": load_gaussians(snakemake.input.gaussians, precise_device(device)),
        "empirical": {
            subset: EmpiricalDenoiser(pixels.to(precise_device(device)))
            for subset, pixels in training.items()
        },
    }
    if snakemake.input.maps:
        models["linear"] = load_linear(snakemake.input.maps, images.shape[1:])
    test, others = held_out(parts, agreement)
    repeated = {
        subset: torch.from_numpy(images[np.resize(parts.training(subset, n), len(test))]).to(device)
        for subset in SUBSETS
    }
    arrays = measure(
        models,
        torch.from_numpy(images[test]).to(device),
        torch.from_numpy(images[others[: len(test)]]).to(device),
        repeated,
        grid(agreement),
        chosen["seed"],
    )
    write_arrays(snakemake.output.agreement, arrays)
