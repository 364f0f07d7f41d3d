"""A Debian package unpacked without root: nothing installed, apt's own folders untouched."""

from __future__ import annotations

import os
import shutil
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
def unpacked(package: str) -> Iterator[Path]:
    """Yield the folder that stands for ``/`` in a package of the distribution, for the time being.

    Raises
    ------
    DataError
        If this is no Debian, or a command fails.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise DataError("apt-get and dpkg-deb are not here")
    with _temporary_folder() as folder:
        (folder / "lists/partial").mkdir(parents=True)
        (folder / "cache/archives/partial").mkdir(parents=True)
        options = [f"Dir::State::lists={folder}/lists", f"Dir::Cache={folder}/cache"]
        options += ["Debug::NoLocking=1", "APT::Sandbox::User=", "Acquire::Retries=1"]
        apt = ["apt-get", "-q", *[word for option in options for word in ("-o", option)]]
        _command([*apt, "update"], folder)
        _command([*apt, "download", package], folder)
        archives = list(folder.glob("*.deb"))
        if len(archives) != 1:
            raise DataError(f"apt-get download left {len(archives)} packages, expected one")
        _command(["dpkg-deb", "-x", str(archives[0]), str(folder / "root")], folder)
        yield folder / "root"


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    """Yield a folder for the time being; that there is none, or no room, is a DataError.

    It is on another disk than the results, as a rule: one that is full says nothing of theirs.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="gahb-", ignore_cleanup_errors=True) as name:
            yield Path(name)
    except OSError as error:
        raise DataError(f"no temporary folder ({error.strerror or error})") from None


def _command(words: list[str], folder: Path) -> None:
    """Run a command quietly in ``folder``; its failure is a `DataError` with its last line.

    It asks nothing, and neither it nor what it has started is there after `COMMAND_SECONDS`, or
    when this process is ended.
    """
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
            raise DataError(f"{words[0]} cannot be run ({error.strerror or error})") from None
        try:
            status = process.wait(COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            raise DataError(f"{words[0]} took more than {COMMAND_SECONDS} s") from None
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if status:
            messages.seek(max(0, messages.seek(0, os.SEEK_END) - 4096))
            lines = messages.read().decode(errors="replace").strip().splitlines()
            raise DataError(f"{words[0]} failed: {printable(lines[-1] if lines else 'no message')}")
