"""Pictures in an LMDB database, the format that LSUN is published in."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from gahb.data.files import MOST_BYTES, Unusable, open_file
from gahb.errors import DataError

if TYPE_CHECKING:
    import lmdb
    from _typeshed import WriteableBuffer


class Database:
    """A database, open; pictures are named by their keys.

    Parameters
    ----------
    place : str
        Folder of its ``data.mdb``.

    Raises
    ------
    DataError
        If it was cut.
    lmdb.Error
        If it is damaged.
    OSError
        If it may not be read.
    """

    def __init__(self, place: str) -> None:
        import lmdb

        # Its length does not matter: it is mapped, not read.
        open_file(Path(place) / "data.mdb", most=sys.maxsize).close()
        self.environment = lmdb.open(place, readonly=True, lock=False, readahead=False)
        try:
            _check_length(Path(place) / "data.mdb", self.environment)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the files."""
        self.environment.close()

    @property
    def count(self) -> int:
        """How many values there are, pictures or not."""
        return self.environment.stat()["entries"]

    def names(self) -> Iterator[str]:
        """Yield the keys, in order."""
        with self.environment.begin() as transaction:
            for key in transaction.cursor().iternext(keys=True, values=False):
                yield key.decode("utf-8", "surrogateescape")

    def scan(self) -> Iterator[tuple[str, str | None, Callable[[], BinaryIO]]]:
        """Yield key, reason to leave it out or None, and opener of every value."""
        with self.environment.begin(buffers=True) as transaction:
            for key, value in transaction.cursor():
                name = bytes(key).decode("utf-8", "surrogateescape")
                yield name, _problem(value), partial(_opened, value)

    def size(self, name: str) -> int:
        """Return the bytes of a value."""
        with self.environment.begin(buffers=True) as transaction:
            value = transaction.get(_key(name))
            return 0 if value is None else len(value)

    def read(self, name: str) -> bytes:
        """Return a value."""
        with self.environment.begin(buffers=True) as transaction:
            value = transaction.get(_key(name))
            if value is None:
                raise Unusable("no such key")
            if problem := _problem(value):
                raise Unusable(problem)
            return bytes(value)


def _key(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _problem(value: memoryview) -> str | None:
    return f"larger than {MOST_BYTES // 2**20} MiB" if len(value) > MOST_BYTES else None


def _opened(value: memoryview) -> BinaryIO:
    return io.BufferedReader(_View(value))


class _View(io.RawIOBase):
    """A value as a file, of which only those pages come from the disk that are read."""

    def __init__(self, value: memoryview) -> None:
        self.value, self.place = value, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: len(self.value)}[whence]
        self.place = max(0, start + offset)
        return self.place

    def tell(self) -> int:
        return self.place

    def readinto(self, buffer: WriteableBuffer) -> int:
        target = memoryview(buffer)
        part = self.value[self.place : self.place + len(target)]
        target[: len(part)] = part
        self.place += len(part)
        return len(part)


def _check_length(path: Path, environment: lmdb.Environment) -> None:
    """Refuse a database that was cut: what is mapped but not there ends the process."""
    needed = (environment.info()["last_pgno"] + 1) * environment.stat()["psize"]
    if (size := path.stat().st_size) < needed:
        raise DataError(f"{path} is truncated: {size:,} of {needed:,} bytes; replace it")
