"""Bootstrap confidence intervals."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping

import numpy as np
from scipy import stats

from gahb.seeds import numpy_stream

LEVEL = 0.95


def slopes(abscissa: np.ndarray, ordinates: np.ndarray) -> np.ndarray:
    """Return least-squares slopes of ``ordinates`` ``[..., point]`` over ``abscissa``."""
    centre = abscissa - abscissa.mean()
    return ordinates @ centre / (centre @ centre)


def bootstrap(
    samples: np.ndarray | tuple[np.ndarray, ...],
    statistic: Callable[..., np.ndarray] = np.mean,
    *,
    draws: int,
    seed: int,
    paired: bool = False,
) -> tuple[float, float, float]:
    """Return a statistic and its 95 % percentile bootstrap interval.

    Parameters
    ----------
    samples : ndarray or tuple of ndarray
        Observations along the first axis. Several arrays are resampled independently of
        one another, or row by row if ``paired``.
    statistic : callable
        Takes as many arrays as ``samples`` has, with a keyword ``axis``.
    draws : int
        Bootstrap draws.
    seed : int
        Root seed.
    paired : bool
        Whether row i of all arrays belongs together.

    Returns
    -------
    tuple of float
        ``(value, low, high)``; all NaN when there is no observation.
    """
    arrays = samples if isinstance(samples, tuple) else (samples,)
    if min(len(array) for array in arrays) == 0:
        return (float("nan"),) * 3
    value = float(statistic(*arrays, axis=0))
    if min(len(array) for array in arrays) == 1:
        return value, float("nan"), float("nan")
    with warnings.catch_warnings():
        # Of unknown values the interval is unknown, which is said by NaN.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        interval = stats.bootstrap(
            arrays,
            statistic,
            n_resamples=draws,
            confidence_level=LEVEL,
            method="percentile",
            vectorized=True,
            batch=100,
            axis=0,
            paired=paired,
            rng=numpy_stream(seed, "bootstrap"),
        ).confidence_interval
    return value, float(interval.low), float(interval.high)


def resampled_means(
    observations: Mapping[str, np.ndarray], *, draws: int, seed: int
) -> dict[str, np.ndarray]:
    """Return bootstrap draws of the means of many quantities observed on the same units.

    Parameters
    ----------
    observations : mapping
        Arrays ``[unit, ...]``, as many units in each: every draw takes the same units of
        all, so that whatever is computed from the means keeps their dependence.
    draws : int
        Bootstrap draws.
    seed : int
        Root seed.

    Returns
    -------
    dict
        For each array ``[1 + draws, ...]``; the first is the mean of the units themselves.
    """
    (units,) = {len(values) for values in observations.values()}
    counts = numpy_stream(seed, "bootstrap").multinomial(units, [1 / units] * units, size=draws)
    weights = np.concatenate([np.ones((1, units)), counts]) / units
    return {
        name: np.tensordot(weights, np.asarray(values, np.float64), axes=1)
        for name, values in observations.items()
    }


def percentile_interval(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return value and 95 % interval of a statistic ``[1 + draws, ...]`` of `resampled_means`."""
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(values[1:], [tail, 100 - tail], axis=0)
    return values[0], low, high
