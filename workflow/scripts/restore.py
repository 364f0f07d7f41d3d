"""Restore test images from linear measurements with both networks of the largest N."""

import torch

from gahb.analysis.restoration import gaussian_restoration
from gahb.data.splits import read_split
from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.denoisers.registry import load_pair
from gahb.hardware import prepare_device
from gahb.images import as_float
from gahb.jobs.job import working
from gahb.sampling.measurements import measurements
from gahb.sampling.restoration import restore
from gahb.settings import (
    SUBSETS,
    DenoiserSettings,
    RestorationSettings,
    RuntimeSettings,
    SamplingSettings,
)
from gahb.storage import read_array, read_arrays, write_arrays

chosen = snakemake.params.settings
conditional = RestorationSettings(**chosen["conditional"])
with working(snakemake, f"restore {snakemake.wildcards.experiment}"):
    device = prepare_device(
        RuntimeSettings(**snakemake.config.get("runtime", {})), snakemake.threads
    )
    test = read_split(snakemake.input.split).test[: conditional.images]
    clean = as_float(torch.from_numpy(read_array(snakemake.input.images)[test]), "cpu")
    projections = measurements(clean.shape[1:], conditional.factor, chosen["seed"])
    arrays = {"clean": clean.numpy()}
    for subset, path in zip(SUBSETS, snakemake.input.gaussians, strict=True):
        model = GaussianDenoiser.from_arrays(read_arrays(path))
        for name, project in projections.items():
            arrays[f"measured_{name}"] = project(clean).numpy()
            restored = gaussian_restoration(model, clean, project)
            arrays[f"gaussian_{name}_{subset}"] = restored.numpy()
    arrays |= restore(
        load_pair(snakemake.input.checkpoints, DenoiserSettings(**chosen["denoiser"]), device),
        clean,
        projections,
        conditional.samples,
        SamplingSettings(**chosen["sampling"]),
        chosen["seed"],
        device,
    )
    write_arrays(snakemake.output.restored, arrays)
