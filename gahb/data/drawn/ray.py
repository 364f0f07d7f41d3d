"""One face at all intensities: a ray.

Kadkhodaie et al. (ICLR 2024), Fig. 19.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from skimage.transform import resize

from gahb.data.drawn.drawn_set import DrawnSet, Prior, uniforms
from gahb.data.readers import read_bundled_faces
from gahb.settings import DataSettings

INTENSITIES = (0.05, 1.0)


class Ray(DrawnSet):
    """Positive multiples of one image."""

    name = "ray"
    title = "One face at all intensities"
    dimension = 1

    def draw(self, data: DataSettings, indices: Sequence[int], seed: int) -> np.ndarray:
        """Return `ray_images`."""
        return ray_images(ray_parameters(indices, seed), data.size)

    def tangents(self, data: DataSettings, indices: Sequence[int], seed: int) -> np.ndarray:
        """Return the direction of the ray, for each image."""
        return np.broadcast_to(ray_direction(data.size), (len(indices), 1, data.size**2))

    def prior(self, size: int) -> Prior:
        """Return the density along the ray: the same at all intensities."""
        direction = torch.from_numpy(np.array(ray_direction(size)))
        norm = direction.norm()
        low, high = (float(norm) * bound for bound in INTENSITIES)
        return Prior(
            (direction / norm)[None], lambda theta: torch.ones_like(theta[..., 0]), (low, high)
        )


def ray_direction(size: int) -> np.ndarray:
    """Return the image whose multiples form the ray: a face, brightest pixel 1, ``[pixels]``."""
    face = resize(read_bundled_faces()[0].astype(np.float64), (size, size), anti_aliasing=True)
    return (face / face.max()).ravel()


def ray_parameters(indices: Sequence[int], seed: int) -> np.ndarray:
    """Draw ``[image, 1]``: intensity, uniform on `INTENSITIES`."""
    low, high = INTENSITIES
    return low + (high - low) * uniforms(seed, "ray", indices, 1)


def ray_images(parameters: np.ndarray, size: int) -> np.ndarray:
    """Render positive multiples of one face, ``[image, 1, size, size]``."""
    return (parameters * ray_direction(size)).reshape(-1, 1, size, size)
