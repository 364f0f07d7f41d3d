"""`training: {processes: 2}` through the command that a user types."""

import os
import signal
import subprocess
import time

import numpy as np
import pytest

from gahb.denoisers.registry import load
from gahb.settings import DenoiserSettings
from repository import Repository

SMOKE = ("--configfile", "workflow/presets/smoke.yaml")
TARGET = "results/smoke/denoisers/n4_A_r0.safetensors"
SIDECAR = "results/smoke/denoisers/.n4_A_r0.resume.safetensors"


def settings(processes: int, steps: int) -> tuple[str, ...]:
    """Return arguments for fp32, which any machine has; a state is written after each step."""
    chosen = f"presentations: {32 * steps}, precision: fp32, processes: {processes}"
    runtime = "runtime={compile: false, checkpoint_seconds: 0.0}"
    return (*SMOKE, "--config", f"training={{{chosen}}}", runtime)


def trained(repository: Repository, processes: int, steps: int) -> bytes:
    result = repository.snakemake(TARGET, *settings(processes, steps))
    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    assert "Traceback" not in output
    assert "Warning" not in output
    return (repository.path / TARGET).read_bytes()


def weights(repository: Repository) -> np.ndarray:
    state = load(repository.path / TARGET, DenoiserSettings(blocks=1, width=16)).state_dict()
    return np.concatenate([value.numpy().ravel() for value in state.values()])


def listed() -> list[tuple[int, int, str, str]]:
    """Return number, parent, state and command of every process."""
    text = subprocess.run(
        ["ps", "-wweo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = (line.split(None, 3) for line in text.splitlines())
    return [(int(pid), int(parent), state, args) for pid, parent, state, args in rows]


def below(pid: int, word: str) -> list[int]:
    """Return the processes that one has started, directly or not, with a word in their command."""
    rows, found = listed(), {pid}
    for _ in rows:
        found |= {child for child, parent, *_ in rows if parent in found}
    return sorted(child for child, _, _, args in rows if child in found - {pid} and word in args)


class Training:
    """A training on two processes that goes on, and its processes."""

    def __init__(self, repository: Repository, steps: int) -> None:
        self.repository = repository
        self.run = subprocess.Popen(
            repository.command(TARGET, *settings(2, steps)),
            cwd=repository.path, env=repository.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        while not (members := below(self.run.pid, "gahb.training.process"))[1:]:
            assert self.run.poll() is None, self.run.communicate()[0]
        self.members, (self.job, *_) = members, below(self.run.pid, "train.py")
        while not (repository.path / SIDECAR).exists():
            assert self.run.poll() is None, self.run.communicate()[0]
            time.sleep(0.01)

    def alive(self) -> list[int]:
        return [
            pid
            for pid, _, state, _ in listed()
            if pid in (self.job, *self.members) and state[0] != "Z"
        ]

    def ended(self) -> str:
        """Return what was said, once the run has failed and none of its processes is left."""
        output, end = self.run.communicate(timeout=60)[0], time.monotonic() + 10
        while self.alive():
            assert time.monotonic() < end
            time.sleep(0.05)
        assert self.run.returncode != 0, output
        assert "Traceback" not in output
        assert not (self.repository.path / TARGET).exists()
        return output


@pytest.fixture
def repository(finished) -> Repository:
    (finished.path / TARGET).unlink()
    return finished


def test_two_processes_train_like_one(repository):
    trained(repository, 1, 20)
    alone = weights(repository)
    trained(repository, 2, 20)
    # Float32 rounds at 6e-8. Where a gradient is hardly more than rounding Adam divides by little:
    # in twenty steps of up to .01 weights of about 1 lose all but three digits.
    assert np.abs(weights(repository) - alone).max() <= 2e-3 * np.abs(alone).max()
    assert b'"processes\\": 2' in (repository.path / TARGET).read_bytes()


@pytest.mark.slow
def test_two_processes_end_together_and_go_on_to_the_same_bytes(repository):
    whole = trained(repository, 2, 100)
    (repository.path / TARGET).unlink()

    killed = Training(repository, 100)
    os.kill(killed.members[1], signal.SIGKILL)
    assert "process 1 of 2 ended with signal 9" in killed.ended()

    asked = Training(repository, 100)
    os.kill(asked.members[1], signal.SIGSTOP)  # and has to hear it nevertheless
    os.kill(asked.job, signal.SIGTERM)
    assert "asked to end; the same command goes on from there" in asked.ended()

    result = repository.snakemake(TARGET, *settings(2, 100))
    assert "resuming after" in result.stdout + result.stderr
    # On the CPU the order of additions is fixed: the same bytes.
    assert (repository.path / TARGET).read_bytes() == whole
    assert not (repository.path / SIDECAR).exists()
