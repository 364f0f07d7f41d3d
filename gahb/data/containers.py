"""Where pictures lie: a folder, a zip, or an LMDB database, none of them trusted.

A zip is read in place, never unpacked. What is not a picture, leads elsewhere, or would
inflate beyond reason is left out, and counted by reason.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from PIL import Image

from gahb.errors import DataError

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"})
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP")
MOST_PIXELS = 64 * 2**20
"""A larger picture is taken for a decompression bomb."""
MOST_BYTES, MOST_RATIO = 256 * 2**20, 200
"""So is a zip's member that is larger, or larger than 1 MiB and that many times its packed size."""
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Ways of packing that can be unpacked piece by piece, in bounded memory."""

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
        Sorted; None for a database, whose keys are sorted anyway.
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


class Container(Protocol):
    """An open container."""

    def read(self, name: str) -> bytes:
        """Return the encoded picture of that name."""
        ...


def find_container(directory: Path, archive: str | None = None) -> Path:
    """Return where the pictures are: ``directory`` itself, or the archive in it.

    Parameters
    ----------
    directory : Path
        A tree of pictures, a folder with a zip, an LMDB folder (or one below), or a zip.
    archive : str, optional
        Name of the publisher's zip, which goes before pictures beside it.

    Raises
    ------
    DataError
        If it does not exist, or there is more than one zip and no picture.
    """
    if directory.is_file() or (directory / "data.mdb").is_file():
        return directory
    if not directory.is_dir():
        raise DataError(f"{directory} does not exist")
    if archive and (directory / archive).is_file():
        return directory / archive
    if any(path.suffix.lower() in PICTURES for path in directory.rglob("*")):
        return directory
    inside = [*directory.glob("*.zip"), *(path.parent for path in directory.glob("*/data.mdb"))]
    if len(inside) > 1:
        names = ", ".join(sorted(path.name for path in inside))
        raise DataError(f"{directory} holds {names}: give the path of one of them")
    return inside[0] if inside else directory


def fingerprint(place: Path) -> str | None:
    """Return a hash that changes when pictures are added, removed or change their size.

    It costs no reading of pictures: of a folder the names and sizes count, of a zip or a
    database its size, its first and its last bytes. None if there is nothing at ``place``.

    Raises
    ------
    OSError
        If a part of it cannot be read: that part is not known to have changed.
    """
    digest = hashlib.sha256()
    file = place / "data.mdb" if (place / "data.mdb").is_file() else place
    if file.is_file():
        with file.open("rb") as content:
            size = content.seek(0, os.SEEK_END)
            digest.update(str(size).encode())
            for start in (0, max(0, size - PROBE)):
                content.seek(start)
                digest.update(content.read(PROBE))
    elif place.is_dir():
        for folder, inside, names in os.walk(place, onerror=_raised):
            inside.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)
                size = os.lstat(path).st_size
                digest.update(os.fsencode(f"{os.path.relpath(path, place)} {size}\n"))
    else:
        return None
    return digest.hexdigest()[:16]


def _raised(error: OSError) -> None:
    raise error


PROBE = 65536


def list_pictures(place: Path) -> Listing:
    """Return what pictures a container holds, having opened the header of each.

    Of a database the keys are counted only.

    Raises
    ------
    DataError
        If an archive or a database is damaged.
    """
    if (place / "data.mdb").is_file():
        with open_container("lmdb", str(place)) as database:
            return Listing("lmdb", str(place), None, database.count)
    kind, scan = ("zip", _scan_zip) if place.is_file() else ("folder", _scan_folder)
    names, skipped = [], Counter()
    with open_container(kind, str(place)) as container:
        for name, problem, header in scan(container):
            problem = problem or _picture_problem(header)
            if problem:
                skipped[problem] += 1
            else:
                names.append(name)
    return Listing(kind, str(place), sorted(names), len(names), dict(sorted(skipped.items())))


def picture_names(listing: Listing, count: int | None = None) -> list[str]:
    """Return the names of the first ``count`` pictures, by default of all."""
    if listing.names is not None:
        return listing.names[:count]
    with open_container(listing.kind, listing.place) as database:
        names = list(islice(database.names(), count))
    if len(names) != min(listing.count, count or listing.count):
        raise DataError(f"{listing.place} is damaged: {len(names):,} of {listing.count:,} keys")
    return names


def _picture_problem(header: Any) -> str | None:
    """Return why a picture cannot be used, from its header, or None."""
    try:
        with header() as file, warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file, formats=FORMATS) as picture:
                too_large = picture.width * picture.height > MOST_PIXELS
                return "larger than 64 million pixels" if too_large else None
    except Exception as error:  # whatever a damaged or hostile file makes of its reader
        # A place in the file that cannot be is damage; a disk or a network that fails says
        # nothing about the picture.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        return "damaged, or no picture"


def _name_problem(name: str) -> str | None:
    """Return why the name of an entry is not accepted, or None."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        return "name leads elsewhere"
    if any(part.startswith((".", "__MACOSX")) for part in path.parts):
        return "hidden"
    return None if path.suffix.lower() in PICTURES else "another type of file"


class _Folder:
    def __init__(self, place: str) -> None:
        self.root = Path(place)

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()


def _scan_folder(folder: _Folder) -> Iterator[tuple[str, str | None, Any]]:
    for path in folder.root.rglob("*"):
        if path.is_symlink():
            yield path.name, "link", None
        elif path.is_file():
            name = path.relative_to(folder.root).as_posix()
            # A name in a folder cannot lead elsewhere, whatever characters it has.
            problem = _name_problem(name.replace("\\", "_").replace(":", "_"))
            yield name, problem, lambda path=path: path.open("rb")


class _Zip:
    def __init__(self, place: str) -> None:
        try:
            self.archive = zipfile.ZipFile(place)
        except FileNotFoundError:
            raise
        except Exception as error:  # whatever a damaged directory makes of the reader
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise DataError(f"{place} is damaged ({reason}); replace it") from None
        # Of entries of one name the first counts, whatever `ZipFile.open` makes of the name.
        self.entries: dict[str, zipfile.ZipInfo] = {}
        for entry in self.archive.infolist():
            self.entries.setdefault(entry.filename, entry)

    def read(self, name: str) -> bytes:
        entry = self.entries[name]
        if problem := _entry_problem(entry):
            raise ValueError(problem)
        with self.archive.open(entry) as file:
            # Given a number, it inflates no more than that, whatever the entry claims.
            return file.read(entry.file_size)


def _scan_zip(container: _Zip) -> Iterator[tuple[str, str | None, Any]]:
    for entry in container.archive.infolist():
        if entry.filename.endswith("/"):
            continue
        first = container.entries[entry.filename] is entry
        problem = _entry_problem(entry) if first else "name given twice"
        yield entry.filename, problem, lambda name=entry.filename: BytesIO(container.read(name))


def _entry_problem(entry: zipfile.ZipInfo) -> str | None:
    """Return why an entry of a zip is not even opened, or None."""
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "link"
    if entry.flag_bits & 0x41:
        return "encrypted"
    if entry.flag_bits & 0x20 or entry.compress_type not in PLAIN:
        return "packed in a way that is not read"
    inflated = entry.file_size > max(2**20, MOST_RATIO * entry.compress_size)
    if entry.file_size > MOST_BYTES or inflated:
        return "inflates beyond reason"
    return _name_problem(entry.filename)


class _Database:
    def __init__(self, environment: Any) -> None:
        self.environment = environment

    @property
    def count(self) -> int:
        return self.environment.stat()["entries"]

    def names(self) -> Iterator[str]:
        with self.environment.begin() as transaction:
            for key in transaction.cursor().iternext(keys=True, values=False):
                yield key.decode("utf-8", "surrogateescape")

    def read(self, name: str) -> bytes:
        with self.environment.begin() as transaction:
            return transaction.get(name.encode("utf-8", "surrogateescape"))


@contextmanager
def open_container(kind: str, place: str) -> Iterator[Any]:
    """Open a container of a `Listing`; a damaged one is a `DataError` that names it."""
    import lmdb

    try:
        if kind == "lmdb":
            with lmdb.open(place, readonly=True, lock=False, readahead=False) as environment:
                _check_length(Path(place) / "data.mdb", environment)
                yield _Database(environment)
        elif kind == "zip":
            container = _Zip(place)
            with container.archive:
                yield container
        else:
            yield _Folder(place)
    except (lmdb.Error, zipfile.BadZipFile) as error:
        raise DataError(f"{place} is damaged ({error}); replace it") from None


def _check_length(path: Path, environment: Any) -> None:
    """Refuse a database that was cut: what is mapped but not there ends the process."""
    needed = (environment.info()["last_pgno"] + 1) * environment.stat()["psize"]
    if (size := path.stat().st_size) < needed:
        raise DataError(f"{path} is truncated: {size:,} of {needed:,} bytes; replace it")
