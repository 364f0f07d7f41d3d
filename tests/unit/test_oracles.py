"""The best shrinkage in a basis, against its formula and against what could deceive it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gahb.analysis.bases.oracles import oracle_errors, principal_error, realised_error
from gahb.denoisers.gaussian import GaussianDenoiser, moments
from gahb.denoisers.wavelet import WaveletBasis, oracle_error

SIGMA = 0.2


@pytest.fixture
def trained(faces) -> GaussianDenoiser:
    return GaussianDenoiser(moments(faces[:80]))


def clean_of(faces: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(faces[80:81] / 255.0)


def noisy_of(clean: torch.Tensor, seed: int) -> torch.Tensor:
    stream = torch.Generator().manual_seed(seed)
    return clean + SIGMA * torch.randn(clean.shape, generator=stream, dtype=torch.float64)


def test_realised_errors_of_fixed_bases_average_to_the_formula(trained, faces):
    clean = clean_of(faces)
    vectors = torch.linalg.qr(torch.randn(256, 256, dtype=torch.float64)).Q
    energies = (vectors.T @ clean.flatten()) ** 2
    wavelets = WaveletBasis("sym4", 16, 16)
    expected = {
        "oracle": float((SIGMA**2 * energies / (energies + SIGMA**2)).sum()),
        "oracle_pca": float(principal_error(trained, clean, SIGMA)),
        "oracle_wavelet": float(oracle_error(wavelets, clean, SIGMA)),
    }
    rows = [
        oracle_errors(clean, noisy_of(clean, seed), vectors, trained, SIGMA) for seed in range(200)
    ]
    for name, truth in expected.items():
        found = 256 * np.array([row[name] for row in rows])
        assert abs(found.mean() - truth) < 4 * found.std() / np.sqrt(len(rows)), name


def test_what_a_basis_does_not_hold_is_lost(faces):
    flat = clean_of(faces).flatten()
    vectors = torch.eye(256, dtype=torch.float64)[:, :10]
    kept = realised_error(flat, flat, vectors, 1e-6)
    assert kept == pytest.approx(float(flat[10:].square().sum()), rel=1e-6)


def test_components_are_an_oracle_for_the_gaussian_denoiser(trained, faces):
    clean = clean_of(faces)
    noisy = torch.cat([noisy_of(clean, seed) for seed in range(200)])
    errors = (trained(noisy, SIGMA) - clean).square().flatten(1).sum(1)
    assert float(principal_error(trained, clean, SIGMA)) < float(errors.mean())


def test_a_basis_made_of_the_noisy_image_does_not_deceive(faces):
    """Its formula says one coefficient; much of this very noise lies in it."""
    clean, noisy = (image.flatten() for image in (clean_of(faces), noisy_of(clean_of(faces), 0)))
    others = torch.randn(256, 255, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    vectors = torch.linalg.qr(torch.column_stack([noisy, others])).Q
    energies = (vectors.T @ clean) ** 2
    formula = float((SIGMA**2 * energies / (energies + SIGMA**2)).sum())
    assert realised_error(clean, noisy, vectors, SIGMA) > 1.5 * formula
