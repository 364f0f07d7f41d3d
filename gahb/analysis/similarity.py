"""How alike images are: cosines, and exact nearest neighbours in bounded memory.

A blank image has no direction: its cosine with any other is unknown, NaN, never 0, and it is
the nearest of none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

BLOCK = 4096


def flatten(images: np.ndarray) -> np.ndarray:
    """Return images ``[image, ...]`` as float64 ``[image, pixels]``; uint8 becomes [0, 1]."""
    images = np.asarray(images)
    vectors = images.reshape(len(images), int(np.prod(images.shape[1:])))
    scale = 255.0 if vectors.dtype == np.uint8 else 1.0
    return vectors.astype(np.float64) / scale


def unit_norm(vectors: np.ndarray) -> np.ndarray:
    """Return rows divided by their L2 norm; NaN where a row is zero, which has no direction."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    # Rows of [0, 1] pixels: anything shorter than this is rounding error.
    return vectors / np.where(norms > 1e-9, norms, np.nan)


def centred(vectors: np.ndarray) -> np.ndarray:
    """Return rows less their own mean, so that a cosine of them is a correlation."""
    return vectors - vectors.mean(axis=1, keepdims=True)


def cosine(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the cosine of each row of ``left`` with that of ``right``; NaN if one is zero."""
    return np.sum(unit_norm(left) * unit_norm(right), axis=1)


@dataclass(frozen=True)
class Neighbours:
    """The references nearest to each query.

    Attributes
    ----------
    index : ndarray
        int64 ``[query]``, the nearest reference; -1 where it is unknown.
    distance, second_distance : ndarray
        float64 ``[query]``, L2 to the nearest and to the second nearest. NaN where it is
        unknown: what ``transform`` makes of a blank query is, and there may be no reference,
        or no second.
    """

    index: np.ndarray
    distance: np.ndarray
    second_distance: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """Whether a query has a nearest reference, bool ``[query]``."""
        return self.index >= 0


def nearest(
    queries: np.ndarray,
    references: np.ndarray,
    transform: Callable[[np.ndarray], np.ndarray] = lambda vectors: vectors,
) -> Neighbours:
    """Find the two nearest references of each query in L2, exactly.

    Parameters
    ----------
    queries, references : ndarray
        Images ``[image, ...]``; references may be memory-mapped uint8.
    transform : callable
        Applied to flattened queries and to each block of references, for instance
        `unit_norm`; references of which it makes NaN are near to none. With
        ``unit_norm(centred(v))`` the nearest in L2 is the one of the
        highest mean-removed cosine, which is ``1 - distance**2 / 2``.
    """
    left = transform(flatten(queries))
    best = np.full((len(left), 2), np.inf)
    index = np.full(len(left), -1)
    for start in range(0, len(references), BLOCK):
        right = transform(flatten(references[start : start + BLOCK]))
        squared = np.sum(left**2, 1)[:, None] + np.sum(right**2, 1)[None] - 2 * left @ right.T
        squared[np.isnan(squared)] = np.inf
        two = np.argpartition(squared, min(1, len(right) - 1), axis=1)[:, :2]
        values = np.take_along_axis(squared, two, axis=1)
        closest = two[np.arange(len(two)), values.argmin(axis=1)]
        index = np.where(values.min(axis=1) < best[:, 0], start + closest, index)
        best = np.sort(np.concatenate([best, values], axis=1), axis=1)[:, :2]
    # The expansion above loses half the digits near zero: measure the nearest directly.
    known = index >= 0
    exact = np.full(len(left), np.nan)
    chosen = transform(flatten(references[index[known]]))
    exact[known] = np.linalg.norm(left[known] - chosen, axis=1)
    second = np.sqrt(np.maximum(best[:, 1], exact**2))
    return Neighbours(index, exact, np.where(np.isfinite(second), second, np.nan))


def normalised(vectors: np.ndarray) -> np.ndarray:
    """Return rows without their mean, of unit norm: brightness and contrast taken out."""
    return unit_norm(centred(vectors))


def nearest_cosine(queries: np.ndarray, references: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return index and mean-removed cosine of the most correlated reference of each query.

    -1 and NaN for a blank query, or where all references are.
    """
    found = nearest(queries, references, normalised)
    value = np.full(len(queries), np.nan)
    left, right = queries[found.known], references[found.index[found.known]]
    value[found.known] = cosine(centred(flatten(left)), centred(flatten(right)))
    return found.index, value
