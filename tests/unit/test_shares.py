"""Intervals of shares, of what lies above what, and of differences at equal covariates."""

import numpy as np
import pytest
from scipy import stats

from gahb.analysis.covariate import adjusted_difference
from gahb.analysis.fractions import precedence, share, share_difference


def test_a_share_has_an_interval_however_few_there_are():
    # Clopper & Pearson: none of 60 leaves 1 - 0.025^(1/60).
    assert share(np.zeros(60)) == pytest.approx((0, 0, 1 - 0.025 ** (1 / 60)))
    assert share(np.ones(2)) == pytest.approx((1, 0.025**0.5, 1))
    assert np.isnan(share(np.empty(0))).all()


def test_a_difference_of_shares_is_newcombes():
    # Newcombe 1998, table II, method 10: 56/70 against 48/80.
    left, right = np.repeat([1, 0], [56, 14]), np.repeat([1, 0], [48, 32])
    assert share_difference(left, right) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    # And 10/10 against 0/10, whose interval has a width too.
    found = share_difference(np.ones(10), np.zeros(10))
    assert found == pytest.approx((1, 0.6075, 1), abs=1e-4)
    assert np.isnan(share_difference(np.ones(3), np.empty(0))).all()


def test_precedence_is_the_statistic_of_mann_and_whitney():
    stream = np.random.default_rng(0)
    left, right = stream.integers(0, 9, 30), stream.integers(0, 9, 20)
    found = stats.mannwhitneyu(left, right).statistic / 600
    value, low, high = precedence(left, right)
    assert value == pytest.approx(found)
    assert low < value < high
    assert precedence(right, left) == pytest.approx((1 - value, 1 - high, 1 - low), abs=1e-6)
    assert precedence(np.array([1.0, np.nan]), np.array([np.nan, 0.0]))[0] == 1
    assert np.isnan(precedence(np.array([np.nan]), right)).all()


def test_precedence_of_two_observations_is_hardly_known():
    value, low, high = precedence(np.ones(60), np.zeros(2))
    assert (value, high) == (1, 1)
    assert 0.5 < low < 0.7
    assert precedence(np.ones(2), np.zeros(2))[1] < 0.5


@pytest.mark.parametrize(("first", "second"), [(60, 40), (200, 200), (60, 2)])
def test_intervals_cover_as_often_as_they_say(first, second):
    stream, above, shares, adjusted = np.random.default_rng(1), 0, 0, 0
    for _ in range(400):
        left, right = stream.standard_normal(first), stream.standard_normal(second)
        above += precedence(left, right)[1] > 0.5
        shares += share_difference(left > 1.5, right > 1.5)[1] > 0
        known = stream.standard_normal((2, 2, max(first, second)))
        left, right = left + known[0, 0, :first], 2 * right + known[1, 0, :second]
        found = adjusted_difference(left, right, known[0, :, :first], known[1, :, :second])
        adjusted += found[1] > 0
    # 2.5 % of 400 and four standard errors of a binomial.
    assert above <= 10 + 12.5
    assert shares <= 10 + 12.5
    assert adjusted <= 10 + 12.5


def test_covariates_are_taken_out():
    stream = np.random.default_rng(0)
    left_known, right_known = stream.standard_normal((2, 50)), stream.standard_normal((2, 80)) + 1
    left = 1.5 + 3 * left_known[0] - left_known[1]
    right = 3 * right_known[0] - right_known[1]
    # The exact linear dependence leaves the difference and nothing else.
    found = adjusted_difference(left, right, left_known, right_known)
    assert found == pytest.approx((1.5, 1.5, 1.5), abs=1e-9)
    plain = adjusted_difference(left, right)
    assert plain[0] == pytest.approx(left.mean() - right.mean())
    assert plain[1] < plain[0] < plain[2]
    # A covariate that does not vary changes nothing.
    flat = adjusted_difference(left, right, np.ones((1, 50)), np.ones((1, 80)))
    assert flat == pytest.approx(plain, rel=0.05)


def test_with_few_observations_there_is_a_difference_but_no_interval():
    value, low, high = adjusted_difference(np.array([3.0, 5.0]), np.array([1.0, 1.0]))
    assert value == pytest.approx(3)
    assert np.isnan([low, high]).all()
