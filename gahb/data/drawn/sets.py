"""All sets of drawn images, by their name in the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from gahb.data.drawn import c_alpha, disks, ray, waves  # noqa: F401  known once imported
from gahb.data.drawn.drawn_set import DrawnSet
from gahb.data.shuffling import pixel_order
from gahb.settings import DataSettings

DRAWN_SETS: dict[str, DrawnSet] = DrawnSet.known
BLOCK = 64


def draw_blocks(data: DataSettings, count: int, seed: int) -> Iterator[np.ndarray]:
    """Yield ``count`` images of a drawn set, float32 ``[image, 1, size, size]``."""
    drawn = DRAWN_SETS[data.source]
    for start in range(0, count, BLOCK):
        indices = range(start, min(start + BLOCK, count))
        yield drawn.draw(data, indices, seed).astype(np.float32)


def tangents(data: DataSettings, indices: Sequence[int], seed: int) -> np.ndarray | None:
    """Return a spanning set ``[image, dimension, pixels]`` of each image's tangent space.

    None for sets that are no manifold of a few dimensions.
    """
    if data.source not in DRAWN_SETS:
        return None
    vectors = DRAWN_SETS[data.source].tangents(data, indices, seed)
    if vectors is None or not data.shuffle:
        return vectors
    return vectors[..., pixel_order(data.size**2, seed)]


def dimension_of(source: str) -> int | None:
    """Return the dimension of a set that is a manifold, None of others."""
    return DRAWN_SETS[source].dimension if source in DRAWN_SETS else None
