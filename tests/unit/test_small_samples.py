"""Intervals of few observations cover the truth, where the percentile bootstrap does not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from gahb.analysis.small_samples import log_t_interval, t_interval
from gahb.analysis.statistics import bootstrap

RUNS = 2000
# Of 2000 intervals of 95 %, 1900 cover, with a standard deviation of 10.
COVERED = pytest.approx(0.95, abs=0.02)


def coverage(truth: float, intervals) -> float:
    return float(np.mean([low <= truth <= high for _, low, high in intervals]))


@pytest.mark.parametrize("count", [2, 4, 16])
def test_t_covers_the_mean_of_gaussian_numbers(count):
    rows = np.random.default_rng(count).normal(3, 2, (RUNS, count))
    assert coverage(3, (t_interval([row]) for row in rows)) == COVERED


def test_a_percentile_bootstrap_of_four_numbers_does_not():
    rows = np.random.default_rng(0).normal(3, 2, (300, 4))
    assert coverage(3, (bootstrap(row, draws=200, seed=0) for row in rows)) < 0.9


def test_one_group_is_the_textbook_interval():
    values = np.random.default_rng(0).normal(size=7)
    value, low, high = t_interval([values])
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert value == pytest.approx(values.mean())
    assert (low, high) == pytest.approx((expected.low, expected.high))


def test_a_difference_is_that_of_welch():
    stream = np.random.default_rng(0)
    first, second = stream.normal(1, 1, 6), stream.normal(0, 5, 11)
    _, low, high = t_interval([first, second], (1, -1))
    expected = stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.95)
    assert (low, high) == pytest.approx((expected.low, expected.high))


def test_a_slope_over_three_groups_of_unequal_spread_is_covered():
    stream, weights = np.random.default_rng(0), (-0.5, 0.0, 0.5)
    intervals = [
        t_interval([stream.normal(mean, mean, 8) for mean in (1, 2, 3)], weights)
        for _ in range(RUNS)
    ]
    assert coverage(1.0, intervals) == COVERED


def test_logarithms_cover_the_geometric_mean_of_skewed_ratios():
    rows = np.exp(np.random.default_rng(0).normal(math.log(5), 1.5, (RUNS, 6)))
    assert coverage(5, map(log_t_interval, rows)) == COVERED
    # Their arithmetic mean is 5 exp(1.5^2 / 2), which a plain t misses far too often.
    truth = 5 * math.exp(1.5**2 / 2)
    assert coverage(truth, (t_interval([row]) for row in rows)) < 0.8


def test_what_is_unknown_is_said_to_be():
    assert np.isnan(t_interval([np.array([])])).all()
    assert np.isnan(log_t_interval(np.array([1.0, 0.0]))).all()
    assert np.isnan(log_t_interval(np.array([]))).all()
    value, low, high = t_interval([np.array([2.0])])
    assert value == 2
    assert math.isnan(low)
    assert math.isnan(high)
    assert t_interval([np.full(4, 2.0)]) == (2, 2, 2)
    assert np.isnan(t_interval([np.array([1.0, np.nan, 2.0])])).all()
