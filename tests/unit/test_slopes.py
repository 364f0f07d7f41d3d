"""Slopes, divergences, tables and claims on bases, from planted errors."""

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
from gahb.claims.bases import basis_claims
from gahb.claims.judging import judge
from gahb.denoisers.gaussian import GaussianDenoiser, moments
from gahb.settings import DataSettings

RANDOM = {"draws": 200, "seed": 0}
SIGMAS = 10 ** (-np.arange(40, -1, -2.5) / 20)


def planted(slope: float, images: int = 60, seed: int = 0) -> dict[str, np.ndarray]:
    """Errors whose PSNR rises with ``slope``, each image at its own height."""
    stream = np.random.default_rng(seed)
    heights = stream.normal(20, 2, images)
    psnr = heights + slope * (-20 * np.log10(SIGMAS))[:, None]
    psnr = psnr + stream.normal(0, 0.2, psnr.shape)
    mse = 10 ** (-psnr / 10)
    return {
        "sigmas": SIGMAS,
        "pixels": np.array(1024),
        "contrast": np.array(0.3),
        "mse_network": mse,
        "mse_gaussian": 2 * mse,
        "mse_wavelet": 3 * mse,
        "mse_oracle": 1.5 * mse,
    }


def record(**changes) -> dict:
    common = {"experiment": "a", "kind": "unet", "n": 100, "source": "c-alpha", "shuffle": False}
    common |= {"regions": "smooth", "presentations": 1000}
    return common | {"contour_alpha": 3.0, "background_alpha": 3.0, "size": 32} | changes


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
    assert found["mse_oracle"].shape == (2, 40)
    # An oracle beats every other shrinkage in its basis.
    assert (found["mse_oracle"].mean(axis=1) < found["mse_wavelet"].mean(axis=1)).all()
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
    assert set(curves["method"]) == {"network", "gaussian", "wavelet", "oracle"}
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


def found_bases(images: int = 12, **changes) -> dict[str, np.ndarray]:
    stream = np.random.default_rng(0)
    ranks = np.arange(1, 65)
    numbers = {
        name: stream.uniform(1, 2, images)
        for name in ("mse", "sure", "trace_mse", "asymmetry", "homogeneity", "negative_eigenvalues")
    }
    found = {
        "sigma": np.array(0.15),
        "pixels": np.array(1024),
        "values": np.tile(1 / ranks, (images, 1)),
        "coefficients_clean": np.tile(10 * ranks**-2.0, (images, 1)),
        "effective_rank": stream.uniform(30, 40, images),
        "energy_kept": stream.uniform(0.95, 0.97, images),
        "tangent": stream.uniform(0.995, 0.999, images),
        **numbers,
    }
    for suffix, level in (("", 1.5), ("_pca", 1.2), ("_random", 1.0)):
        found[f"frequency{suffix}"] = np.tile(ranks * level, (images, 1))
        found[f"contour{suffix}"] = stream.normal(level, 0.05, (images, 64))
    return found | changes


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


def verdicts(entries: list[tuple[dict, dict, dict]]) -> dict[str, str]:
    records, errors, bases = zip(*entries, strict=True)
    table = judge(basis_claims(records, errors, bases, **RANDOM), **RANDOM)
    return dict(zip(table["claim"], table["verdict"], strict=True))


def shown(figure: str, **changes) -> dict:
    return {"figure": figure, "sigma": 0.15, **record(**changes)}


def test_planted_slopes_are_judged():
    entries = [
        (
            shown("figure_4", experiment=f"a{alpha}", contour_alpha=alpha, background_alpha=alpha),
            planted(slope),
            found_bases(),
        )
        for alpha, slope in ((1.0, 0.47), (2.0, 0.66), (3.0, 0.5))
    ]
    found = verdicts(entries)
    assert found["the PSNR slope of the UNet rises with the regularity alpha"] == "not reproduced"
    assert found["UNet, alpha = 1: the slope is alpha/(alpha + 1)"] == "reproduced"
    assert found["UNet, alpha = 2: the slope is alpha/(alpha + 1)"] == "reproduced"
    assert found["UNet, alpha = 3: the slope is alpha/(alpha + 1)"] == "not reproduced"
    rising = verdicts(entries[:2])
    assert rising["the PSNR slope of the UNet rises with the regularity alpha"] == "reproduced"


@pytest.mark.parametrize(
    ("figure", "source", "overlap", "expected"),
    [
        ("figure_5", "disks", 0.9, "reproduced"),
        ("figure_5", "disks", 0.7, "not reproduced"),
        ("figure_19", "ray", 0.985, "reproduced"),  # squared cosine: .985 is a cosine of .992
        ("figure_19", "ray", 0.97, "not reproduced"),
        ("figure_20", "sinusoids", 0.95, "reproduced"),
        ("figure_20", "sinusoids", 0.5, "not reproduced"),
    ],
)
def test_planted_tangents_are_judged(figure, source, overlap, expected):
    tangent = np.full(12, overlap) + np.linspace(-1e-3, 1e-3, 12)
    found = verdicts([(shown(figure, source=source), planted(0.9), found_bases(tangent=tangent))])
    statement = next(key for key in found if "span" in key or "is that image" in key)
    assert found[statement] == expected
    assert found[f"{source}: there are eigenvectors beyond the tangent space"] == "reproduced"


def test_planted_harmonics_are_judged():
    found = verdicts([(shown("figure_3"), planted(0.75), found_bases())])
    assert set(found.values()) == {"reproduced"}
    flat = found_bases(frequency=found_bases()["frequency"][:, ::-1])
    swapped = verdicts([(shown("figure_18"), planted(0.75), flat)])
    statement = "c-alpha: eigenvectors oscillate faster as the eigenvalue falls"
    assert swapped[statement] == "not reproduced"


def test_planted_contours_are_judged():
    entries = []
    for alpha, level in ((1.5, 3.0), (2.0, 2.5), (4.0, 2.0)):
        contour = np.random.default_rng(1).normal(level, 0.05, (12, 64))
        own = shown("figure_17", experiment=f"c{alpha}", contour_alpha=alpha, background_alpha=8.0)
        entries.append((own, planted(0.6), found_bases(contour=contour)))
    statement = "the smoother the contours, the less localised the harmonics"
    assert verdicts(entries)[statement] == "reproduced"
    assert verdicts(entries[:1]) == {}


def test_planted_shuffling_is_judged():
    def worse(decibel: float) -> dict[str, np.ndarray]:
        errors = planted(0.5)
        return errors | {"mse_network": errors["mse_network"] * 10 ** (decibel / 10)}

    plain = shown("figure_21", source="faces")
    shuffled = shown("figure_21", source="faces", experiment="b", shuffle=True)
    more = found_bases(effective_rank=np.linspace(50, 60, 12))
    # 60 images of 2 dB spread in each group: an interval of 0.7 dB either way.
    for decibel, expected in ((4, "reproduced"), (1.5, "inconclusive"), (0, "not reproduced")):
        found = verdicts([(plain, planted(0.5), found_bases()), (shuffled, worse(decibel), more)])
        assert found["shuffled images are denoised much worse"] == expected
    assert found["eigenvalues of shuffled images decay more slowly"] == "reproduced"
