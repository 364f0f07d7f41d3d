"""Trainings that are killed, ended or find damage go on to the same bytes."""

import signal
import subprocess
import time

import pytest

from damage import damage
from gahb.storage import read_checkpoint
from trainings import StandIn, leave_sidecar, run_small


@pytest.mark.slow
def test_killed_and_resumed_is_uninterrupted_byte_for_byte(faces, tmp_path):
    stand_in = StandIn(tmp_path, faces[:10])
    stand_in.run("whole")
    for saves in (1, 3, 10, 5):
        stand_in.kill_after_saves("killed", saves)
        assert not (tmp_path / "killed.safetensors").exists()
    stand_in.run("killed")
    whole = (tmp_path / "whole.safetensors").read_bytes()
    assert (tmp_path / "killed.safetensors").read_bytes() == whole
    assert not (tmp_path / "killed.resume").exists()


def test_a_sidecar_is_used(faces, tmp_path, tiny_training, caplog):
    whole = leave_sidecar(tmp_path, faces, tiny_training)
    with caplog.at_level("INFO", "gahb"):
        assert run_small(tmp_path, "again", faces, tiny_training) == whole
    assert "resuming after 112 presentations" in caplog.text
    assert not (tmp_path / "resume").exists()
    assert not (tmp_path / "resume.previous").exists()


@pytest.mark.parametrize("how", ["half", "bit", "gone"])
def test_of_a_damaged_sidecar_the_one_before_is_used(faces, tmp_path, tiny_training, caplog, how):
    whole = leave_sidecar(tmp_path, faces, tiny_training)
    damage(tmp_path / "resume", how)
    with caplog.at_level("INFO", "gahb"):
        assert run_small(tmp_path, "again", faces, tiny_training) == whole
    assert "resuming after 96 presentations" in caplog.text
    if how != "gone":
        assert "is damaged" in caplog.text
        assert "looking at the one before" in caplog.text


@pytest.mark.parametrize("how", ["half", "bit", "other code"])
def test_a_sidecar_that_does_not_fit_is_not_used(faces, tmp_path, tiny_training, caplog, how):
    whole = leave_sidecar(tmp_path, faces, tiny_training)
    if how != "other code":
        damage(tmp_path / "resume", how)
        damage(tmp_path / "resume.previous", how)
    code = "changed" if how == "other code" else "test"
    assert run_small(tmp_path, "again", faces, tiny_training, code=code) == whole
    assert "afresh" in caplog.text
    assert "resuming" not in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_it_writes_where_it_is(faces, tmp_path, number):
    stand_in = StandIn(tmp_path, faces[:10])
    stand_in.run("whole")
    process = subprocess.Popen(stand_in.command("ended"), stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "ended.resume").exists():
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(number)
    _, message = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "Interrupted: asked to end after" in message
    assert not (tmp_path / "ended.safetensors").exists()
    asked = int(message.split("asked to end after ")[1].split(" ")[0].replace(",", ""))
    _, description = read_checkpoint(tmp_path / "ended.resume")
    assert 16 * description["step"] == asked
    stand_in.run("ended")
    whole = (tmp_path / "whole.safetensors").read_bytes()
    assert (tmp_path / "ended.safetensors").read_bytes() == whole
