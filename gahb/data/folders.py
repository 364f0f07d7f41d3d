"""Pictures in a tree of folders."""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from gahb.data.files import open_file, read_file
from gahb.data.pictures import name_problem
from gahb.errors import DataError

LINK = "link (followed only if follow is true)"
NOWHERE = "link to nothing"
AGAIN = "link to a folder that is read already"
CLOSED = "folder that may not be listed"
SPECIAL = "pipe, socket or device"


class Folder:
    """A tree of folders, of which only what is a picture by its name and a file is read.

    Parameters
    ----------
    place : str
        Its path.
    follow : bool
        Follow links, to files and to folders, each folder once.
    """

    def __init__(self, place: str, follow: bool = False) -> None:
        self.root, self.follow = Path(place), follow

    def scan(self) -> Iterator[tuple[str, str | None, Callable[[], BinaryIO]]]:
        """Yield name, reason to leave it out or None, and opener of all that is in the folders."""
        for name, problem in walk(self.root, self.follow):
            yield name, problem or name_problem(name), partial(open_file, self.root / name)

    def size(self, name: str) -> int:
        """Return the bytes of a file."""
        return (self.root / name).stat().st_size

    def read(self, name: str) -> bytes:
        """Return the content of a file."""
        return read_file(self.root / name)


def walk(root: Path, follow: bool = False) -> Iterator[tuple[str, str | None]]:
    """Yield the name of all that is below ``root`` and no folder, and why it is not a file.

    With ``follow``, folders that links lead to come last, each once, so that links in a
    circle end.

    Raises
    ------
    DataError
        If ``root`` cannot be listed, or a folder for another reason than its permissions.
    """
    waiting, seen = [""], set()
    linked: list[str] = []
    by_link = False
    while waiting or linked:
        by_link |= not waiting
        prefix = waiting.pop() if waiting else heapq.heappop(linked)
        try:
            if follow:
                status = os.stat(root / prefix)
                identity = status.st_dev, status.st_ino
                if by_link and identity in seen:
                    yield prefix, AGAIN
                    continue
                seen.add(identity)
            with os.scandir(root / prefix) as entries:
                for entry in entries:
                    name = prefix + entry.name
                    problem = _problem(entry, follow)
                    if problem != "folder":
                        yield name, problem
                    elif entry.is_symlink():
                        heapq.heappush(linked, f"{name}/")
                    else:
                        waiting.append(f"{name}/")
        except OSError as error:
            if not (prefix and isinstance(error, PermissionError)):
                path = root / prefix
                raise DataError(f"{path} cannot be listed ({error.strerror})") from None
            yield prefix, CLOSED


def _problem(entry: os.DirEntry, follow: bool) -> str | None:
    """Return why an entry is no file that may be read, ``"folder"`` if it is one, or None."""
    link = entry.is_symlink()
    if link and not follow:
        return LINK
    try:
        if entry.is_dir():
            return "folder"
        if entry.is_file():
            return None
    except OSError:  # links in a circle, or through what may not be looked into
        return NOWHERE
    return NOWHERE if link and not os.path.exists(entry.path) else SPECIAL
