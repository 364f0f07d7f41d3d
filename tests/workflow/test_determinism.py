"""What decides bits and what does not: the list in docs/cluster.md."""

import numpy as np
import pytest
import torch

from gahb.denoisers.registry import load
from gahb.hardware.precision import has_bf16
from repository import Repository, content
from trainings import QUIET, SMALL, run_small


def weights(folder, name: str) -> np.ndarray:
    state = load(folder / name, SMALL).state_dict()
    return np.concatenate([value.numpy().ravel() for value in state.values()])


def test_how_often_it_is_saved_and_told_changes_no_bit(faces, tmp_path, tiny_training):
    first = run_small(tmp_path, "1", faces, tiny_training)
    often = {"checkpoint_seconds": 0.01, "report_seconds": 0.0}
    runtime = QUIET.model_copy(update=often)
    assert run_small(tmp_path, "2", faces, tiny_training, runtime=runtime) == first


def test_threads_change_the_order_of_additions_only(faces, tmp_path, tiny_training):
    run_small(tmp_path, "1", faces, tiny_training)
    run_small(tmp_path, "2", faces, tiny_training, threads=2)
    one, two = weights(tmp_path, "1"), weights(tmp_path, "2")
    # Float32 rounds at 6e-8; twenty steps of Adam lose three digits at most.
    assert np.abs(one - two).max() <= 1e-3 * np.abs(one).max()


@pytest.mark.skipif(not has_bf16(torch.device("cpu")), reason="no bf16 on this processor")
def test_precision_changes_bits(faces, tmp_path, tiny_training):
    first = run_small(tmp_path, "1", faces, tiny_training)
    half = tiny_training.model_copy(update={"precision": "bf16"})
    assert run_small(tmp_path, "2", faces, half) != first
    # The tensors themselves, not only what the header says of them.
    assert not np.array_equal(weights(tmp_path, "1"), weights(tmp_path, "2"))


@pytest.mark.slow
def test_cores_and_the_order_of_jobs_change_no_bit(smoke_run, tmp_path):
    repository = Repository.create(tmp_path / "run")
    names = [
        f"results/smoke/denoisers/n{n}_{subset}_r0.safetensors" for n in (32, 4) for subset in "BA"
    ]
    smoke = ("--configfile", "workflow/presets/smoke.yaml")
    # The last first, one at a time; then all the rest on one core.
    for name in names:
        assert repository.snakemake(name, *smoke).returncode == 0
    command = [word if word != "2" else "1" for word in repository.command(*smoke)]
    repository.command = lambda *arguments: command
    assert repository.snakemake().returncode == 0
    assert content(repository) == content(smoke_run)
