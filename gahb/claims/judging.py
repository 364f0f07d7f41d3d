"""A claim of a paper, its statistic on our data, and a computed verdict.

A verdict compares a 95 % bootstrap interval with the range the claim allows: inside it,
the claim is reproduced; outside, it is not; across its border, it is inconclusive.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from gahb.analysis.fractions import share
from gahb.analysis.gaussian.matrices import jackknife
from gahb.analysis.observations import Observations, interval, single
from gahb.analysis.small_samples import log_t_interval, t_interval
from gahb.analysis.statistics import percentile_interval
from gahb.claims.expected.record import OURS, Expected

REPRODUCED, NOT_REPRODUCED, INCONCLUSIVE = "reproduced", "not reproduced", "inconclusive"


@dataclass(frozen=True)
class Claim:
    """A statement, the observations it is judged by, and the range it allows.

    Attributes
    ----------
    statement, statistic : str
        What the paper says, and what is computed to check it.
    source : str
        Paper and figure that this is about; the claim itself may be from elsewhere, see
        ``expected.source``.
    groups : tuple of Observations
        Resampled one by one, runs first; an array is one run of as many units. Where groups
        share test images this widens the interval of a difference, never narrows it.
    summary : callable
        From the groups, with keyword ``axis``, to the statistic.
    expected : Expected
        The range that the claim allows, and why.
    figure : str
        Target that shows it.
    """

    statement: str
    statistic: str
    source: str
    groups: tuple[Observations | np.ndarray, ...]
    summary: Callable[..., np.ndarray]
    expected: Expected
    figure: str = ""

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """The values of each group."""
        return tuple(
            group.values if isinstance(group, Observations) else group for group in self.groups
        )

    def interval(self, draws: int, seed: int) -> tuple[float, float, float]:
        """Return the statistic and its 95 % bootstrap interval."""
        groups = [
            group if isinstance(group, Observations) else single(group) for group in self.groups
        ]
        return interval(groups, self.summary, draws=draws, seed=seed)


class ShareClaim(Claim):
    """A claim on the share of observations that are 1, the others being 0.

    A bootstrap of zeros has no width however few they are; the exact binomial interval
    (Clopper & Pearson 1934) has.
    """

    def interval(self, draws: int, seed: int) -> tuple[float, float, float]:
        """Return the share and its exact 95 % interval, of all runs together."""
        (group,) = self.groups
        values = group.known().values if isinstance(group, Observations) else group
        return share(values)


class JackknifeClaim(Claim):
    """A claim on an estimate, by what it is without each fold of what it was made from.

    Its group is ``[1 + fold]``: the estimate itself, then those without a fold.
    """

    def interval(self, draws: int, seed: int) -> tuple[float, float, float]:
        """Return the estimate and its 95 % interval, see `jackknife`."""
        (values,) = self.arrays
        return jackknife(values[None])


@dataclass(frozen=True)
class TabledClaim:
    """A claim on a statistic whose interval stands in a table.

    Attributes
    ----------
    statement, statistic, source, expected, figure
        As of `Claim`.
    known : tuple of float
        ``(value, low, high)``.
    """

    statement: str
    statistic: str
    source: str
    known: tuple[float, float, float]
    expected: Expected
    figure: str = ""

    def interval(self, draws: int, seed: int) -> tuple[float, float, float]:
        """Return the statistic and its 95 % interval."""
        return self.known


@dataclass(frozen=True)
class MeansClaim(Claim):
    """A claim on a mean of few observations, or on a weighted sum of such means.

    Attributes
    ----------
    weights : tuple of float
        Of each group's mean: ``(1, -1)`` for a difference.
    """

    weights: tuple[float, ...] = (1.0,)

    def interval(self, draws: int, seed: int) -> tuple[float, float, float]:
        """Return the sum and its 95 % interval by Student's t."""
        return t_interval(self.arrays, self.weights)


class GeometricMeanClaim(Claim):
    """A claim on the geometric mean of few positive observations."""

    def interval(self, draws: int, seed: int) -> tuple[float, float, float]:
        """Return it and its 95 % interval by Student's t on the logarithms."""
        (values,) = self.arrays
        return log_t_interval(values)


@dataclass(frozen=True)
class DrawnClaim:
    """A claim on a statistic of which bootstrap draws are at hand.

    Attributes
    ----------
    statement, statistic, source, expected, figure
        As of `Claim`.
    values : ndarray
        ``[1 + draws]``: the statistic, then its bootstrap draws, see `resampled_means`.
    """

    statement: str
    statistic: str
    source: str
    values: np.ndarray
    expected: Expected
    figure: str = ""

    def interval(self, draws: int, seed: int) -> tuple[float, float, float]:
        """Return the statistic and its 95 % interval; the draws were made before."""
        value, low, high = percentile_interval(self.values)
        return float(value), float(low), float(high)


AnyClaim: TypeAlias = Claim | DrawnClaim | TabledClaim


def verdict(low: float, high: float, expected: Expected) -> str:
    """Decide from an interval alone; an undefined interval decides nothing.

    The ends of a range are allowed, but not that of one that has one end only: "above 0" is
    not reproduced by what is 0 without any doubt, such as how far copies are apart.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return INCONCLUSIVE
    if expected.holds(low) and expected.holds(high):
        return REPRODUCED
    if expected.below(high) or expected.above(low):
        return NOT_REPRODUCED
    return INCONCLUSIVE


def judge(claims: Iterable[AnyClaim], draws: int, seed: int) -> pd.DataFrame:
    """Return one row a claim with its value, interval, expected range and verdict.

    ``margin`` is how far the value is inside of the range, negative outside.
    """
    rows = []
    for claim in claims:
        value, low, high = claim.interval(draws, seed)
        rows.append(
            {
                "claim": claim.statement,
                "figure": claim.figure,
                "source": OURS if claim.expected.ours else claim.source,
                "statistic": claim.statistic,
                "value": value,
                "low": low,
                "high": high,
                "margin": min(value - claim.expected.low, claim.expected.high - value),
                "expected": str(claim.expected),
                "verdict": verdict(low, high, claim.expected),
            }
        )
    columns = ["claim", "figure", "source", "statistic", "value", "low", "high"]
    columns += ["margin", "expected", "verdict"]
    return pd.DataFrame(rows, columns=columns)
