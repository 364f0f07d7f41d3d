"""Is a picture a copy of one of many, which may hold that one more than once?

The criterion is that of `gahb.analysis.memorisation.memorised`, d1 / d2 < 1/3, where d2 is the
distance to the nearest *other* picture: the nearest one that is not the first again, re-saved,
mirrored or moved by a pixel. With every picture there twice, d2 = d1 otherwise, and no copy is
ever found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gahb.analysis.likeness import Likeness
from gahb.analysis.memorisation import memorised
from gahb.analysis.similarity import Neighbours, nearest, normalised

Exclusion = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Nearness:
    """How near each query is to the pictures that it may copy.

    Attributes
    ----------
    index : ndarray
        int64 ``[query]``, the picture of the highest mean-removed cosine.
    cosine : ndarray
        float64 ``[query]``, that cosine.
    ratio : ndarray
        float64 ``[query]``, d1 / d2 of normalised pictures; NaN where there is no other picture.
    copied : ndarray
        float64 ``[query]``, 1 for a copy, 0 for none, NaN where there is no other picture: by
        normalised distances, or else by `Likeness`, which sees copies that were moved, or by
        raw distances if asked for.
    """

    index: np.ndarray
    cosine: np.ndarray
    ratio: np.ndarray
    copied: np.ndarray


def nearness(
    queries: np.ndarray,
    pictures: np.ndarray,
    threshold: float,
    *,
    raw: bool,
    own: bool = False,
) -> Nearness:
    """Compare queries with pictures, mirrored or not.

    Parameters
    ----------
    queries : ndarray
        ``[query, channel, height, width]``, none of them constant.
    pictures : ndarray
        ``[picture, channel, height, width]``, none of them constant; may be memory-mapped.
    threshold : float
        Two pictures are the same one if their `Likeness` is above it.
    raw : bool
        Whether a query is also a copy if its unnormalised distances say so: without it, pictures
        may be told apart by their brightness and contrast. Not to be asked of denoisers
        that do not know the brightness of what they draw.
    own : bool
        Whether the queries are among the pictures: then the first neighbour is the nearest
        picture that is not the query itself again.
    """
    if not (len(queries) and len(pictures)):
        unknown = np.full(len(queries), np.nan)
        return Nearness(np.full(len(queries), -1), unknown, unknown, unknown)
    itself = Likeness(queries) if own else None
    first, second = _two_pictures(queries, pictures, threshold, normalised, itself)
    copied = memorised(first.distance, second)
    if not own:
        copied = np.fmax(copied, memorised(*_by_likeness(queries, pictures, threshold)))
    if raw:
        raws, second_raw = _two_pictures(queries, pictures, threshold, _as_it_is, itself)
        copied = np.fmax(copied, memorised(raws.distance, second_raw))
    with np.errstate(invalid="ignore"):  # two pictures at no distance
        ratio = first.distance / second
    return Nearness(first.index, 1 - first.distance**2 / 2, ratio, copied)


def _as_it_is(vectors: np.ndarray) -> np.ndarray:
    return vectors


def _by_likeness(
    queries: np.ndarray, pictures: np.ndarray, threshold: float, block: int = 2048
) -> tuple[np.ndarray, np.ndarray]:
    """Return distances to the two pictures most like each query, whichever way they are moved.

    A correlation c is a distance of sqrt(2 - 2 c) between what is correlated.
    """
    starts, alike = range(0, len(pictures), block), Likeness(queries)
    best, index = np.full(len(queries), -1.0), np.zeros(len(queries), np.int64)
    for start in starts:
        found = alike(pictures[start : start + block])
        index = np.where(found.max(axis=1) > best, start + found.argmax(axis=1), index)
        best = np.maximum(best, found.max(axis=1))
    firsts, which = np.unique(index, return_inverse=True)
    same = Likeness(pictures[firsts])
    second = np.full(len(queries), -np.inf)
    for start in starts:
        part = pictures[start : start + block]
        others = np.where((same(part) > threshold)[which], -np.inf, alike(part))
        second = np.maximum(second, others.max(axis=1))
    distances = [np.sqrt(np.maximum(2 - 2 * value, 0)) for value in (best, second)]
    return distances[0], np.where(np.isfinite(second), distances[1], np.nan)


def _two_pictures(
    queries: np.ndarray,
    pictures: np.ndarray,
    threshold: float,
    transform: Callable[[np.ndarray], np.ndarray],
    itself: Likeness | None,
) -> tuple[Neighbours, np.ndarray]:
    """Return the nearest picture of each query, and the distance to the nearest other one."""

    def is_own(block: np.ndarray) -> np.ndarray:
        return itself(block) > threshold

    first = _either_way(queries, pictures, transform, is_own if itself else None)
    second = np.full(len(queries), np.nan)
    known = np.flatnonzero(first.known)
    if not len(known):
        return first, second
    found, which = np.unique(first.index[known], return_inverse=True)
    alike = Likeness(pictures[found])

    def is_same(block: np.ndarray) -> np.ndarray:
        same = (alike(block) > threshold)[which]
        return same | is_own(block)[known] if itself else same

    second[known] = _either_way(queries[known], pictures, transform, is_same).distance
    return first, second


def _either_way(
    queries: np.ndarray,
    pictures: np.ndarray,
    transform: Callable[[np.ndarray], np.ndarray],
    excluded: Exclusion | None,
) -> Neighbours:
    """Return `nearest` of each query or of its mirror image, whichever is nearer."""
    twice = None if excluded is None else lambda block: np.tile(excluded(block), (2, 1))
    both = nearest(np.concatenate([queries, queries[..., ::-1]]), pictures, transform, twice)
    half = len(queries)
    mirrored = np.zeros(half, bool)
    np.less(both.distance[half:], both.distance[:half], out=mirrored)
    chosen = np.arange(half) + half * mirrored
    return Neighbours(both.index[chosen], both.distance[chosen], both.second_distance[chosen])
