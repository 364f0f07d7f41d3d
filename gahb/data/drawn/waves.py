"""Plane waves of one frequency: a cone of two dimensions.

Kadkhodaie et al. (ICLR 2024), Fig. 20.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from gahb.data.drawn.drawn_set import DrawnSet, Prior, uniforms
from gahb.settings import DataSettings

INTENSITIES = (0.05, 0.5)


class Waves(DrawnSet):
    """One wave an image, of any phase and intensity."""

    name = "sinusoids"
    title = "Plane waves of one frequency, any phase and intensity"
    dimension = 2

    def draw(self, data: DataSettings, indices: Sequence[int], seed: int) -> np.ndarray:
        """Return `wave_images`."""
        return wave_images(wave_parameters(indices, seed), data.size)

    def tangents(self, data: DataSettings, indices: Sequence[int], seed: int) -> np.ndarray:
        """Return the plane of all waves, for each image."""
        return np.broadcast_to(wave_basis(data.size), (len(indices), 2, data.size**2))

    def prior(self, size: int) -> Prior:
        """Return the density in the plane: it falls as 1 / intensity, both being uniform."""
        waves = torch.from_numpy(wave_basis(size))
        norm = waves[0].norm()
        low, high = (float(norm) * bound for bound in INTENSITIES)

        def density(theta: Tensor) -> Tensor:
            radius = theta.norm(dim=-1)
            inside = (radius >= low) & (radius <= high)
            return torch.where(inside, 1 / radius.clamp(min=low), 0.0)

        return Prior(waves / norm, density, (-high, high))


def wave_basis(size: int) -> np.ndarray:
    """Return sine and cosine of one period down and across, ``[2, pixels]``, both of one norm."""
    position = np.arange(size)
    phase = 2 * np.pi * (position[:, None] + position) / size
    return np.stack([np.sin(phase), np.cos(phase)]).reshape(2, -1)


def wave_parameters(indices: Sequence[int], seed: int) -> np.ndarray:
    """Draw ``[image, 2]``: intensity, uniform on `INTENSITIES`, and phase."""
    numbers = uniforms(seed, "sinusoids", indices, 2)
    low, high = INTENSITIES
    return np.column_stack([low + (high - low) * numbers[:, 0], 2 * np.pi * numbers[:, 1]])


def wave_images(parameters: np.ndarray, size: int) -> np.ndarray:
    """Render ``a sin(u + phase)``, ``[image, 1, size, size]``, with values in [-1/2, 1/2].

    Their mean is 0, so that they fill a cone of two dimensions.
    """
    intensity, phase = parameters.T
    weights = np.stack([intensity * np.cos(phase), intensity * np.sin(phase)], axis=1)
    return (weights @ wave_basis(size)).reshape(-1, 1, size, size)
