"""Additive white Gaussian noise and the laws from which its level is drawn."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gahb.types import Images, Sigma


def as_column(sigma: Sigma, images: Images) -> Tensor:
    """Return ``sigma`` (a float or ``[batch]``) as ``[batch or 1, 1, 1, 1]`` beside ``images``."""
    return torch.as_tensor(sigma, dtype=images.dtype, device=images.device).reshape(-1, 1, 1, 1)


def add_noise(clean: Images, sigma: Sigma, generator: torch.Generator) -> Images:
    """Return ``y = x + sigma z`` with ``z ~ N(0, Id)``.

    Parameters
    ----------
    clean : Images
        ``[batch, channel, height, width]``, pixels in [0, 1].
    sigma : Sigma
        Noise standard deviation in pixel units, a float or ``[batch]``.
    generator : torch.Generator
        Random stream, on the device of ``clean``.
    """
    noise = torch.empty_like(clean).normal_(generator=generator)
    return clean + as_column(sigma, clean) * noise


def quadratic_law(uniform: Tensor) -> Tensor:
    """``sigma = u**2``: most draws at small noise (the law of Kadkhodaie et al.)."""
    return uniform**2


def uniform_law(uniform: Tensor) -> Tensor:
    """``sigma = u``, uniform on [0, 1]."""
    return uniform


NOISE_LAWS: dict[str, Callable[[Tensor], Tensor]] = {
    "quadratic": quadratic_law,
    "uniform": uniform_law,
}
"""Maps from u ~ U(0, 1) to a noise level in [0, 1], by their name in the configuration."""
