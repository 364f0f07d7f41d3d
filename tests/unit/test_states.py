"""Networks as people save them: wrapped, several in one file, whole objects, numbers gone wrong."""

import time

import numpy as np
import pytest
import torch
from torch import nn

from gahb.denoisers.pretrained import adopt
from gahb.denoisers.published import read_published
from gahb.denoisers.states import read_state
from gahb.errors import CheckpointError
from gahb.settings import DenoiserSettings
from released import TheirUNet, assert_same


def named(front: str, state: dict) -> dict:
    return {front + key: value for key, value in state.items()}


def wrapped(state: dict, optimiser: dict) -> dict:
    """The ways in which people save a network, from which one can be told."""
    count = torch.tensor(5)
    return {
        "compiled": named("_orig_mod.", state),
        "parallel and compiled": named("module._orig_mod.", state),
        "compiled and parallel": named("_orig_mod.module.", state),
        "compiled twice": named("_orig_mod._orig_mod.", state),
        "wrapped": {"state_dict": state, "epoch": 3},
        "beside an optimiser": {"model": state, "optimizer": optimiser, "step": 100},
        "of Lightning": {
            "state_dict": named("net.", state) | {"loss.weight": torch.ones(3)},
            "hyper_parameters": {"lr": 1e-3, "betas": (0.9, 0.999)},
            "optimizer_states": [optimiser],
            "callbacks": {},
        },
        "with a schedule": named("model.", state) | {"betas": torch.ones(9)},
        "counted": state | {"encoder.0.1.num_batches_tracked": count},
        "in a list": [state, 3],
        "with objects": {"model": state, "when": time.localtime(), "args": DenoiserSettings},
        "half": {key: value.half() for key, value in state.items()},
    }


@pytest.mark.parametrize("way", [*wrapped({}, {})])
def test_a_wrapped_network_is_found(tmp_path, way):
    torch.manual_seed(0)
    theirs = TheirUNet(2, 8, 1).eval()
    optimiser = torch.optim.Adam(theirs.parameters())
    theirs(torch.randn(2, 1, 8, 8)).sum().backward()
    optimiser.step()
    if way == "half":  # what is written is what is to be read
        theirs.load_state_dict(theirs.half().state_dict())
        theirs.float()
    content = wrapped(theirs.state_dict(), optimiser.state_dict())[way]
    torch.save(content, tmp_path / "x.pt")
    assert_same(read_published(tmp_path / "x.pt"), theirs.float(), 1, 8)


def average(online: dict, mean: dict) -> dict:
    """A network, and an average of it over the training, each under a name of its own."""
    both = named("online_model.model.", online) | named("ema_model.model.", mean)
    beside = {"initted": torch.tensor(True), "step": torch.tensor(10)}
    return {"step": 1000, "model": named("model.", online), "ema": both | beside}


def test_of_several_networks_one_is_chosen_by_its_keys(tmp_path):
    online, mean = TheirUNet(1, 8, 1).eval(), TheirUNet(1, 8, 1).eval()
    torch.save(average(online.state_dict(), mean.state_dict()), tmp_path / "x.pt")
    for key in (None, "ema"):
        with pytest.raises(CheckpointError) as caught:
            read_published(tmp_path / "x.pt", key=key)
        assert "'ema.ema_model.model', 'ema.online_model.model'" in str(caught.value)
        assert "choose one with denoiser.weights_key, such as 'ema." in str(caught.value)
    with pytest.raises(CheckpointError, match="holds 3 networks"):
        read_published(tmp_path / "x.pt", key="gone")
    assert_same(read_published(tmp_path / "x.pt", key="model"), online, 1, 8)
    chosen = DenoiserSettings(blocks=1, width=8, weights="x.pt", weights_key="ema.ema_model")
    found = adopt(tmp_path / "x.pt", chosen, 1).state_dict()
    whole = read_published(tmp_path / "x.pt", key="ema.ema_model.model").state_dict()
    assert all(torch.equal(found[name], value) for name, value in whole.items())
    assert_same(adopt(tmp_path / "x.pt", chosen, 1), mean, 1, 8)


def test_a_state_for_a_network_of_ones_own(tmp_path):
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    state = network.state_dict()
    torch.save({"model": named("module._orig_mod.", state), "epoch": 3}, tmp_path / "x.pt")
    network.load_state_dict(read_state(tmp_path / "x.pt"))
    torch.save(
        {"model": state, "ema": state | {"0.weight": torch.ones(2, 1, 3, 3)}}, tmp_path / "y"
    )
    with pytest.raises(
        CheckpointError, match="holds 2 networks: 'ema', 'model'; choose one with key"
    ):
        read_state(tmp_path / "y")
    assert (read_state(tmp_path / "y", "ema")["0.weight"] == 1).all()
    with pytest.raises(CheckpointError, match="holds no state there; its tensors are"):
        read_state(tmp_path / "y", "gone")


def test_a_key_without_weights_is_named():
    for keys in ({}, {"python": "a:b", "weights": "x"}):
        with pytest.raises(ValueError, match=r"denoiser\.weights_key: it chooses"):
            DenoiserSettings(weights_key="ema", **keys)


class Whole(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)


def test_whole_objects_and_programs_are_named(tmp_path):
    torch.save(Whole(), tmp_path / "x.pt")
    torch.save({"model": Whole(), "epoch": 3}, tmp_path / "y.pt")
    torch.save(Whole(), tmp_path / "z.pt", _use_new_zipfile_serialization=False)
    for name in ("x.pt", "y.pt", "z.pt"):
        with pytest.raises(CheckpointError) as caught:
            read_published(tmp_path / name)
        assert "holds a whole object (test_states.Whole)" in str(caught.value)
        assert "torch.save(network.state_dict(), path)" in str(caught.value)
    np.savez(tmp_path / "w.npz", a=np.ones(3))
    with pytest.raises(CheckpointError, match=r"but not one of torch.save; it holds 'a.npy'"):
        read_published(tmp_path / "w.npz")
    optimiser = torch.optim.Adam(Whole().parameters())
    torch.save(optimiser.state_dict(), tmp_path / "o.pt")
    with pytest.raises(CheckpointError, match="its keys are 'param_groups', 'state'"):
        read_published(tmp_path / "o.pt")


def full(value: float, *shape: int) -> torch.Tensor:
    return torch.full(shape, value, dtype=torch.float64)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("encoder.0.0.weight", full(1e300, 4, 1, 3, 3), "values that are not finite, at least in"),
        ("encoder.0.0.weight", full(-torch.inf, 4, 1, 3, 3).float(), "values that are not finite"),
        ("encoder.0.0.weight", full(torch.nan, 4, 1, 3, 3).half(), "values that are not finite"),
        ("encoder.1.1.running_sd", full(1e-60, 1, 8, 1, 1), "a standard deviation that is not abo"),
        ("encoder.1.1.running_sd", full(-1, 1, 8, 1, 1), "a standard deviation that is not above"),
        ("encoder.1.1.running_sd", full(torch.inf, 1, 8, 1, 1), "a standard deviation that is not"),
        ("encoder.0.0.weight", full(1, 4, 1, 3, 3).int(), "expected floating-point numbers"),
    ],
)
def test_numbers_that_nothing_can_be_computed_with(tmp_path, name, value, message):
    state = TheirUNet(2, 4, 1).state_dict()
    torch.save(state | {name: value}, tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match=message):
        read_published(tmp_path / "x.pt")
    torch.save({key: value.double() for key, value in state.items()}, tmp_path / "x.pt")
    assert read_published(tmp_path / "x.pt").encoder[0][0].weight.dtype == torch.float32
