"""Which pictures are the same one: re-saved, resized, mirrored, or moved by a pixel.

Two pictures are compared as those of `gahb.data.dedup` are, averaged down to 20 pixels a side,
their means removed, and also with one of them mirrored, or moved by one of those pixels along
either side, as in a burst of photographs. What counts is the highest of these correlations.
"""

from __future__ import annotations

from collections.abc import Iterator
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


def _ways(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pooled images as they are and mirrored."""
    return images, images[..., ::-1]


def _windows(images: np.ndarray) -> Iterator[np.ndarray]:
    """Yield pooled images without a border of one pixel, and moved by one in eight directions."""
    height, width = images.shape[2:]
    for down, right in product(range(3), repeat=2):
        yield images[..., down : height - 2 + down, right : width - 2 + right]


def _can_move(images: np.ndarray) -> bool:
    return min(images.shape[2:]) >= LEAST_SIDE


def pair_likeness(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return how alike each picture is to the same one of ``right``, see `Likeness`."""
    small, others = pooled(left), pooled(right)
    pairs = [(way, others) for way in _ways(small)]
    if _can_move(small):
        pairs += [
            (way[..., 1:-1, 1:-1], window) for way in _ways(small) for window in _windows(others)
        ]
    found = [np.einsum("ij,ij->i", *map(_directions, pair)) for pair in pairs]
    return np.max(found, axis=0)


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
        self._moved = moved and _can_move(small)
        self._whole = np.stack([_directions(way) for way in _ways(small)])
        if self._moved:
            self._inner = np.stack([_directions(way[..., 1:-1, 1:-1]) for way in _ways(small)])

    def __call__(self, others: np.ndarray) -> np.ndarray:
        """Return the highest correlation with each, float32 ``[picture, other]``.

        0 with a constant picture, which is like none.
        """
        small = pooled(others)
        best = (self._whole @ _directions(small).T).max(axis=0)
        if self._moved:
            for window in _windows(small):
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
