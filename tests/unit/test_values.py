"""Numbers that are not finite, or none to float32, are refused at every door they come in by."""

import json

import pytest
import torch
from torch import nn

from gahb.denoisers.pretrained import adopt
from gahb.denoisers.registry import build, load
from gahb.errors import CheckpointError, ConfigError, DataError
from gahb.plan.load import load_settings
from gahb.settings import DenoiserSettings
from gahb.storage import read_json, write_checkpoint
from gahb.training.trainer import Trainer

INFINITE, NOT_A_NUMBER = float("inf"), float("nan")


@pytest.mark.parametrize(
    "arguments",
    [
        {"rate": INFINITE},
        {"rate": -INFINITE},
        {"layers": [1, {"gain": NOT_A_NUMBER}]},
    ],
)
def test_arguments_of_a_network_of_ones_own(arguments):
    with pytest.raises(ConfigError, match=r"config: denoiser\.arguments: -?(inf|nan) is not a fin"):
        load_settings({"denoiser": {"python": "a:b", "arguments": arguments}})
    # Words and large numbers are their own.
    good = {"rate": "nan", "large": 1e300, "whole": 10**40, "list": [None, True, {"a": "inf"}]}
    found = load_settings({"denoiser": {"python": "a:b", "arguments": good}}).denoiser
    assert found.arguments == good
    assert json.loads(json.dumps(found.model_dump(), allow_nan=False))["arguments"] == good


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("evaluation", "input_psnr_db", [-1e5, 0.0]),
        ("evaluation", "input_psnr_db", [0.0, 1e300]),
        ("evaluation", "input_psnr_db", [0.0, NOT_A_NUMBER]),
        ("evaluation", "reference_sigma", 1e-60),
        ("agreement", "sigma_min", 1e-300),
        ("agreement", "jacobian_sigmas", [-1.0]),
        ("agreement", "jacobian_sigmas", [0.1, INFINITE]),
        ("sampling", "sigma_end", 1e-50),
        ("sampling", "sigma_start", "1e999"),
        ("sampling", "rho", 1e-300),
        ("bases", "sigmas", {"figure_5": 1e-50}),
        ("training", "learning_rate", NOT_A_NUMBER),
    ],
)
def test_noise_levels_that_are_none_to_float32(section, key, value):
    with pytest.raises(ConfigError, match=rf"config: {section}\.{key}"):
        load_settings({section: {key: value}})


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": [1, -Infinity]}', '{"a": 1e999}'])
def test_json_has_finite_numbers_only(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(DataError, match=r"x\.json is not valid JSON"):
        read_json(tmp_path / "x.json")


SMALL = DenoiserSettings(blocks=1, width=4)


def forged(path, changes: dict, description: dict | None = None) -> None:
    """Write a checkpoint of ours with other tensors than training writes, and a right hash."""
    state = build(SMALL, 0).state_dict() | changes
    state = {name: value for name, value in state.items() if value is not None}
    known = {"denoiser": SMALL.model_dump(), "channels": 1}
    write_checkpoint(path, state, known if description is None else description)


FIRST, DEVIATION = "encoder.0.0.weight", "middle.1.running_deviation"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({FIRST: torch.full((4, 1, 3, 3), NOT_A_NUMBER)}, "values that are not finite"),
        ({FIRST: torch.full((4, 1, 3, 3), 1e300, dtype=torch.float64)}, "values that are not fin"),
        ({DEVIATION: torch.zeros(1, 8, 1, 1)}, "a standard deviation that is not above 0"),
        ({DEVIATION: torch.full((1, 8, 1, 1), 1e-60, dtype=torch.float64)}, "a standard deviation"),
        ({FIRST: None}, "does not fit its description: 'encoder.0.0.weight'"),
        ({FIRST: torch.ones(4, 2, 3, 3)}, "does not fit its description"),
        ({"head.weight": torch.ones(3)}, "does not fit its description: 'head.weight'"),
        ({"snapshot.x.weight": torch.ones(3)}, "names a state after no number of presentations"),
        ({"snapshot.64": torch.ones(3)}, "names a state after no number of presentations"),
    ],
)
def test_checkpoints_of_ours_that_nobody_trained(tmp_path, changes, message):
    forged(tmp_path / "x.safetensors", changes)
    for read in (lambda path: load(path, SMALL), lambda path: adopt(path, SMALL, 1)):
        with pytest.raises(CheckpointError, match=message) as caught:
            read(tmp_path / "x.safetensors")
        assert "\n" not in str(caught.value)


KNOWN = {"denoiser": SMALL.model_dump(), "channels": 1}


@pytest.mark.parametrize(
    "description",
    [
        {},
        {"denoiser": None},
        {"denoiser": "unet"},
        {"denoiser": []},
        {"denoiser": {"kind": 3}},
        {"denoiser": {"kind": "unet"}},
        {"denoiser": {"kind": "gone", "width": [1] * 999}},
        {"denoiser": SMALL.model_dump() | {"blocks": "one\n\x1b[31m"}},
        {"denoiser": SMALL.model_dump() | {"more": 1}},
        KNOWN | {"channels": "1"},
        KNOWN | {"channels": 10**12},
        KNOWN | {"channels": True},
        KNOWN | {"channels": None},
    ],
)
def test_descriptions_with_wrong_fields_are_one_line(tmp_path, description):
    forged(tmp_path / "x.safetensors", {}, description)
    messages = []
    for read in (lambda path: load(path, SMALL), lambda path: adopt(path, SMALL, 1)):
        try:
            read(tmp_path / "x.safetensors")
        except CheckpointError as error:
            messages.append(str(error))
    # What a kind of network does not depend on may differ where it is adopted.
    assert len(messages) == 2 - ("more" in (description.get("denoiser") or ()))
    for message in messages:
        assert "x.safetensors" in message
        assert message.isprintable()
        assert len(message) < 1200


def test_a_larger_file_than_its_description_is_not_read(tmp_path, monkeypatch):
    forged(tmp_path / "x.safetensors", {FIRST: torch.ones(4, 1, 3, 300)})
    monkeypatch.setattr("gahb.denoisers.registry.read_checkpoint", None)
    with pytest.raises(CheckpointError, match="does not fit its description"):
        load(tmp_path / "x.safetensors", SMALL)


class Masked(nn.Module):
    """With a mask, as attention has one."""

    blind = False

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(1, 1, 3, padding=1)
        self.register_buffer("mask", torch.tensor([0.0, -INFINITE]))

    def forward(self, noisy, sigma):
        return self.layer(noisy) * self.mask.exp()[0]


def test_a_mask_is_no_fault(faces, tiny_training):
    trainer = Trainer(Masked(), torch.from_numpy(faces), tiny_training, seed=0, compile=False)
    trainer.advance()
    assert trainer.is_finite()
    trainer.denoiser.mask[0] = NOT_A_NUMBER
    assert not trainer.is_finite()
