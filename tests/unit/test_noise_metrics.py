import math

import pytest
import torch

from gahb.images import as_float
from gahb.metrics import input_psnr_db, mse, psnr_db, sigma_of_input_psnr
from gahb.noise import LEVELS, LOSS_WEIGHTS, NOISE_LAWS, add_noise
from gahb.seeds import derive_seed, torch_stream


def test_noise_has_the_level_asked_for_per_image():
    clean = torch.full((4, 1, 200, 200), 0.5)
    sigma = torch.tensor([0.0, 0.1, 0.5, 1.0])
    noise = add_noise(clean, sigma, torch_stream(0, "test")) - clean
    # Standard error of a standard deviation from n = 40,000 values: sigma / sqrt(2 n).
    assert noise.flatten(1).std(dim=1) == pytest.approx(sigma, abs=4 / math.sqrt(2 * 40_000))


def test_noise_depends_on_the_stream_only():
    clean = torch.zeros(2, 1, 4, 4)
    first = add_noise(clean, 0.3, torch_stream(1, "noise", 5))
    assert torch.equal(first, add_noise(clean, 0.3, torch_stream(1, "noise", 5)))
    assert not torch.equal(first, add_noise(clean, 0.3, torch_stream(1, "noise", 6)))


def test_seeds_differ_by_root_role_and_index():
    seeds = {derive_seed(r, role, i) for r in range(5) for role in ("a", "b") for i in range(5)}
    assert len(seeds) == 50
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert derive_seed(1, "a", 23) != derive_seed(1, "a", 2, 3)


def test_psnr_and_sigma_are_inverse():
    for decibel in (0.0, 7.5, 20.0, 30.0):
        assert input_psnr_db(sigma_of_input_psnr(decibel)) == pytest.approx(decibel, abs=1e-9)
    assert sigma_of_input_psnr(20) == pytest.approx(0.1)


def test_psnr_of_a_known_error():
    clean = torch.zeros(3, 1, 8, 8)
    estimate = clean + torch.tensor([0.1, 0.01, 1.0]).reshape(-1, 1, 1, 1)
    # float32: relative error 1e-7 of the MSE is some 1e-6 dB.
    assert psnr_db(mse(clean, estimate)) == pytest.approx([20.0, 40.0, 0.0], abs=1e-5)


def test_noise_laws_end_where_they_are_told():
    uniform = torch.linspace(0, 1, 101)
    assert torch.allclose(NOISE_LAWS["quadratic"](uniform, 1.0), uniform**2)
    assert torch.equal(NOISE_LAWS["uniform"](uniform, 2.0), 2 * uniform)
    for name in ("quadratic", "uniform", "log-uniform"):
        assert NOISE_LAWS[name](uniform, 1.4).max().item() == pytest.approx(1.4)


def test_log_uniform_law_is_uniform_in_decibels():
    uniform = torch.linspace(0, 1, 11, dtype=torch.float64)
    decibel = -20 * torch.log10(NOISE_LAWS["log-uniform"](uniform, 1.0))
    torch.testing.assert_close(decibel, decibel[0] * (1 - uniform))
    assert decibel[0].item() == pytest.approx(46.02, abs=0.01)


def test_weights_are_powers_of_sigma():
    sigma = torch.tensor([0.005, 0.1, 1.0])
    torch.testing.assert_close(LOSS_WEIGHTS["power"](sigma, 1.0), 1 / sigma)
    torch.testing.assert_close(LOSS_WEIGHTS["power"](sigma, 0.75) ** 4, sigma**-3)
    assert torch.equal(LOSS_WEIGHTS["power"](sigma, 0.0), torch.ones(3))


def test_stored_pixels_become_unit_images():
    levels = torch.tensor([0, 51, 255], dtype=torch.uint8)
    torch.testing.assert_close(as_float(levels, "cpu"), torch.tensor([0.0, 0.2, 1.0]))
    drawn = torch.tensor([0.25, -0.5, 1.0])
    assert torch.equal(as_float(drawn, "cpu"), drawn)


def test_stratified_levels_are_uniform_and_one_to_a_part():
    stream = torch_stream(0, "levels")
    draws = torch.stack([LEVELS["stratified"](8, stream) for _ in range(4000)])
    assert torch.equal((8 * draws).floor().long(), torch.arange(8).expand(4000, 8))
    # Within its part each is uniform: mean 1/2, standard error 1 / sqrt(12 * 4000).
    within = 8 * draws - torch.arange(8)
    assert (within.mean(dim=0) - 0.5).abs().max() < 4 / (12 * 4000) ** 0.5
    pair = torch.corrcoef(within.T)
    assert (pair - torch.eye(8)).abs().max() < 4.5 / 4000**0.5
    # The sum of sigma^2 in a batch, which sets the scale of its deviations, hardly varies.
    single = torch.stack([LEVELS["independent"](8, stream) for _ in range(4000)])
    assert draws.square().mean(dim=1).std() < 0.2 * single.square().mean(dim=1).std()
