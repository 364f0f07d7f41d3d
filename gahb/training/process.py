"""One of the processes of a training: ``python -m gahb.training.process``, run by `launch`."""

from __future__ import annotations

import json
import logging
import sys
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np

from gahb.jobs.console import joining, log
from gahb.jobs.launching import LOST, end_with, started
from gahb.settings import DenoiserSettings, RuntimeSettings, TrainingSettings
from gahb.training.group import Group, joined
from gahb.training.job import TrainingJob
from gahb.training.one_process import train_share

SECTIONS = {"denoiser": DenoiserSettings, "training": TrainingSettings, "runtime": RuntimeSettings}
PATHS = ("checkpoint", "resume", "progress")


def packed(job: TrainingJob) -> list[bytes | memoryview]:
    """Return a job as a line of JSON and the bytes of its images."""
    images = np.ascontiguousarray(job.images)
    header: dict[str, Any] = {"type": images.dtype.str, "shape": images.shape}
    for name in ("threads", "code"):
        header[name] = getattr(job, name)
    header |= {name: str(getattr(job, name)) for name in PATHS}
    header |= {name: getattr(job, name).model_dump() for name in SECTIONS}
    header["stream"] = list(job.stream)
    return [json.dumps(header).encode() + b"\n", images.data.cast("B")]


def unpacked(pipe: BufferedReader) -> TrainingJob | None:
    """Return the job that `packed` described; None if the pipe ends before."""
    line = pipe.readline()
    if not line.endswith(b"\n"):
        return None
    header = json.loads(line)
    images = np.empty(header.pop("shape"), dtype=header.pop("type"))
    if pipe.readinto(images.data.cast("B")) < images.nbytes:
        return None
    header |= {name: section(**header[name]) for name, section in SECTIONS.items()}
    header |= {name: Path(header[name]) for name in PATHS}
    header["stream"] = tuple(header["stream"])
    return TrainingJob(images=images, **header)


def main() -> None:
    """Do this process's part of the job that is told."""
    start = started()
    job = unpacked(start.pipe)
    if job is None:  # whoever started this process is gone
        sys.exit(LOST)
    end_with(start.pipe)
    with joining(*start.console):
        group = Group(start.rank, start.size, start.device)
        if not group.leads:
            log.setLevel(logging.ERROR)
        with joined(group, start.meeting, start.secrets):
            train_share(group, job)


if __name__ == "__main__":
    main()
