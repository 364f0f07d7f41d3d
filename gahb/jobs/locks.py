"""Runs of the workflow in one folder: which are alive, and locks that dead ones left.

Snakemake locks the files of a run and unlocks them at its end, which a killed run never
reaches. Each run leaves a record of itself, by which the next one tells whether a lock still
belongs to anybody.
"""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

from gahb.errors import StorageError
from gahb.hardware.machine import place

RUN_VARIABLE = "GAHB_RUN"
"""Names the run that a job on the same machine belongs to; unset for jobs of a cluster."""


def run_name() -> str:
    """Return what tells this process from every other: place, number, time of its start."""
    return f"{place()} {os.getpid()} {_started(os.getpid())}"


def is_running(name: str) -> bool:
    """Return whether the process that `run_name` named is still there.

    True if that cannot be told from here: on another machine, or in another container.
    """
    where, pid, started = name.rsplit(" ", 2)
    found = _started(int(pid)) if where == place() else UNKNOWN
    if found is None or UNKNOWN in (found, started):
        return found is not None
    return abs(float(found) - float(started)) < SAME_START_SECONDS


UNKNOWN = "?"
SAME_START_SECONDS = 2
"""The system's own start is known to a second, and that may be read before and after a change."""


def _started(pid: int) -> str | None:
    """Return when a process was started, None if it is gone, "?" if nobody can tell."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        # On Linux since the system's start: a clock that is set moves both.
        origin = psutil.boot_time() if psutil.LINUX else 0
        return f"{process.create_time() - origin:.2f}"
    except psutil.NoSuchProcess:
        # Or it belongs to another user, and may not be looked at.
        return UNKNOWN if psutil.pid_exists(pid) or _is_hidden(pid) else None
    except psutil.Error:
        return UNKNOWN


def _is_hidden(pid: int) -> bool:
    """Return whether a process is there that this user may not look at."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        pass
    return False


_RECORDS: list[IO[str]] = []
"""Records of runs that this process holds locked until it ends."""


def begin(snakemake: Path, results: Path) -> Iterator[str]:
    """Begin a run; yield what is to be said of the last one here.

    Parameters
    ----------
    snakemake, results : Path
        Snakemake's own folder, ``.snakemake``, and that of results.

    Raises
    ------
    StorageError
        If Snakemake's folder cannot be written, of which it says so with a traceback.
    """
    check_writable(snakemake)
    if register(snakemake):
        yield "The last run here was killed: its lock is removed."
    if settle_times(results):
        yield "The clock was set back: results of the future count as made just now."


def register(folder: Path) -> int:
    """Record this run, and remove the locks of runs that were killed; return how many.

    Parameters
    ----------
    folder : Path
        Snakemake's own folder, ``.snakemake``.

    Notes
    -----
    A lock belongs to a run if it was made after the run began and was not there before. One
    that a living run could have made stays.
    """
    records, name = folder / "gahb", run_name()
    try:
        records.mkdir(parents=True, exist_ok=True)
        removed = _release(folder, records)
        path = records / f"{uuid.uuid4().hex}.json"
        record = path.open("w")
        with suppress(OSError):  # where files cannot be locked, others take this run for alive
            fcntl.flock(record, fcntl.LOCK_EX | fcntl.LOCK_NB)
        json.dump({"run": name, "before": sorted(_locks(folder))}, record)
        record.flush()
    except OSError:
        return 0  # a folder that cannot be written: Snakemake will say so
    _RECORDS.append(record)
    os.environ[RUN_VARIABLE] = name
    atexit.register(path.unlink, missing_ok=True)
    return removed


def _is_alive(record: IO[str], name: str) -> bool:
    """Return whether the run that wrote an open record is there, as far as can be told.

    Of this machine before its last start, or in another container of it, the lock on the
    record tells; of another machine nothing does.
    """
    where = name.rsplit(" ", 2)[0]
    if where == place() or where.rsplit("/", 2)[0] != place().rsplit("/", 2)[0]:
        return is_running(name)
    try:
        fcntl.flock(record, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


def _locks(folder: Path) -> dict[str, float]:
    """Return when each lock was made, by its name."""
    found = {}
    for path in folder.glob("locks/*"):
        with suppress(FileNotFoundError):  # its run has just ended
            found[path.name] = path.stat().st_mtime
    return found


def _release(folder: Path, records: Path) -> int:
    """Remove records of dead runs and the locks that can only be theirs; return how many."""
    locks, kept, released, dead = _locks(folder), set(), set(), []
    for path in records.glob("*.json"):
        try:
            with path.open() as file:
                record, began = json.load(file), path.stat().st_mtime
                alive = _is_alive(file, record["run"])
        except FileNotFoundError:
            continue  # its run has just ended
        except (ValueError, KeyError, TypeError, AttributeError):
            dead.append(path)
            continue
        own = {name for name, made in locks.items() if name not in record["before"]}
        if alive:
            kept |= own
        else:
            released |= {name for name in own if locks[name] >= began}
            dead.append(path)
    for name in released - kept:
        (folder / "locks" / name).unlink(missing_ok=True)
    for path in dead:
        path.unlink(missing_ok=True)
    return len(released - kept)


def settle_times(folder: Path) -> int:
    """Move files that were made in the future, by a clock set back since, to the present.

    Snakemake refuses what is older than what it was made from. The order of files stays, but
    for ties.

    Parameters
    ----------
    folder : Path
        Results, with all folders in it.

    Returns
    -------
    int
        How many files were in the future.
    """
    now = time.time_ns()
    try:
        paths = [path for path in folder.rglob("*") if not path.is_symlink()]
        times = {path: path.stat().st_mtime_ns for path in paths}
        ahead = max(times.values(), default=now)
        past = max((made for made in times.values() if made <= now), default=0)
        future = [path for path, made in times.items() if made > now]
        for path in future:
            moved = max(times[path] - ahead + now, past)
            os.utime(path, ns=(moved, moved))
    except OSError:
        return 0  # written by another run just now, or not to be written: Snakemake will say so
    return len(future)


def check_writable(folder: Path) -> None:
    """Raise a StorageError unless files can be made in ``folder``."""
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StorageError(
            f"{folder.resolve()} cannot be written ({error.strerror}); make it writable, or put a "
            "link to another folder in its place"
        ) from None
