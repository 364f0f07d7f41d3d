"""Networks against models of their data: measurements on denoisers whose answers are known."""

import numpy as np
import pytest
import torch

from gahb.analysis.gaussian.components import singular_vectors_against_components
from gahb.analysis.gaussian.matrices import jackknife
from gahb.analysis.gaussian.measure import distil_pair, grid, held_out, levels_to_distil, measure
from gahb.analysis.gaussian.samples import compare_models
from gahb.analysis.gaussian.sweeps import (
    measures,
)
from gahb.analysis.jacobian import dense_jacobian, subspace_overlap
from gahb.analysis.statistics import percentile_interval, resampled_means
from gahb.data.splits import Split
from gahb.denoisers.empirical import EmpiricalDenoiser
from gahb.denoisers.gaussian import GaussianDenoiser, moments
from gahb.denoisers.registry import build
from gahb.errors import ConfigError
from gahb.settings import AgreementSettings, DenoiserSettings, SamplingSettings

SIGMAS = [0.05, 0.3]


@pytest.fixture
def small(faces) -> np.ndarray:
    """100 faces of 4x4 pixels, uint8 [100, 1, 4, 4]."""
    means = faces.reshape(100, 1, 4, 4, 4, 4).mean(axis=(3, 5))
    return np.round(means).astype(np.uint8)


@pytest.fixture
def gaussians(small):
    return {
        "A": GaussianDenoiser(moments(small[:40])),
        "B": GaussianDenoiser(moments(small[40:80])),
    }


def measured(small, gaussians, network):
    models = {
        "network": network,
        "gaussian": gaussians,
        "empirical": {
            "A": EmpiricalDenoiser(torch.from_numpy(small[:40])),
            "B": EmpiricalDenoiser(torch.from_numpy(small[40:80])),
        },
    }
    training = {"A": torch.from_numpy(small[:10]), "B": torch.from_numpy(small[40:50])}
    test, partners = torch.from_numpy(small[80:90]), torch.from_numpy(small[90:])
    return measure(models, test, partners, training, SIGMAS, seed=0)


def test_a_network_that_is_its_gaussian_has_no_distance_to_it(small, gaussians):
    found = measured(small, gaussians, gaussians)
    for subset in ("A", "B"):
        assert found[f"network_gaussian_{subset}"].max() == 0
        assert np.array_equal(found[f"score_{subset}"], found[f"gaussian_score_{subset}"])
        assert found[f"network_empirical_{subset}"].min() > 0
    assert np.array_equal(found["network_between"], found["gaussian_between"])
    values = measures([found], draws=50, seed=0)
    assert values.images == 10
    assert values.pixels == 16
    assert values.overall("nrmse_network_gaussian") == pytest.approx(np.zeros(51))


def test_a_scaled_gaussian_has_the_distance_of_its_scale(small, gaussians):
    scaled = {
        subset: lambda noisy, sigma, model=model: 1.25 * model(noisy, sigma)
        for subset, model in gaussians.items()
    }
    values = measures([measured(small, gaussians, scaled)], draws=50, seed=0)
    # |1.25 D - D| / |1.25 D|, whatever images are drawn; estimates are float32.
    assert values.draws["nrmse_network_gaussian"] == pytest.approx(np.full((51, 2), 0.2), rel=1e-5)


def test_psnr_of_the_gaussian_is_that_of_its_errors(small, gaussians):
    found = measured(small, gaussians, gaussians)
    values = measures([found], draws=50, seed=0)
    mean = (found["gaussian_test_A"].mean(axis=1) + found["gaussian_test_B"].mean(axis=1)) / 2
    assert values.draws["psnr_gaussian_test"][0] == pytest.approx(-10 * np.log10(mean))


def test_bootstrap_means_start_with_the_mean_and_cover_it():
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(200):
        values = rng.exponential(1.0, (50, 1))
        draws = resampled_means({"x": values, "y": 2 * values}, draws=300, seed=trial)
        assert draws["x"][0] == pytest.approx(values.mean(axis=0))
        assert np.allclose(draws["y"], 2 * draws["x"]), "the same units are drawn of both"
        _, low, high = percentile_interval(draws["x"][:, 0])
        covered += low <= 1.0 <= high
    # 95 % less what a percentile interval loses on 50 skewed values; three standard errors.
    assert 0.93 - 3 * 0.018 < covered / 200 <= 1


def test_jackknife_is_the_textbook_interval_of_a_mean():
    rng = np.random.default_rng(1)
    values = rng.normal(3.0, 1.0, 8)
    estimates = np.array([values.mean(), *[np.delete(values, fold).mean() for fold in range(8)]])
    centre, low, high = jackknife(estimates[None])
    error = values.std(ddof=1) / np.sqrt(8)
    assert centre == pytest.approx(values.mean())
    assert (high - low) / 2 == pytest.approx(2.364624 * error)  # t of 7 degrees of freedom


def test_distilling_gaussians_gives_no_weight_distance(small, gaussians):
    agreement = AgreementSettings(folds=4, distil_draws=2)
    found = distil_pair(
        gaussians, gaussians, torch.from_numpy(small[:80]), SIGMAS, agreement, seed=0
    )
    # Noisy images are float32: the least-squares weights keep seven digits less conditioning.
    assert found["weight_nmse_A"].shape == (2, 5)
    assert found["weight_nmse_A"].max() < 1e-8
    assert found["condition_A"].min() > 1


def test_levels_are_those_of_the_grid_and_of_the_sampler():
    agreement = AgreementSettings(sigma_min=0.01, sigma_max=1.0, levels=3)
    assert grid(agreement) == pytest.approx([0.01, 0.1, 1.0])
    sampling = SamplingSettings(method="euler", levels=4, sigma_start=40.0, sigma_end=0.001)
    levels = levels_to_distil(agreement, sampling)
    assert len(levels) == 7
    assert [levels[0], levels[-1]] == pytest.approx([0.001, 40.0])
    assert levels_to_distil(agreement, SamplingSettings()) == grid(agreement)


def test_images_to_distil_on_are_not_those_measured_at():
    parts = Split(list(range(30)), {"A": [], "B": []})
    measured_at, others = held_out(parts, AgreementSettings(images=10))
    assert measured_at + others == parts.test
    with pytest.raises(ConfigError, match=r"more than split\.test = 30"):
        held_out(parts, AgreementSettings(images=30))


def test_dense_jacobian_of_a_linear_denoiser_is_its_matrix(small, gaussians):
    noisy = torch.rand(1, 1, 4, 4, dtype=torch.float64)
    model = gaussians["A"]
    for chunk in (1, 5, 100):
        found = dense_jacobian(model, noisy, 0.2, chunk)
        torch.testing.assert_close(found, model.jacobian(0.2), rtol=0, atol=1e-12)


def test_dense_jacobian_of_a_network_is_finite_differences():
    network = build(DenoiserSettings(blocks=1, width=4), 0).double().eval().requires_grad_(False)
    noisy = torch.rand(1, 1, 4, 4, dtype=torch.float64)
    found = dense_jacobian(network, noisy, 0.1)
    step, direction = 1e-6, torch.randn(1, 1, 4, 4, dtype=torch.float64)
    moved = (network(noisy + step * direction) - network(noisy - step * direction)) / (2 * step)
    # Piecewise linear: exact but for a kink within the step, and for rounding / step.
    torch.testing.assert_close(found @ direction.flatten(), moved.flatten(), rtol=1e-6, atol=1e-8)
    assert not network.training
    assert all(parameter.grad is None for parameter in network.parameters())


def test_overlap_of_known_subspaces():
    identity = torch.eye(6, dtype=torch.float64)
    assert subspace_overlap(identity, identity).tolist() == [1.0] * 6
    swapped = identity[:, [1, 0, 2, 3, 4, 5]]
    assert subspace_overlap(identity, swapped).tolist() == [0.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    angle = 0.3
    turned = identity.clone()
    turned[0, 0] = turned[5, 5] = np.cos(angle)
    turned[5, 0], turned[0, 5] = np.sin(angle), -np.sin(angle)
    assert subspace_overlap(identity, turned)[0] == pytest.approx(np.cos(angle) ** 2)


def test_singular_vectors_of_a_gaussian_denoiser_are_the_components(small, gaussians):
    found = singular_vectors_against_components(
        {"A": gaussians["A"]}, gaussians, torch.from_numpy(small[:2]), [0.1], 8, seed=0
    )
    assert found["overlap_A"] == pytest.approx(np.ones((1, 2, 8)), abs=1e-6)
    few = {"A": GaussianDenoiser(moments(small[:4]))}
    undefined = singular_vectors_against_components(
        few, few, torch.from_numpy(small[:1]), [0.1], 8, seed=0
    )
    # Four images vary in three directions.
    assert np.isnan(undefined["overlap_A"][0, 0]).tolist() == [False] * 3 + [True] * 5
    assert found["values_A"][0, 0] == pytest.approx(found["gains_A"][0], abs=1e-6)


def drawn(seed, shift=0.0):
    rng = np.random.default_rng(seed)
    return rng.random((30, 1, 4, 4)) + shift


def test_models_are_compared_sample_by_sample():
    first, second = drawn(0), drawn(1)
    networks = {"images_A": first, "images_B": second}
    models = {
        "images_gaussian_A": 2 * first + 1,  # another scale and mean: the same, mean removed
        "images_gaussian_B": drawn(2),
    }
    models["images_gaussian_B"][3] = np.nan
    table = compare_models(networks, models).set_index(["left", "right"])
    assert table.loc[("network_A", "gaussian_A"), "cosine"].to_numpy() == pytest.approx(np.ones(30))
    other = table.loc[("network_A", "gaussian_A"), "mismatched_cosine"]
    assert other.abs().mean() < 0.5
    pair = table.loc[("gaussian_A", "gaussian_B")]
    assert pair["cosine"].isna().tolist() == [index == 3 for index in range(30)]
    assert pair["mismatched_cosine"].isna().tolist() == [index == 2 for index in range(30)]
