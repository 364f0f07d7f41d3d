"""Draw samples of the linear, Gaussian and empirical models from the networks' noise."""

import numpy as np
import torch

from gahb.analysis.gaussian.measure import load_gaussians, load_linear
from gahb.data.splits import read_split
from gahb.denoisers.empirical import EmpiricalDenoiser
from gahb.hardware import precise_device, prepare_device
from gahb.jobs.job import working
from gahb.sampling.models import sample_models
from gahb.sampling.paired import sample_seeds
from gahb.settings import SUBSETS, RuntimeSettings, SamplingSettings
from gahb.storage import read_array, write_arrays

chosen, n = snakemake.params.settings, int(snakemake.wildcards.n)
settings = SamplingSettings(**chosen["sampling"])
with working(snakemake, f"sample models N={n}"):
    runtime = RuntimeSettings(**snakemake.config.get("runtime", {}))
    device = precise_device(prepare_device(runtime, snakemake.threads))
    images, parts = read_array(snakemake.input.images), read_split(snakemake.input.split)
    models = {
        "gaussian": load_gaussians(snakemake.input.gaussians, device),
        "empirical": {
            subset: EmpiricalDenoiser(
                torch.from_numpy(images[parts.training(subset, n)]).to(device)
            )
            for subset in SUBSETS
        },
    }
    # Affine maps exist at the levels of the ODE's schedule; the ascent asks for any level.
    if settings.method != "ascent":
        models["linear"] = load_linear(snakemake.input.maps, images.shape[1:])
    seeds = sample_seeds(chosen["seed"], snakemake.wildcards.repeat, range(settings.samples))
    arrays = sample_models(models, images.shape[1:], settings, seeds, device)
    write_arrays(snakemake.output.samples, arrays | {"n": np.array(n)})
