"""Pictures in a zip, which is read in place, never unpacked, and not trusted."""

from __future__ import annotations

import io
import stat
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO

from gahb.data.files import MOST_BYTES, open_file
from gahb.data.pictures import leads_elsewhere, name_problem
from gahb.errors import DataError

MOST_RATIO = 200
"""A member larger than 1 MiB and than so many times its packed size is taken for a bomb."""
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Ways of packing that can be unpacked piece by piece, in bounded memory."""
LOCAL_HEADER = 30
"""Bytes before a member's name, where it lies (PKWARE's APPNOTE, 4.3.7)."""


class _Reader(io.BufferedReader):
    """A file that is not read whole into memory, whatever a directory says of its own size."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MOST_BYTES:
            raise zipfile.BadZipFile(f"its directory says that it has {size:,} bytes")
        return super().read(size)


class Zip:
    """A zip, open.

    Parameters
    ----------
    place : str
        Its path.

    Raises
    ------
    DataError
        If its directory is damaged.
    """

    def __init__(self, place: str) -> None:
        # Its length does not matter: it is never read whole.
        self.file = _Reader(open_file(place, most=sys.maxsize).detach())
        try:
            self.archive = zipfile.ZipFile(self.file)
        except Exception as error:  # whatever a damaged directory makes of the reader
            self.file.close()
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise DataError(f"{place} is damaged ({reason}); replace it") from None
        # Of entries of one name the first counts, whatever `ZipFile.open` makes of the name.
        self.entries: dict[str, zipfile.ZipInfo] = {}
        for entry in self.archive.infolist():
            self.entries.setdefault(_name(entry), entry)

    def close(self) -> None:
        """Close the file."""
        self.archive.close()
        self.file.close()

    def scan(self) -> Iterator[tuple[str, str | None, Callable[[], BinaryIO]]]:
        """Yield name, reason to leave it out or None, and opener of every member."""
        shared = _sharing(self.archive)
        for place, entry in enumerate(self.archive.infolist()):
            name = _name(entry)
            if name.endswith("/"):
                continue
            problem = _problem(entry)
            if self.entries[name] is not entry:
                problem = "name given twice"
            elif place in shared:
                problem = problem or "shares its bytes with another"
            yield name, problem, partial(self._open, name)

    def _open(self, name: str) -> BinaryIO:
        return io.BytesIO(self.read(name))

    def size(self, name: str) -> int:
        """Return the bytes of a member, unpacked."""
        return self.entries[name].file_size

    def read(self, name: str) -> bytes:
        """Return the content of a member."""
        entry = self.entries[name]
        if problem := _problem(entry):
            raise ValueError(problem)
        with self.archive.open(entry) as file:
            # Given a number, it inflates no more than that, whatever the entry claims.
            return file.read(entry.file_size)


def _name(entry: zipfile.ZipInfo) -> str:
    """Return a member's name with slashes, where programs for Windows wrote others."""
    return entry.filename.replace("\\", "/")


def _sharing(archive: zipfile.ZipFile) -> set[int]:
    """Return the places of entries whose bytes an earlier one has, or that end in the directory.

    Members that share bytes make a small zip unpack to any amount.
    """
    entries = archive.infolist()
    shared, end = set(), 0
    for place in sorted(range(len(entries)), key=lambda place: entries[place].header_offset):
        entry = entries[place]
        start = entry.header_offset
        stop = start + LOCAL_HEADER + entry.compress_size
        if start < end or stop > archive.start_dir:
            shared.add(place)
        else:
            end = stop
    return shared


def _problem(entry: zipfile.ZipInfo) -> str | None:
    """Return why a member is not even opened, or None."""
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "link in a zip"
    if entry.flag_bits & 0x41:
        return "encrypted"
    if entry.flag_bits & 0x20 or entry.compress_type not in PLAIN:
        return "packed in a way that is not read"
    inflated = entry.file_size > max(2**20, MOST_RATIO * entry.compress_size)
    if entry.file_size > MOST_BYTES or inflated:
        return "inflates beyond reason"
    name = _name(entry)
    return "name leads elsewhere" if leads_elsewhere(name) else name_problem(name)
