"""Slopes, divergences and tables on bases, from planted errors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gahb.analysis.bases.slopes import fit_slope, fitted_range, kl_gap, measure_errors, range_of
from gahb.analysis.bases.tables import (
    bases_table,
    curves_table,
    decay_draws,
    divergence_table,
    leading_trend,
    slopes_table,
    theoretical_slope,
)
from gahb.denoisers.gaussian import GaussianDenoiser, moments
from gahb.settings import DataSettings
from planted_bases import RANDOM, SIGMAS, found_bases, planted, record


@pytest.mark.parametrize("slope", [0.4, 0.75])
def test_planted_slope_is_recovered(slope):
    covered = 0
    for seed in range(20):
        errors = planted(slope, seed=seed)
        fit = fit_slope(SIGMAS, errors["mse_network"], range_of(errors), **RANDOM)
        low, high = np.percentile(fit.draws[1:], [2.5, 97.5])
        covered += low <= slope <= high
        # 0.2 dB at each of 60 images and 10 levels or more over 25 dB.
        assert fit.draws[0] == pytest.approx(slope, abs=0.01)
        assert fit.intercept == pytest.approx(20, abs=1.5)
    assert covered >= 15  # a 95 % interval misses 6 or more of 20 once in 3,000 times


def test_range_follows_contrast_and_dimensions_kept():
    mse = np.array([0.9, 0.51, 0.5, 0.2, 0.1]) * np.array([0.01, 0.02, 0.05, 0.2, 0.4]) ** 2
    inside = fitted_range(np.array([0.01, 0.02, 0.05, 0.2, 0.4]), mse, contrast=0.3)
    assert inside.tolist() == [False, False, True, True, False]


def test_a_slope_of_two_points_is_refused():
    errors = planted(0.5)
    inside = np.zeros(len(SIGMAS), bool)
    inside[:2] = True
    with pytest.raises(ValueError, match="2 noise levels"):
        fit_slope(SIGMAS, errors["mse_network"], inside, **RANDOM)


def test_kl_gap_of_the_identity_in_closed_form():
    sigmas, variance, pixels = np.geomspace(0.01, 3, 400), 0.04, 100
    optimal = variance * sigmas**2 / (variance + sigmas**2)
    found = kl_gap(sigmas, sigmas**2, optimal, pixels)
    # The integral of sigma / (variance + sigma^2), per pixel.
    expected = pixels / 2 * np.log((variance + 9) / (variance + 1e-4))
    assert found == pytest.approx(expected, rel=1e-3)
    assert kl_gap(sigmas, optimal, optimal, pixels) == 0


def test_measured_errors_of_the_gaussian_denoiser(faces):
    gaussian = GaussianDenoiser(moments(faces[:60]))
    data, images = DataSettings(source="faces", pad=0, size=16), torch.from_numpy(faces[60:])
    found = measure_errors(gaussian, gaussian, images, data, [0.05, 0.2], 0)
    np.testing.assert_array_equal(found["mse_network"], found["mse_gaussian"])
    for basis, method in (("wavelet", "wavelet"), ("pca", "gaussian")):
        oracle = found[f"mse_oracle_{basis}"]
        assert oracle.shape == (2, 40)
        # An oracle beats every other shrinkage in its basis.
        assert (oracle.mean(axis=1) < found[f"mse_{method}"].mean(axis=1)).all()
    assert "mse_optimal" not in found
    deviation = (faces[60:] / 255.0).reshape(40, -1).std(axis=1, ddof=1)
    assert float(found["contrast"]) == pytest.approx(np.sqrt((deviation**2).mean()))


@pytest.mark.parametrize("source", ["ray", "sinusoids", "disks"])
def test_optimal_errors_are_below_all_others(source):
    from pictures import drawn

    data = DataSettings(source=source, pad=0, size=16, count=90)
    images = drawn(data, 0)
    gaussian = GaussianDenoiser(moments(images[:60]))
    found = measure_errors(gaussian, gaussian, torch.from_numpy(images[60:]), data, [0.02, 0.05], 0)
    optimal = found["mse_limit" if source == "disks" else "mse_optimal"].mean(axis=1)
    assert (optimal < found["mse_wavelet"].mean(axis=1)).all()
    if source == "disks":
        return
    # Rays and waves lie in a linear space, where the Gaussian denoiser is nearly optimal: it
    # may win on 30 images by chance, by a fraction of its standard error of some 25 %.
    assert (optimal < 1.1 * found["mse_gaussian"].mean(axis=1)).all()
    dimension = {"ray": 1, "sinusoids": 2, "disks": 5}[source]
    limit = dimension * np.array([0.02, 0.05]) ** 2 / 256
    # Mean of 30 chi-squared variables of few degrees of freedom: within half of it.
    np.testing.assert_allclose(found["mse_optimal"].mean(axis=1), limit, rtol=0.6)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 0.75),
        ({"contour_alpha": 1.0, "background_alpha": 8.0}, 0.5),
        ({"contour_alpha": 4.0, "background_alpha": 2.0, "regions": "constant"}, 0.8),
        ({"source": "disks"}, 1.0),
        ({"source": "faces"}, np.nan),
        ({"shuffle": True}, np.nan),
    ],
)
def test_theoretical_slopes(changes, expected):
    np.testing.assert_equal(theoretical_slope(record(**changes)), expected)


def test_tables_have_intervals_and_counts():
    errors = planted(0.75)
    curves = curves_table(errors, record(), **RANDOM)
    assert (curves["psnr_low_db"] <= curves["psnr_db"]).all()
    assert (curves["psnr_db"] <= curves["psnr_high_db"]).all()
    assert set(curves["method"]) == {"network", "gaussian", "wavelet"} | {
        "oracle_wavelet",
        "oracle_pca",
    }
    assert (curves["images"] == 60).all()
    slopes = slopes_table(errors, record(), **RANDOM)
    np.testing.assert_allclose(slopes["slope"], 0.75, atol=0.01)
    assert slopes_table(planted(0.0), record(), **RANDOM).columns.tolist() == list(slopes.columns)
    gaps = divergence_table(errors, {"b": planted(0.75)}, record(), **RANDOM).set_index("method")
    assert (gaps["reference"] == "network").all()
    assert gaps.loc["b", "nats"] == pytest.approx(0, abs=1e-9)
    direct = kl_gap(SIGMAS, 2 * errors["mse_network"].mean(1), errors["mse_network"].mean(1), 1024)
    assert gaps.loc["gaussian", "nats"] == pytest.approx(direct)


def test_trend_of_rising_falling_and_flat_rows():
    rows = np.stack([np.arange(5.0), -np.arange(5.0), [1, 3, 2, 3, 1]])
    np.testing.assert_allclose(leading_trend(rows, np.full(3, 5.2)), [1, -1, 0], atol=1e-12)
    np.testing.assert_allclose(leading_trend(rows, np.array([3, 4, 3])), [1, -1, 0.5])
    assert np.isnan(leading_trend(rows, np.array([6, 2, np.float64(0)]))).all()


def test_planted_decay():
    # <x, e_k>^2 = k^-4 is alpha = 3.
    np.testing.assert_allclose(decay_draws(found_bases(), **RANDOM), 3, atol=1e-9)


def test_bases_table_of_planted_numbers():
    table = bases_table(found_bases(), record(), **RANDOM).set_index("measure")
    assert table.loc["frequency_trend", "value"] == pytest.approx(1)
    assert table.loc["decay_exponent", "value"] == pytest.approx(3)
    assert table.loc["contour_energy", "value"] == pytest.approx(1.5, abs=0.02)
    assert (table["images"] == 12).all()
    assert (table["sigma"] == 0.15).all()
