"""Networks of one's own: adapters against closed forms, and factories."""

import sys

import pytest
import torch
from torch import nn

from gahb.denoisers.adapters import (
    Epsilon,
    Residual,
    SymmetricRange,
    Timesteps,
    VariancePreserving,
    Velocity,
)
from gahb.denoisers.external import External, find_factory
from gahb.denoisers.own_modules import module_file
from gahb.denoisers.pretrained import adopt
from gahb.denoisers.registry import build, load, save
from gahb.errors import ConfigError, NetworkError
from gahb.plan.load import load_settings
from own_network import MODULE

MEAN, VARIANCE = 0.3, 0.04
SIGMAS = torch.tensor([0.01, 0.1, 0.7, 3.0], dtype=torch.float64)
NOISY = torch.randn(4, 1, 3, 3, generator=torch.Generator().manual_seed(0)).double()


def clean_of(noisy, sigma, mean=MEAN, variance=VARIANCE):
    """The optimal denoiser of independent pixels of N(mean, variance)."""
    level = sigma.reshape(-1, 1, 1, 1)
    return mean + variance / (variance + level**2) * (noisy - mean)


def residual_network(noisy, sigma):
    return noisy - clean_of(noisy, sigma)


def epsilon_network(noisy, sigma):
    return (noisy - clean_of(noisy, sigma)) / sigma.reshape(-1, 1, 1, 1)


def scaled_epsilon_network(scaled, sigma):
    """E[z | x_t] for x_t = (x + sigma z) / sqrt(1 + sigma^2)."""
    return epsilon_network(scaled * (1 + sigma.reshape(-1, 1, 1, 1) ** 2).sqrt(), sigma)


def scaled_velocity_network(scaled, sigma):
    """E[v | x_t] of v = a z - s x, by linearity."""
    level = sigma.reshape(-1, 1, 1, 1)
    a = 1 / (1 + level**2).sqrt()
    z = scaled_epsilon_network(scaled, sigma)
    return a * z - level * a * clean_of(scaled / a, sigma)


def symmetric_denoiser(noisy, sigma):
    """The same images on [-1, 1]: twice the deviation."""
    return clean_of(noisy, sigma, 2 * MEAN - 1, 4 * VARIANCE)


@pytest.mark.parametrize(
    "adapted",
    [
        Residual(residual_network),
        Epsilon(epsilon_network),
        Epsilon(VariancePreserving(scaled_epsilon_network)),
        Velocity(VariancePreserving(scaled_velocity_network)),
        SymmetricRange(symmetric_denoiser),
    ],
    ids=["residual", "epsilon", "scaled epsilon", "velocity", "symmetric"],
)
def test_every_prediction_becomes_the_same_denoiser(adapted):
    assert torch.allclose(adapted(NOISY, SIGMAS), clean_of(NOISY, SIGMAS), atol=1e-12)
    # A float is the same level for all.
    same = adapted(NOISY, torch.full((4,), 0.7, dtype=torch.float64))
    assert torch.equal(adapted(NOISY, 0.7), same)


def test_steps_of_a_schedule():
    kept = (1 - torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)).cumprod(0)
    sigmas = ((1 - kept) / kept).sqrt()
    told = []
    timesteps = Timesteps(lambda noisy, step: told.append(step) or noisy, kept)
    timesteps(NOISY[:1].expand(1000, -1, -1, -1), sigmas)
    # The levels are kept in float32.
    assert torch.allclose(told[0], torch.arange(1000.0).double(), atol=2e-2)
    between = (sigmas[10] * sigmas[11]).sqrt()
    assert timesteps.step(between[None]).item() == pytest.approx(10.5, abs=1e-2)
    ends = timesteps.step(torch.tensor([1e-9, 1e9], dtype=torch.float64))
    assert ends.tolist() == [0, 999]

    def ddpm(scaled, step):
        """A network that is told the step, whole at the levels of the schedule."""
        return scaled_epsilon_network(scaled, sigmas[step.round().long()])

    chosen = sigmas[[3, 200, 700, 999]]
    adapted = Epsilon(VariancePreserving(Timesteps(ddpm, kept)))
    assert torch.allclose(adapted(NOISY, chosen), clean_of(NOISY, chosen), atol=1e-12)


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A folder with a module of one's own, under a name that no other test has imported."""
    name = f"mine_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield name
    sys.modules.pop(name, None)


def denoiser(**keys):
    return load_settings({"denoiser": keys}).denoiser


def test_a_factory_is_found_built_saved_and_loaded(mine, tmp_path):
    chosen = denoiser(python=f"{mine}:told", arguments={"width": 6})
    assert chosen.kind == "python"
    network = build(chosen, seed=1)
    assert torch.equal(network(NOISY.float(), 0.5), network(NOISY.float(), torch.full((4,), 0.5)))
    assert network(NOISY.float(), 0.5).shape == NOISY.shape
    again = build(chosen, seed=1)
    assert torch.equal(network(NOISY.float(), 0.5), again(NOISY.float(), 0.5))
    save(tmp_path / "x.safetensors", network, {"denoiser": chosen.model_dump(), "channels": 1}, {})
    loaded = load(tmp_path / "x.safetensors", chosen)
    assert torch.equal(loaded(NOISY.float(), 0.5), network(NOISY.float(), 0.5))
    assert module_file(mine) == tmp_path / f"{mine}.py"


def test_a_blind_one_is_not_told(mine):
    chosen = denoiser(kind="python-blind", python=f"{mine}:blind")
    network = build(chosen, seed=0)
    assert network.blind
    assert torch.equal(network(NOISY.float(), 0.1), network(NOISY.float()))


def test_weights_go_to_the_factory(mine, tmp_path):
    chosen = denoiser(python=f"{mine}:told", arguments={"width": 6})
    other = build(chosen, seed=7)
    torch.save(other.network.network.state_dict(), tmp_path / "theirs.pt")
    found = adopt(tmp_path / "theirs.pt", chosen, 1)
    assert torch.equal(found(NOISY.float(), 0.5), other(NOISY.float(), 0.5))


def test_tied_and_half_precision_tensors_survive(tmp_path):
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(3, 3, bias=False)
            self.second = self.first
            self.register_buffer("scale", torch.tensor([1.5], dtype=torch.bfloat16))
            self.register_buffer("count", torch.tensor(7))

    from gahb.storage import read_checkpoint

    save(tmp_path / "x.safetensors", Tied(), {}, {})
    tensors, _ = read_checkpoint(tmp_path / "x.safetensors")
    assert torch.equal(tensors["first.weight"], tensors["second.weight"])
    assert tensors["scale"].dtype == torch.bfloat16
    assert tensors["count"] == 7


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"python": "module"}, "denoiser.python: String should match"),
        ({"python": "a/b:c"}, "denoiser.python: String should match"),
        ({"kind": "python"}, "denoiser.python: it has to be given for denoiser.kind: python"),
        ({"python": "a:b", "arguments": [3]}, "denoiser.arguments"),
    ],
)
def test_bad_keys_are_named(keys, message):
    with pytest.raises(ConfigError, match=message):
        denoiser(**keys)


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        ("nowhere:told", "there is no module 'nowhere'"),
        ("nowhere.deep:told", "there is no module 'nowhere.deep'"),
        ("{mine}:missing", "has no function 'missing'"),
        ("{mine}:nothing", "returned a int, expected a torch.nn.Module"),
    ],
)
def test_bad_factories_are_named(mine, factory, message):
    with pytest.raises(ConfigError, match=message):
        External(factory.format(mine=mine), {})


def test_another_shape_is_refused_not_broadcast(mine):
    network = build(denoiser(kind="python-blind", python=f"{mine}:wide"), 0)
    with pytest.raises(NetworkError, match=r"shape \(4, 3, 3, 3\) for images of shape \(4, 1, 3"):
        network(NOISY.float())


def test_installed_packages_count():
    assert find_factory("gahb.denoisers.adapters:Residual") is Residual
