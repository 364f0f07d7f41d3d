"""Proof that what one job wrote is what the next one reads.

Beside a result ``images.npy`` lies its seal ``.images.npy.sha256``, in the format of
``sha256sum``, written by the job that made both. A job looks at the seals of all that it reads
before it begins. Seals are small, so that Snakemake compares their content: they decide what
runs again, at any size of what they stand for.

``python -m gahb.jobs.seals results/fashion`` looks at all of a run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from gahb.errors import DataError
from gahb.storage import atomic_path, file_hash

Files: TypeAlias = dict[str, str | list[str]]
"""Paths by name, as rules have them."""
PREFIX, SUFFIX = ".", ".sha256"
TIMESTAMP = ".snakemake_timestamp"
"""Snakemake puts it into a folder once the job that made it has ended."""


def seal_of(path: Path | str) -> Path:
    """Return where the seal of a file or folder lies."""
    path = Path(path)
    return path.with_name(f"{PREFIX}{path.name}{SUFFIX}")


def sealed_by(seal: Path | str) -> Path:
    """Return the file or folder that a seal stands for."""
    seal = Path(seal)
    return seal.with_name(seal.name.removeprefix(PREFIX).removesuffix(SUFFIX))


def filled(
    functions: Sequence[Callable[[Any], Files]], patterns: Mapping[str, Any], wildcards: Any
) -> Files:
    """Return the inputs of a job by name.

    Parameters
    ----------
    functions : sequence of callable
        From wildcards to inputs by name.
    patterns : mapping
        By name a path with wildcards, some of them, or a function from wildcards to paths.
    wildcards : Wildcards
        Of the job.
    """

    def each(pattern: Any) -> Any:
        if callable(pattern):
            return pattern(wildcards)
        if isinstance(pattern, str):
            return pattern.format(**dict(wildcards))
        return [each(one) for one in pattern]

    files = {name: each(pattern) for name, pattern in patterns.items()}
    for function in functions:
        files |= function(wildcards)
    return files


def seals_beside(files: Files) -> dict[str, list[str]]:
    """Return the seals of files by name, each once, as one more input."""
    listed = [
        path for found in files.values() for path in ([found] if isinstance(found, str) else found)
    ]
    return {"seals": list(dict.fromkeys(str(seal_of(path)) for path in listed))}


def write_seals(seals: Iterable[Path | str]) -> None:
    """Seal what lies beside each of ``seals``."""
    for seal in map(Path, seals):
        with atomic_path(seal) as temporary:
            temporary.write_text("".join(f"{line}\n" for line in _lines(sealed_by(seal))))


def check_seals(seals: Iterable[Path | str]) -> None:
    """Look at what lies beside each of ``seals``.

    Raises
    ------
    DataError
        Naming the first file that is not what was written, and the command that makes it again.
    """
    for seal in map(Path, seals):
        path = sealed_by(seal)
        if not seal.exists():
            raise DataError(f"{path} has no seal, {seal.name}: {_advice(path)}")
        if seal.read_text(errors="replace").splitlines() != list(_lines(path)):
            raise DataError(
                f"{path} is not what was written, it was changed since: {_advice(path)}"
            )


def _advice(path: Path) -> str:
    return f"make it again with snakemake --force {path} and the same --configfile"


def _lines(path: Path) -> Iterator[str]:
    """Yield the line of ``sha256sum`` of a file, or of every file in a folder."""
    inside = (file for file in path.rglob("*") if file.is_file() and file.name != TIMESTAMP)
    for file in sorted(inside) if path.is_dir() else [path]:
        yield f"{file_hash(file)}  {file.relative_to(path.parent).as_posix()}"


def main(folders: Iterable[str]) -> int:
    """Look at all seals below some folders; return how many results are damaged.

    Where there is no seal at all, that counts as one.
    """
    damaged = 0
    seals = [seal for folder in folders for seal in sorted(Path(folder).rglob(f".*{SUFFIX}"))]
    for seal in seals:
        try:
            check_seals([seal])
        except (DataError, OSError) as error:
            print(error)
            damaged += 1
    print(f"{len(seals)} results that later stages read, {damaged} of them damaged")
    return damaged if seals else 1


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
