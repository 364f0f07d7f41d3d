"""The noise-conditional denoiser: its preconditioning, law and weight, against closed forms."""

import pytest
import torch

from gahb.denoisers.edm import EDM
from gahb.denoisers.registry import build, load, save
from gahb.errors import CheckpointError
from gahb.noise import SIGMA_DATA, edm_law, edm_weight
from gahb.settings import DenoiserSettings, TrainingSettings
from gahb.training.snapshots import presentations_of, snapshot_times
from gahb.training.trainer import Trainer

SMALL = DenoiserSettings(kind="edm", blocks=1, width=4)


def noisy(count=3, channels=1):
    return torch.rand(count, channels, 8, 8, generator=torch.Generator().manual_seed(0))


def test_untrained_it_is_the_best_scaling_of_white_pixels():
    # With F = 0, D is the Wiener filter of pixels N(1/2, sigma_data^2).
    network = build(SMALL, 0).eval()
    for sigma in (0.0, 0.01, 0.25, 40.0):
        shrunk = 0.5 + SIGMA_DATA**2 / (SIGMA_DATA**2 + sigma**2) * (noisy() - 0.5)
        torch.testing.assert_close(network(noisy(), sigma), shrunk)


def test_a_level_per_image_is_that_level_for_the_image():
    network = build(SMALL, 0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.05)  # the last layer starts at zero, and would hide the level
    network.eval()
    levels = [0.02, 0.3, 5.0]
    together = network(noisy(), torch.tensor(levels))
    for index, level in enumerate(levels):
        alone = network(noisy()[index : index + 1], level)
        torch.testing.assert_close(together[index : index + 1], alone, rtol=1e-5, atol=1e-6)
    assert not torch.allclose(network(noisy(), 0.02), network(noisy(), 0.3))


def test_colour_and_other_sizes():
    assert EDM(1, 4, channels=3).eval()(noisy(channels=3), 0.1).shape == (3, 3, 8, 8)
    with pytest.raises(ValueError, match="multiples of 8"):
        EDM(3, 4)(torch.rand(1, 1, 12, 12), 0.1)


def test_noise_law_is_log_normal_on_their_scale():
    uniform = (torch.arange(100_000) + 0.5) / 100_000
    theirs = torch.log(2 * edm_law(uniform, 1.0))
    # A midpoint rule of 100,000 points, in float32.
    assert theirs.mean().item() == pytest.approx(-1.2, abs=1e-3)
    assert theirs.std().item() == pytest.approx(1.2, abs=1e-3)
    ends = edm_law(torch.tensor([0.0, 1 - 2**-24]), 1.0)
    assert torch.isfinite(ends).all()
    assert (ends > 0).all()


def test_weighted_loss_is_theirs_and_level_when_untrained():
    sigma = torch.tensor([0.01, 0.25, 3.0])
    theirs = ((2 * sigma) ** 2 + 0.5**2) / (2 * sigma * 0.5) ** 2
    # |2 x - 2 x'|^2 = 4 |x - x'|^2
    torch.testing.assert_close(edm_weight(sigma, 0.0), 4 * theirs)
    # The Wiener filter of N(0, sigma_data^2) pixels errs by (1/sigma^2 + 1/sigma_data^2)^-1.
    error = 1 / (1 / sigma**2 + 1 / SIGMA_DATA**2)
    torch.testing.assert_close(edm_weight(sigma, 0.0) * error, torch.ones(3))


@pytest.mark.parametrize(
    ("snapshots", "presentations", "expected"),
    [(0, 3200, []), (1, 3200, [3200]), (3, 3200, [32, 320, 3200]), (50, 64, [32, 64])],
)
def test_snapshot_times(snapshots, presentations, expected):
    training = TrainingSettings(presentations=presentations, batch=32, snapshots=snapshots)
    assert snapshot_times(training) == expected


def test_stage_names_the_presentations():
    assert presentations_of("") is None
    assert presentations_of("_p6400") == 6400


def test_snapshots_are_the_states_of_shorter_runs_of_the_same_steps(faces, tmp_path):
    training = TrainingSettings(
        presentations=320,
        batch=16,
        precision="fp32",
        snapshots=3,
        noise="edm",
        weight="edm",
    )
    pixels = torch.from_numpy(faces)

    def trained(steps):
        trainer = Trainer(build(SMALL, 0), pixels, training, seed=1, compile=False)
        for _ in range(steps):
            trainer.advance()
        return trainer

    whole = trained(20)
    assert list(whole.snapshots) == snapshot_times(training)
    early = snapshot_times(training)[1]
    shorter = trained(early // 16).denoiser.state_dict()
    assert all(torch.equal(value, shorter[name]) for name, value in whole.snapshots[early].items())
    path = tmp_path / "n.safetensors"
    description = {"denoiser": SMALL.model_dump(), "channels": 1}
    save(path, whole.denoiser, description, whole.snapshots)
    assert all(
        torch.equal(value, shorter[name])
        for name, value in load(path, SMALL, "cpu", early).state_dict().items()
    )
    last = whole.denoiser.state_dict()
    assert all(
        torch.equal(value, last[name]) for name, value in load(path, SMALL).state_dict().items()
    )
    with pytest.raises(CheckpointError, match=f"only after 16, {early}, 320"):
        load(path, SMALL, "cpu", 99)


def test_training_a_conditional_denoiser_beats_the_untrained_one(faces):
    training = TrainingSettings(
        presentations=3200, batch=32, precision="fp32", noise="edm", weight="edm"
    )
    trainer = Trainer(
        build(DenoiserSettings(kind="edm", blocks=1, width=8), 0),
        torch.from_numpy(faces),
        training,
        seed=0,
        compile=False,
    )
    losses = []
    for _ in range(100):
        trainer.advance()
        losses.append(trainer.sums[0].item())
        trainer.sums.zero_()
    # 213 falls to 133 in these hundred steps.
    assert sum(losses[-20:]) / 20 < 0.75 * sum(losses[:5]) / 5
