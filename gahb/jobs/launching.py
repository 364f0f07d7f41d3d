"""Processes that work on one thing together: started together, and none outlives the others.

Each runs a module of its own (``python -m``), not the program that starts it. What it needs
comes through a pipe, as JSON and plain bytes, and the pipe stays open: when it closes, the
process that started it is no more.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from gahb.errors import Interrupted, TrainingError
from gahb.jobs.console import console
from gahb.jobs.ending import noticing_termination

LOOPBACK = ("lo", "lo0")
"""What Linux, and what BSD and macOS call the interface that no other machine can reach."""

LOST = 3
"""Exit status of a process that ends because another one has."""

GRACE_SECONDS = 20.0
"""For the others to end once one has failed; then they are killed."""


@dataclass(frozen=True)
class Start:
    """What a process is told at its start.

    Attributes
    ----------
    rank, size : int
        Which of the processes it is, and how many there are.
    device : str
        That of this process.
    meeting : Path
        File where the processes find one another, in a folder of this user alone.
    secrets : sequence of bytes
        By which the processes recognise one another.
    console : tuple of str
        Log file and label, see `gahb.jobs.console.joining`.
    pipe : file
        What follows is for the module that is run.
    """

    rank: int
    size: int
    device: str
    meeting: Path
    secrets: Sequence[bytes]
    console: tuple[str, str]
    pipe: BufferedReader


def launch(
    module: str, devices: Sequence[str], threads: int, parts: Sequence[bytes | memoryview]
) -> None:
    """Run ``python -m module`` once for each device, and wait for all.

    Parameters
    ----------
    module : str
        It begins with `started`.
    devices : sequence of str
        That of each process, all ``"cpu"`` or all GPUs.
    threads : int
        Of each process.
    parts : sequence of bytes
        For the module to read from `Start.pipe`, the same for all.

    Raises
    ------
    Interrupted
        When this process was asked to end; the others were asked too.
    TrainingError
        When one of them failed; it has said why.
    """
    keys = [secrets.token_bytes(32) for _ in devices]
    # mkdtemp: a new folder that nobody else can look into.
    with tempfile.TemporaryDirectory(prefix="gahb-") as folder, _ended_together() as processes:
        common = {
            "devices": list(devices),
            "meeting": str(Path(folder) / "meeting"),
            "secrets": [key.hex() for key in keys],
            "console": console(),
        }
        # -P: a file json.py in the folder of the run is not Python's.
        command, environment = [sys.executable, "-P", "-m", module], _environment(threads)
        for rank in range(len(devices)):
            process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE)
            processes.append(process)
            first = json.dumps({"rank": rank, **common}).encode() + b"\n"
            # Not here: one that does not read must not keep this process from noticing.
            threading.Thread(target=_feed, args=(process, [first, *parts]), daemon=True).start()
        _wait(processes)


def _environment(threads: int) -> dict[str, str]:
    """Return the environment of the processes: the same modules, and only this machine.

    Raises
    ------
    TrainingError
        If this machine has no loopback interface.
    """
    interface = next((name for _, name in socket.if_nameindex() if name in LOOPBACK), None)
    if interface is None:
        raise TrainingError(
            "training.processes: this machine has no loopback interface, by which processes talk "
            "to one another; set it to 1"
        )
    # Settings for groups of several machines.
    steering = ("GLOO_", "NCCL_COMM_ID")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not any(word in name for word in steering)
    }
    return kept | {
        "GLOO_SOCKET_IFNAME": interface,
        "NCCL_SOCKET_IFNAME": f"={interface}",
        "OMP_NUM_THREADS": str(threads),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }


def _feed(process: subprocess.Popen[bytes], parts: Iterable[bytes | memoryview]) -> None:
    """Write what a process needs into its pipe, and leave that open."""
    assert process.stdin is not None  # a pipe, of all that `launch` starts
    with suppress(OSError, ValueError):  # it has ended before it has read everything
        for part in parts:
            process.stdin.write(part)
        process.stdin.flush()


@contextmanager
def _ended_together() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Yield a list for processes; none of them is left at the end, whatever happens."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
            assert process.stdin is not None
            with suppress(OSError):
                process.stdin.close()


def _wait(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait for the end of all; one that fails, or a signal to this process, ends the others."""
    failed: list[tuple[int, int]] = []
    deadline, asked = None, False
    with noticing_termination() as termination:
        while True:
            states = [process.poll() for process in processes]
            new = [(rank, state) for rank, state in enumerate(states) if state]
            failed += [each for each in new if each not in failed]
            if None not in states:
                break
            if failed and deadline is None:
                deadline = time.monotonic() + GRACE_SECONDS
            if (failed or termination.requested) and not asked:
                _ask_to_end(processes)
                asked = True
            if deadline is not None and time.monotonic() > deadline:
                for process in processes:
                    process.kill()
            time.sleep(0.05)
    if termination.requested:
        raise Interrupted("asked to end; the same command goes on from there")
    if failed:
        raise TrainingError(_describe(failed, len(processes)))


def _ask_to_end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Send SIGTERM to those that run, and wake up one that is stopped: it has to hear it."""
    for process in processes:
        process.terminate()
        process.send_signal(signal.SIGCONT)


def _describe(failed: Sequence[tuple[int, int]], count: int) -> str:
    """Return which process failed first of itself, and how."""
    own = [(rank, status) for rank, status in failed if status != LOST]
    if not own:
        return f"the {count} processes have lost one another; run again: it goes on from there"
    rank, status = own[0]
    how = f"status {status}; it has said why" if status > 0 else f"signal {-status}"
    return f"process {rank} of {count} ended with {how}"


def started() -> Start:
    """Return what `launch` tells this process, which is killed when the other one is no more."""
    pipe = os.fdopen(os.dup(0), "rb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)  # what this process starts has no share in the pipe
    line = pipe.readline()
    if not line.endswith(b"\n"):
        sys.exit(LOST)
    told = json.loads(line)
    rank, devices = told["rank"], told["devices"]
    return Start(
        rank,
        len(devices),
        devices[rank],
        Path(told["meeting"]),
        [bytes.fromhex(secret) for secret in told["secrets"]],
        tuple(told["console"]),
        pipe,
    )


def end_with(pipe: BufferedReader) -> None:
    """Kill this process once the other end of a pipe, that has been read, is closed."""

    def watch() -> None:
        pipe.read(1)
        # As if it was the one that was killed: the next one works in its place at once.
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True, name="pipe").start()
