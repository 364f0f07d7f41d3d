"""Measurements, restoration by ascent, and its tables, against closed forms."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from gahb.analysis.conditional_mean import gaussian_restoration
from gahb.analysis.restoration import (
    calibration_db,
    restoration_rows,
    restoration_summary,
)
from gahb.denoisers.gaussian import GaussianDenoiser, moments
from gahb.errors import ConfigError
from gahb.plan.load import load_settings
from gahb.sampling.measurements import measurements
from gahb.sampling.restoration import Consistency, restore
from gahb.settings import SUBSETS, SamplingSettings
from restorations import NAMES, SHAPE, gaussian, posterior_arrays


def matrix(project, shape) -> torch.Tensor:
    """Return P ``[pixels, pixels]``, column by column."""
    pixels = math.prod(shape)
    return project(torch.eye(pixels, dtype=torch.float64).reshape(-1, *shape)).flatten(1).T


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 8, 12), (1, 16, 16)])
def test_measurements_are_orthogonal_projections(name, shape):
    project = measurements(shape, 2, seed=0)[name]
    dense = matrix(project, shape)
    assert torch.allclose(dense, dense.T, atol=1e-12)
    assert torch.allclose(dense @ dense, dense, atol=1e-12)
    assert dense.trace().item() / len(dense) == pytest.approx(project.share, abs=1e-6)
    expected = 0.75 if name == "inpainting" else 0.25
    # Whole discs of frequencies only: as near as the next one.
    assert project.share == pytest.approx(expected, abs=0.07 if name == "deblurring" else 0)
    assert torch.equal(dense, matrix(measurements(shape, 2, seed=0)[name], shape))


def test_measurements_measure_what_they_say(faces):
    images = torch.from_numpy(faces[:3]).double() / 255
    chosen = measurements((1, 16, 16), 4, seed=1)
    assert torch.equal(chosen["inpainting"](images)[..., 4:12, 4:12], torch.zeros(3, 1, 8, 8))
    blocks = images.reshape(3, 4, 4, 4, 4).mean(dim=(2, 4))
    assert torch.allclose(chosen["super_resolution"](images)[:, 0, ::4, ::4], blocks)
    _, column = torch.meshgrid(torch.arange(16), torch.arange(16), indexing="ij")
    slow, fast = (torch.cos(2 * math.pi * k * column / 16)[None, None] for k in (1, 7))
    assert torch.allclose(chosen["deblurring"](slow), slow, atol=1e-6)
    assert torch.allclose(chosen["deblurring"](fast), torch.zeros(1, 1, 16, 16), atol=1e-6)
    assert not torch.equal(
        chosen["random_pixels"].known, measurements((1, 16, 16), 4, seed=2)["random_pixels"].known
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("count", [500, 20])  # of full rank, and singular
def test_gaussian_restoration_is_the_conditional_mean(name, count):
    model, project = gaussian(count), measurements(SHAPE, 2, seed=0)[name]
    clean = model.sample(torch.randn(5, *SHAPE, generator=torch.Generator().manual_seed(0)))
    covariance = (model.vectors * model.values) @ model.vectors.T
    dense = matrix(project, SHAPE)
    # E[x | P x] = mu + S P (P S P)^+ P (x - mu), by the pseudo-inverse of the covariance.
    gain = covariance @ dense @ torch.linalg.pinv(dense @ covariance @ dense, rtol=1e-10)
    expected = model.mean + (clean.double().flatten(1) - model.mean) @ dense @ gain.T
    found = gaussian_restoration(model, clean, project)
    assert torch.allclose(found.flatten(1), expected, atol=1e-7)
    # Of full rank it agrees with what was measured; singular, images of the model do.
    assert torch.allclose(project(found), project(clean.double()), atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_restorations_agree_with_the_measurement_and_lie_around_the_mean(name):
    model, project = gaussian(500), measurements(SHAPE, 2, seed=0)[name]
    stream = torch.Generator().manual_seed(1)
    clean = model.sample(torch.randn(2, *SHAPE, generator=stream)).float()
    settings = SamplingSettings(
        step=0.02, step_law="fixed", beta=0.5, mean=0.5, sigma_end=0.005, batch=7
    )
    samples = 64
    found = restore({"A": model}, clean, {name: project}, samples, settings, 0, "cpu")
    restored = torch.from_numpy(found[f"restored_{name}_A"]).double()
    assert restored.shape == (2, samples, *SHAPE)
    measured = project(restored.flatten(0, 1)).reshape(restored.shape)
    # The last estimate is corrected exactly; float32 keeps 7 digits.
    assert torch.allclose(measured, project(clean.double())[:, None], atol=1e-6)
    # What is drawn lies around the conditional mean, much nearer than the mean of all images
    # does. It is not exactly the posterior: the score of what was not measured takes the
    # measurement for a noisy one.
    expected = gaussian_restoration(model, clean, project)
    ignorant = Consistency(clean.double(), project).centre(0.0) + (
        model.mean.reshape(SHAPE) - project(model.mean.reshape(1, *SHAPE))
    )
    bias = (restored.mean(1) - expected).square().mean()
    assert bias < 0.5 * (ignorant - expected).square().mean()
    assert restored.std(1).max() > 0.005, "what was not measured is drawn, not fixed"


def test_pixels_that_know_nothing_of_one_another_are_drawn_from_their_own_law():
    stream = np.random.default_rng(0)
    images = 0.5 + 0.1 * stream.normal(size=(5000, *SHAPE))
    moments_of = moments(images)
    # Independent: what was measured tells nothing of the rest, and projected scores are exact.
    independent = replace(moments_of, covariance=moments_of.covariance.diagonal().diag())
    model, project = GaussianDenoiser(independent), measurements(SHAPE, 2, 0)["random_pixels"]
    clean = torch.from_numpy(images[:1]).float()
    settings = SamplingSettings(step=0.02, step_law="fixed", mean=0.5, sigma_end=0.005)
    found = restore({"A": model}, clean, {"x": project}, 200, settings, 0, "cpu")
    hidden = torch.from_numpy(found["restored_x_A"][0]).double()[:, 0, project.known == 0]
    mean = model.mean.reshape(8, 8)[project.known == 0]
    # Largest of 48 normal variables: below four standard errors but for one run in 300.
    assert ((hidden.mean(0) - mean).abs() < 4 * hidden.std(0) / math.sqrt(200)).all()


def test_a_restoration_does_not_depend_on_its_batch_or_company():
    model, chosen = gaussian(500), measurements(SHAPE, 2, seed=0)
    clean = model.sample(torch.randn(3, *SHAPE, generator=torch.Generator().manual_seed(2)))
    settings = SamplingSettings(step=0.05, mean=0.5)
    all_of = restore({"A": model, "B": model}, clean, chosen, 2, settings, 0, "cpu")
    small = settings.model_copy(update={"batch": 1})
    first = {"deblurring": chosen["deblurring"]}
    alone = restore({"B": model}, clean[:1], first, 2, small, 0, "cpu")
    assert set(all_of) == {f"restored_{name}_{subset}" for name in NAMES for subset in SUBSETS}
    assert np.array_equal(all_of["restored_deblurring_A"], all_of["restored_deblurring_B"])
    # Products of other batches are summed in another order.
    expected = all_of["restored_deblurring_B"][:1]
    np.testing.assert_allclose(alone["restored_deblurring_B"], expected, atol=1e-6)


def test_the_correction_leaves_what_is_not_measured():
    project = measurements(SHAPE, 2, seed=0)["random_pixels"]
    clean, estimate = torch.rand(4, *SHAPE).double(), torch.rand(2, *SHAPE).double()
    found = Consistency(clean, project)(estimate, torch.tensor([3, 1]))
    assert torch.allclose(project(found), project(clean[[3, 1]]))
    assert torch.allclose(found - project(found), estimate - project(estimate))
    grey = Consistency(clean, project).centre(0.3)
    assert torch.allclose(grey[:, project.known[None] == 0], torch.tensor(0.3).double())


def test_numbers_of_exact_posterior_samples():
    arrays, chosen = posterior_arrays(images=200, samples=4)
    rows = restoration_rows(arrays, chosen, n=500)
    assert (rows["samples_A"] == 4).all()
    for name in NAMES:
        means = rows[rows["measurement"] == name].mean(numeric_only=True)
        # Of a posterior: a sample has twice the error of the optimum, which is the variance
        # between samples, and the mean of many samples is the optimum. 200 images, 48 or 16
        # directions each: within 15 %.
        optimum = means["gaussian_mse_B"]
        assert means["sample_mse_B"] == pytest.approx(2 * optimum, rel=0.15)
        assert means["mean_mse_B"] == pytest.approx(optimum, rel=0.15)
        assert means["spread_mse_B"] == pytest.approx(optimum, rel=0.15)
        # The same holds of the control's samples, which are drawn from the same law.
        assert means["gaussian_mean_mse_B"] == pytest.approx(optimum, rel=0.15)
        assert means["gaussian_spread_mse_B"] == pytest.approx(optimum, rel=0.15)
        # A and B share half the variance of their noise, and all of their conditional mean;
        # at another image they share neither.
        assert means["pair_cosine"] > means["mismatched_cosine"] + 0.05
        assert means["gaussian_pair_cosine"] == pytest.approx(means["pair_cosine"], abs=0.05)
        assert means["mismatched_cosine"] > means["other_image_cosine"] + 0.05
    summary = restoration_summary(rows, draws=200, seed=0)
    chosen_rows = (summary["measurement"] == "deblurring") & (summary["quantity"] == "mean")
    row = summary[chosen_rows].iloc[0]
    assert row["measured_share"] == pytest.approx(chosen["deblurring"].share)
    errors = rows.loc[rows["measurement"] == "deblurring", "mean_mse_A"]
    assert row["value"] == pytest.approx(-10 * math.log10(errors.mean()))
    assert row["low"] < row["value"] < row["high"]
    calibrations = summary[summary["quantity"].str.endswith("calibration")]
    assert len(calibrations) == 2 * 2 * len(NAMES)
    # 10 % of the variance is .4 dB.
    assert calibrations["value"].abs().max() < 0.8


def test_a_spread_of_nothing_is_known_and_small():
    assert calibration_db(np.array([0.01]), np.array([0.0])) == pytest.approx([20 - 120])
    assert calibration_db(np.array([0.01]), np.array([0.01])) == pytest.approx([0])
    assert np.isnan(calibration_db(np.array([np.nan]), np.array([0.01]))).all()


def test_what_did_not_converge_is_left_out_and_counted():
    arrays, chosen = posterior_arrays(images=3, samples=4)
    for subset in SUBSETS:
        arrays[f"restored_inpainting_{subset}"] = arrays["restored_inpainting_A"].copy()
    whole = restoration_rows(arrays, chosen, n=500)
    arrays["restored_inpainting_A"][0, 1] = np.nan
    arrays["restored_inpainting_B"][1, :3] = np.nan
    rows = restoration_rows(arrays, chosen, n=500)
    assert rows["samples_A"].tolist()[:3] == [3, 4, 4]
    assert rows["samples_B"].tolist()[:3] == [4, 1, 4]
    # A and B are the same: whatever pairs are left, their cosine is 1.
    assert whole["pair_cosine"][:3].tolist() == pytest.approx([1, 1, 1])
    assert rows["pair_cosine"][:3].tolist() == pytest.approx([1, 1, 1])
    known = [0, 2, 3]
    assert np.isnan(rows["mean_mse_B"][1])
    three = np.delete(arrays["restored_inpainting_A"][0].astype(float), 1, axis=0)
    error = ((three - arrays["clean"][0]) ** 2).mean(axis=(1, 2, 3))
    assert rows["sample_mse_A"][0] == pytest.approx(error.mean())
    summary = restoration_summary(rows, draws=100, seed=0)
    assert summary["value"].notna().all()
    inpainting = summary["measurement"] == "inpainting"
    assert set(summary.loc[inpainting, "images"]) == {2}
    assert set(summary.loc[~inpainting, "images"]) == {len(known)}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sampling": {"method": "euler"}}, "conditional needs sampling.method: ascent"),
        ({"conditional": {"images": 3000}}, "conditional.images: 3000 images are more than"),
        ({"conditional": {"factor": 3}}, "conditional.factor: 3 does not divide data.size = 16"),
    ],
)
def test_what_a_restoration_needs(settings, message):
    with pytest.raises(ConfigError, match=message):
        load_settings({"targets": ["conditional"], **settings})
