"""Observations of several runs, resampled as they came about: runs first, then units.

Two trainings differ in more than their samples do, and noisy copies of one image say little more
than one of them: what is drawn again has to be what would be drawn again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gahb.analysis.statistics import LEVEL, bootstrap
from gahb.seeds import numpy_stream

Statistic = Callable[..., np.ndarray]
LEAST = 5
"""Units that an interval needs: of fewer a bootstrap knows too little to have tails."""


@dataclass(frozen=True)
class Observations:
    """Values with the run and the unit that each belongs to.

    Attributes
    ----------
    values : ndarray
        ``[observation]``.
    runs, units : ndarray
        int ``[observation]``: of the training run, and of what varies within it: an image, or a
        pair of training images. Observations of one unit are drawn together.
    crossed : bool
        Whether a unit is the same in all runs, as a test image is; otherwise unit 3 of one run
        is another than unit 3 of the next.
    """

    values: np.ndarray
    runs: np.ndarray
    units: np.ndarray
    crossed: bool = False

    def known(self) -> Observations:
        """Return those whose value is a number."""
        good = np.isfinite(self.values)
        return Observations(self.values[good], self.runs[good], self.units[good], self.crossed)

    @cached_property
    def count(self) -> int:
        """Units that vary: of all runs if they are others in each."""
        labels = self.units[:, None] if self.crossed else np.stack([self.runs, self.units], -1)
        return len(np.unique(labels, axis=0))

    @property
    def enough(self) -> bool:
        """Whether there are units enough for an interval."""
        return self.count >= LEAST

    @cached_property
    def run_count(self) -> int:
        """Runs."""
        return len(np.unique(self.runs))

    @cached_property
    def _members(self) -> list[list[np.ndarray]]:
        """Positions of the observations of each unit of each run."""
        names = np.unique(self.units) if self.crossed else None
        found = []
        for run in np.unique(self.runs):
            inside = np.flatnonzero(self.runs == run)
            own = self.units[inside]
            wanted = np.unique(own) if names is None else names
            order = np.argsort(own, kind="stable")
            edges = np.searchsorted(own[order], [wanted, wanted + 1])
            found.append([inside[order[a:b]] for a, b in edges.T.tolist()])
        return found

    def resampled(self, stream: np.random.Generator) -> np.ndarray:
        """Return the values of runs drawn with replacement, and in each of units."""
        runs = stream.integers(len(self._members), size=len(self._members))
        shared = stream.integers(len(self._members[0]), size=len(self._members[0]))
        parts = []
        for run in runs.tolist():
            units = self._members[run]
            chosen = shared if self.crossed else stream.integers(len(units), size=len(units))
            parts += [units[unit] for unit in chosen.tolist()]
        return self.values[np.concatenate(parts)]


def single(values: np.ndarray) -> Observations:
    """Return observations of one run, each a unit of its own."""
    return Observations(values, np.zeros(len(values), int), np.arange(len(values)))


def of_runs(runs: Sequence[np.ndarray], crossed: bool = False) -> Observations:
    """Return the observations of several runs, each value a unit, numbered alike in all."""
    return Observations(
        np.concatenate(runs),
        np.repeat(np.arange(len(runs)), [len(values) for values in runs]),
        np.concatenate([np.arange(len(values)) for values in runs]),
        crossed,
    )


def interval(
    groups: Sequence[Observations], statistic: Statistic, *, draws: int, seed: int
) -> tuple[float, float, float]:
    """Return a statistic of groups and its 95 % percentile bootstrap interval.

    Parameters
    ----------
    groups : sequence of Observations
        Each is resampled by itself, runs first.
    statistic : callable
        Takes as many arrays as there are groups, with a keyword ``axis``.
    draws, seed : int
        Bootstrap draws, and root seed.

    Returns
    -------
    tuple of float
        ``(value, low, high)``; no ends where some group has fewer units than `LEAST`, and all NaN
        where one has none, or holds an unknown value.
    """
    if min(len(group.values) for group in groups) == 0:
        return (float("nan"),) * 3
    value = float(statistic(*(group.values for group in groups), axis=0))
    if not np.isfinite(value) or not all(group.enough for group in groups):
        return value, float("nan"), float("nan")
    if all(group.run_count == 1 and group.count == len(group.values) for group in groups):
        # Nothing but units: all draws at once.
        return bootstrap(tuple(group.values for group in groups), statistic, draws=draws, seed=seed)
    low, high = np.quantile(
        list(_drawn(groups, statistic, draws, seed)), [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    )
    return value, float(low), float(high)


def _drawn(
    groups: Sequence[Observations], statistic: Statistic, draws: int, seed: int
) -> Iterator[float]:
    stream = numpy_stream(seed, "bootstrap")
    for _ in range(draws):
        yield float(statistic(*(group.resampled(stream) for group in groups), axis=0))


def mean_draws(values: np.ndarray, *, crossed: bool, draws: int, seed: int) -> np.ndarray:
    """Return the mean over runs and units, and bootstrap draws of it.

    Parameters
    ----------
    values : ndarray
        ``[run, unit, ...]``.
    crossed : bool
        Whether a unit is the same in all runs, see `Observations`.
    draws, seed : int
        Bootstrap draws, and root seed.

    Returns
    -------
    ndarray
        ``[1 + draws, ...]``; the first is the mean itself. NaN draws where there are fewer
        units than `LEAST`.
    """
    runs, units = values.shape[:2]
    stream = numpy_stream(seed, "bootstrap")
    of_runs = stream.multinomial(runs, [1 / runs] * runs, size=draws) / runs
    shape = (draws,) if crossed else (draws, runs)
    of_units = stream.multinomial(units, [1 / units] * units, size=shape) / units
    path = "dr,ru...,du->d..." if crossed else "dr,ru...,dru->d..."
    drawn = np.einsum(path, of_runs, values, of_units, optimize=True)
    if units * (1 if crossed else runs) < LEAST:
        drawn = np.full_like(drawn, np.nan)
    return np.concatenate([values.mean(axis=(0, 1))[None], drawn])
