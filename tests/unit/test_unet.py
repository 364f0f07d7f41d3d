import pytest
import torch

from gahb.denoisers.bf_cnn import BFCNN
from gahb.denoisers.registry import build, load, save
from gahb.denoisers.unet import UNet
from gahb.errors import CheckpointError
from gahb.settings import DenoiserSettings
from networks import trained_like


@pytest.mark.parametrize(
    ("blocks", "parameters"), [(1, 366_080), (2, 1_825_024), (3, 7_659_264), (4, 30_993_152)]
)
def test_parameter_counts_of_table_1(blocks, parameters):
    # Kadkhodaie et al., Table 1: 360k, 1.8M, 7,659,264, 31M.
    with torch.device("meta"):
        network = UNet(blocks, width=64)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


def test_no_additive_constant_anywhere():
    names = [name for name, _ in UNet(3, 4).named_parameters()]
    assert all(name.endswith(("weight", "gains")) for name in names)
    zero = torch.zeros(1, 1, 16, 16, dtype=torch.float64)
    assert torch.equal(trained_like()(zero), zero)


@pytest.mark.parametrize("scale", [1e-3, 0.5, 7.0, 1e4])
def test_homogeneity(scale):
    noisy = torch.randn(3, 1, 16, 16, dtype=torch.float64)
    network = trained_like()
    # float64 through 11 layers: relative rounding of some 1e-14.
    torch.testing.assert_close(network(scale * noisy), scale * network(noisy), rtol=1e-11, atol=0)


def test_denoiser_is_its_jacobian_times_its_input():
    network = trained_like()
    noisy = torch.randn(1, 1, 16, 16, dtype=torch.float64)
    clean, product = torch.func.jvp(lambda y: network(y, 0.1), (noisy,), (noisy,))
    torch.testing.assert_close(product, clean, rtol=1e-10, atol=1e-12)


def test_blind_and_residual_inside():
    network = trained_like()
    noisy = torch.randn(2, 1, 16, 16, dtype=torch.float64)
    assert network.blind
    assert torch.equal(network(noisy, 0.1), network(noisy, torch.tensor([0.5, 0.9])))
    torch.testing.assert_close(network(noisy), noisy - network.noise(noisy))


def test_images_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"18x16.*multiples of 4"):
        trained_like()(torch.zeros(1, 1, 18, 16, dtype=torch.float64))


def test_save_and_load_give_the_same_output(tmp_path):
    configuration = DenoiserSettings(blocks=1, width=4)
    network = build(configuration, seed=3).eval()
    path = tmp_path / "network.safetensors"
    save(path, network, {"denoiser": configuration.model_dump()}, {})
    noisy = torch.randn(2, 1, 8, 8)
    assert torch.equal(load(path, configuration)(noisy), network(noisy))
    with pytest.raises(CheckpointError, match=r"network\.safetensors.*width: 4.*width: 8"):
        load(path, DenoiserSettings(blocks=1, width=8))


def test_the_seed_decides_the_initial_weights():
    state = torch.get_rng_state()
    first, again, other = (build(DenoiserSettings(), seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), state)
    weights = [next(network.parameters()) for network in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_bf_cnn_has_the_papers_size_and_shape():
    network = BFCNN(21, 64)
    # 19 convolutions of 64 to 64 channels, one in, one out, and 19 gains of 64.
    expected = 9 * (19 * 64 * 64 + 2 * 64) + 19 * 64
    assert sum(parameter.numel() for parameter in network.parameters()) == expected
    assert network(torch.rand(2, 1, 11, 7)).shape == (2, 1, 11, 7)


def test_bf_cnn_is_homogeneous_in_evaluation_mode():
    torch.manual_seed(0)
    network = BFCNN(5, 8).double()
    network(torch.rand(8, 1, 12, 12).double())  # moves the running deviations
    network.eval()
    noisy = torch.rand(1, 1, 12, 12).double()
    torch.testing.assert_close(network(3.7 * noisy), 3.7 * network(noisy))
    assert not [name for name, _ in network.named_parameters() if "bias" in name]
