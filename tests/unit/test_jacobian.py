"""Jacobians and their eigenpairs against matrices that are known, in float64."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from functions import Function
from gahb.analysis.eigenpairs import random_block, top_eigenpairs
from gahb.analysis.jacobian import LocalMap, dense_jacobian
from gahb.denoisers.bf_cnn import BFCNN
from gahb.denoisers.edm import EDM
from gahb.denoisers.gaussian import GaussianDenoiser, moments
from gahb.denoisers.unet import UNet
from networks import trained_looking

SHAPE = (1, 1, 8, 8)


def networks() -> dict[str, nn.Module]:
    torch.manual_seed(0)
    return {
        "unet": trained_looking(UNet(2, 6)),
        "bf-cnn": trained_looking(BFCNN(5, 6)),
        "edm": trained_looking(EDM(1, 6)),
    }


def noisy() -> torch.Tensor:
    return torch.rand(SHAPE, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


@pytest.mark.parametrize("name", ["unet", "bf-cnn", "edm"])
def test_dense_jacobian_is_finite_differences(name):
    network, image, sigma = networks()[name].eval(), noisy(), 0.2
    jacobian = dense_jacobian(network, image, sigma, chunk=7)
    step = 1e-6
    for pixel in (0, 27, 63):
        change = torch.zeros(64, dtype=torch.float64)
        change[pixel] = step
        change = change.reshape(SHAPE)
        with torch.no_grad():
            ahead, behind = network(image + change, sigma), network(image - change, sigma)
        difference = ((ahead - behind) / (2 * step)).flatten()
        # Rounding 1e-16 / 1e-6, curvature 1e-12; a ReLU switches within 1e-6 with
        # probability 1e-6 a unit.
        torch.testing.assert_close(jacobian[:, pixel], difference, rtol=0, atol=1e-8)


@pytest.mark.parametrize("name", ["unet", "bf-cnn", "edm"])
def test_products_are_those_of_the_dense_matrix(name):
    local = LocalMap(networks()[name], noisy(), 0.2, chunk=5)
    jacobian = local.dense()
    vectors = torch.randn(64, 13, dtype=torch.float64)
    torch.testing.assert_close(local.times(vectors), jacobian @ vectors)
    torch.testing.assert_close(local.transposed_times(vectors), jacobian.T @ vectors)
    symmetric = (jacobian + jacobian.T) / 2
    torch.testing.assert_close(local.symmetric_times(vectors), symmetric @ vectors)


@pytest.mark.parametrize("name", ["unet", "bf-cnn"])
def test_frozen_pass_is_differentiation(name):
    network = networks()[name]
    frozen = dense_jacobian(network, noisy(), 0.2)
    network.piecewise_linear = False
    torch.testing.assert_close(frozen, dense_jacobian(network, noisy(), 0.2))


@pytest.mark.parametrize("name", ["unet", "bf-cnn"])
def test_a_homogeneous_network_is_its_jacobian(name):
    network, image = networks()[name].eval(), noisy()
    product = dense_jacobian(network, image, 0.2) @ image.flatten()
    torch.testing.assert_close(product, network(image, 0.2).detach().flatten())


def test_jacobian_of_a_linear_denoiser():
    matrix = torch.randn(64, 64, dtype=torch.float64)
    linear = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.Unflatten(1, (1, 8, 8))).double()
    linear[1].weight.data = matrix
    denoiser = Function(lambda images, sigma: linear(images))
    torch.testing.assert_close(dense_jacobian(denoiser, noisy(), 0.1), matrix)


def test_jacobian_of_the_gaussian_denoiser(faces):
    gaussian = GaussianDenoiser(moments(faces))
    image = torch.from_numpy(faces[:1] / 255.0)
    found = dense_jacobian(gaussian, image, 0.3)
    torch.testing.assert_close(found, gaussian.jacobian(0.3), rtol=1e-9, atol=1e-12)


def test_network_is_left_as_it_was():
    network = networks()["unet"].train()
    network.middle.eval()
    network.encoder[0].requires_grad_(False)
    network(torch.rand(4, 1, 8, 8, dtype=torch.float64)).sum().backward()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    modes = [module.training for module in network.modules()]
    flags = [parameter.requires_grad for parameter in network.parameters()]
    gradients = [
        None if parameter.grad is None else parameter.grad.clone()
        for parameter in network.parameters()
    ]
    local = LocalMap(network, noisy(), 0.2)
    local.dense()
    local.symmetric_times(torch.randn(64, 3, dtype=torch.float64))
    assert modes == [module.training for module in network.modules()]
    assert flags == [parameter.requires_grad for parameter in network.parameters()]
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name]), name
    for parameter, gradient in zip(network.parameters(), gradients, strict=True):
        assert (parameter.grad is None) == (gradient is None)
        assert gradient is None or torch.equal(parameter.grad, gradient)
    assert not any(module._forward_hooks for module in network.modules())


def test_an_error_leaves_the_network_as_it_was():
    network = networks()["unet"].train()
    with pytest.raises(ValueError, match="multiples"):
        LocalMap(network, torch.rand(1, 1, 9, 9, dtype=torch.float64), 0.2)
    assert all(module.training for module in network.modules())
    assert not any(module._forward_hooks for module in network.modules())


def test_one_image_at_a_time():
    with pytest.raises(ValueError, match="one image"):
        LocalMap(networks()["unet"], torch.rand(2, 1, 8, 8), 0.1)


@pytest.mark.parametrize("block", [1, 4, 16])
def test_top_eigenpairs_are_those_of_the_dense_solver(block):
    stream = torch.Generator().manual_seed(0)
    basis = torch.linalg.qr(torch.randn(200, 200, generator=stream, dtype=torch.float64)).Q
    values = torch.cat([torch.linspace(1, 0.3, 20), torch.linspace(0.2, -0.5, 180)]).double()
    matrix = (basis * values) @ basis.T
    start = random_block(200, block, 0, matrix)
    found, vectors = top_eigenpairs(lambda v: matrix @ v, start, 10, tolerance=1e-9)
    # Residuals of 1e-9 and gaps of 0.037 bound vectors by 3e-8, values by the residual.
    torch.testing.assert_close(found, values[:10], rtol=0, atol=1e-9)
    cosines = (vectors * basis[:, :10]).sum(dim=0).abs()
    torch.testing.assert_close(cosines, torch.ones_like(cosines), rtol=0, atol=1e-9)
    torch.testing.assert_close(vectors.T @ vectors, torch.eye(10, dtype=torch.float64))


@pytest.mark.parametrize("name", ["unet", "bf-cnn"])
def test_matrix_free_eigenpairs_of_a_network(name):
    local = LocalMap(networks()[name], noisy(), 0.2)
    jacobian = local.dense()
    expected = torch.linalg.eigvalsh((jacobian + jacobian.T) / 2).flip(0)[:12]
    start = random_block(64, 8, 0, local.noisy)
    found, vectors = top_eigenpairs(local.symmetric_times, start, 12, tolerance=1e-10)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
    residual = local.symmetric_times(vectors) - vectors * found
    assert residual.norm(dim=0).max() < 1e-8


def test_multiplicities_within_the_block_are_found():
    matrix = torch.diag(torch.tensor([1.0] * 6 + [0.5] * 30 + [0.0] * 24, dtype=torch.float64))
    start = random_block(60, 8, 0, matrix)
    found, _ = top_eigenpairs(lambda v: matrix @ v, start, 7, tolerance=1e-9)
    expected = torch.tensor([1.0] * 6 + [0.5], dtype=torch.float64)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-8)


def test_a_basis_too_small_is_an_error():
    matrix = torch.diag(torch.linspace(1, 0.9, 300, dtype=torch.float64))
    start = random_block(300, 4, 0, matrix)
    with pytest.raises(ArithmeticError, match="did not converge"):
        top_eigenpairs(lambda v: matrix @ v, start, 8, tolerance=1e-12, largest_basis=16)
    with pytest.raises(ValueError, match="301"):
        top_eigenpairs(lambda v: matrix @ v, start, 301)


def test_all_eigenpairs_of_a_small_matrix():
    matrix = torch.diag(torch.tensor([3.0, 2.0, 1.0], dtype=torch.float64))
    found, _ = top_eigenpairs(lambda v: matrix @ v, random_block(3, 2, 0, matrix), 3)
    torch.testing.assert_close(found, torch.tensor([3.0, 2.0, 1.0], dtype=torch.float64))
