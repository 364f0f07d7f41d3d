"""Released networks: files in the authors' layout give what the same weights give in ours."""

import pickle
import random

import pytest
import torch

from gahb.denoisers.pretrained import adopt, adopt_to_file
from gahb.denoisers.published import read_published
from gahb.denoisers.registry import build, load, save
from gahb.errors import CheckpointError
from gahb.settings import DenoiserSettings
from released import TheirCNN, TheirUNet, assert_same, written


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize(("blocks", "channels"), [(1, 1), (2, 3), (3, 1)])
def test_unet_gives_the_same_output(tmp_path, blocks, channels, prefix):
    theirs = TheirUNet(blocks, 6, channels).eval()
    ours = read_published(written(theirs, tmp_path / "model.pt", prefix))
    assert_same(ours, theirs, channels, 16)
    assert not ours.training
    assert ours.blind


@pytest.mark.parametrize("rectified", [False, True])
@pytest.mark.parametrize(("layers", "channels"), [(3, 1), (7, 3), (21, 1)])
def test_bf_cnn_gives_the_same_output(tmp_path, layers, channels, rectified):
    theirs = TheirCNN(layers, 5, channels, rectified).eval()
    entry = "rectified" if rectified else "linear"
    ours = read_published(written(theirs, tmp_path / "model.pt"), entry)
    assert_same(ours, theirs, channels, 12)


def test_released_bf_cnns_are_linear_first(tmp_path):
    theirs = TheirCNN(5, 4, 1, rectified=False).eval()
    ours = read_published(written(theirs, tmp_path / "model.pt"))
    assert_same(ours, theirs, 1, 8)


class Attack:
    """Runs a command where it is unpickled."""

    def __reduce__(self):
        return (open, ("attacked", "w"))


def hostile(name: str, path) -> None:
    state = TheirUNet(2, 4, 1).state_dict()
    content = {
        "a list": [1, 2],
        "no tensors": {"encoder.0.0.weight": "text"},
        "missing layer": {k: v for k, v in state.items() if not k.startswith("mid_block.3")},
        "missing block": {k: v for k, v in state.items() if not k.startswith("upsample.1")},
        "other shape": state | {"encoder.1.0.weight": torch.zeros(8, 5, 3, 3)},
        "kernel of 1": state | {"encoder.1.3.weight": torch.zeros(8, 8, 1, 1)},
        "a bias": state | {"encoder.0.0.bias": torch.zeros(4)},
        "extra": state | {"head.weight": torch.zeros(3)},
        "not finite": state | {"encoder.0.0.weight": torch.full((4, 1, 3, 3), torch.nan)},
        "not a number": {"encoder.x.0.weight": torch.zeros(3)},
        "a scalar": {"encoder.0.0.weight": torch.tensor(1.0)},
        "empty": {},
        "a deviation of 0": state | {"encoder.1.1.running_sd": torch.zeros(1, 8, 1, 1)},
        # Few bytes that would ask for gigabytes.
        "a view of one number": {
            f"{part}.{block}.{layer}.weight": torch.zeros(1).expand(20_000, 20_000, 3, 3)
            for part in ("encoder", "decoder")
            for block in (0, 1)
            for layer in (0, 2)
        },
    }
    if name == "truncated":
        torch.save(state, path)
        path.write_bytes(path.read_bytes()[:2000])
    elif name == "pickle":
        path.write_bytes(pickle.dumps(Attack()))
    elif name == "pickle in a zip":
        torch.save({"weight": Attack()}, path)
    elif name != "nothing":
        torch.save(content[name], path)


@pytest.mark.parametrize(
    "name",
    [
        "a list",
        "no tensors",
        "missing layer",
        "missing block",
        "other shape",
        "kernel of 1",
        "a bias",
        "extra",
        "not finite",
        "not a number",
        "a scalar",
        "empty",
        "a deviation of 0",
        "a view of one number",
        "truncated",
        "pickle",
        "pickle in a zip",
        "nothing",
    ],
)
def test_other_files_are_refused_in_one_line(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    hostile(name, tmp_path / "model.pt")
    with pytest.raises(CheckpointError) as caught:
        read_published(tmp_path / "model.pt")
    assert "model.pt" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "attacked").exists()


def test_damaged_files_are_one_line_whatever_is_flipped(tmp_path):
    stream, path = random.Random(0), written(TheirCNN(3, 2, 1, False), tmp_path / "model.pt")
    whole = path.read_bytes()
    messages = []
    for _ in range(300):
        altered = bytearray(whole)
        for _ in range(stream.choice([1, 4, 30])):
            altered[stream.randrange(len(whole))] = stream.randrange(256)
        path.write_bytes(altered[: stream.choice([len(whole), stream.randrange(len(whole))])])
        try:
            read_published(path)
        except CheckpointError as error:
            messages.append(str(error))
    assert len(messages) > 150
    assert not [message for message in messages if "\n" in message]


def test_adopted_network_is_a_checkpoint_like_a_trained_one(tmp_path):
    theirs = TheirUNet(2, 8, 1).eval()
    weights = written(theirs, tmp_path / "model.pt")
    denoiser = DenoiserSettings(kind="unet", blocks=2, width=8, weights=str(weights))
    adopt_to_file(tmp_path / "ours.safetensors", weights, denoiser, 1, 16)
    assert_same(load(tmp_path / "ours.safetensors", denoiser), theirs, 1, 16)


@pytest.mark.parametrize(
    ("configured", "channels", "advice"),
    [
        ({"kind": "unet", "blocks": 3, "width": 8}, 1, "set denoiser.blocks: 2"),
        ({"kind": "unet", "blocks": 2, "width": 4}, 3, "denoiser.width: 8, data.channels: 1"),
        ({"kind": "bf-cnn", "width": 8}, 1, "denoiser.kind: unet, denoiser.blocks: 2"),
        ({"kind": "edm", "width": 8}, 1, "set denoiser.kind: unet"),
    ],
)
def test_another_network_than_configured_is_refused(tmp_path, configured, channels, advice):
    weights = written(TheirUNet(2, 8, 1), tmp_path / "model.pt")
    with pytest.raises(CheckpointError) as caught:
        adopt(weights, DenoiserSettings(**configured), channels)
    assert "holds another network" in str(caught.value)
    assert all(part in str(caught.value) for part in advice.removeprefix("set ").split(", ")[:1])


@pytest.mark.parametrize("kind", ["unet", "bf-cnn", "edm"])
def test_own_checkpoints_are_adopted_too(tmp_path, kind):
    denoiser = DenoiserSettings(kind=kind, blocks=1, layers=4, width=4)
    network = build(denoiser, 1).eval()
    description = {"denoiser": denoiser.model_dump(), "channels": 1}
    # Kept states do not matter.
    save(tmp_path / "own.safetensors", network, description, {64: network.state_dict()})
    # Keys that this kind does not have may differ.
    asked = denoiser.model_copy(update={"weights": "x"})
    noisy, sigma = torch.rand(2, 1, 8, 8), torch.full((2,), 0.2)
    found = adopt(tmp_path / "own.safetensors", asked, 1)
    assert torch.equal(found(noisy, sigma), network(noisy, sigma))
    with pytest.raises(CheckpointError, match="width: 4"):
        adopt(tmp_path / "own.safetensors", denoiser.model_copy(update={"width": 8}), 1)
