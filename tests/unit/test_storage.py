import numpy as np
import pytest
import torch

from gahb.errors import CheckpointError, DataError
from gahb.storage import (
    atomic_path,
    read_array,
    read_arrays,
    read_checkpoint,
    read_json,
    write_arrays,
    write_checkpoint,
    write_json,
)


@pytest.mark.parametrize("header", ["{}", "[]", "3", '{"sha256": "x"}'])
def test_a_strange_header_is_no_checkpoint(tmp_path, header):
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(2)}, tmp_path / "x.safetensors", metadata={"gahb": header})
    with pytest.raises(CheckpointError, match="is not a checkpoint written by gahb"):
        read_checkpoint(tmp_path / "x.safetensors")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")

    def fail():
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_nan_never_becomes_json(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "x.json", {"value": float("nan")})
    assert not list(tmp_path.iterdir())


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "network.safetensors"
    tensors = {"a": torch.arange(1000.0).reshape(10, 100), "b": torch.ones(3, dtype=torch.int64)}
    write_checkpoint(path, tensors, {"step": 7, "text": "é"})
    return path, tensors


def test_checkpoint_round_trip_and_same_bytes(checkpoint, tmp_path):
    path, tensors = checkpoint
    read, description = read_checkpoint(path)
    assert description == {"step": 7, "text": "é"}
    assert all(torch.equal(read[name], tensors[name]) for name in tensors)
    write_checkpoint(tmp_path / "again", dict(reversed(tensors.items())), description)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_cut_and_flipped_checkpoints_are_found(checkpoint):
    path, _ = checkpoint
    content = path.read_bytes()
    for length in (0, 5, 40, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(CheckpointError, match=r"network\.safetensors"):
            read_checkpoint(path)
    for position in range(len(content) - 4000, len(content), 997):
        flipped = bytearray(content)
        flipped[position] ^= 1
        path.write_bytes(flipped)
        with pytest.raises(CheckpointError, match="damaged"):
            read_checkpoint(path)


def test_missing_and_foreign_checkpoints(tmp_path):
    from safetensors.torch import save_file

    with pytest.raises(CheckpointError, match="does not exist"):
        read_checkpoint(tmp_path / "none")
    save_file({"a": torch.ones(2)}, tmp_path / "foreign")
    with pytest.raises(CheckpointError, match="not a checkpoint written by gahb"):
        read_checkpoint(tmp_path / "foreign")


def test_damaged_files_are_named(tmp_path):
    (tmp_path / "x.json").write_text('{"a": ')
    with pytest.raises(DataError, match=r"x\.json"):
        read_json(tmp_path / "x.json")
    np.save(tmp_path / "x.npy", np.arange(1000))
    content = (tmp_path / "x.npy").read_bytes()
    (tmp_path / "x.npy").write_bytes(content[:500])
    with pytest.raises(DataError, match=r"x\.npy"):
        read_array(tmp_path / "x.npy")


def test_pickled_objects_are_refused(tmp_path):
    np.savez(tmp_path / "bad.npz", x=np.array([{"a": 1}], dtype=object))
    with pytest.raises(DataError, match="allow_pickle"):
        read_arrays(tmp_path / "bad.npz")
    write_arrays(tmp_path / "good.npz", {"words": np.array(["converged", "diverged"])})
    assert read_arrays(tmp_path / "good.npz")["words"][1] == "diverged"
