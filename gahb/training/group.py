"""One training on several processes, of one machine: each takes its share of every batch.

Every process draws the same indices, noise levels and noise for the whole batch and keeps its
share, so that the sum over processes is what one process would compute, up to the order of
additions. Gradients are averaged by DistributedDataParallel, batch statistics and losses are
summed over all processes.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn

from gahb.errors import ConfigError, TrainingError
from gahb.hardware.devices import resolve_device
from gahb.hardware.gpus import claimed_gpus
from gahb.jobs.launching import LOST
from gahb.settings import RuntimeSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Group:
    """The processes of one training, which of them this is, and the device given to it."""

    rank: int = 0
    size: int = 1
    device: str | None = None

    @property
    def leads(self) -> bool:
        """Whether this process reports and writes."""
        return self.rank == 0

    def share(self, batch: Tensor) -> Tensor:
        """Return this process's part of a whole batch, along the first axis."""
        length = len(batch) // self.size
        return batch[self.rank * length : (self.rank + 1) * length]

    def total(self, values: Tensor) -> Tensor:
        """Return the sum of ``values`` over all processes, in place."""
        if self.size > 1:
            dist.all_reduce(values)
        return values

    def wrap(self, network: nn.Module) -> nn.Module:
        """Return ``network`` such that gradients are averaged over all processes."""
        if self.size == 1:
            return network
        # Running deviations are equal everywhere, as batch statistics are.
        return nn.parallel.DistributedDataParallel(
            network, broadcast_buffers=False, static_graph=True
        )


ALONE = Group()

BACKENDS = {"cuda": "nccl", "cpu": "gloo"}
"""How processes talk to one another, by the type of their devices."""


def group_devices(runtime: RuntimeSettings, processes: int) -> list[str]:
    """Return a device for each process of a training; GPUs are claimed for it.

    Raises
    ------
    ConfigError
        For a type of device that has one process only, or fewer GPUs than processes.
    """
    device = resolve_device(runtime.device)
    if device.type not in BACKENDS:
        raise ConfigError(f"config: training.processes: {device.type} has one process; set it to 1")
    if device.type == "cpu":
        return ["cpu"] * processes
    count = torch.cuda.device_count() if device.index is None else 1
    if count < processes:
        raise ConfigError(
            f"config: training.processes: {processes} need as many GPUs, and {runtime.device} "
            f"is {count} here"
        )
    return [f"cuda:{index}" for index in claimed_gpus(count, processes)]


PATIENCE = timedelta(days=1)
"""How long one waits for another that is still there: stopped, or writing to a slow disk.

One that has ended is noticed at once.
"""
MEETING_SECONDS = 600.0
"""In which all have to have met."""


@contextmanager
def joined(group: Group, meeting: Path, secrets: Sequence[bytes]) -> Iterator[None]:
    """Be one of the processes of a group; leave it at the end.

    Parameters
    ----------
    group : Group
        With a device.
    meeting : Path
        A file, made by the first that comes, in a folder that is this user's alone: here they
        tell one another where they listen. PyTorch believes what it says.
    secrets : sequence of bytes
        One for each process, of equal lengths, known to these processes only.

    Raises
    ------
    TrainingError
        If the processes cannot reach one another, or one does not know its secret.
    SystemExit
        With `LOST`, when another process of the group has ended.
    """
    assert group.device is not None
    device = torch.device(group.device)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    _silence_warnings()
    try:
        with _within(MEETING_SECONDS, group):
            _meet(group, BACKENDS[device.type], meeting)
            _recognise(group, device, secrets)
        yield
    except RuntimeError as error:
        if not _lost_others(error):
            raise
        sys.exit(LOST)
    finally:
        # It ends by itself now, in good order, whatever it is asked.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if dist.is_initialized():
            dist.destroy_process_group()


@contextmanager
def _within(seconds: float, group: Group) -> Iterator[None]:
    """End this process if what it does takes too long: PyTorch waits for what never comes."""

    def end() -> None:
        log.error(
            "error: process %s has not met the others in %.0f s: another program on this machine "
            "interferes, or it is too busy; run again",
            group.rank,
            seconds,
        )
        os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _meet(group: Group, backend: str, meeting: Path) -> None:
    """Wait for the others of the group, and connect to them."""
    try:
        store = dist.FileStore(str(meeting), group.size)
        store.set_timeout(PATIENCE)
        dist.init_process_group(
            backend, store=store, rank=group.rank, world_size=group.size, timeout=PATIENCE
        )
    except RuntimeError as error:
        # Without the place in PyTorch's sources.
        reason = re.sub(r"^\[[^]]*\] ?", "", str(error).split("\n")[0])[:200]
        raise TrainingError(
            f"process {group.rank} cannot reach the others of this machine ({reason}); set "
            "training.processes to 1"
        ) from None


def _recognise(group: Group, device: torch.device, secrets: Sequence[bytes]) -> None:
    """Raise a TrainingError unless each of the others tells its secret.

    On the CPU they are connected through ports of this machine, which every user of it can
    connect to, and gloo takes whoever is first for the other process.
    """
    own = torch.frombuffer(bytearray(secrets[group.rank]), dtype=torch.uint8).to(device)
    told = [torch.empty_like(own) for _ in secrets]
    dist.all_gather(told, own)
    for rank, (secret, found) in enumerate(zip(secrets, told, strict=True)):
        if bytes(found.tolist()) != secret:
            raise TrainingError(
                f"somebody else answered in the place of process {rank}: another program on this "
                "machine interferes; run again, or set training.processes to 1"
            )


def _silence_warnings() -> None:
    """Leave out warnings of names that will change, and of a copy that costs nothing here."""
    warnings.filterwarnings("ignore", category=FutureWarning, module=__name__)
    warnings.filterwarnings("ignore", message="Grad strides do not match")


def _lost_others(error: RuntimeError) -> bool:
    """Return whether an error says that another process of the group is gone."""
    return isinstance(error, dist.DistError) or "gloo" in str(error)
