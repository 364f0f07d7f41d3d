"""What lies beside a state of a training: its curve, and states that only a forger makes."""

import pandas as pd
import pytest

from gahb.errors import CheckpointError
from gahb.storage import read_checkpoint, write_checkpoint
from trainings import StandIn, leave_sidecar, run_small

CURVES = {
    "gone": None,
    "no numbers": b"presentations,total\nx,y\n",
    "binary": bytes(range(256)) * 9,
    "no header": b"16,320,1,1,1,1,1\n",
    "nothing": b"",
    "a long line": b"1" * 300_000,
    "too large": b"\0",
    "a torn last line": b"presentations,total,a,b,c,d,e\n16,320,1,1,1,1,1\n32,320,1,",
}


@pytest.mark.parametrize("how", CURVES)
def test_a_damaged_curve_does_not_keep_a_training_from_going_on(
    faces, tmp_path, tiny_training, caplog, monkeypatch, how
):
    whole = leave_sidecar(tmp_path, faces, tiny_training)
    curve = tmp_path / "resume.csv"
    curve.write_bytes(CURVES[how]) if how != "gone" else curve.unlink()
    if how == "too large":
        monkeypatch.setattr("gahb.training.progress.LARGEST_CURVE", 0)
    with caplog.at_level("INFO", "gahb"):
        assert run_small(tmp_path, "again", faces, tiny_training) == whole
    assert "resuming after 112 presentations" in caplog.text
    assert ("the curve so far has gaps" in caplog.text) == (how != "a torn last line")
    lines = pd.read_csv(tmp_path / "log.csv")
    assert lines["presentations"].is_monotonic_increasing
    assert lines["presentations"].iloc[-1] == 320
    assert (16 in set(lines["presentations"])) == (how == "a torn last line")


def test_a_line_of_a_curve_that_is_damaged_is_left_out_alone(faces, tmp_path, tiny_training):
    leave_sidecar(tmp_path, faces, tiny_training)
    rows = (tmp_path / "resume.csv").read_bytes().splitlines(keepends=True)
    rows[3] = rows[3].replace(b".", b"\x80")
    (tmp_path / "resume.csv").write_bytes(b"".join(rows))
    run_small(tmp_path, "again", faces, tiny_training)
    kept = (tmp_path / "log.csv").read_bytes().splitlines(keepends=True)
    assert kept[:3] + kept[3:6] == rows[:3] + rows[4:7]


def test_a_state_of_another_network_is_one_line(faces, tmp_path, tiny_training):
    """As only a forger makes it: the hash is right."""
    leave_sidecar(tmp_path, faces, tiny_training)
    tensors, description = read_checkpoint(tmp_path / "resume")
    some = dict(list(tensors.items())[1:])
    for changed in ((some, description), (tensors, description | {"step": 21})):
        write_checkpoint(tmp_path / "resume", *changed)
        with pytest.raises(CheckpointError, match="is of another network than") as caught:
            run_small(tmp_path, "again", faces, tiny_training)
        assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_the_curve_of_a_resumed_training_is_whole(faces, tmp_path):
    stand_in = StandIn(tmp_path, faces[:10])
    stand_in.kill_after_saves("killed", 5)
    before = (tmp_path / "killed.csv").read_text().splitlines()
    (tmp_path / "killed.csv").unlink()  # as Snakemake does
    stand_in.run("killed")
    curve = pd.read_csv(tmp_path / "killed.csv")
    assert len(curve) == 9600 // 16, "a line at each step, as a state"
    assert curve["presentations"].is_monotonic_increasing
    assert (tmp_path / "killed.csv").read_text().splitlines()[:3] == before[:3]
    assert {path.name for path in tmp_path.glob("killed*")} == {"killed.csv", "killed.safetensors"}
