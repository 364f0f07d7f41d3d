"""Which pictures are the same one: re-saved, resized, mirrored, or moved by a pixel.

Two pictures are compared as those of `gahb.data.dedup` are, averaged down to 20 pixels a side,
their means removed, and also with one of them mirrored, or moved by one of those pixels along
either side, as in a burst of photographs. What counts is the highest of these correlations.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from skimage.transform import resize_local_mean

from gahb.analysis.similarity import centred
from gahb.data.dedup import POOLED_SIZE

LEAST_SIDE = 8
"""Smaller pictures are not moved: too little of them would be left to compare."""


def pooled(images: np.ndarray) -> np.ndarray:
    """Return images ``[image, channel, ...]`` averaged down to 20 pixels a side at most."""
    count, channels, *sides = images.shape
    if max(sides) <= POOLED_SIZE:
        return images.astype(np.float64)
    shape = tuple(min(side, POOLED_SIZE) for side in sides)
    planes = images.astype(np.float64).reshape(count * channels, *sides)
    # The plane's index passes as a channel: it is kept, not averaged.
    planes = resize_local_mean(planes, shape, preserve_range=True, channel_axis=0)
    return planes.reshape(count, channels, *shape)


def _directions(images: np.ndarray) -> np.ndarray:
    """Return float32 ``[image, features]``, centred and of unit norm; 0 of a constant image."""
    vectors = centred(images.reshape(len(images), int(np.prod(images.shape[1:]))))
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(norms > 1e-9, norms, np.inf)).astype(np.float32)


class Likeness:
    """How alike some pictures are to others, whichever way round and moved by a pixel.

    Parameters
    ----------
    pictures : ndarray
        ``[picture, channel, height, width]``; few, as they are kept in several forms.
    moved : bool
        Whether pictures moved by a pixel count; it takes ten times as long.
    """

    def __init__(self, pictures: np.ndarray, *, moved: bool = True) -> None:
        small = pooled(pictures)
        self._moved = moved and min(small.shape[2:]) >= LEAST_SIDE
        ways = (small, small[..., ::-1])
        self._whole = np.stack([_directions(way) for way in ways])
        self._inner = np.stack([_directions(way[..., 1:-1, 1:-1]) for way in ways])

    def __call__(self, others: np.ndarray) -> np.ndarray:
        """Return the highest correlation with each, float32 ``[picture, other]``.

        0 with a constant picture, which is like none.
        """
        small = pooled(others)
        best = (self._whole @ _directions(small).T).max(axis=0)
        if not self._moved:
            return best
        height, width = small.shape[2:]
        for down, right in product(range(3), repeat=2):
            window = small[..., down : height - 2 + down, right : width - 2 + right]
            found = (self._inner @ _directions(window).T).max(axis=0)
            np.maximum(best, found, out=best)
        return best

    def highest(self, others: np.ndarray, block: int = 2048) -> np.ndarray:
        """Return the correlation of each picture with the most like of ``others``."""
        best = np.full(self._whole.shape[1], -1.0, np.float32)
        for start in range(0, len(others), block):
            np.maximum(best, self(others[start : start + block]).max(axis=1), out=best)
        return best

    def count(self, others: np.ndarray, threshold: float, block: int = 2048) -> np.ndarray:
        """Return with how many of ``others`` each correlates above ``threshold``."""
        found = np.zeros(self._whole.shape[1], np.int64)
        for start in range(0, len(others), block):
            found += (self(others[start : start + block]) > threshold).sum(axis=1)
        return found
