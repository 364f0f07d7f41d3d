"""Denoisers with a closed form, against closed forms and independent solvers, in float64."""

import math

import numpy as np
import pytest
import torch

from gahb.denoisers.empirical import EmpiricalDenoiser
from gahb.denoisers.gaussian import GaussianDenoiser, StationaryGaussianDenoiser, moments
from gahb.denoisers.linear import CrossMoments, LinearDenoiser, cross_moments, distil
from gahb.errors import ConfigError
from gaussian import PIXELS, SHAPE


def covariance(denoiser: GaussianDenoiser) -> torch.Tensor:
    return (denoiser.vectors * denoiser.values) @ denoiser.vectors.T


def images(count: int, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).random((count, *SHAPE)))


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_moments_are_those_of_numpy_whatever_the_block(faces, block):
    found = moments(faces, block)
    flat = faces.reshape(100, -1) / 255
    # Sums of 100 float64 numbers in another order.
    np.testing.assert_allclose(found.mean, flat.mean(axis=0), atol=1e-14)
    np.testing.assert_allclose(found.covariance, np.cov(flat.T, bias=True), atol=1e-14)
    assert found.shape == (1, 16, 16)
    floats = faces / 255.0
    before = floats.copy()
    moments(floats, block)
    assert np.array_equal(floats, before), "the caller's images are left alone"


def test_moments_far_from_zero_do_not_cancel():
    rng = np.random.default_rng(0)
    small = rng.normal(0, 1e-6, (500, 1, 2, 2)) + 1e3
    found = moments(small, block=50).covariance
    expected = np.cov((small - 1e3).reshape(500, 4).T, bias=True)
    # 1e3 leaves 1e-13 of absolute precision for deviations of 1e-6.
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-18)


@pytest.mark.parametrize("sigma", [0.01, 0.1, 1.0, 50.0])
def test_gaussian_denoiser_is_the_wiener_filter(gaussian, sigma):
    noisy = images(5)
    matrix = covariance(gaussian)
    gain = matrix @ torch.linalg.inv(matrix + sigma**2 * torch.eye(PIXELS, dtype=torch.float64))
    expected = gaussian.mean + (noisy.flatten(1) - gaussian.mean) @ gain.T
    torch.testing.assert_close(gaussian(noisy, sigma).flatten(1), expected, rtol=1e-9, atol=1e-10)
    torch.testing.assert_close(gaussian.jacobian(sigma), gain, rtol=1e-8, atol=1e-10)


def test_gaussian_denoiser_takes_a_level_per_image(gaussian):
    noisy, sigmas = images(3), torch.tensor([0.1, 0.5, 2.0])
    expected = torch.cat([gaussian(noisy[i : i + 1], float(sigmas[i])) for i in range(3)])
    torch.testing.assert_close(gaussian(noisy, sigmas), expected, rtol=1e-6, atol=1e-8)


def test_no_affine_map_has_a_smaller_error(gaussian):
    sigma, matrix = 0.2, covariance(gaussian)
    identity = torch.eye(PIXELS, dtype=torch.float64)

    def error(gain):
        """MSE per pixel of mu + gain (y - mu), in closed form."""
        bias = (gain - identity) @ matrix @ (gain - identity).T
        return float((bias + sigma**2 * gain @ gain.T).trace() / PIXELS)

    best = error(gaussian.jacobian(sigma))
    assert gaussian.error(sigma) == pytest.approx(best, rel=1e-12)
    generator = torch.Generator().manual_seed(0)
    for scale in (1e-4, 1e-2, 1.0):
        for _ in range(20):
            change = torch.randn(PIXELS, PIXELS, generator=generator, dtype=torch.float64)
            assert error(gaussian.jacobian(sigma) + scale * change) > best


def test_rank_deficient_limit_is_the_projection_on_the_images(faces):
    denoiser = GaussianDenoiser(moments(faces[:5]))
    assert denoiser.rank == 4
    own = torch.from_numpy(faces[:5] / 255.0)
    other = torch.from_numpy(faces[5:9] / 255.0)
    torch.testing.assert_close(denoiser(own, 0.0), own, rtol=0, atol=1e-9)
    projected = denoiser(other, 0.0)
    assert (projected - other).abs().max() > 0.05, "not the identity when N < pixels"
    torch.testing.assert_close(denoiser(projected, 0.0), projected, rtol=0, atol=1e-9)
    assert torch.isfinite(denoiser(other, 1e-12)).all()


def test_one_image_gives_that_image_at_every_level(faces):
    denoiser = GaussianDenoiser(moments(faces[:1]))
    for sigma in (0.0, 0.1, 40.0):
        estimate = denoiser(torch.from_numpy(faces[3:4] / 255.0), sigma)
        torch.testing.assert_close(estimate, torch.from_numpy(faces[:1] / 255.0))


def test_gaussian_samples_have_the_moments(gaussian):
    noise = torch.randn(200_000, *SHAPE, generator=torch.Generator().manual_seed(0))
    drawn = gaussian.sample(noise.double()).flatten(1)
    largest = float(gaussian.values[0])
    # Standard error of an entry of a covariance: at most lambda_1 sqrt(2 / n).
    bound = 5 * largest * math.sqrt(2 / 200_000)
    assert (torch.cov(drawn.T) - covariance(gaussian)).abs().max() < bound
    assert (drawn.mean(0) - gaussian.mean).abs().max() < 5 * math.sqrt(largest / 200_000)


def test_images_of_another_size_are_refused(gaussian, faces):
    noisy = torch.zeros(1, 1, 5, 5)
    for denoiser in (gaussian, EmpiricalDenoiser(images(3)), StationaryGaussianDenoiser(images(3))):
        with pytest.raises(ValueError, match=r"\(1, 5, 5\).*\(1, 4, 4\)"):
            denoiser(noisy, 0.1)


def test_stationary_denoiser_is_the_gaussian_one_of_circulant_images():
    white = torch.randn(4000, 1, 4, 4, generator=torch.Generator().manual_seed(1)).double()
    kernel = torch.zeros(4, 4, dtype=torch.float64)
    kernel[0, :2], kernel[1, 0] = torch.tensor([0.2, 0.1]), 0.05
    fields = torch.fft.ifft2(torch.fft.fft2(white) * torch.fft.fft2(kernel)).real + 0.5
    # All shifts of all images: the empirical covariance is circulant to the bit of rounding.
    shifted = torch.cat([fields[:50].roll((i, j), (2, 3)) for i in range(4) for j in range(4)])
    full, stationary = (
        GaussianDenoiser(moments(shifted.numpy())),
        StationaryGaussianDenoiser(shifted),
    )
    noisy = images(3)
    torch.testing.assert_close(full(noisy, 0.2), stationary(noisy, 0.2), rtol=1e-8, atol=1e-9)


def brute_force(prior: torch.Tensor, noisy: torch.Tensor, sigma: float) -> torch.Tensor:
    distance = (noisy.flatten(1)[:, None] - prior.flatten(1)[None]).square().sum(-1)
    weights = torch.softmax(-distance / (2 * sigma**2), dim=1)
    return (weights @ prior.flatten(1)).reshape(noisy.shape)


@pytest.mark.parametrize("block", [1, 3, 64, 10_000])
@pytest.mark.parametrize("sigma", [1e-3, 0.05, 0.3, 10.0])
def test_empirical_denoiser_is_brute_force_whatever_the_block(block, sigma):
    prior, noisy = images(100), images(8, seed=1)
    found = EmpiricalDenoiser(prior, block)(noisy, sigma)
    # Distances round at 1e-15; divided by 2 sigma^2 they move weights by 1e-9 at worst.
    torch.testing.assert_close(found, brute_force(prior, noisy, sigma), rtol=0, atol=2e-9)


def test_empirical_limits_are_finite():
    prior, noisy = images(50), images(6, seed=1)
    denoiser = EmpiricalDenoiser(prior, block=7)
    closest = torch.cdist(noisy.flatten(1), prior.flatten(1)).argmin(dim=1)
    for sigma in (0.0, 1e-200):
        torch.testing.assert_close(denoiser(noisy, sigma), prior[closest])
    for sigma in (math.inf, 1e200):
        expected = prior.mean(0, keepdim=True).expand_as(noisy)
        torch.testing.assert_close(denoiser(noisy, sigma), expected)
    twins = EmpiricalDenoiser(torch.cat([prior[:1], prior[:1], prior[1:2]]))
    torch.testing.assert_close(twins(prior[:1], 0.0), prior[:1])


def test_empirical_denoiser_reads_uint8_images(faces):
    denoiser = EmpiricalDenoiser(torch.from_numpy(faces))
    noisy = torch.from_numpy(faces[:3] / 255.0)
    torch.testing.assert_close(denoiser(noisy, 1e-3), noisy)


def test_empirical_jacobian_is_autograd():
    prior, noisy, sigma = images(30), images(2, seed=1), 0.4
    expected = torch.stack(
        [
            torch.autograd.functional.jacobian(
                lambda y: brute_force(prior, y[None], sigma)[0], image
            ).reshape(PIXELS, PIXELS)
            for image in noisy
        ]
    )
    for block in (4, 1000):
        found = EmpiricalDenoiser(prior, block).jacobian(noisy, sigma)
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-11)
    with pytest.raises(ValueError, match="above 0"):
        EmpiricalDenoiser(prior).jacobian(noisy, 0.0)


def test_distilling_the_gaussian_denoiser_returns_its_matrix(gaussian):
    sigmas = [0.05, 0.3, 2.0]
    linear = distil(gaussian, images(300), sigmas, seed=0)
    noisy = images(4, seed=5)
    for sigma in sigmas:
        found = linear.maps[sigma]
        assert (found.weight - gaussian.jacobian(sigma)).abs().max() < 1e-8
        torch.testing.assert_close(linear(noisy, sigma), gaussian(noisy, sigma), atol=1e-8, rtol=0)
    mixed = torch.tensor([0.05, 2.0, 0.3, 0.05])
    torch.testing.assert_close(linear(noisy, mixed), gaussian(noisy, mixed), atol=1e-6, rtol=0)
    with pytest.raises(
        ValueError, match=r"no affine map was fitted at sigma = 0\.1, only at 0\.05"
    ):
        linear(noisy, 0.1)


def test_distillation_is_least_squares():
    prior, clean, sigma = images(20), images(400, seed=2), 0.3
    seen = []

    class Recorded(EmpiricalDenoiser):
        def __call__(self, noisy, sigma):
            estimate = super().__call__(noisy, sigma)
            seen.append((noisy.flatten(1), estimate.flatten(1)))
            return estimate

    found = distil(Recorded(prior), clean, [sigma], seed=0, draws=2, batch=64).maps[sigma]
    inputs, outputs = (torch.cat(parts) for parts in zip(*seen, strict=True))
    assert len(inputs) == 800
    design = torch.cat([inputs, torch.ones(800, 1, dtype=torch.float64)], dim=1)
    direct = torch.linalg.lstsq(design, outputs).solution
    torch.testing.assert_close(found.weight, direct[:-1].T, rtol=0, atol=1e-9)
    torch.testing.assert_close(found.bias, direct[-1], rtol=0, atol=1e-9)


def test_gradient_descent_goes_where_the_closed_form_is(gaussian):
    inputs = gaussian.sample(torch.randn(500, *SHAPE, dtype=torch.float64)).flatten(1)
    outputs = torch.tanh(3 * inputs)
    sums = CrossMoments(PIXELS)
    sums.add(inputs, outputs)
    exact = sums.solve()
    weight = torch.zeros(PIXELS, PIXELS, dtype=torch.float64)
    centred, target = inputs - inputs.mean(0), outputs - outputs.mean(0)
    rate = 1 / torch.linalg.eigvalsh(centred.T @ centred / 500)[-1]
    distances = []
    for _ in range(3):
        for _ in range(300):
            weight -= rate * (centred @ weight.T - target).T @ centred / 500
        distances.append(float((weight - exact.weight).norm()))
    assert distances[0] > distances[1] > distances[2]


def test_too_few_images_for_an_affine_map_are_refused(gaussian):
    with pytest.raises(ConfigError, match="more than 16 noisy images, got 10"):
        distil(gaussian, images(10), [0.1], seed=0)
    (sums,) = cross_moments(gaussian, images(10), 0.1, seed=0)
    assert torch.isfinite(sums.solve(ridge=1e-3).weight).all()
    # The largest eigenvalue is at most the trace, the smallest at least the ridge.
    assert 1 < sums.condition(ridge=1e-3) < (1 + 1e-3) * 16 / 1e-3


def test_folds_are_parts_of_a_whole(gaussian):
    parts = cross_moments(gaussian, images(50), 0.3, seed=0, folds=3)
    assert [part.count for part in parts] == [17, 17, 16]
    whole = parts[0] + parts[1] + parts[2]
    assert whole.count == 50
    torch.testing.assert_close(whole.solve().weight, gaussian.jacobian(0.3), rtol=0, atol=1e-8)


def test_stored_models_are_the_same_denoisers(gaussian):
    noisy = images(3, seed=4)
    again = GaussianDenoiser.from_arrays(gaussian.arrays())
    assert (again.count, again.shape, again.rank) == (gaussian.count, gaussian.shape, gaussian.rank)
    assert torch.equal(again(noisy, 0.2), gaussian(noisy, 0.2))
    linear = distil(gaussian, images(300), [0.2], seed=0)
    found = linear.maps[0.2]
    stored = LinearDenoiser.from_arrays(
        np.array([0.2]), found.weight[None].numpy(), found.bias[None].numpy(), linear.shape
    )
    assert torch.equal(stored(noisy, 0.2), linear(noisy, 0.2))
