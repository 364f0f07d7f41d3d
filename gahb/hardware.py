"""Where and how to compute: device, precision, compilation. What is missing is said once."""

from __future__ import annotations

import fcntl
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import IO

import torch
from torch import Tensor, nn

from gahb.distributed import ALONE, Group
from gahb.errors import ConfigError
from gahb.sections import Runtime

log = logging.getLogger("gahb")


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
        reason = str(error).splitlines()[0]
        raise ConfigError(f"runtime.device: cannot use {name!r} ({reason}); try auto") from None
    return torch.device(name)


def precise_device(device: torch.device) -> torch.device:
    """Return ``device`` if it knows float64, or the CPU, which does."""
    return torch.device("cpu") if device.type == "mps" else device


def prepare_device(runtime: Runtime, threads: int, group: Group = ALONE) -> torch.device:
    """Fix the number of threads and what else decides bits; return the device to use.

    Of several GPUs, a job that names none takes one that no other job of this machine has
    taken; each process of a group takes the one of its rank.
    """
    torch.set_num_threads(threads)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    # TF32 keeps 10 bits: where float32 is asked for, as in Jacobians, it is meant.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    device = resolve_device(runtime.device)
    if device.type != "cuda" or device.index is not None or torch.cuda.device_count() < 2:
        return device
    index = group.rank if group.size > 1 else claimed_gpu(torch.cuda.device_count())
    return torch.device("cuda", index)


_CLAIMS: list[IO[str]] = []
"""Locks that this process holds until it ends."""


def claimed_gpu(count: int, folder: Path = Path("results/.cache/gpus")) -> int:
    """Return the number of a GPU that no other job of this machine has claimed.

    Snakemake counts GPUs (``--resources gpu=4``) and assigns none. The claim ends with the
    process, however it ends. When all are claimed one is shared, and that is said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "all").replace("/", "-")
    for index in range(count):
        path = folder / f"{socket.gethostname()}_{visible}_{index}.lock"
        lock = path.open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        _CLAIMS.append(lock)
        return index
    index = os.getpid() % count
    log.warning("all %s GPUs are taken: sharing number %s", count, index)
    return index


def has_bf16(device: torch.device) -> bool:
    """Return whether ``device`` multiplies bfloat16 matrices natively."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))
    return False


def resolve_precision(name: str, device: torch.device) -> torch.dtype:
    """Return the data type for autocast: bfloat16, or float32 for none.

    ``"auto"`` takes bfloat16 where the hardware has it.
    """
    if name == "auto" and not has_bf16(device):
        log.info("bf16 is not available on this %s: training in fp32", device.type)
        return torch.float32
    if name == "auto":
        return torch.bfloat16
    return {"bf16": torch.bfloat16, "fp32": torch.float32}[name]


def compiled(
    network: nn.Module, example: tuple[Tensor, ...], precision: torch.dtype
) -> Callable[..., Tensor]:
    """Return ``torch.compile(network)``, or ``network`` where that does not work.

    One forward and backward pass is tried on the arguments ``example``; the network's parameters,
    buffers and gradients are left as they were.
    """
    # One cache for all jobs, kept between runs and seen by every node of a cluster.
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(Path("results/.cache/compiled").resolve()))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    fast = torch.compile(network)
    try:
        with torch.autocast(example[0].device.type, precision, enabled=precision != torch.float32):
            estimate = fast(*example)
        estimate.float().square().sum().backward()
    except Exception as error:  # whatever a missing or broken compiler raises
        reason = str(error).strip().splitlines()[0][:200]
        log.warning("torch.compile is not available (%s): training uncompiled, slower", reason)
        fast = network
    network.load_state_dict(before)
    network.zero_grad(set_to_none=True)
    return fast
