"""A Debian package unpacked without root: nothing installed, apt's own folders untouched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gahb.data.commands import run_quietly, temporary_folder
from gahb.errors import DataError


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
    with temporary_folder() as folder:
        (folder / "lists/partial").mkdir(parents=True)
        (folder / "cache/archives/partial").mkdir(parents=True)
        options = [f"Dir::State::lists={folder}/lists", f"Dir::Cache={folder}/cache"]
        options += ["Debug::NoLocking=1", "APT::Sandbox::User=", "Acquire::Retries=1"]
        apt = ["apt-get", "-q", *[word for option in options for word in ("-o", option)]]
        run_quietly([*apt, "update"], folder)
        run_quietly([*apt, "download", package], folder)
        archives = list(folder.glob("*.deb"))
        if len(archives) != 1:
            raise DataError(f"apt-get download left {len(archives)} packages, expected one")
        run_quietly(["dpkg-deb", "-x", str(archives[0]), str(folder / "root")], folder)
        yield folder / "root"
