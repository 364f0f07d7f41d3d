"""The difference of two groups, with what is known of each observation beforehand taken out."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from gahb.analysis.statistics import LEVEL

LEAST_FREEDOM = 5
"""With fewer observations than coefficients and this many nothing is said of an interval."""


def adjusted_difference(
    left: np.ndarray,
    right: np.ndarray,
    left_known: np.ndarray | None = None,
    right_known: np.ndarray | None = None,
) -> tuple[float, float, float]:
    """Return the mean of ``left`` less that of ``right`` at equal covariates.

    Analysis of covariance: both groups have a level of their own, and the same slopes on
    the covariates.

    Parameters
    ----------
    left, right : ndarray
        ``[observation]``.
    left_known, right_known : ndarray, optional
        ``[covariate, observation]``; without them the plain difference is returned.

    Returns
    -------
    tuple of float
        Value and 95 % interval from Student's t, with the degrees of freedom of the smaller
        group, and standard errors that hold for groups of unequal spread (HC3 of MacKinnon &
        White 1985). The interval is NaN where there are too few observations for one.
    """
    values = np.concatenate([left, right])
    group = np.repeat([1.0, 0.0], [len(left), len(right)])
    columns = [np.ones_like(group), group]
    if left_known is not None:
        columns += [*np.concatenate([left_known, right_known], axis=1)]
    # Columns of zero mean and like size: the inverse loses nothing to rounding.
    design = np.column_stack(columns)
    scale = np.where(design.std(axis=0) > 0, design.std(axis=0), 1.0)
    design[:, 2:] = ((design - design.mean(axis=0)) / scale)[:, 2:]
    inverse = np.linalg.pinv(design.T @ design)
    fitted = inverse @ design.T @ values
    smaller = min(len(left), len(right))
    if len(values) - np.linalg.matrix_rank(design) < LEAST_FREEDOM or smaller < 2:
        return float(fitted[1]), math.nan, math.nan
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    # An observation that alone decides a coefficient has no residual to judge it by.
    errors = (values - design @ fitted) / np.clip(1 - leverage, 1e-6, None)
    spread = inverse @ (design.T * errors**2) @ design @ inverse
    half = stats.t.ppf(0.5 + LEVEL / 2, smaller - 1) * math.sqrt(max(spread[1, 1], 0.0))
    return float(fitted[1]), float(fitted[1] - half), float(fitted[1] + half)
