"""Cosines by contrast, against planted pairs: error that hides in flat images, and none."""

import numpy as np
import pytest

from gahb.analysis.contrast import contrast, cosines_by_contrast

RANDOM = {"draws": 200, "seed": 0}


def planted(error, pairs: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pairs of one texture about .5, each with ``error(contrast)`` of its own."""
    stream = np.random.default_rng(0)
    texture = stream.normal(size=(pairs, 1, 8, 8))
    full = np.geomspace(0.01, 0.2, pairs)[stream.permutation(pairs)][:, None, None, None]
    left, right = (
        0.5 + full * texture + error(full) * stream.normal(size=texture.shape) for _ in range(2)
    )
    return left, right, full.ravel()


def test_contrast_is_the_deviation_at_unit_mean():
    checkers = np.indices((4, 4)).sum(axis=0) % 2 * 1.0  # mean 1/2, deviation 1/2
    images = np.stack([checkers, 3 * checkers, 0.5 + checkers])[:, None]
    assert contrast(images) == pytest.approx([1, 1, 0.5])
    assert contrast((images[:1] * 255).astype(np.uint8)) == pytest.approx([1])
    assert contrast(np.ones((1, 1, 4, 4))) == pytest.approx([0])
    assert np.isnan(contrast(np.zeros((1, 1, 4, 4)))).all()


def test_the_same_error_everywhere_hides_in_flat_images_only():
    left, right, full = planted(lambda full: 0.02)
    found = cosines_by_contrast(left, right, **RANDOM)
    assert found["pairs"].tolist() == [100] * 4
    # c^2 / (c^2 + error^2) in expectation, at the median contrast of each quarter.
    middle = np.median(np.sort(full).reshape(4, -1), axis=1)
    expected = middle**2 / (middle**2 + 0.02**2)
    assert found["pair_cosine"].to_numpy() == pytest.approx(expected, abs=0.07)
    assert (found["pair_low"][1:].to_numpy() > found["pair_high"][:-1].to_numpy()).all()
    assert found["pair_cosine"].iloc[-1] > 0.95


def test_an_error_in_proportion_to_contrast_is_seen_in_every_group():
    left, right, _ = planted(lambda full: full / 3)
    found = cosines_by_contrast(left, right, **RANDOM)
    # 1 / (1 + 1/9), whatever the contrast; 100 pairs of 64 pixels each.
    assert found["pair_cosine"].to_numpy() == pytest.approx(0.9, abs=0.02)


def test_pairs_with_nothing_in_common_are_alike_in_no_group():
    stream = np.random.default_rng(1)
    left, right, _ = planted(lambda full: 0.02)
    found = cosines_by_contrast(left, right[stream.permutation(len(right))], **RANDOM)
    assert (found["pair_cosine"].abs() < 0.1).all()
    assert (found["mismatched_cosine"].abs() < 0.1).all()


def test_the_control_of_images_that_are_all_alike_is_as_high_as_the_pairs():
    left, right, full = planted(lambda full: 0)
    one = 0.5 + full[:, None, None, None] * np.random.default_rng(2).normal(size=(1, 1, 8, 8))
    found = cosines_by_contrast(one, one, **RANDOM)
    assert found["mismatched_cosine"].to_numpy() == pytest.approx(1)
    apart = cosines_by_contrast(left, right, **RANDOM)
    assert apart["pair_cosine"].to_numpy() == pytest.approx(1)
    assert (apart["mismatched_high"] < 0.1).all()


def test_intensity_decides_no_group():
    left, right, _ = planted(lambda full: 0.02)
    scales = np.random.default_rng(3).uniform(0.2, 2, size=(len(left), 1, 1, 1))
    same = cosines_by_contrast(scales * left, scales * right, **RANDOM)
    expected = cosines_by_contrast(left, right, **RANDOM)
    np.testing.assert_allclose(same.to_numpy(float), expected.to_numpy(float), rtol=1e-9)


def test_what_is_unknown_is_left_out():
    left, right, _ = planted(lambda full: 0.02, pairs=9)
    left[3], right[5] = np.nan, 0.5
    found = cosines_by_contrast(left, right, **RANDOM)
    assert found["pairs"].tolist() == [2, 2, 2, 1]
    # Of one pair there is neither an interval nor a pair of other noise.
    assert found[["pair_low", "pair_high", "mismatched_cosine"]].iloc[-1].isna().all()
    assert found["lowest"].is_monotonic_increasing
    nothing = np.full((3, 1, 8, 8), np.nan)
    assert cosines_by_contrast(nothing, nothing, **RANDOM).empty
