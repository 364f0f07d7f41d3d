"""A Gaussian denoiser with a full, uneven covariance."""

import numpy as np
import torch

from gahb.denoisers.gaussian import GaussianDenoiser, Moments

SHAPE, PIXELS = (1, 4, 4), 16


def uneven_gaussian() -> GaussianDenoiser:
    """A Gaussian denoiser with a full, uneven covariance."""
    rng = np.random.default_rng(0)
    root = rng.normal(0, 0.1, (PIXELS, PIXELS))
    return GaussianDenoiser(
        Moments(torch.from_numpy(rng.random(PIXELS)), torch.from_numpy(root @ root.T), 99, SHAPE)
    )
