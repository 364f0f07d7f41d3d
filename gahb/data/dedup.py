"""Remove near-duplicates: exact, in one pass, in memory bounded by the block.

Kadkhodaie et al. average-pool images to 20x20, remove each image's mean, normalise,
and drop one of each pair whose |correlation| exceeds 0.95. They drop an image for any
earlier match; here only a match with an image that was itself kept drops it, which
keeps more images and still leaves no pair above the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from skimage.transform import resize_local_mean

POOLED_SIZE = 20
# Correlations computed in float32 are within this of the exact ones (d <= 400 products
# of unit vectors); closer calls are decided again in float64.
DOUBTFUL = 1e-5


@dataclass(frozen=True)
class Duplicates:
    """Result of `find_duplicates`.

    Attributes
    ----------
    kept : ndarray
        int64, increasing indices of the images that stay.
    dropped, witness : ndarray
        int64, each dropped image and the earliest kept image it duplicates.
    correlation : ndarray
        float64, signed correlation of the two.
    """

    kept: np.ndarray
    dropped: np.ndarray
    witness: np.ndarray
    correlation: np.ndarray


def unit_vectors(images: np.ndarray) -> np.ndarray:
    """Pool, centre and normalise images so that inner products are correlations.

    Parameters
    ----------
    images : ndarray
        ``[image, channel, height, width]``.

    Returns
    -------
    ndarray
        float64 ``[image, features + 1]``. Constant images are the unit vector of the
        additional last feature: without their means they are all the same image.
    """
    count, channels, height, width = images.shape
    pixels = images.astype(np.float64).reshape(count * channels, height, width)
    if max(height, width) > POOLED_SIZE:
        shape = (min(height, POOLED_SIZE), min(width, POOLED_SIZE))
        pixels = resize_local_mean(pixels, shape, preserve_range=True, channel_axis=0)
    vectors = pixels.reshape(count, -1)
    vectors = vectors - vectors.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    # A constant image is left with rounding errors only, some 1e-14 of its 255 levels.
    constant = norms <= 1e-9
    return np.hstack([np.where(constant, 0.0, vectors / np.maximum(norms, 1e-9)), constant])


class _Comparison:
    """|correlation| > threshold: fast in float32, close calls decided in float64."""

    def __init__(self, images: np.ndarray, threshold: float) -> None:
        self.images, self.threshold = images, threshold

    def exact(self, left: int, right: int) -> float:
        """Return the signed correlation of two images in float64."""
        pair = unit_vectors(np.stack([self.images[left], self.images[right]]))
        return float(pair[0] @ pair[1])

    def __call__(self, left: _Vectors, right: _Vectors) -> tuple[np.ndarray, np.ndarray]:
        """Return positions in ``left`` and in ``right`` of all pairs above the threshold."""
        magnitude = left.unit @ right.unit.T
        np.abs(magnitude, out=magnitude)
        rows, columns = np.nonzero(magnitude > self.threshold - DOUBTFUL)
        matches = np.ones(len(rows), bool)
        for pair in np.flatnonzero(magnitude[rows, columns] < self.threshold + DOUBTFUL):
            value = self.exact(left.indices[rows[pair]], right.indices[columns[pair]])
            matches[pair] = abs(value) > self.threshold
        return rows[matches], columns[matches]


@dataclass(frozen=True)
class _Vectors:
    """Some images, by index, and their unit vectors in float32."""

    indices: np.ndarray
    unit: np.ndarray

    def __getitem__(self, chosen: np.ndarray) -> _Vectors:
        return _Vectors(self.indices[chosen], self.unit[chosen])


def find_duplicates(images: np.ndarray, threshold: float, block: int = 2048) -> Duplicates:
    """Greedily keep each image unless it correlates with an earlier kept one.

    Parameters
    ----------
    images : ndarray
        ``[image, channel, height, width]``; may be memory-mapped.
    threshold : float
        Two images are duplicates when |correlation| > threshold.
    block : int
        Images compared at a time. The result does not depend on it; temporary memory is
        of the order of ``block**2`` numbers. The kept vectors themselves, at most 400
        float32 per image, stay in memory.

    Notes
    -----
    At a threshold of 1 all images are kept: no correlation exceeds it.

    No two kept images correlate above the threshold, and every dropped one has a kept
    witness that it does.
    """
    if threshold >= 1:
        nothing = np.empty(0, np.int64)
        return Duplicates(np.arange(len(images)), nothing, nothing, np.empty(0))
    exceeds = _Comparison(images, threshold)
    kept: list[_Vectors] = []
    dropped: list[tuple[int, int]] = []
    for start in range(0, len(images), block):
        unit = unit_vectors(np.asarray(images[start : start + block])).astype(np.float32)
        new = _Vectors(start + np.arange(len(unit)), unit)
        for earlier in kept:
            rows, columns = exceeds(new, earlier)
            duplicates, first = np.unique(rows, return_index=True)  # the earliest witness
            dropped += zip(new.indices[duplicates], earlier.indices[columns[first]], strict=True)
            new = new[np.setdiff1d(np.arange(len(new.indices)), duplicates)]
        witness = _witness_within(len(new.indices), *exceeds(new, new))
        duplicates = np.flatnonzero(witness >= 0)
        dropped += zip(new.indices[duplicates], new.indices[witness[duplicates]], strict=True)
        kept.append(new[np.flatnonzero(witness < 0)])
    pairs = np.array(sorted(dropped), dtype=np.int64).reshape(-1, 2)
    return Duplicates(
        kept=np.concatenate([vectors.indices for vectors in kept]),
        dropped=pairs[:, 0],
        witness=pairs[:, 1],
        correlation=np.array([exceeds.exact(*pair) for pair in pairs]),
    )


def _witness_within(count: int, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the earliest kept duplicate of each image of one block, -1 for those kept."""
    witness = np.full(count, -1)
    later = rows < columns  # rows come sorted: each keeper is settled before it drops others
    for row, column in zip(rows[later], columns[later], strict=True):
        if witness[row] < 0 and witness[column] < 0:
            witness[column] = row
    return witness
