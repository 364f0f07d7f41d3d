"""How alike images are: cosines, and exact nearest neighbours in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BLOCK = 4096


def flatten(images: np.ndarray) -> np.ndarray:
    """Return images ``[image, ...]`` as float64 ``[image, pixels]``; uint8 becomes [0, 1]."""
    vectors = np.asarray(images).reshape(len(images), -1)
    scale = 255.0 if vectors.dtype == np.uint8 else 1.0
    return vectors.astype(np.float64) / scale


def unit_norm(vectors: np.ndarray) -> np.ndarray:
    """Return rows divided by their L2 norm; zero rows stay zero, and NaN stays NaN."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    # Rows of [0, 1] pixels: anything shorter than this is rounding error.
    return np.where(norms <= 1e-9, 0.0, vectors / np.maximum(norms, 1e-9))


def centred(vectors: np.ndarray) -> np.ndarray:
    """Return rows less their own mean, so that a cosine of them is a correlation."""
    return vectors - vectors.mean(axis=1, keepdims=True)


def cosine(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the cosine of each row of ``left`` with the same row of ``right``."""
    return np.sum(unit_norm(left) * unit_norm(right), axis=1)


@dataclass(frozen=True)
class Neighbours:
    """The references nearest to each query.

    Attributes
    ----------
    index : ndarray
        int64 ``[query]``, the nearest reference.
    distance, second_distance : ndarray
        float64 ``[query]``, L2 to the nearest and to the second nearest; the second is
        NaN when there is one reference only.
    """

    index: np.ndarray
    distance: np.ndarray
    second_distance: np.ndarray


def nearest(
    queries: np.ndarray, references: np.ndarray, transform=lambda vectors: vectors
) -> Neighbours:
    """Find the two nearest references of each query in L2, exactly.

    Parameters
    ----------
    queries, references : ndarray
        Images ``[image, ...]``; references may be memory-mapped uint8.
    transform : callable
        Applied to flattened queries and to each block of references, for instance
        `unit_norm`. With ``unit_norm(centred(v))`` the nearest in L2 is the one of the
        highest mean-removed cosine, which is ``1 - distance**2 / 2``.
    """
    left = transform(flatten(queries))
    best = np.full((len(left), 2), np.inf)
    index = np.zeros(len(left), np.int64)
    for start in range(0, len(references), BLOCK):
        right = transform(flatten(references[start : start + BLOCK]))
        squared = np.sum(left**2, 1)[:, None] + np.sum(right**2, 1)[None] - 2 * left @ right.T
        two = np.argpartition(squared, min(1, len(right) - 1), axis=1)[:, :2]
        values = np.take_along_axis(squared, two, axis=1)
        closest = two[np.arange(len(two)), values.argmin(axis=1)]
        index = np.where(values.min(axis=1) < best[:, 0], start + closest, index)
        best = np.sort(np.concatenate([best, values], axis=1), axis=1)[:, :2]
    # The expansion above loses half the digits near zero: measure the nearest directly.
    exact = np.linalg.norm(left - transform(flatten(references[index])), axis=1)
    second = np.sqrt(np.maximum(best[:, 1], exact**2))
    return Neighbours(index, exact, np.where(np.isfinite(second), second, np.nan))


def nearest_cosine(queries: np.ndarray, references: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return index and mean-removed cosine of the most correlated reference of each query."""
    found = nearest(queries, references, lambda vectors: unit_norm(centred(vectors)))
    return found.index, cosine(centred(flatten(queries)), centred(flatten(references[found.index])))
