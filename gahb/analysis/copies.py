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

from gahb.analysis.likeness import Likeness, pair_likeness
from gahb.analysis.memorisation import memorised
from gahb.analysis.similarity import flatten, normalised

BLOCK = 2048
NEAREST = 8
"""As many neighbours are looked at first; all, where these are one picture."""


@dataclass(frozen=True)
class Nearness:
    """How near each query is to the pictures that it may copy.

    Attributes
    ----------
    index : ndarray
        int64 ``[query]``, the picture of the highest mean-removed cosine; -1 if there is none.
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
        picture that is not the query itself again, and normalised distances alone are taken.
    """
    index, first, second = _two_pictures(_Pixels(queries, normalised), pictures, threshold, own)
    copied = memorised(first, second)
    others: list[_Pixels | _Alike] = [] if own else [_Alike(queries)]
    if raw and not own:
        others.append(_Pixels(queries, _as_they_are))
    for space in others:
        copied = np.fmax(copied, memorised(*_two_pictures(space, pictures, threshold, own)[1:]))
    with np.errstate(invalid="ignore"):  # two pictures at no distance
        ratio = first / second
    return Nearness(index, 1 - first**2 / 2, ratio, copied)


def _as_they_are(vectors: np.ndarray) -> np.ndarray:
    return vectors


class _Pixels:
    """Distances of queries, whichever way round, to pictures."""

    def __init__(self, queries: np.ndarray, transform: Callable[[np.ndarray], np.ndarray]) -> None:
        self.queries, self.transform = queries, transform
        ways = (queries, queries[..., ::-1])
        self.ways = np.stack([transform(flatten(way)) for way in ways])

    def __getitem__(self, chosen: np.ndarray) -> _Pixels:
        return _Pixels(self.queries[chosen], self.transform)

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """Return squared distances ``[query, picture]``, to be compared only: see `exact`."""
        right = self.transform(flatten(pictures))
        squares = np.sum(self.ways**2, axis=2)[..., None] + np.sum(right**2, axis=1)
        return (squares - 2 * self.ways @ right.T).min(axis=0)

    def exact(self, pictures: np.ndarray) -> np.ndarray:
        """Return the distance of each query to the same one of ``pictures``."""
        right = self.transform(flatten(pictures))
        return np.linalg.norm(self.ways - right, axis=2).min(axis=0)


class _Alike:
    """As `_Pixels`, with sqrt(2 - 2 c) of a correlation c for a distance: that of what it is of."""

    def __init__(self, queries: np.ndarray) -> None:
        self.queries, self.likeness = queries, Likeness(queries)

    def __getitem__(self, chosen: np.ndarray) -> _Alike:
        return _Alike(self.queries[chosen])

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        return 2 - 2 * self.likeness(pictures)

    def exact(self, pictures: np.ndarray) -> np.ndarray:
        return np.sqrt(np.maximum(2 - 2 * pair_likeness(self.queries, pictures), 0))


def _two_pictures(
    space: _Pixels | _Alike, pictures: np.ndarray, threshold: float, own: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the nearest picture of each query, and distances to it and to the nearest other."""
    both = np.full((len(space.queries), 2), -1)
    distances = np.full(both.shape, np.nan)
    if not (len(pictures) and len(both)):
        return both[:, 0], distances[:, 0], distances[:, 1]
    ranked = _ranked(space, pictures, min(NEAREST, len(pictures)))
    both = _first_two(space.queries, pictures, ranked, threshold, own)
    for column in range(2):
        # All that were looked at are the same picture: all others have to be.
        left = np.flatnonzero((both[:, column] < 0) & (both[:, :column] >= 0).all(axis=1))
        banned = [space.queries[left]] if own else []
        banned += [pictures[both[left, 0]]] if column else []
        if len(left) and (own or column):
            both[left, column] = _nearest_other(space[left], pictures, banned, threshold)
        known = np.flatnonzero(both[:, column] >= 0)
        if len(known):
            distances[known, column] = space[known].exact(pictures[both[known, column]])
    return both[:, 0], distances[:, 0], distances[:, 1]


def _nearest_other(
    space: _Pixels | _Alike, pictures: np.ndarray, banned: list[np.ndarray], threshold: float
) -> np.ndarray:
    """Return the nearest picture of each query that is none of those banned; -1 for none."""
    best, index = np.full(len(space.queries), np.inf), np.full(len(space.queries), -1)
    same = [Likeness(some) for some in banned]
    for start in range(0, len(pictures), BLOCK):
        block = pictures[start : start + BLOCK]
        found = np.asarray(space(block), np.float64)
        for alike in same:
            found[alike(block) > threshold] = np.inf
        index = np.where(found.min(axis=1) < best, start + found.argmin(axis=1), index)
        best = np.minimum(best, found.min(axis=1))
    return index


def _ranked(space: _Pixels | _Alike, pictures: np.ndarray, count: int) -> np.ndarray:
    """Return the ``count`` nearest pictures of each query, nearest first."""
    best: np.ndarray = np.empty((len(space.queries), 0))
    index: np.ndarray = np.empty((len(space.queries), 0), np.int64)
    for start in range(0, len(pictures), BLOCK):
        found = space(pictures[start : start + BLOCK])
        best = np.concatenate([best, found], axis=1)
        numbers = np.arange(start, start + found.shape[1])
        index = np.concatenate([index, np.broadcast_to(numbers, found.shape)], axis=1)
        kept = np.argpartition(best, min(count, best.shape[1]) - 1, axis=1)[:, :count]
        best, index = (np.take_along_axis(values, kept, axis=1) for values in (best, index))
    order = np.argsort(best, axis=1, kind="stable")
    return np.take_along_axis(index, order, axis=1)


def _first_two(
    queries: np.ndarray, pictures: np.ndarray, ranked: np.ndarray, threshold: float, own: bool
) -> np.ndarray:
    """Return the first of each query's pictures, and the first of another kind; -1 for none."""
    both = np.full((len(queries), 2), -1)
    for candidates in ranked.T:
        open_ = np.flatnonzero(both[:, 1] < 0)
        if not len(open_):
            break
        asked = pictures[candidates[open_]]
        allowed = np.ones(len(open_), bool)
        if own:
            allowed &= pair_likeness(queries[open_], asked) <= threshold
        new = both[open_, 0] < 0
        both[open_[allowed & new], 0] = candidates[open_[allowed & new]]
        rest = np.flatnonzero(allowed & ~new)
        if len(rest):
            firsts = pictures[both[open_[rest], 0]]
            other = rest[pair_likeness(firsts, asked[rest]) <= threshold]
            both[open_[other], 1] = candidates[open_[other]]
    return both
