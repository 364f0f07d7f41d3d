"""Fixtures of all tests: small settings, small images, and finished runs to look at."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile

import numpy as np
import pytest
import torch
from filelock import FileLock

from gahb.plan.load import load_settings
from gahb.settings import TrainingSettings
from repository import Repository

# Helpers that fail say what they compared, as tests do.
pytest.register_assert_rewrite("bounds", "damage", "released", "trainings")


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
