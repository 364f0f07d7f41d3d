"""Programs of others that fetch: quiet, in a folder of their own, ended in time."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gahb.data.addresses import printable
from gahb.errors import DataError

COMMAND_SECONDS = 120


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a folder for the time being; that there is none, or no room, is a DataError.

    It is on another disk than the results, as a rule: one that is full says nothing of theirs.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="gahb-", ignore_cleanup_errors=True) as name:
            yield Path(name)
    except OSError as error:
        raise DataError(f"no temporary folder ({error.strerror or error})") from None


def run_quietly(words: list[str], folder: Path) -> None:
    """Run a command quietly in ``folder``; its failure is a `DataError` with its last line.

    It asks nothing, and neither it nor what it has started is there after `COMMAND_SECONDS`, or
    when this process is ended.
    """
    name = Path(words[0]).name
    with (folder / "messages").open("w+b") as messages:
        try:
            process = subprocess.Popen(
                words,
                cwd=folder,
                env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=messages,
                process_group=0,
            )
        except OSError as error:
            raise DataError(f"{name} cannot be run ({error.strerror or error})") from None
        try:
            status = process.wait(COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            raise DataError(f"{name} took more than {COMMAND_SECONDS} s") from None
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if status:
            messages.seek(max(0, messages.seek(0, os.SEEK_END) - 4096))
            lines = messages.read().decode(errors="replace").strip().splitlines()
            raise DataError(f"{name} failed: {printable(lines[-1] if lines else 'no message')}")
