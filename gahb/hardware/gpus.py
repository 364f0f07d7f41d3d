"""Which GPUs of a machine are free: Snakemake counts them and assigns none."""

from __future__ import annotations

import fcntl
import logging
import os
from pathlib import Path
from typing import IO

from gahb.hardware.machine import place
from gahb.storage import content_hash

log = logging.getLogger(__name__)

_CLAIMS: list[IO[str]] = []
"""Locks that this process holds until it ends."""


def claimed_gpus(count: int, wanted: int, folder: Path = Path("results/.cache/gpus")) -> list[int]:
    """Return the numbers of GPUs, of ``count``, that no other job of this machine has claimed.

    Snakemake counts GPUs (``--resources gpu=4``) and assigns none. The claim ends with the
    process, however it ends. When too few are left some are shared, and that is said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    visible = content_hash(os.environ.get("CUDA_VISIBLE_DEVICES", "all").encode())[:12]
    machine = place().split("/")[0]
    free, taken = [], []
    for index in range(count):
        lock = (folder / f"{machine}_{visible}_{index}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            taken.append(index)
            continue
        except OSError as error:
            log.warning("files cannot be locked here (%s): jobs may share GPUs", error.strerror)
        _CLAIMS.append(lock)
        free.append(index)
        if len(free) == wanted:
            return free
    shift = os.getpid() % len(taken)
    shared = (taken[shift:] + taken[:shift])[: wanted - len(free)]
    log.warning("of %s GPUs %s are taken: sharing %s", count, len(taken), shared)
    return sorted(free + shared)
