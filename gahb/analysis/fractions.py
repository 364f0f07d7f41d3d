"""Intervals of shares, of their differences, and of how often one sample lies above another.

A bootstrap of nothing but zeros has no width however few they are; these intervals have, and
they hold for two observations as for two hundred.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize, stats

from gahb.analysis.statistics import LEVEL

NORMAL = float(stats.norm.ppf(0.5 + LEVEL / 2))
UNKNOWN = (math.nan,) * 3


def share(found: np.ndarray) -> tuple[float, float, float]:
    """Return the share of ones and its exact 95 % interval (Clopper & Pearson 1934)."""
    return share_of(int(np.sum(found)), len(found))


def share_of(count: int, total: int) -> tuple[float, float, float]:
    """Return `share` of so many ones among ``total``."""
    if not total:
        return UNKNOWN
    interval = stats.binomtest(count, total).proportion_ci(LEVEL)
    return count / total, float(interval.low), float(interval.high)


def share_difference(left: np.ndarray, right: np.ndarray) -> tuple[float, float, float]:
    """Return a share less another and its 95 % interval.

    Newcombe (Statistics in Medicine 17, 1998), method 10: the two Wilson intervals together.
    """
    if not (len(left) and len(right)):
        return UNKNOWN
    bounds = []
    for found in (left, right):
        wilson = stats.binomtest(int(np.sum(found)), len(found)).proportion_ci(LEVEL, "wilson")
        bounds.append((float(np.mean(found)), wilson.low, wilson.high))
    (one, one_low, one_high), (two, two_low, two_high) = bounds
    value = one - two
    low = value - math.hypot(one - one_low, two_high - two)
    return value, float(low), float(value + math.hypot(one_high - one, two - two_low))


def precedence(left: np.ndarray, right: np.ndarray) -> tuple[float, float, float]:
    """Return how often a value of ``left`` is above one of ``right``, with a 95 % interval.

    Equal values count half: this is the statistic of Mann & Whitney over the number of pairs,
    the area under a ROC curve; the interval is method 5 of Newcombe (Statistics in
    Medicine 25, 2006), which has a width even if all are above. NaN among the values are
    left out.
    """
    left, right = (values[np.isfinite(values)] for values in (left, right))
    if not (len(left) and len(right)):
        return UNKNOWN
    ordered = np.sort(right)
    below = np.searchsorted(ordered, left, "left") + np.searchsorted(ordered, left, "right")
    area = float(below.mean() / (2 * len(right)))
    half = (len(left) + len(right)) / 2

    def beyond(theta: float, errors: float) -> float:
        """Return by how many standard errors the area is above ``theta``, less ``errors``."""
        spread = 1 + (half - 1) * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        deviation = math.sqrt(theta * (1 - theta) * spread / len(left) / len(right))
        return (area - theta) / deviation - errors

    ends = (1e-12, 1 - 1e-12)  # at 0 and at 1 themselves nothing varies
    low = 0.0 if area <= ends[0] else optimize.brentq(beyond, *ends, args=(NORMAL,))
    high = 1.0 if area >= ends[1] else optimize.brentq(beyond, *ends, args=(-NORMAL,))
    return area, float(low), float(high)
