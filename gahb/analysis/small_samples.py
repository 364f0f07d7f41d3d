"""Intervals of means of few observations, where a percentile bootstrap is too narrow.

The percentile interval of sixteen Gaussian numbers misses their mean in 9 % of cases
instead of 5, that of four in 20; Student's t is exact for them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from gahb.analysis.statistics import LEVEL

Interval = tuple[float, float, float]
"""Value, low and high."""


def t_interval(groups: Sequence[np.ndarray], weights: Sequence[float] = (1.0,)) -> Interval:
    """Return a weighted sum of means and its 95 % interval by Student's t.

    Parameters
    ----------
    groups : sequence of ndarray
        Independent groups of observations ``[observation]``, of unequal variances.
    weights : sequence of float
        Of each group's mean: ``(1,)`` for one mean, ``(1, -1)`` for a difference.

    Returns
    -------
    tuple of float
        ``(value, low, high)``; no interval where a group has fewer than two observations,
        and all NaN where one has none.

    Notes
    -----
    Degrees of freedom of several groups after Welch and Satterthwaite:
    (sum v_g)^2 / sum(v_g^2 / (n_g - 1)), with v_g = w_g^2 s_g^2 / n_g.
    """
    counts = np.array([len(group) for group in groups])
    if counts.min() == 0:
        return (float("nan"),) * 3
    value = float(sum(w * group.mean() for w, group in zip(weights, groups, strict=True)))
    if counts.min() == 1:
        return value, float("nan"), float("nan")
    deviations = np.array([group.std(ddof=1) for group in groups])
    variances = np.square(weights) * deviations**2 / counts
    total = variances.sum()
    if total == 0:
        return value, value, value
    freedom = total**2 / (variances**2 / (counts - 1)).sum()
    reach = float(stats.t.ppf((1 + LEVEL) / 2, freedom) * np.sqrt(total))
    return value, value - reach, value + reach


def log_t_interval(values: np.ndarray) -> Interval:
    """Return the geometric mean of positive ``values`` and its 95 % interval.

    Student's t on their logarithms: ratios and shares that spread over factors have those
    nearer to Gaussian. All NaN where one is not positive.
    """
    if not (values > 0).all():
        return (float("nan"),) * 3
    value, low, high = (float(np.exp(end)) for end in t_interval([np.log(values)]))
    return value, low, high
