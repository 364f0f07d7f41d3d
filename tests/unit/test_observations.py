"""Intervals over runs and units, against what is known of them."""

import numpy as np
import pytest

from gahb.analysis.observations import Observations, interval, mean_draws, of_runs, single


def coverage(make, draws=200, trials=150):
    """Return how often the interval of the mean holds the truth, 0."""
    hits = 0
    for trial in range(trials):
        _, low, high = interval([make(np.random.default_rng(trial))], np.mean, draws=draws, seed=0)
        hits += low <= 0 <= high
    return hits / trials


def several(rng, runs=12, units=30):
    """Runs that differ by as much as units do."""
    return [rng.normal() + rng.normal(0, 1, units) for _ in range(runs)]


def test_runs_are_resampled_first():
    # A bootstrap of 12 runs is narrow by sqrt(11/12): some undercoverage is its own.
    assert 0.84 <= coverage(lambda rng: of_runs(several(rng))) <= 0.99
    # As if all were one run: far too narrow.
    assert coverage(lambda rng: single(np.concatenate(several(rng)))) < 0.6


def test_units_that_all_runs_share_are_drawn_together():
    def shared(rng):
        units = rng.normal(0, 1, 25)
        return [units + rng.normal(0, 0.1, 25) for _ in range(6)]

    assert 0.86 <= coverage(lambda rng: of_runs(shared(rng), crossed=True)) <= 0.99
    assert coverage(lambda rng: of_runs(shared(rng))) < 0.75


def test_copies_of_a_unit_are_one_observation():
    def copies(rng):
        values = np.repeat(rng.normal(0, 1, 25), 10)
        return Observations(values, np.zeros(250, int), np.repeat(np.arange(25), 10))

    assert 0.86 <= coverage(copies) <= 0.99
    found = copies(np.random.default_rng(0))
    assert (found.count, found.run_count) == (25, 1)


def test_of_one_unit_there_is_no_interval():
    one = Observations(np.random.default_rng(0).random(50), np.zeros(50, int), np.zeros(50, int))
    value, low, high = interval([one], np.mean, draws=100, seed=0)
    assert value == pytest.approx(one.values.mean())
    assert np.isnan([low, high]).all()
    # Another run is another unit; of five there is an interval.
    for runs, known in ((4, False), (5, True)):
        several = Observations(one.values, np.arange(50) % runs, one.units)
        assert np.isfinite(interval([several], np.mean, draws=100, seed=0)).all() == known


def test_unknown_values_are_left_out_only_when_asked():
    values = np.array([1.0, np.nan, 2.0, 3.0])
    assert np.isnan(interval([single(values)], np.mean, draws=100, seed=0)).all()
    known = single(values).known()
    assert known.units.tolist() == [0, 2, 3]
    assert interval([known], np.mean, draws=100, seed=0)[0] == 2
    assert np.isnan(interval([single(values[1:2]).known()], np.mean, draws=100, seed=0)).all()


@pytest.mark.parametrize("crossed", [True, False])
def test_draws_of_the_mean_spread_as_the_resampled_mean_does(crossed):
    rng = np.random.default_rng(1)
    values = np.stack(several(rng, runs=5, units=40)) + rng.normal(0, 1, 40)
    drawn = mean_draws(values, crossed=crossed, draws=4000, seed=0)
    assert drawn[0] == pytest.approx(values.mean())
    group, stream = of_runs(list(values), crossed=crossed), np.random.default_rng(2)
    slow = [group.resampled(stream).mean() for _ in range(4000)]
    # A standard deviation of 4,000 draws is known to 1.1 %; both, at four standard errors. Drawn
    # twice, a run has the same units twice: a little wider, by what units vary within a run.
    assert drawn[1:].std() == pytest.approx(np.std(slow), rel=0.12)


def test_draws_of_the_mean_know_nothing_of_few_units():
    drawn = mean_draws(np.ones((1, 1, 3)), crossed=False, draws=10, seed=0)
    assert drawn[0].tolist() == [1, 1, 1]
    assert np.isnan(drawn[1:]).all()
    for shape, crossed, known in (((2, 4), True, 0), ((2, 4), False, 1), ((5, 1), False, 1)):
        found = mean_draws(np.ones(shape), crossed=crossed, draws=10, seed=0)
        assert np.isfinite(found).all() == known
