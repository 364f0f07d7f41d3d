"""Restorations of Gaussian images, whose posterior is known."""

import math

import numpy as np
import torch

from gahb.analysis.conditional_mean import gaussian_restoration
from gahb.analysis.restoration import MODELS
from gahb.denoisers.gaussian import GaussianDenoiser, moments
from gahb.sampling.measurements import measurements
from gahb.settings import SUBSETS

NAMES = ("inpainting", "random_pixels", "super_resolution", "deblurring", "compressive")
SHAPE = (1, 8, 8)


def gaussian(count: int) -> GaussianDenoiser:
    """A Gaussian model of images whose pixels depend on one another."""
    stream = np.random.default_rng(count)
    mixing = stream.normal(size=(64, 64)) * np.linspace(1, 0.1, 64)
    images = 0.5 + 0.1 * stream.normal(size=(count, 64)) @ mixing.T / 8
    return GaussianDenoiser(moments(images.reshape(-1, *SHAPE)))


def posterior_arrays(images: int, samples: int, shared: float = 0.5) -> tuple[dict, dict]:
    """Return exact posterior samples of a Gaussian model; A and B share part of their noise."""
    model, chosen = gaussian(500), measurements(SHAPE, 2, seed=0)
    stream = torch.Generator().manual_seed(3)
    clean = model.sample(torch.randn(images, *SHAPE, generator=stream)).double()
    arrays = {"clean": clean.numpy()}
    for name, project in chosen.items():
        mean = gaussian_restoration(model, clean, project)
        for prefix in MODELS.values():
            both = torch.randn(images * samples, *SHAPE, generator=stream, dtype=torch.float64)
            for subset in SUBSETS:
                own = torch.randn(both.shape, generator=stream, dtype=torch.float64)
                drawn = model.sample(math.sqrt(shared) * both + math.sqrt(1 - shared) * own)
                # Matheron's rule: an unconditional draw less its own conditional mean.
                deviation = drawn - gaussian_restoration(model, drawn, project)
                restored = mean[:, None] + deviation.reshape(images, samples, *SHAPE)
                arrays[f"{prefix}_{name}_{subset}"] = restored.float().numpy()
                arrays[f"gaussian_{name}_{subset}"] = mean.numpy()
    return arrays, chosen
