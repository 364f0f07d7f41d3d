"""Bring a data set's original files here, from the first place that has them intact.

Order: a directory named by the user, the system's own copy, HTTPS mirrors, the Debian
package unpacked without root. Every file is verified by the SHA-256 of its content.
"""

from __future__ import annotations

import gzip
import logging
import os
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gahb.data.download import download
from gahb.data.readers import LISTING, picture_files
from gahb.data.sources import Source, SourceFile
from gahb.errors import DataError
from gahb.storage import atomic_path, file_hash, write_json

log = logging.getLogger("gahb")

DATA_VARIABLE = "GAHB_DATA"
COMMAND_SECONDS = 120


def fetch(name: str, source: Source, destination: Path, directory: str | None = None) -> None:
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

    Raises
    ------
    DataError
        What was tried, why each failed, and what would help.
    """
    destination.mkdir(parents=True, exist_ok=True)
    if source.drop_in is not None:
        write_json(destination / LISTING, _list_drop_in(name, source, directory))
        return
    if directory is not None:
        _copy(source, Path(directory).expanduser(), destination)
        return
    tried = []
    for label, place in _places(name, source, destination):
        try:
            place()
        except DataError as error:
            log.info("%s: %s", label, error)
            tried.append(f"{label}: {error}")
        else:
            log.info("%s: verified, from %s", name, label)
            return
    if source.files:
        raise DataError(_advice(name, source, tried))


def _list_drop_in(name: str, source: Source, directory: str | None) -> dict[str, Any]:
    """Return where the files of a drop-in data set are, and which, sorted by name."""
    root = os.environ.get(DATA_VARIABLE)
    folder = Path(directory or (Path(root) / name if root else "")).expanduser().resolve()
    advice = f"put there {source.drop_in} ({source.count:,} images; licence: {source.licence})"
    if directory is None and root is None:
        raise DataError(
            f"{name} cannot be downloaded by a program: set data.directory to a folder, or "
            f"{DATA_VARIABLE} to one that has a folder {name}, and {advice}"
        )
    files = picture_files(source.reader, folder)
    if not files:
        raise DataError(f"{folder} has none of the files of {name}: {advice}")
    return {"directory": str(folder), "files": files}


def _places(name: str, source: Source, destination: Path) -> Iterator[tuple[str, callable]]:
    """Yield every place to look at, in order, as a label and a function that copies."""
    if not source.files:
        return
    if DATA_VARIABLE in os.environ:
        root = Path(os.environ[DATA_VARIABLE]).expanduser()
        folder = root / name if (root / name).is_dir() else root
        yield f"${DATA_VARIABLE} ({folder})", lambda: _copy(source, folder, destination)
    if source.system_directory:
        folder = Path(source.system_directory)
        yield f"the system's copy ({folder})", lambda: _copy(source, folder, destination)
    for mirror in source.mirrors:
        yield mirror, lambda mirror=mirror: _from_mirror(source, mirror, destination)
    if source.debian_package:
        package = source.debian_package
        yield f"Debian package {package}", lambda: _from_debian(source, destination)


def _copy(source: Source, folder: Path, destination: Path) -> None:
    """Copy each file, plain or gzipped, from ``folder``."""
    for file in source.files:
        candidates = [folder / file.name, folder / f"{file.name}.gz"]
        found = next((path for path in candidates if path.is_file()), None)
        if found is None:
            raise DataError(f"{folder} has no {file.name} or {file.name}.gz")
        _install(found, file, destination)


def _install(found: Path, file: SourceFile, destination: Path) -> None:
    """Decompress ``found`` into ``destination``, verified, under its final name."""
    with atomic_path(destination / file.name) as temporary:
        opener = gzip.open if found.suffix == ".gz" else open
        try:
            with opener(found, "rb") as packed, temporary.open("wb") as plain:
                # One byte more than expected is enough to know, however far it inflates.
                remaining = file.size + 1
                while remaining and (block := packed.read(min(remaining, 1 << 20))):
                    remaining -= plain.write(block)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(f"{found} is truncated or not gzip ({error}); replace it") from None
        except OSError as error:
            raise DataError(f"{found} cannot be read ({error.strerror or error})") from None
        size = temporary.stat().st_size
        if size < file.size:
            raise DataError(f"{found} is truncated: {size:,} of {file.size:,} bytes; replace it")
        if size > file.size or file_hash(temporary) != file.sha256:
            raise DataError(f"{found} is not the original: its SHA-256 differs; replace it")


def _from_mirror(source: Source, mirror: str, destination: Path) -> None:
    """Download each file; a copy that does not verify is fetched afresh once."""
    cache = destination.parent / f".{destination.name}.download"
    for file in source.files:
        for last in (False, True):
            packed = cache / f"{file.name}.gz"
            if not packed.exists():
                download(f"{mirror}{file.name}.gz", packed, max_bytes=2 * file.size)
            try:
                _install(packed, file, destination)
                break
            except DataError:
                packed.unlink()
                if last:
                    raise
    shutil.rmtree(cache)


def _from_debian(source: Source, destination: Path) -> None:
    """Unpack the Debian package: no root, nothing installed, apt's own folders untouched."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise DataError("apt-get and dpkg-deb are not here")
    with tempfile.TemporaryDirectory(prefix="gahb-") as name:
        folder = Path(name)
        (folder / "lists/partial").mkdir(parents=True)
        (folder / "cache/archives/partial").mkdir(parents=True)
        options = [f"Dir::State::lists={folder}/lists", f"Dir::Cache={folder}/cache"]
        options += ["Debug::NoLocking=1", "APT::Sandbox::User=", "Acquire::Retries=1"]
        apt = ["apt-get", "-q", *[word for option in options for word in ("-o", option)]]
        _command([*apt, "update"], folder)
        _command([*apt, "download", source.debian_package], folder)
        (archive,) = folder.glob("*.deb")
        _command(["dpkg-deb", "-x", str(archive), str(folder / "root")], folder)
        _copy(source, folder / "root" / source.system_directory.lstrip("/"), destination)


def _command(words: list[str], folder: Path) -> None:
    """Run a command quietly in ``folder``; its failure is a `DataError` with its last line."""
    try:
        subprocess.run(
            words, cwd=folder, check=True, capture_output=True, text=True, timeout=COMMAND_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise DataError(f"{words[0]} took more than {COMMAND_SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no message"])[-1]
        raise DataError(f"{words[0]} failed: {last}") from None


def _advice(name: str, source: Source, tried: list[str]) -> str:
    """Return the message for when no place has the data: what was tried, what would help."""
    names = ", ".join(f"{file.name}.gz" for file in source.files)
    lines = [f"{name} could not be had from anywhere. Tried:", *(f"  - {line}" for line in tried)]
    lines.append("Any one of these helps:")
    lines.append(f"  - put {names} into a folder and set {DATA_VARIABLE} or data.directory to it")
    if source.debian_package:
        lines.append(f"  - apt-get install {source.debian_package}   (Debian, Ubuntu)")
    lines.append("  - make run CONFIG=workflow/presets/smoke.yaml   (bundled faces, no network)")
    return "\n".join(lines)
