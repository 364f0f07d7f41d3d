"""Read files that nobody vouches for: none keeps a reader waiting, none fills its memory."""

from __future__ import annotations

import os
import stat
from io import BufferedReader
from pathlib import Path

MOST_BYTES = 256 * 2**20
"""A larger file, or member of an archive, is taken for one that is meant to fill memory."""


DAMAGED = "damaged, or no picture"


class Unusable(ValueError):
    """What was found cannot be used; the message is a reason that many may share."""


def open_file(path: Path | str, most: int = MOST_BYTES) -> BufferedReader:
    """Open an ordinary file of at most ``most`` bytes for reading.

    Raises
    ------
    Unusable
        If it is a pipe, a socket or a device, which may never end or never begin, or larger.
    OSError
        If it cannot be opened.
    """
    # Looked at before it is opened: opening alone makes some devices act.
    _check_ordinary(os.stat(path))
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        _check_ordinary(status)
        if status.st_size > most:
            raise Unusable(f"larger than {most // 2**20} MiB")
    except BaseException:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def _check_ordinary(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Unusable("no file, but a folder, pipe, socket or device")


def read_file(path: Path | str, most: int = MOST_BYTES) -> bytes:
    """Return the content of an ordinary file; errors are those of `open_file`."""
    with open_file(path, most) as file:
        # It may have grown since.
        return file.read(most)
