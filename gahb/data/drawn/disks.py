"""Disks of any position, radius and greys: a manifold of five dimensions.

Kadkhodaie et al. (ICLR 2024), Fig. 5.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import erf

from gahb.data.drawn.drawn_set import DrawnSet, uniforms
from gahb.settings import DataSettings

EDGE = 0.5
"""Standard deviation in pixels of the blur of a disk's edge, about that of a pixel's area."""


class Disks(DrawnSet):
    """One disk an image."""

    name = "disks"
    title = "Disks of any position, radius and greys"
    dimension = 5

    def draw(self, data: DataSettings, indices: Sequence[int], seed: int) -> np.ndarray:
        """Return `disk_images`."""
        return disk_images(disk_parameters(indices, data.size, seed), data.size)

    def tangents(self, data: DataSettings, indices: Sequence[int], seed: int) -> np.ndarray:
        """Return `disk_tangents`."""
        return disk_tangents(disk_parameters(indices, data.size, seed), data.size)


def disk_parameters(indices: Sequence[int], size: int, seed: int) -> np.ndarray:
    """Draw ``[image, 5]``: row and column of the centre, radius (pixels), grey inside, outside.

    The disk lies inside of the image and differs from its surroundings by 0.2 at least:
    without contrast there is no disk, and no tangent space.
    """
    numbers = uniforms(seed, "disks", indices, 6)
    radius = size * (0.12 + 0.18 * numbers[:, 0])
    centres = radius[:, None] + (size - 1 - 2 * radius[:, None]) * numbers[:, 1:3]
    contrast = 0.2 + 0.7 * numbers[:, 3]
    low = (1 - contrast) * numbers[:, 4]
    greys = np.stack([low + contrast, low], axis=1)
    greys = np.where(numbers[:, 5:] < 0.5, greys, greys[:, ::-1])
    return np.column_stack([centres, radius, greys])


def _disk_geometry(parameters: np.ndarray, size: int) -> tuple[np.ndarray, ...]:
    """Return coverage, its slope across the edge, and the unit vectors from the centre."""
    row, column, radius = (parameters[:, i, None, None] for i in range(3))
    down, right = np.arange(size)[:, None] - row, np.arange(size) - column
    distance = np.hypot(down, right)
    across = (radius - distance) / EDGE
    coverage = (1 + erf(across / np.sqrt(2))) / 2
    slope = np.exp(-(across**2) / 2) / (EDGE * np.sqrt(2 * np.pi))
    inverse = 1 / np.maximum(distance, 1e-9)
    return coverage, slope, down * inverse, right * inverse


def disk_images(parameters: np.ndarray, size: int) -> np.ndarray:
    """Render disks with an edge blurred by `EDGE` pixels, float64 ``[image, 1, size, size]``."""
    coverage = _disk_geometry(parameters, size)[0]
    inside, outside = parameters[:, 3, None, None], parameters[:, 4, None, None]
    return (outside + (inside - outside) * coverage)[:, None]


def disk_tangents(parameters: np.ndarray, size: int) -> np.ndarray:
    """Return the derivative of each image by each of its parameters, ``[image, 5, pixels]``."""
    coverage, slope, down, right = _disk_geometry(parameters, size)
    contrast = (parameters[:, 3] - parameters[:, 4])[:, None, None]
    # Moving the centre down moves each point of the edge along its normal's component.
    edge = contrast * slope
    vectors = [edge * down, edge * right, edge, coverage, 1 - coverage]
    return np.stack(vectors, axis=1).reshape(len(parameters), 5, -1)
