import time
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from gahb.analysis.transition.evaluation import squared_errors
from gahb.denoisers.registry import build, load
from gahb.errors import TrainingError
from gahb.hardware.compiler import compiled
from gahb.hardware.devices import resolve_device
from gahb.hardware.precision import resolve_precision
from gahb.settings import DenoiserSettings, TrainingSettings
from gahb.training.one_process import train
from gahb.training.order import PresentationOrder, learning_rate
from gahb.training.resume import Sidecar
from gahb.training.trainer import Trainer
from trainings import QUIET, SMALL, run_small


@pytest.mark.parametrize("count", [1, 3, 10, 97, 70_000])
def test_every_image_is_shown_equally_often(count):
    order, total = PresentationOrder(count, seed=5), 5 * count + 2
    shown = np.bincount(order.indices(0, total), minlength=count)
    assert shown.sum() == total
    assert set(shown) <= {total // count, -(-total // count)}


def test_any_range_of_the_order_can_be_asked_for():
    whole = PresentationOrder(1000, seed=1).indices(0, 200_000)
    pieces = [PresentationOrder(1000, seed=1).indices(s, s + 128) for s in (0, 64_960, 131_050)]
    for start, piece in zip((0, 64_960, 131_050), pieces, strict=True):
        assert np.array_equal(piece, whole[start : start + 128])
    assert not np.array_equal(whole[:1000], whole[1000:2000])


def rates_of(**settings):
    training = TrainingSettings(learning_rate=0.8, **settings)
    return [learning_rate(step, 100, training) for step in range(100)]


def test_learning_rate_is_halved_at_equal_distances():
    rates = rates_of(schedule="halvings", halvings=4, warmup=0)
    assert rates == [0.8] * 25 + [0.4] * 25 + [0.2] * 25 + [0.1] * 25


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_learning_rate_falls_to_nothing_with_the_same_mean(schedule):
    rates = rates_of(schedule=schedule, warmup=0)
    assert rates[0] == 0.8
    assert all(late < early for early, late in pairwise(rates))
    assert rates[-1] < 0.01
    # Both fall symmetrically about half of the rate, at the middle of each step.
    assert sum(rates) / 100 == pytest.approx(0.4, abs=0.8 / 100)


def test_learning_rate_warms_up_on_a_line_and_then_is_what_it_would_be():
    cold, warm = (rates_of(schedule="cosine", warmup=share) for share in (0, 0.1))
    assert warm[9:] == cold[9:]
    assert [a / b for a, b in zip(warm[:9], cold[:9], strict=True)] == pytest.approx(
        [0.1 * step for step in range(1, 10)]
    )


def trainer_of(network, pixels, training):
    return Trainer(network, pixels, training, seed=0, compile=False)


def test_training_lowers_the_error_and_reports_exactly_what_it_showed(faces, tmp_path):
    network = build(DenoiserSettings(blocks=1, width=8), seed=0)
    pixels = torch.from_numpy(faces)
    before = squared_errors(network.eval(), pixels, 0.3, seed=0).mean()
    training = TrainingSettings(presentations=3200, batch=32, precision="fp32")
    lines = list(train(trainer_of(network, pixels, training), QUIET, Sidecar(tmp_path / "r", "")))
    after = squared_errors(network, pixels, 0.3, seed=0).mean()
    assert lines[-1].presentations == lines[-1].total == 3200
    assert after < 0.5 * before
    assert not network.training


def test_a_state_that_is_not_finite_is_never_written(faces, tmp_path, tiny_training):
    network = build(SMALL, seed=0)
    trainer = trainer_of(network, torch.from_numpy(faces), tiny_training)
    sidecar, original = Sidecar(tmp_path / "r", ""), trainer.advance

    def advance():
        if trainer.step == 5:
            with torch.no_grad():
                next(network.parameters()).fill_(torch.nan)
        original()

    trainer.advance = advance
    often = QUIET.model_copy(update={"checkpoint_seconds": 0.0})
    with pytest.raises(TrainingError) as caught:
        list(train(trainer, often, sidecar))
    message = str(caught.value)
    assert "the loss became nan between steps 5 and 6" in message
    assert f"the last good checkpoint is {tmp_path / 'r'}" in message
    assert "\n" not in message
    tensors, step = sidecar.read()
    assert step == 5
    assert all(torch.isfinite(value).all() for value in tensors.values())


def test_gradients_that_are_not_finite_are_noticed_though_the_loss_is(
    faces, tmp_path, tiny_training
):
    """The square root's slope at 0, in a network of one's own."""

    class Rooted(torch.nn.Module):
        blind = False

        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.zeros(1))

        def forward(self, noisy, sigma):
            return noisy + self.scale.abs().sqrt()

    trainer = trainer_of(Rooted(), torch.from_numpy(faces), tiny_training)
    sidecar = Sidecar(tmp_path / "r", "")
    often = QUIET.model_copy(update={"checkpoint_seconds": 0.0})
    with pytest.raises(TrainingError, match="the parameters became infinite or nan between"):
        list(train(trainer, often, sidecar))
    assert sidecar.read() is None


def test_same_seed_same_bytes_other_seed_other_network(faces, tmp_path, tiny_training):
    first = run_small(tmp_path, "1", faces, tiny_training)
    assert run_small(tmp_path, "2", faces, tiny_training) == first
    run_small(tmp_path, "3", faces, tiny_training, stream=(1, "train"))
    weights = [next(load(tmp_path / name, SMALL).parameters()) for name in "13"]
    assert not torch.equal(*weights)


class Whimsical(nn.Module):
    """A network of one's own: it drops out, and has a parameter that nothing depends on."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.Dropout(0.5))
        self.last = nn.Conv2d(4, 1, 3, padding=1)
        self.unused = nn.Parameter(torch.ones(3))

    def forward(self, noisy, sigma):
        return self.last(self.layers(noisy))


def test_networks_that_draw_themselves_resume_to_the_same_bytes(faces, tiny_training):
    def trainer() -> Trainer:
        torch.manual_seed(5)
        network = Whimsical()
        torch.manual_seed(time.monotonic_ns())  # whatever happened before in the process
        return Trainer(network, torch.from_numpy(faces), tiny_training, seed=3, compile=False)

    whole, first, second = trainer(), trainer(), trainer()
    for _ in range(12):
        whole.advance()
    for _ in range(5):
        first.advance()
    second.restore(first.state(), first.step)
    for _ in range(7):
        second.advance()
    for name, value in whole.denoiser.state_dict().items():
        assert torch.equal(second.denoiser.state_dict()[name], value), name


def test_infinite_loss_stops_with_step_and_rate(faces, tmp_path):
    training = TrainingSettings(presentations=3200, batch=16, learning_rate=1.0, precision="fp32")
    network = build(SMALL, seed=0)
    with torch.no_grad():
        next(network.parameters()).mul_(torch.inf)
    pixels, sidecar = torch.from_numpy(faces), Sidecar(tmp_path / "r", "")
    lines = train(trainer_of(network, pixels, training), QUIET, sidecar)
    with pytest.raises(
        TrainingError, match=r"loss became nan .* learning rate .* no checkpoint yet"
    ):
        list(lines)


def test_compilation_that_fails_is_said_once_and_changes_nothing(monkeypatch, caplog):
    def broken(network):
        def fail(*arguments):
            raise RuntimeError("no compiler here\nlong explanation")

        return fail

    monkeypatch.setattr(torch, "compile", broken)
    network = build(SMALL, seed=0)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    fast = compiled(network, (torch.rand(2, 1, 8, 8), torch.ones(2)), torch.float32)
    assert fast is network
    assert caplog.text.count("no compiler here") == 1
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_bf16_trains_like_fp32_where_the_hardware_has_it(faces, tmp_path):
    errors = {}
    for precision in ("fp32", "bf16"):
        network = build(DenoiserSettings(blocks=1, width=8), seed=0)
        training = TrainingSettings(presentations=3200, batch=32, precision=precision)
        trainer = trainer_of(network, torch.from_numpy(faces), training)
        list(train(trainer, QUIET, Sidecar(tmp_path / "r", "")))
        assert all(value.dtype == torch.float32 for value in network.parameters())
        errors[precision] = (
            squared_errors(network, torch.from_numpy(faces), 0.2, seed=0).mean().item()
        )
    # bf16 has three digits: the same training up to a tenth of the error.
    assert errors["bf16"] == pytest.approx(errors["fp32"], rel=0.1)


def test_devices_and_precisions():
    assert resolve_device("cpu").type == "cpu"
    assert resolve_precision("fp32", torch.device("cpu")) == torch.float32
    assert resolve_precision("bf16", torch.device("cpu")) == torch.bfloat16
    from gahb.errors import ConfigError

    with pytest.raises(ConfigError, match=r"runtime\.device: cannot use 'gpu'"):
        resolve_device("gpu")
