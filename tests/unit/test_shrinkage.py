"""Denoisers as shrinkage: diagnostics, angles, places and frequencies with known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from functions import Function
from gahb.analysis.bases import shrinkage
from gahb.analysis.bases.measure import measure_bases
from gahb.analysis.jacobian import LocalMap
from gahb.data.drawn import ray, waves
from gahb.data.drawn.sets import DRAWN_SETS
from gahb.denoisers.gaussian import GaussianDenoiser, Moments, moments
from gahb.denoisers.low_dimensional import optimal_denoiser
from gahb.denoisers.unet import UNet
from gahb.settings import BasesSettings
from networks import trained_looking

SIZE = 8


def gaussian_world() -> GaussianDenoiser:
    """A Gaussian denoiser of images whose covariance has a decaying spectrum."""
    stream = torch.Generator().manual_seed(0)
    basis = torch.linalg.qr(torch.randn(64, 64, generator=stream, dtype=torch.float64)).Q
    variances = torch.arange(1, 65, dtype=torch.float64) ** -1.5
    return GaussianDenoiser(
        Moments(torch.full((64,), 0.5).double(), (basis * variances) @ basis.T, 10**6, (1, 8, 8))
    )


def draws(gaussian: GaussianDenoiser, count: int) -> torch.Tensor:
    stream = torch.Generator().manual_seed(3)
    return gaussian.sample(torch.randn(count, 1, 8, 8, generator=stream, dtype=torch.float64))


def test_sure_is_unbiased_and_the_trace_gives_the_error():
    gaussian, sigma = gaussian_world(), 0.3
    clean = draws(gaussian, 300)
    stream = torch.Generator().manual_seed(4)
    rows = []
    for image in clean:
        noise = torch.randn(image.shape, generator=stream, dtype=torch.float64)
        local = LocalMap(gaussian, (image + sigma * noise)[None], sigma)
        rows.append(shrinkage.diagnostics(local, shrinkage.dense_spectrum(local), image[None]))
    difference = np.array([row["sure"] - row["mse"] for row in rows])
    # Within four standard errors: once in 16,000 samples, and this sample is fixed.
    assert abs(difference.mean()) < 4 * difference.std() / math.sqrt(len(rows))
    assert difference.std() > 0
    errors = np.array([row["mse"] for row in rows])
    assert abs(errors.mean() - rows[0]["trace_mse"]) < 4 * errors.std() / math.sqrt(len(rows))
    assert rows[0]["trace_mse"] == pytest.approx(gaussian.error(sigma))
    for share in ("antisymmetric", "antisymmetric_leading"):
        assert max(row[share] for row in rows) < 1e-12
    assert max(row["negative_eigenvalues"] for row in rows) == 0


def test_diagnostics_of_a_rotation():
    turn = torch.tensor([[0.0, -1.0], [1.0, 0.0]], dtype=torch.float64)

    def denoiser(images, sigma):
        return (images.flatten(1) @ turn.T).reshape(images.shape) + 1.0

    clean = torch.tensor([[[[3.0, 4.0]]]], dtype=torch.float64)
    local = LocalMap(Function(denoiser), clean, 0.5)
    found = shrinkage.dense_spectrum(local)
    row = shrinkage.diagnostics(local, found, clean)
    assert row["antisymmetric"] == pytest.approx(1)  # J^T = -J
    assert row["effective_rank"] == pytest.approx(0)
    # f(y) = J y + 1 = (-3, 4): J y is off by (1, 1).
    assert row["homogeneity"] == pytest.approx(math.sqrt(2) / 5)
    assert row["mse"] == pytest.approx(18)
    assert row["sure"] == pytest.approx((36 - 0.25 * 2) / 2)


def test_matrix_free_spectrum_agrees_with_the_dense_one():
    torch.manual_seed(0)
    network = trained_looking(UNet(2, 6))
    local = LocalMap(network, torch.rand(1, 1, 16, 16).double(), 0.2)
    dense, free = shrinkage.dense_spectrum(local), shrinkage.leading_spectrum(local, 10, 0)
    # Residuals are at most 1e-3 of the largest eigenvalue, and bound the error of each.
    largest = float(dense.values[0])
    torch.testing.assert_close(free.values, dense.values[:10], rtol=0, atol=1e-3 * largest)
    assert dense.values[0] - dense.values[9] > 0.1 * largest, "they must differ to be told apart"
    overlap = (free.vectors[:, :1].T @ dense.vectors[:, :1]).abs()
    assert overlap > 0.99
    # A trace from 64 signs errs by sqrt(2 / 64) of the off-diagonal norm; four of those.
    jacobian = local.dense()
    off = (jacobian - torch.diag(jacobian.diagonal())).norm()
    assert abs(free.trace - dense.trace) < 4 * math.sqrt(2 / 64) * float(off) + 1e-9
    assert free.antisymmetric == pytest.approx(dense.antisymmetric, rel=0.3)
    assert math.isnan(free.negative)
    assert dense.negative == (torch.linalg.eigvalsh((jacobian + jacobian.T) / 2) < 0).sum()


def test_large_images_are_decomposed_without_the_matrix(monkeypatch):
    local = LocalMap(gaussian_world(), draws(gaussian_world(), 1), 0.2)
    assert len(shrinkage.spectrum(local, 5, 0).values) == 64
    monkeypatch.setattr(shrinkage, "DENSE_PIXELS", 63)
    found = shrinkage.spectrum(local, 5, 0)
    assert len(found.values) == 5
    gains = gaussian_world().gains(0.2)[0, :5]
    torch.testing.assert_close(found.values, gains, rtol=0, atol=2e-3)


@pytest.mark.parametrize("angle", [0.0, 0.3, 1.2, math.pi / 2])
def test_tangent_overlap_of_a_known_angle(angle):
    vectors = torch.eye(6, dtype=torch.float64)
    tangents = torch.zeros(2, 6, dtype=torch.float64)
    # The second direction is turned out of the plane by the angle; lengths do not matter,
    # nor which vectors span the space.
    tangents[0, 0] = 3.0
    tangents[1, 1], tangents[1, 3] = 7 * math.cos(angle), 7 * math.sin(angle)
    tangents[1] += 2 * tangents[0]
    found = shrinkage.tangent_overlap(vectors, tangents)
    assert found == pytest.approx((1 + math.cos(angle) ** 2) / 2)


@pytest.mark.parametrize(("row", "column"), [(0, 1), (2, 0), (1, 3), (0, 4)])
def test_frequency_of_a_plane_wave(row, column):
    position = torch.arange(8, dtype=torch.float64)
    wave = torch.cos(2 * math.pi * (row * position[:, None] + column * position) / 8)
    vector = (wave / wave.norm()).reshape(64, 1)
    found = shrinkage.frequencies(vector, (1, 8, 8))
    assert float(found) == pytest.approx(math.hypot(row, column) / 8)


def test_white_noise_has_the_mean_frequency_of_the_square():
    vectors = torch.linalg.qr(torch.randn(1024, 200, dtype=torch.float64)).Q
    # The mean of |omega| over [-1/2, 1/2]^2 is (sqrt(2) + asinh(1)) / 6 = 0.3826.
    expected = (math.sqrt(2) + math.asinh(1)) / 6
    assert float(shrinkage.frequencies(vectors, (1, 32, 32)).mean()) == pytest.approx(
        expected, abs=5e-3
    )


def test_contour_energy():
    step = torch.zeros(1, 1, 16, 16)
    step[..., 8:] = 1.0
    weight = shrinkage.contour_weight(step)
    assert float(weight.mean()) == pytest.approx(1)
    columns = weight.reshape(16, 16)[4]
    assert columns[7:9].min() == columns.max()
    assert columns[:5].max() == 0
    assert columns[11:].max() == 0
    vectors = torch.eye(256, dtype=torch.float64)
    torch.testing.assert_close(shrinkage.contour_energy(vectors, weight), weight)
    # Any orthonormal basis of the whole space has mean 1.
    basis = torch.linalg.qr(torch.randn(256, 256, dtype=torch.float64)).Q
    assert float(shrinkage.contour_energy(basis, weight).mean()) == pytest.approx(1)
    torch.testing.assert_close(
        shrinkage.contour_weight(torch.ones(1, 1, 4, 4)), torch.ones(16, dtype=torch.float64)
    )


def test_energy_shares_of_any_orthonormal_basis():
    image = torch.tensor([3.0, 2.0, 1.0, 0.0], dtype=torch.float64)
    shares = shrinkage.energy_shares(torch.eye(4, dtype=torch.float64), image)
    np.testing.assert_allclose(shares, np.array([9, 13, 14, 14]) / 14)
    turned = torch.linalg.qr(torch.randn(4, 4, dtype=torch.float64)).Q
    assert float(shrinkage.energy_shares(turned, image)[-1]) == pytest.approx(1)


def test_bases_of_the_gaussian_denoiser_are_principal_components(faces):
    gaussian = GaussianDenoiser(moments(faces[:80]))
    images = torch.from_numpy(faces[80:83])
    found = measure_bases(
        gaussian, gaussian, images, None, 0.2, BasesSettings(modes=20, shown=2), 0
    )
    gains = gaussian.gains(0.2)[0, :20].numpy()
    for image in range(3):
        # Noisy images are float32 and so are products with the Jacobian.
        np.testing.assert_allclose(found["values"][image], gains, atol=1e-5)
    np.testing.assert_allclose(found["frequency"], found["frequency_pca"], atol=1e-3)
    assert found["vectors"].shape == (2, 20, 256)
    assert found["clean"].shape == (2, 1, 16, 16)
    assert "tangent" not in found
    assert found["antisymmetric_leading"].max() < 1e-6  # float32
    # The mean comes first, so that as many vectors hold at least as much of nearly all images.
    assert (found["energy_pca"][:, 10] > found["energy"][:, 10]).all()
    clean = found["clean"][1].ravel()
    np.testing.assert_allclose(
        found["vectors"][1] @ clean, found["coefficients_clean"][1], atol=1e-4
    )


@pytest.mark.parametrize("source", ["ray", "sinusoids"])
def test_optimal_denoiser_has_the_tangent_space(source):
    """Its Jacobian is the posterior covariance over sigma^2, nearly the tangent projection."""
    if source == "ray":
        denoiser = optimal_denoiser(DRAWN_SETS["ray"], SIZE)
        images = ray.ray_images(np.array([[0.5]]), SIZE)
        tangents = ray.ray_direction(SIZE)[None]
    else:
        denoiser = optimal_denoiser(DRAWN_SETS["sinusoids"], SIZE)
        images = waves.wave_images(np.array([[0.3, 1.0]]), SIZE)
        tangents = waves.wave_basis(SIZE)
    sigma, image = 0.02, torch.from_numpy(images)
    step, columns = 1e-4, []
    for pixel in range(SIZE**2):
        change = torch.zeros(SIZE**2, dtype=torch.float64)
        change[pixel] = step
        moved = change.reshape(image.shape)
        columns.append((denoiser(image + moved, sigma) - denoiser(image - moved, sigma)).flatten())
    jacobian = torch.stack(columns, dim=1) / (2 * step)
    basis = torch.linalg.qr(torch.from_numpy(np.array(tangents)).T).Q
    # The prior is nearly flat within sigma: corrections of order (sigma / |theta|)^2.
    torch.testing.assert_close(jacobian, basis @ basis.T, rtol=0, atol=2e-3)


def test_ray_denoiser_is_the_truncated_normal_mean():
    from scipy import stats

    direction = ray.ray_direction(SIZE)
    norm = np.linalg.norm(direction)
    low, high = (norm * bound for bound in ray.INTENSITIES)
    cases = (0.5 * norm, 0.5), (low - 0.3, 0.4), (high, 1.0), (9.0, 40.0), (3.0, 500.0)
    for observed, sigma in cases:
        image = torch.from_numpy(observed * direction / norm).reshape(1, 1, SIZE, SIZE)
        found = float(optimal_denoiser(DRAWN_SETS["ray"], SIZE)(image, sigma).norm())
        bounds = (low - observed) / sigma, (high - observed) / sigma
        expected = stats.truncnorm(*bounds, loc=observed, scale=sigma).mean()
        # The trapezoid's ends count in full: half a node of at most 121.
        assert found == pytest.approx(expected, abs=min(0.06 * sigma, (high - low) / 120))


def test_wave_denoiser_is_the_mean_over_many_waves():
    parameters = waves.wave_parameters(range(40_000), 0)
    known = torch.from_numpy(waves.wave_images(parameters, SIZE)).flatten(1)
    sigma = 0.5
    noisy = known[7] + sigma * torch.randn(64, dtype=torch.float64, generator=torch.Generator())
    weights = torch.softmax(-(noisy - known).square().sum(dim=1) / (2 * sigma**2), dim=0)
    expected = weights @ known
    found = optimal_denoiser(DRAWN_SETS["sinusoids"], SIZE)(
        noisy.reshape(1, 1, SIZE, SIZE), sigma
    ).flatten()
    # Monte Carlo: the posterior is some sigma wide and a few thousand waves are inside.
    assert float((found - expected).norm()) < 0.05
    assert float((noisy - expected).norm()) > 1
