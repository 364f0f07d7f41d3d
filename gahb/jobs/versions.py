"""What made the results: versions, commit, hardware, and the configuration after defaults."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = (
    "gahb",
    "matplotlib",
    "numpy",
    "pandas",
    "pillow",
    "pywavelets",
    "safetensors",
    "scikit-image",
    "scipy",
    "snakemake",
    "torch",
)


def versions(settings: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return everything that results depend on, JSON-able, the same on every call.

    Parameters
    ----------
    settings : mapping
        The configuration after defaults.
    folder : Path
        The repository, for the commit.
    """
    return {
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "python": platform.python_version(),
        "commit": _commit(folder),
        "hardware": _hardware(),
        "settings": dict(settings),
    }


def _commit(folder: Path) -> str | None:
    """Return the commit, with "-dirty" if files differ from it; None outside of git."""
    words = ["git", "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    try:
        found = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()


def _hardware() -> dict[str, Any]:
    import torch

    from gahb.hardware.precision import has_bf16

    gpus = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "bf16": has_bf16(torch.device("cpu")),
        "gpus": gpus,
        "mps": torch.backends.mps.is_available(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
