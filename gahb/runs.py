"""Runs of the workflow in one folder: which are alive, and locks that dead ones left.

Snakemake locks the files of a run and unlocks them at its end, which a killed run never
reaches. Each run leaves a record of itself, by which the next one tells whether a lock still
belongs to anybody.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from gahb.errors import StorageError
from gahb.storage import write_json

RUN_VARIABLE = "GAHB_RUN"
"""Names the run that a job on the same machine belongs to; unset for jobs of a cluster."""


def run_name() -> str:
    """Return what tells this process from every other: place, number, time of its start."""
    return f"{_place()} {os.getpid()} {_started(os.getpid())}"


def is_running(name: str) -> bool:
    """Return whether the process that `run_name` named is still there.

    True if that cannot be told from here: on another machine, or in another container.
    """
    place, pid, started = name.rsplit(" ", 2)
    if place == _place():
        return _started(int(pid)) in (started, UNKNOWN)
    (host, boot, _), (own_host, own_boot, _) = place.rsplit("/", 2), _place().rsplit("/", 2)
    return host != own_host or boot == own_boot


UNKNOWN = "?"


@cache
def _place() -> str:
    """Return machine, its last start, and the container on it, if any, in which numbers count."""
    boot, space = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    started = boot.read_text().strip() if boot.exists() else ""
    numbers = os.readlink(space) if space.is_symlink() else ""
    return f"{socket.gethostname()}/{started}/{numbers}"


def _started(pid: int) -> str | None:
    """Return when a process was started, None if it is gone; "" or "?" where nobody can tell."""
    if Path("/proc/self/stat").exists():
        try:
            # The name of the program, in parentheses, may hold anything.
            state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return UNKNOWN if _is_hidden(pid) else None
        return None if state == "Z" else rest[18]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return ""


def _is_hidden(pid: int) -> bool:
    """Return whether a process is there that this user may not look at."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        pass
    return False


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
        record = records / f"{socket.gethostname()}_{os.getpid()}.json"
        write_json(record, {"run": name, "before": sorted(_locks(folder))})
    except OSError:
        return 0  # a folder that cannot be written: Snakemake will say so
    os.environ[RUN_VARIABLE] = name
    atexit.register(record.unlink, missing_ok=True)
    return removed


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
            record, began = json.loads(path.read_text()), path.stat().st_mtime
            alive = is_running(record["run"])
        except FileNotFoundError:
            continue  # its run has just ended
        except (ValueError, KeyError, TypeError):
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
