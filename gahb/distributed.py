"""One training on several processes, of one machine: each takes its share of every batch.

Every process draws the same indices, noise levels and noise for the whole batch and keeps its
share, so that the sum over processes is what one process would compute, up to the order of
additions. Gradients are averaged by DistributedDataParallel, batch statistics and losses are
summed over all processes.
"""

from __future__ import annotations

import logging
import os
import signal
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from gahb.console import console, joining, log
from gahb.errors import Interrupted, TrainingError


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


def batch_variance(features: Tensor) -> Tensor:
    """Return the variance of each channel over the whole batch, ``[1, channel, 1, 1]``.

    Divided by the number of values; differentiable, over all processes of a training.
    """
    if not (dist.is_available() and dist.is_initialized()):
        return features.var(dim=(0, 2, 3), keepdim=True, unbiased=False)
    mean = _mean_over_all(features.mean(dim=(0, 2, 3), keepdim=True))
    return _mean_over_all((features - mean).square().mean(dim=(0, 2, 3), keepdim=True))


def _mean_over_all(values: Tensor) -> Tensor:
    from torch.distributed.nn.functional import all_reduce

    return all_reduce(values) / dist.get_world_size()


def launch(
    function: Callable[..., None], devices: Sequence[str], arguments: Mapping[str, Any]
) -> None:
    """Call ``function(group=..., **arguments)`` in several processes, and wait for all.

    Parameters
    ----------
    function : callable
        Of a module; what it is given is sent to other processes.
    devices : sequence of str
        That of each process, all ``"cpu"`` or all GPUs.
    arguments : mapping
        Keywords.

    Raises
    ------
    Interrupted
        When this process was asked to end; the others were asked too.
    TrainingError
        When one of them failed; it has said why.
    """
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    _silence_launcher()
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=len(devices),
        run_id="training",
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        # Not by the name of this machine, which need not lead to it.
        local_addr="localhost",
        max_restarts=0,
        start_method="spawn",
    )
    try:
        elastic_launch(config, _enter)(function, dict(arguments), list(devices), console())
    except SignalException:
        raise Interrupted("asked to end; the same command goes on from there") from None
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        status = failure.exitcode
        how = f"status {status}; it has said why" if status > 0 else f"signal {-status}"
        raise TrainingError(f"process {rank} of {len(devices)} ended with {how}") from None


def _silence_launcher() -> None:
    """Leave out what the launcher says with tracebacks: the processes say it in a line."""
    for name in logging.root.manager.loggerDict:
        if name.startswith(("torch.distributed.elastic", "torch.multiprocessing")):
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _silence_warnings() -> None:
    """Leave out warnings of names that will change, and of a copy that costs nothing here."""
    warnings.filterwarnings("ignore", category=FutureWarning, module=__name__)
    warnings.filterwarnings("ignore", message="Grad strides do not match")


def _enter(
    function: Callable[..., None],
    arguments: dict[str, Any],
    devices: list[str],
    console: tuple[str, str],
) -> None:
    """Join the other processes, work, and leave."""
    rank = int(os.environ["RANK"])
    group = Group(rank, len(devices), devices[rank])
    device = torch.device(group.device)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    _silence_warnings()
    with joining(*console):
        if not group.leads:
            log.setLevel(logging.ERROR)
        dist.init_process_group(BACKENDS[device.type])
        try:
            function(group=group, **arguments)
        except RuntimeError as error:
            if not _lost_others(error):
                raise
            raise TrainingError(f"process {rank} ends, as another has ended") from None
        finally:
            # It ends by itself now, in good order, whatever the launcher sends.
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            dist.destroy_process_group()


def _lost_others(error: RuntimeError) -> bool:
    """Return whether an error says that another process of the group is gone."""
    return isinstance(error, dist.DistError) or "gloo" in str(error)
