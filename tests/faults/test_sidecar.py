"""Of a training's states one is always good, and none is thrown away unasked."""

import errno

import pytest
import torch

from damage import damage
from gahb.errors import StorageError
from gahb.storage import read_checkpoint
from gahb.training.resume import Sidecar


def test_after_a_damaged_state_a_cut_write_loses_nothing(tmp_path, monkeypatch):
    sidecar = Sidecar(tmp_path / "r", "x")
    for step in (1, 2):
        sidecar.write({"a": torch.full((99,), float(step))}, step)
    damage(tmp_path / "r", "bit")
    assert sidecar.read()[1] == 1

    def full(*arguments):
        raise StorageError("no space")

    with monkeypatch.context() as patch:
        patch.setattr("gahb.training.resume.write_checkpoint", full)
        with pytest.raises(StorageError):
            sidecar.write({"a": torch.zeros(99)}, 3)
    assert sidecar.read()[1] == 1
    (tmp_path / "r").unlink()
    assert sidecar.describe() == f"the last good checkpoint is {tmp_path / 'r.previous'}"
    sidecar.write({"a": torch.zeros(99)}, 3)
    assert sidecar.read()[1] == 3
    sidecar.remove()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("claimed", [b"108", b"900"])
def test_another_step_than_was_written_is_damage(tmp_path, caplog, claimed):
    """Where a training goes on decides its bytes as much as its parameters do."""
    sidecar = Sidecar(tmp_path / "r", "x")
    for step in (90, 100):
        sidecar.write({"a": torch.ones(9)}, step)
    whole = (tmp_path / "r").read_bytes()
    assert whole.count(b"100") == 1
    (tmp_path / "r").write_bytes(whole.replace(b"100", claimed))
    assert sidecar.read()[1] == 90
    assert "does not match its hash): looking at the one before" in caplog.text


def test_no_flipped_bit_of_a_state_is_read(tmp_path):
    """Of all bytes, header and tensors; the right ones are read, and only they."""
    sidecar = Sidecar(tmp_path / "r", "x")
    sidecar.write({"a": torch.ones(3)}, 100)
    whole = (tmp_path / "r").read_bytes()
    for position in range(len(whole)):
        for bit in range(8):
            altered = bytearray(whole)
            altered[position] ^= 1 << bit
            (tmp_path / "r").write_bytes(altered)
            found = sidecar.read()
            same = found and torch.equal(found[0]["a"], torch.ones(3)) and list(found[0]) == ["a"]
            # White space in the header says nothing.
            assert found is None or (same and found[1] == 100), (position, bit)
            for path in tmp_path.iterdir():
                path.unlink()
    (tmp_path / "r").write_bytes(whole)
    assert sidecar.read()[1] == 100


@pytest.mark.parametrize("step", [None, "100", 1.5, -1, True, [100], 2**70])
def test_a_step_that_is_none_starts_afresh_or_is_refused_by_the_training(tmp_path, step):
    from gahb.storage import write_checkpoint

    write_checkpoint(tmp_path / "r", {"a": torch.ones(3)}, {"identity": "x", "step": step})
    found = Sidecar(tmp_path / "r", "x").read()
    assert found is None or found[1] == 2**70
    write_checkpoint(tmp_path / "r", {"a": torch.ones(3)}, {"identity": "x"})
    assert Sidecar(tmp_path / "r", "x").read() is None


def test_a_state_of_other_settings_is_put_aside(tmp_path, caplog):
    Sidecar(tmp_path / "r", "long").write({"a": torch.ones(3)}, 1000)
    other = Sidecar(tmp_path / "r", "short")
    assert other.read() is None
    assert "and is kept as r.rejected" in caplog.text
    other.write({"a": torch.ones(3)}, 1)
    other.remove()
    assert read_checkpoint(tmp_path / "r.rejected")[1]["step"] == 1000


def test_what_cannot_be_read_now_is_not_taken_for_damaged(tmp_path, monkeypatch):
    sidecar = Sidecar(tmp_path / "r", "x")
    sidecar.write({"a": torch.ones(3)}, 1)

    def failing(*arguments, **keywords):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("safetensors.safe_open", failing)
    with pytest.raises(OSError, match="Input/output error"):
        sidecar.read()
