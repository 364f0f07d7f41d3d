"""Where pictures lie: a folder, a zip, or an LMDB database, none of them trusted.

What is not a picture, leads elsewhere, or would inflate beyond reason is left out, and
counted by reason.
"""

from __future__ import annotations

import hashlib
import logging
import os
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from gahb.data.databases import Database
from gahb.data.files import Unusable
from gahb.data.folders import CLOSED, Folder, walk
from gahb.data.pictures import FURTHER, frames_of, name_problem
from gahb.data.zips import Zip
from gahb.errors import DataError

log = logging.getLogger(__name__)

LISTING = "files.json"
"""Where a drop-in data set is, and which pictures it has, in the order they are read."""


@dataclass(frozen=True)
class Listing:
    """The pictures in a container.

    Attributes
    ----------
    kind : str
        ``"folder"``, ``"zip"`` or ``"lmdb"``.
    place : str
        Its path.
    names : list of str or None
        Sorted; None for a database of pictures alone, whose keys are sorted anyway.
    count : int
        How many there are.
    skipped : dict
        Reason to number of entries left out.
    """

    kind: str
    place: str
    names: list[str] | None
    count: int
    skipped: dict[str, int] = field(default_factory=dict)

    @property
    def left_out(self) -> str:
        """What was left out, in words, to stand behind a statement; empty if nothing was."""
        reasons = "; ".join(f"{count:,} left out: {why}" for why, count in self.skipped.items())
        return f" ({reasons})" if reasons else ""

    def report(self) -> None:
        """Say in the log what was left out."""
        for reason, count in self.skipped.items():
            log.warning("%s: %s left out: %s", self.place, f"{count:,}", reason)


class Container(Protocol):
    """An open container."""

    def scan(self) -> Iterator[tuple[str, str | None, Callable[[], BinaryIO]]]:
        """Yield name, reason to leave it out or None, and opener of all that is in it."""
        ...

    def size(self, name: str) -> int:
        """Return the bytes of the encoded picture of that name."""
        ...

    def read(self, name: str) -> bytes:
        """Return the encoded picture of that name."""
        ...


def find_container(directory: Path, archive: str | None = None, follow: bool = False) -> Path:
    """Return where the pictures are: ``directory`` itself, or the archive in it.

    Parameters
    ----------
    directory : Path
        A tree of pictures, a folder with a zip, an LMDB folder (or one below), or a zip.
    archive : str, optional
        Name of the publisher's zip, which goes before pictures beside it.
    follow : bool
        Whether links count as what they lead to.

    Raises
    ------
    DataError
        If it does not exist, or there is more than one zip and no picture.
    """
    if _kind(directory) != "folder":
        return directory
    if archive and (directory / archive).is_file():
        return directory / archive
    if any(not problem and not name_problem(name) for name, problem in walk(directory, follow)):
        return directory
    inside = [path for path in directory.glob("*.zip") if path.is_file()]
    inside += [path.parent for path in directory.glob("*/data.mdb") if path.is_file()]
    if len(inside) > 1:
        names = ", ".join(sorted(path.name for path in inside))
        raise DataError(f"{directory} holds {names}: give the path of one of them")
    return inside[0] if inside else directory


def _kind(place: Path) -> str:
    """Return what kind of container a place is."""
    if (place / "data.mdb").is_file():
        return "lmdb"
    if place.is_file():
        return "zip"
    if place.is_dir():
        return "folder"
    if place.exists():
        raise DataError(f"{place} is a pipe, socket or device: give a folder, zip or database")
    raise DataError(f"{place} does not exist")


class Fingerprint(NamedTuple):
    """What tells a container from what it was before.

    Attributes
    ----------
    content : str
        A hash.
    closed : int
        Folders that may not be listed now, of which nothing is known.
    """

    content: str
    closed: int


def fingerprint(place: Path, follow: bool = False) -> Fingerprint | None:
    """Return what changes when pictures are added, removed or change their size.

    It costs no reading of pictures: of a folder the names and sizes count (with ``follow``
    those that links lead to), of a zip or a database its size, its first and its last bytes.
    None if there is nothing at ``place``.
    """
    digest, closed = hashlib.sha256(), 0
    file = place / "data.mdb" if (place / "data.mdb").is_file() else place
    if file.is_file():
        with file.open("rb") as content:
            size = content.seek(0, os.SEEK_END)
            digest.update(str(size).encode())
            for start in (0, max(0, size - PROBE)):
                content.seek(start)
                digest.update(content.read(PROBE))
    elif place.is_dir():
        for name, problem in sorted(walk(place, follow)):
            status = os.stat(place / name, follow_symlinks=follow and not problem)
            digest.update(os.fsencode(f"{name} {status.st_size} {problem}\n"))
            closed += problem == CLOSED
    else:
        return None
    return Fingerprint(digest.hexdigest()[:16], closed)


PROBE = 65536


def list_pictures(place: Path, follow: bool = False, expected: int = 0) -> Listing:
    """Return what pictures a container holds, having opened the header of each.

    Parameters
    ----------
    place : Path
        A folder, a zip or an LMDB database.
    follow : bool
        Whether links in folders are followed, rather than left out.
    expected : int
        How many pictures there should be. A database of exactly so many values is taken at
        its word: to look at millions of headers takes hours on a disk.

    Raises
    ------
    DataError
        If there is nothing, or an archive or a database is damaged.
    """
    kind = _kind(place)
    names: list[str] = []
    skipped: Counter[str] = Counter()
    with open_container(kind, str(place), follow) as container:
        if isinstance(container, Database) and expected and container.count == expected:
            return Listing(kind, str(place), None, expected)
        for name, problem, opener in container.scan():
            try:
                if problem:
                    raise Unusable(problem)
                further = frames_of(opener) - 1
            except Unusable as error:
                skipped[str(error)] += 1
            else:
                names.append(name)
                if further:
                    skipped[FURTHER] += further
    whole = kind == "lmdb" and not skipped
    listed = None if whole else sorted(names)
    return Listing(kind, str(place), listed, len(names), dict(sorted(skipped.items())))


def picture_names(listing: Listing, count: int | None = None) -> list[str]:
    """Return the names of the first ``count`` pictures, by default of all."""
    if listing.names is not None:
        return listing.names[:count]
    with open_container(listing.kind, listing.place) as database:
        assert isinstance(database, Database)  # the only kind without a list of names
        names = list(islice(database.names(), count))
    if len(names) != min(listing.count, count or listing.count):
        raise DataError(f"{listing.place} is damaged: {len(names):,} of {listing.count:,} keys")
    return names


@contextmanager
def open_container(kind: str, place: str, follow: bool = False) -> Iterator[Container]:
    """Open a container of a `Listing`; a damaged one is a `DataError` that names it."""
    import lmdb

    opened: AbstractContextManager[Container]
    try:
        if kind == "folder":
            opened = nullcontext(Folder(place, follow))
        else:
            opened = closing(Database(place) if kind == "lmdb" else Zip(place))
        with opened as container:
            yield container
    except (lmdb.Error, zipfile.BadZipFile) as error:
        raise DataError(f"{place} is damaged ({error}); replace it") from None
