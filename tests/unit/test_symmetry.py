"""Shares of antisymmetric energy of matrices whose parts are known."""

from __future__ import annotations

import math

import pytest
import torch

from functions import Function
from gahb.analysis.bases import shrinkage
from gahb.analysis.bases.symmetry import (
    antisymmetric_share,
    leading_antisymmetric_share,
    leading_share_of_map,
    terms_kept,
)
from gahb.analysis.jacobian import LocalMap
from gahb.denoisers.unet import UNet
from networks import trained_looking

PIXELS = 64


def orthogonal(seed: int) -> torch.Tensor:
    stream = torch.Generator().manual_seed(seed)
    return torch.linalg.qr(torch.randn(PIXELS, PIXELS, generator=stream, dtype=torch.float64)).Q


def falling() -> torch.Tensor:
    return torch.linspace(1, 0, PIXELS, dtype=torch.float64) ** 3


def test_parts_of_known_energy():
    symmetric = orthogonal(0) * falling() @ orthogonal(0).T
    assert antisymmetric_share(symmetric) == pytest.approx(0, abs=1e-20)
    white = orthogonal(1)
    turning = (white - white.T) / 2
    assert antisymmetric_share(turning) == pytest.approx(1)
    symmetric /= symmetric.norm()
    turning /= turning.norm()
    # Orthogonal parts of energies 1 and tan^2(.3).
    mixed = math.cos(0.3) * symmetric + math.sin(0.3) * turning
    assert antisymmetric_share(mixed) == pytest.approx(math.sin(0.3) ** 2)
    assert antisymmetric_share(torch.zeros(3, 3)) == 0


@pytest.mark.parametrize("rank", [5, 20, PIXELS])
def test_singular_values_in_random_directions_have_one_half(rank):
    """The control: nothing but directions tells a denoiser from it."""
    matrix = orthogonal(2) * falling() @ orthogonal(3).T
    # tr K^2 of random K is 0 on average, with a deviation of about |K|^2 / 64.
    assert leading_antisymmetric_share(matrix, rank) == pytest.approx(0.5, abs=0.05)
    assert antisymmetric_share(matrix) == pytest.approx(0.5, abs=0.05)


def test_leading_part_is_the_truncated_singular_value_decomposition():
    matrix = torch.randn(PIXELS, PIXELS, generator=torch.Generator().manual_seed(0)).double()
    left, values, right = torch.linalg.svd(matrix)
    for rank in (1, 7, PIXELS):
        kept = left[:, :rank] * values[:rank] @ right[:rank]
        assert leading_antisymmetric_share(matrix, rank) == pytest.approx(antisymmetric_share(kept))


def test_antisymmetry_of_what_is_not_kept_is_left_out():
    basis = orthogonal(4)
    kept = basis[:, :8] @ basis[:, :8].T
    noise = orthogonal(5)
    outside = torch.eye(PIXELS, dtype=torch.float64) - kept
    turning = outside @ (noise - noise.T) @ outside
    matrix = kept + 0.9 * turning / torch.linalg.matrix_norm(turning, 2)
    assert antisymmetric_share(matrix) > 0.5
    assert leading_antisymmetric_share(matrix, 8) == pytest.approx(0, abs=1e-12)


def test_share_without_the_matrix_is_that_of_the_matrix(monkeypatch):
    matrix = orthogonal(2) * falling() @ orthogonal(2).T + 0.02 * orthogonal(6)
    denoiser = Function(lambda images, sigma: (images.flatten(1) @ matrix.T).reshape(images.shape))
    local = LocalMap(denoiser, torch.rand(1, 1, 8, 8, dtype=torch.float64), 0.2)
    rank = terms_kept(float(matrix.trace()))
    exact = leading_antisymmetric_share(matrix, rank)
    assert 0 < exact < 0.05
    # Vectors are known to a residual of 1e-3.
    assert leading_share_of_map(local, rank, 0) == pytest.approx(exact, rel=0.05)
    monkeypatch.setattr(shrinkage, "DENSE_PIXELS", 63)
    found = shrinkage.spectrum(local, 40, 0)
    assert found.antisymmetric_leading == pytest.approx(exact, rel=0.3)
    assert math.isnan(shrinkage.spectrum(local, 3, 0).antisymmetric_leading)


def test_an_untrained_network_is_not_symmetric():
    torch.manual_seed(0)
    local = LocalMap(trained_looking(UNet(2, 6)), torch.rand(1, 1, 8, 8).double(), 0.2)
    found = shrinkage.dense_spectrum(local)
    assert found.antisymmetric_leading > 0.05
