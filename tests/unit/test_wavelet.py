"""Wavelet shrinkage against PyWavelets, closed forms and planted decay, in float64."""

import math

import numpy as np
import pytest
import pywt
import torch

from gahb.denoisers.wavelet import (
    WaveletBasis,
    WaveletDenoiser,
    oracle_error,
    oracle_shrinkage,
    sure_threshold,
)


@pytest.fixture
def basis() -> WaveletBasis:
    return WaveletBasis("db2", 16, 16)


def test_wavelet_basis_is_orthonormal(basis, faces):
    pictures = faces[:10] / 255.0
    coefficients = basis.analyse(pictures)
    norms = [np.linalg.norm(part.reshape(10, -1), axis=1) for part in (pictures, coefficients)]
    np.testing.assert_allclose(*norms, rtol=1e-11)
    np.testing.assert_allclose(basis.synthesise(coefficients), pictures, atol=1e-11)
    assert basis.coarse.sum() + sum(np.zeros((16, 16))[band].size for band in basis.bands) == 256
    with pytest.raises(ValueError, match="not orthogonal"):
        WaveletBasis("bior2.2", 16, 16)
    with pytest.raises(ValueError, match="cannot be halved 3 times"):
        WaveletBasis("haar", 12, 16, levels=3)


def test_universal_threshold_is_that_of_pywavelets(basis, faces):
    noisy, sigma = torch.from_numpy(faces[:3] / 255.0), 0.1
    found = WaveletDenoiser(basis, "universal")(noisy, sigma)
    threshold = sigma * math.sqrt(2 * math.log(256))
    for image, estimate in zip(noisy, found, strict=True):
        coarse, *details = pywt.wavedec2(image[0].numpy(), "db2", "periodization", basis.levels)
        details = [tuple(pywt.threshold(d, threshold, "soft") for d in level) for level in details]
        expected = pywt.waverec2([coarse, *details], "db2", "periodization")
        np.testing.assert_allclose(estimate[0], expected, atol=1e-12)
    for rule in ("universal", "sure"):
        torch.testing.assert_close(WaveletDenoiser(basis, rule)(noisy, 0.0), noisy)


def test_sure_threshold_has_the_least_estimated_risk():
    rng = np.random.default_rng(0)
    details = np.concatenate([rng.normal(0, 1, 200), rng.normal(0, 6, 30)])

    def risk(threshold):
        clipped = np.minimum(details**2, threshold**2)
        return len(details) - 2 * (np.abs(details) <= threshold).sum() + clipped.sum()

    best = sure_threshold(details, 1.0)
    assert risk(best) <= min(risk(t) for t in np.linspace(0, 8, 2001)) + 1e-9
    assert sure_threshold(rng.normal(0, 100, 50), 1.0) < 20, "strong signal is hardly shrunk"


def test_oracle_error_is_the_formula(basis, faces):
    clean, sigma, draws = torch.from_numpy(faces[:2] / 255.0), 0.1, 3000
    generator = torch.Generator().manual_seed(0)
    expected = oracle_error(basis, clean, sigma)
    for image, truth in zip(clean, expected.tolist(), strict=True):
        many = image.expand(draws, -1, -1, -1)
        noise = torch.randn(many.shape, generator=generator, dtype=torch.float64)
        estimate = oracle_shrinkage(basis, many, many + sigma * noise, sigma)
        errors = (estimate - many).square().flatten(1).sum(dim=1)
        assert errors.mean().item() == pytest.approx(
            truth, abs=4 * float(errors.std()) / draws**0.5
        )
