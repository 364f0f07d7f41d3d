"""Trainings of a small network: whole, stopped half-way, and in a process that is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from gahb.settings import DenoiserSettings, RuntimeSettings, TrainingSettings
from gahb.training.job import TrainingJob
from gahb.training.start import train_to_file
from gahb.training.trainer import Trainer

SMALL = DenoiserSettings(blocks=1, width=4)
QUIET = RuntimeSettings(compile=False, checkpoint_seconds=0.0, report_seconds=1e9)


class StandIn:
    """Runs a training in another process and kills it."""

    def __init__(self, folder: Path, images: np.ndarray) -> None:
        self.folder = folder
        np.save(folder / "images.npy", images)

    def command(self, name: str) -> list[str]:
        """Return the command of a training that writes at each step."""
        code = f"""
import numpy as np
from pathlib import Path
from gahb.settings import DenoiserSettings, RuntimeSettings, TrainingSettings
from gahb.training.job import TrainingJob
from gahb.training.start import train_to_file
folder = Path({str(self.folder)!r})
train_to_file(TrainingJob(
    folder / "{name}.safetensors", images=np.load(folder / "images.npy"),
    denoiser=DenoiserSettings(blocks=1, width=4),
    training=TrainingSettings(presentations=9600, batch=16, precision="fp32"),
    runtime=RuntimeSettings(
        device="cpu", compile=False, checkpoint_seconds=0.0, report_seconds=1e9
    ),
    threads=1, stream=(0, "train", 10, "A", 0), resume=folder / "{name}.resume",
    progress=folder / "{name}.csv", code="test",
))
"""
        return [sys.executable, "-c", code]

    def run(self, name: str) -> None:
        """Train to the end, from where a killed one was."""
        subprocess.run(self.command(name), check=True)

    def kill_after_saves(self, name: str, saves: int) -> None:
        """Start, wait until the sidecar has changed ``saves`` times, and SIGKILL."""
        process = subprocess.Popen(self.command(name))
        sidecar, seen = self.folder / f"{name}.resume", set()
        while process.poll() is None and len(seen) < saves:
            if sidecar.exists():
                seen.add(sidecar.stat().st_mtime_ns)
            time.sleep(0.001)
        assert process.poll() is None, "the training ended before it could be killed"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        # Between two states only the one before is there.
        assert sidecar.exists() or (self.folder / f"{name}.resume.previous").exists()


def run_small(
    folder: Path, name: str, images: np.ndarray, training: TrainingSettings, **changes
) -> bytes:
    """Train in this process; return the checkpoint."""
    arguments = {
        "images": images,
        "denoiser": SMALL,
        "training": training,
        "runtime": QUIET,
        "threads": 1,
        "stream": (0, "train"),
        "resume": folder / "resume",
        "progress": folder / "log.csv",
        "code": "test",
    }
    train_to_file(TrainingJob(folder / name, **arguments | changes))
    return (folder / name).read_bytes()


def leave_sidecar(
    folder: Path, images: np.ndarray, training: TrainingSettings, steps: int = 7
) -> bytes:
    """Train completely, stop a second time half-way, and return the complete result."""
    whole = run_small(folder, "whole", images, training)
    original = Trainer.advance

    def stop_early(self):
        if self.step == steps:
            raise KeyboardInterrupt
        original(self)

    Trainer.advance = stop_early
    try:
        with pytest.raises(KeyboardInterrupt):
            run_small(folder, "again", images, training)
    finally:
        Trainer.advance = original
    assert (folder / "resume").exists()
    assert (folder / "resume.previous").exists()
    return whole
