"""The device that a job computes on."""

from __future__ import annotations

import torch

from gahb.errors import ConfigError
from gahb.hardware.gpus import claimed_gpus
from gahb.settings import RuntimeSettings


def resolve_device(name: str) -> torch.device:
    """Return the device called ``name``; ``"auto"`` takes CUDA, then MPS, then the CPU.

    Raises
    ------
    ConfigError
        If ``name`` is not a device, or one that this machine lacks.
    """
    if name == "auto":
        found = (
            torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        )
        return found or torch.device("cpu")
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ConfigError(f"runtime.device: cannot use {name!r} ({reason}); try auto") from None
    return torch.device(name)


def precise_device(device: torch.device) -> torch.device:
    """Return ``device`` if it knows float64, or the CPU, which does."""
    return torch.device("cpu") if device.type == "mps" else device


def prepare_device(
    runtime: RuntimeSettings, threads: int, given: str | None = None
) -> torch.device:
    """Fix the number of threads and what else decides bits; return the device to use.

    Of several GPUs, a job that names none takes one that no other job of this machine has
    taken; ``given`` is the device that a process of a group has been given.
    """
    torch.set_num_threads(threads)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    # TF32 keeps 10 bits: where float32 is asked for, as in Jacobians, it is meant.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    device = resolve_device(given or runtime.device)
    if device != torch.device("cuda") or torch.cuda.device_count() < 2:
        return device
    return torch.device("cuda", claimed_gpus(torch.cuda.device_count(), 1)[0])
