"""Shared helpers: small settings, small images, and copies of the repository to run."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch
from filelock import FileLock

from gahb.data.drawn.sets import draw_blocks
from gahb.data.sources import image_count
from gahb.plan.load import load_settings
from gahb.settings import DataSettings, TrainingSettings

ROOT = Path(__file__).parent.parent


def drawn(data: DataSettings, seed: int) -> np.ndarray:
    """Return all images of a drawn set."""
    return np.concatenate(list(draw_blocks(data, image_count(data), seed)))


@pytest.fixture(autouse=True)
def _logs_go_where_they_went():
    """Undo what a job in this process does to the log of all."""
    log = logging.getLogger("gahb")
    before = log.handlers, log.propagate, log.level
    yield
    log.handlers, log.propagate, log.level = before


@pytest.fixture(autouse=True)
def _single_thread():
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _temporary_files(monkeypatch):
    """Temporary files go where they went, also after a network was compiled."""
    monkeypatch.setattr("tempfile.tempdir", tempfile.gettempdir())
    monkeypatch.setenv("TMPDIR", tempfile.gettempdir())


@pytest.fixture
def faces() -> np.ndarray:
    """100 real faces, uint8 [100, 1, 16, 16]."""
    from gahb.data.preprocess import prepare
    from gahb.data.readers import read_bundled_faces

    return prepare(read_bundled_faces(), load_settings({"data": {"pad": 0, "size": 16}}).data)


@pytest.fixture
def tiny_training() -> TrainingSettings:
    """Twenty steps of sixteen images, in fp32 so that any machine runs them."""
    return TrainingSettings(presentations=320, batch=16, precision="fp32")


class Repository:
    """A copy of the repository in which Snakemake is run as a user would."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # The copy's package, not the installed one; one thread, as Snakemake sets it.
        self.environment = {**os.environ, "PYTHONPATH": str(path), "OMP_NUM_THREADS": "1"}
        self.environment.pop("GAHB_DATA", None)

    @classmethod
    def create(cls, path: Path) -> Repository:
        names = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout.split("\0")  # fmt: skip
        for name in filter(None, names):
            if (ROOT / name).is_file():
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, path / name)
        return cls(path)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]

    def snakemake(self, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess:
        return subprocess.run(
            self.command(*arguments),
            cwd=self.path,
            env=self.environment,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=timeout,
        )

    def planned(self, *arguments: str) -> dict[str, int]:
        """Return how many jobs of each rule a dry run would start."""
        result = self.snakemake("-n", *arguments)
        assert result.returncode == 0, result.stdout + result.stderr
        output = result.stdout + result.stderr
        if "Nothing to be done" in output:
            return {}
        table = re.search(r"^job +count\n-.*\n((?:\S+ +\d+\n)+)", output, re.MULTILINE)
        rows = (line.split() for line in table.group(1).splitlines())
        return {rule: int(count) for rule, count in rows if rule not in ("total", "all")}

    def edit(self, name: str, before: str, after: str) -> None:
        path = self.path / name
        text = path.read_text()
        assert before in text, f"{before!r} is not in {name}"
        path.write_text(text.replace(before, after, 1))


@pytest.fixture(scope="session")
def smoke_run(tmp_path_factory) -> Repository:
    """A copy of the repository in which the smoke preset has run once. Do not change it.

    All test processes of a session share one.
    """
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    base = tmp_path_factory.getbasetemp()
    path = (base.parent if parallel else base) / "smoke-run"
    with FileLock(f"{path}.lock"):
        if (path / "results/smoke/claims.csv").exists():
            return Repository(path)
        repository = Repository.create(path)
        result = repository.snakemake("--configfile", "workflow/presets/smoke.yaml")
        assert result.returncode == 0, result.stdout + result.stderr
    return repository


@pytest.fixture
def finished(smoke_run, tmp_path) -> Repository:
    """A fresh copy of the finished smoke run, times kept, to edit at will."""
    shutil.copytree(smoke_run.path, tmp_path / "copy", symlinks=True)
    return Repository(tmp_path / "copy")
