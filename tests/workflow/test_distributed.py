"""Two processes that share each batch compute what one does, up to the order of additions."""

import errno
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch

from gahb.denoisers.layers import batch_variance
from gahb.denoisers.registry import load
from gahb.errors import ConfigError
from gahb.hardware.gpus import claimed_gpus
from gahb.jobs.console import reporting
from gahb.settings import DenoiserSettings, RuntimeSettings, TrainingSettings
from gahb.storage import read_checkpoint
from gahb.training.group import Group, group_devices
from gahb.training.job import TrainingJob
from gahb.training.start import train_to_file

RUNTIME = RuntimeSettings(device="cpu", compile=False, report_seconds=0.0, checkpoint_seconds=0.0)


def test_shares_make_up_the_batch():
    batch = torch.arange(12.0).reshape(12, 1)
    shares = [Group(rank, 3).share(batch) for rank in range(3)]
    assert torch.equal(torch.cat(shares), batch)
    assert torch.equal(Group().share(batch), batch)
    assert [Group(rank, 3).leads for rank in range(3)] == [True, False, False]


def test_alone_the_variance_is_that_of_torch():
    features = torch.randn(5, 3, 4, 4)
    expected = features.var(dim=(0, 2, 3), unbiased=False).reshape(1, 3, 1, 1)
    assert torch.equal(batch_variance(features), expected)


@pytest.fixture
def trained(faces, tmp_path):
    """Return a function that trains on so many processes and returns checkpoint and log."""

    def run(processes: int, kind: str = "unet", name: str = "x", **changes):
        training = {
            "presentations": 320,
            "batch": 16,
            "precision": "fp32",
            "processes": processes,
            "snapshots": 2,
            "noise": "log-uniform",
        }
        folder = tmp_path / f"{name}{processes}"
        folder.mkdir(exist_ok=True)
        denoiser = DenoiserSettings(kind=kind, blocks=1, layers=4, width=4)
        with reporting(folder / "log", "train"):
            job = TrainingJob(
                folder / "out.safetensors",
                images=faces[:40],
                denoiser=denoiser,
                training=TrainingSettings(**training | changes),
                runtime=RUNTIME,
                threads=2,
                stream=(0, "train"),
                resume=folder / "resume",
                progress=folder / "progress.csv",
                code="test",
            )
            train_to_file(job)
        return folder, denoiser

    return run


@pytest.mark.parametrize("kind", ["unet", "edm"])
def test_two_processes_train_like_one(trained, kind):
    (one, denoiser), (two, _) = trained(1, kind), trained(2, kind)
    curves = [pd.read_csv(folder / "progress.csv") for folder in (one, two)]
    assert len(curves[0]) == len(curves[1]) == 20
    # Float32 rounds at 6e-8; twenty steps of Adam, which divides by small numbers, lose three
    # digits at most.
    np.testing.assert_allclose(curves[1]["loss"], curves[0]["loss"], rtol=1e-4)
    for time in (None, 320):
        found, expected = (
            load(folder / "out.safetensors", denoiser, presentations=time).state_dict()
            for folder in (two, one)
        )
        for name, value in expected.items():
            assert (found[name] - value).abs().max() <= 1e-3 * value.abs().max(), name
    # Both have been told; only one wrote, and nothing is left.
    assert not list(two.glob("resume*"))
    assert (two / "log").read_text().count("320/320 images") == 1


@pytest.mark.slow
def test_what_two_processes_left_is_taken_up(trained, monkeypatch, capfd):
    from gahb.training import start as training

    whole, _ = trained(2, name="whole")
    with monkeypatch.context() as patch:
        original = training.launch
        patch.setattr(training, "launch", lambda module, *rest: original("odd_process", *rest))
        patch.setenv("ODD", "stop 12")
        with pytest.raises(SystemExit):
            trained(2, name="again")
    folder = whole.parent / "again2"
    log = (folder / "log").read_text()
    assert "stopped by the test" in log
    shown = capfd.readouterr().err
    assert "Traceback" not in shown
    assert "Warning" not in shown
    assert "process 0 of 2 ended with status 1; it has said why" in log
    assert "process 1" not in log, "that it ends because the first one did is no news"
    assert read_checkpoint(folder / "resume")[1]["step"] == 12
    trained(2, name="again")
    assert "resuming after 192 presentations" in (folder / "log").read_text()
    # On the CPU the order of additions is fixed: the same bytes.
    assert (folder / "out.safetensors").read_bytes() == (whole / "out.safetensors").read_bytes()


def test_devices_that_cannot_be_shared_are_named(monkeypatch):
    found = {"mps": torch.device("mps"), "cuda": torch.device("cuda"), "cuda:1": None}
    found["cuda:1"] = torch.device("cuda", 1)
    monkeypatch.setattr("gahb.training.group.resolve_device", found.get)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    with pytest.raises(ConfigError, match="processes: mps has one process; set it to 1"):
        group_devices(RuntimeSettings(device="mps"), 2)
    with pytest.raises(ConfigError, match="3 need as many GPUs, and cuda is 2 here"):
        group_devices(RuntimeSettings(device="cuda"), 3)
    with pytest.raises(ConfigError, match="2 need as many GPUs, and cuda:1 is 1 here"):
        group_devices(RuntimeSettings(device="cuda:1"), 2)


@pytest.fixture
def claims(monkeypatch):
    """Return the files that hold GPUs; those of this process are let go."""
    monkeypatch.setattr("gahb.hardware.gpus._CLAIMS", held := [])
    yield held
    for file in held:
        file.close()


def test_jobs_of_one_machine_take_different_gpus(tmp_path, claims, monkeypatch, caplog):
    claimed = partial(claimed_gpus, folder=tmp_path)
    assert [*claimed(3, 1), *claimed(3, 2)] == [0, 1, 2], "of one process, and of two"
    with caplog.at_level("WARNING", "gahb"):
        assert claimed(3, 1)[0] in (0, 1, 2)
    assert "of 3 GPUs 3 are taken: sharing" in caplog.text
    claims[1].close()  # as the end of its process does
    with caplog.at_level("WARNING", "gahb"):
        assert 1 in claimed(3, 2)
    claims[-1].close()
    assert claimed(3, 1) == [1]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", ",".join(8 * ["GPU-" + 36 * "0"]))
    assert claimed(2, 1) == [0], "numbers of other devices are other devices"


def test_where_nothing_can_be_locked_that_is_said(tmp_path, claims, monkeypatch, caplog):
    def refused(*arguments):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("gahb.hardware.gpus.fcntl.flock", refused)
    with caplog.at_level("WARNING", "gahb"):
        assert claimed_gpus(2, 1, tmp_path) == [0]
    assert "files cannot be locked here (No locks available)" in caplog.text
