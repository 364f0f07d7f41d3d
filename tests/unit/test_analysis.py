import numpy as np
import pandas as pd
import pytest

from gahb.analysis.memorisation import cross_split_ratio, gl_distance, memorised, rescaled
from gahb.analysis.similarity import (
    BLOCK,
    centred,
    cosine,
    flatten,
    nearest,
    nearest_cosine,
    unit_norm,
)
from gahb.analysis.statistics import bootstrap
from gahb.analysis.transition.comparison import closest_across, compare_pairs
from gahb.analysis.transition.curves import PsnrCurves
from gahb.analysis.transition.tables import (
    memorisation_table,
    psnr_table,
    transition_table,
)
from known_results import beside, compared, evaluation, planted

RNG = np.random.default_rng(0)


def test_cosine_of_known_vectors():
    left = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 0.0], [2.0, 0.0]])
    right = np.array([[0.0, 3.0], [2.0, 2.0], [1.0, 0.0], [-5.0, 0.0]])
    # A vector of no length has no direction: its cosine is unknown.
    assert cosine(left, right) == pytest.approx([0, 1, np.nan, -1], nan_ok=True)


def test_mean_removed_cosine_is_the_correlation():
    left, right = RNG.random((2, 5, 30))
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(left, right, strict=True)]
    assert cosine(centred(left), centred(right)) == pytest.approx(expected)


def test_uint8_images_are_in_unit_range():
    assert flatten(np.full((2, 1, 3, 3), 255, np.uint8)).tolist() == [[1.0] * 9] * 2


@pytest.mark.parametrize("transform", [lambda v: v, unit_norm, lambda v: unit_norm(centred(v))])
@pytest.mark.parametrize("count", [2, 3, BLOCK, BLOCK + 1, 2 * BLOCK + 5])
def test_nearest_is_brute_force(transform, count):
    queries = RNG.random((7, 1, 3, 3))
    references = RNG.integers(0, 256, (count, 1, 3, 3), dtype=np.uint8)
    queries[0] = references[-1] / 255  # an exact copy
    found = nearest(queries, references, transform)
    left, right = transform(flatten(queries)), transform(flatten(references))
    distances = np.linalg.norm(left[:, None] - right[None], axis=2)
    assert np.array_equal(found.index, distances.argmin(axis=1))
    # The expansion |a|^2 + |b|^2 - 2ab rounds at 1e-16: square roots of it at 1e-8.
    np.testing.assert_allclose(found.distance, np.sort(distances, 1)[:, 0], atol=1e-12)
    np.testing.assert_allclose(found.second_distance, np.sort(distances, 1)[:, 1], atol=1e-7)


def test_one_reference_has_no_second():
    found = nearest(RNG.random((3, 4)), RNG.random((1, 4)))
    assert found.index.tolist() == [0, 0, 0]
    assert np.isnan(found.second_distance).all()


def test_nearest_cosine_is_the_highest_correlation():
    queries, references = RNG.random((5, 12)), RNG.random((40, 12))
    correlation = np.corrcoef(queries, references)[:5, 5:]
    index, value = nearest_cosine(queries, references)
    assert np.array_equal(index, correlation.argmax(axis=1))
    assert value == pytest.approx(correlation.max(axis=1))


def test_memorised_is_the_ratio_and_blank_without_a_second():
    distance, second = np.array([1.0, 1.0, 0.0, 1.0]), np.array([3.1, 2.9, 0.0, np.nan])
    np.testing.assert_array_equal(memorised(distance, second), [1, 0, 1, np.nan])


def test_cross_split_ratio_in_closed_form():
    assert cross_split_ratio(np.array([3.0, 1.0]), np.array([1.0, 2.0])) == pytest.approx(2.0)


def test_gl_distance_is_taken_on_minus_one_to_one():
    samples, references = np.full((1, 4), 1.0), np.full((1, 4), 0.5)
    # On [-1, 1]: |1 - 0| / |1| = 1; on [0, 1] it would be 1/2.
    assert gl_distance(samples, references) == pytest.approx([1.0])
    assert rescaled(0.1 * samples, references) == pytest.approx(references)


def test_comparison_sees_through_intensity():
    table = compare_pairs(*planted())
    assert table["nearest_index_B"].tolist() == list(range(20))
    assert table["nearest_cosine_B"].min() == pytest.approx(1.0)
    # float32 samples against uint8 images.
    assert table["nearest_distance_unit_B"].max() < 1e-6
    assert table["gl_distance_unit_B"].max() < 1e-5
    copied = memorised(table["nearest_distance_unit_B"], table["second_distance_unit_B"])
    raw = memorised(table["nearest_distance_raw_B"], table["second_distance_raw_B"])
    assert copied.mean() == 1.0
    assert raw.mean() < 0.5
    assert table["nearest_cosine_A"].max() < 0.99


def test_mismatched_pairs_are_other_noise():
    samples, status, training = planted()
    samples["B"] = samples["A"].copy()
    table = compare_pairs(samples, status, training)
    assert table["pair_cosine"].min() == pytest.approx(1.0)
    left = centred(flatten(samples["A"]))
    assert table["mismatched_cosine"][0] == pytest.approx(cosine(left[:1], left[1:2])[0])
    assert table["mismatched_cosine"].max() < 0.99


def test_samples_that_did_not_converge_count_nowhere():
    samples, status, training = planted()
    samples["B"][4] = np.nan
    status["B"][4] = "diverged"
    table = compared(samples, status, training)
    assert table.loc[4, ["pair_cosine", "nearest_cosine_B", "gl_distance_raw_B"]].isna().all()
    assert pd.isna(table["nearest_index_B"][4])
    assert np.isnan(table["mismatched_cosine"][3])
    assert table["pair_cosine"].notna().sum() == 19
    assert table["nearest_cosine_A"].notna().all()
    summary = memorisation_table({30: table}, beside({30: table}).held_out, draws=100, seed=0)
    assert summary["pairs"].tolist() == [19, 19]


def test_nothing_converged_gives_blanks_and_no_crash():
    samples, _, training = planted()
    status = {s: np.array(["diverged"] * 20) for s in "AB"}
    samples = {s: np.full_like(samples[s], np.nan) for s in "AB"}
    table = compared(samples, status, training)
    summary = memorisation_table({30: table}, beside({30: table}).held_out, draws=100, seed=0)
    assert summary["memorised_fraction"].isna().all()


def test_closest_across_is_brute_force():
    left, right = RNG.integers(0, 256, (2, 1100, 1, 2, 2), dtype=np.uint8)
    left[7] = 90  # constant
    table = closest_across(left, right[:50])
    assert table["index_B"].isna().tolist() == [index == 7 for index in range(1100)]
    with np.errstate(invalid="ignore"):
        correlation = np.corrcoef(flatten(left), flatten(right[:50]))[:1100, 1100:]
    assert table["index_A"].tolist() == list(range(1100))
    expected = pytest.approx(correlation.max(axis=1), abs=1e-9, nan_ok=True)
    assert table["cosine"].to_numpy() == expected


def test_bootstrap_covers_the_mean_as_often_as_it_says():
    rng, hits = np.random.default_rng(7), 0
    for trial in range(200):
        value, low, high = bootstrap(rng.normal(1.0, 2.0, 100), draws=200, seed=trial)
        assert low <= value <= high
        hits += low <= 1.0 <= high
    # 95 % of 200, four standard errors of a binomial, and a little undercoverage at n = 100.
    assert 0.86 * 200 <= hits <= 0.995 * 200


def test_bootstrap_edges():
    assert np.isnan(bootstrap(np.array([]), draws=100, seed=0)).all()
    value, low, high = bootstrap(np.array([2.0]), draws=100, seed=0)
    assert value == 2.0
    assert np.isnan([low, high]).all()
    assert bootstrap(np.full(9, 0.25), draws=100, seed=0) == (0.25, 0.25, 0.25)


def test_an_image_counts_once_however_many_networks_saw_it():
    arrays = {"sigmas": np.array([0.1, 1.0])}
    for name, error in (("train_A", 0.01), ("train_B", 0.01), ("test_A", 0.01), ("test_B", 0.1)):
        arrays[name] = np.array([[error] * 3, [10 * error] * 3], dtype=np.float32)
    joined = PsnrCurves.from_arrays([arrays, arrays], 3)
    assert joined.psnr_db["A", "train"].shape == (2, 3, 2)
    train, test = joined.at(0.1, "train"), joined.at(0.1, "test")
    assert train.values == pytest.approx([20.0] * 12, abs=1e-5)
    # Two runs of two networks: other training images, the same test images.
    assert (train.count, test.count) == (12, 3)
    # The same test images for both networks: the mean of 20 and 10 dB.
    assert test.values == pytest.approx([15.0] * 6, abs=1e-5)
    # Two training images that were shown in turn, and three looks at them.
    few = PsnrCurves.from_arrays([arrays], 2)
    assert few.at(0.1, "train").count == 4


def test_paired_resampling_keeps_rows_together():
    values = RNG.normal(0, 1, 200)
    difference = lambda a, b, axis: np.mean(a, axis=axis) - np.mean(b, axis=axis)  # noqa: E731
    together = bootstrap((values, values + 1), difference, draws=200, seed=0, paired=True)
    assert together == pytest.approx((-1, -1, -1))
    _, low, high = bootstrap((values, values + 1), difference, draws=200, seed=0)
    assert high - low > 0.2


def test_tables_of_the_transition():
    pairs = {1: compared(*planted()), 30: compared(*planted())}
    controls = beside(pairs)
    pairs[1]["second_distance_unit_A"] = pairs[1]["second_distance_unit_B"] = np.nan
    evaluations = {1: evaluation(40, 12), 30: evaluation(26, 25)}
    gaussians = {1: evaluation(10, 10), 30: evaluation(24, 24)}
    memorisation = memorisation_table(pairs, controls.held_out, draws=200, seed=0)
    table = transition_table(
        evaluations, gaussians, pairs, vars(controls), memorisation, 0.1, draws=200, seed=0
    )
    assert list(table.columns) == [
        "n", "runs", "pair_cosine_median", "pair_cosine_low", "pair_cosine_high",
        "nearest_cosine_median", "nearest_cosine_low", "nearest_cosine_high",
        "held_out_nearest_cosine_median", "mismatched_cosine_median",
        "pair_cosine_beyond_mean_median", "mismatched_cosine_beyond_mean_median",
        "gaussian_pair_cosine_median", "train_psnr_db", "test_psnr_db", "gaussian_test_psnr_db",
        "memorised_fraction", "memorised_low", "memorised_high", "held_out_memorised",
        "cross_split_mse_over_nn",
    ]  # fmt: skip
    assert table["held_out_nearest_cosine_median"].tolist() == [0.5, 0.5]
    assert table["held_out_memorised"].tolist() == [0, 0]
    assert table["gaussian_test_psnr_db"].tolist() == pytest.approx([10, 24], abs=0.05)
    assert table["train_psnr_db"].tolist() == pytest.approx([40, 26], abs=0.05)
    assert table["test_psnr_db"].tolist() == pytest.approx([12, 25], abs=0.05)
    assert np.isnan(table["memorised_fraction"][0])
    assert table["memorised_fraction"][1] == 0.5
    # In every pair B copies and A does not: resampled pair by pair, nothing varies.
    assert table["memorised_low"][1] == table["memorised_high"][1] == 0.5
    curves = psnr_table(evaluations, gaussians, draws=200, seed=0)
    assert len(curves) == 2 * 2 * 2 * 2
    assert (curves["output_psnr_low_db"] <= curves["output_psnr_db"]).all()
    assert curves["input_psnr_db"].unique().tolist() == pytest.approx([20, 0])
