"""Who or what pictures show, for splits that must not share it.

CelebA comes with lists. In any other tree of pictures the folders are the labels: the
folder that holds a picture is who it shows, every folder on its path what it shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import numpy as np

from gahb.data.containers import LISTING, Listing, picture_names
from gahb.data.sources import SOURCES
from gahb.errors import ConfigError, DataError
from gahb.storage import read_json

IDENTITIES, ATTRIBUTES = "identity_CelebA.txt", "list_attr_celeba.txt"


def identities(source: str, folder: Path, count: int) -> np.ndarray:
    """Return who each of the first ``count`` pictures of a data set shows, ``[image]``.

    Parameters
    ----------
    source : str
        Name of the data set.
    folder : Path
        Its fetched files.
    count : int
        Prepared images.

    Raises
    ------
    ConfigError
        If the data set has no pictures with names.
    DataError
        If a list is missing, or leaves a picture out.
    """
    names = _names(source, folder, count, "identity")
    if not SOURCES[source].labels:
        return np.array([str(PurePosixPath(name).parent) for name in names])
    with _well_formed(folder / IDENTITIES):
        listed = dict(line.split() for line in _lines(folder, IDENTITIES))
    return np.array(_looked_up(listed, names, IDENTITIES))


def has_attribute(source: str, folder: Path, count: int, attribute: str) -> np.ndarray:
    """Return whether each of the first ``count`` pictures shows something, bool ``[image]``.

    Parameters and errors are those of `identities`; an attribute that no picture has, or
    that every picture has, is a ConfigError.
    """
    names = _names(source, folder, count, "attribute")
    if SOURCES[source].labels:
        shown, known = _listed_attribute(folder, names, attribute)
    else:
        folders = [PurePosixPath(name).parent.parts for name in names]
        shown = np.array([attribute in parts for parts in folders])
        known = sorted({part for parts in folders for part in parts})
    if shown.all() or not shown.any():
        raise ConfigError(
            f"config: split.attribute: {attribute!r} does not tell the images of {source} apart; "
            f"known: {', '.join(known[:45]) or 'none'}"
        )
    return shown


def _listed_attribute(
    folder: Path, names: Sequence[str], attribute: str
) -> tuple[np.ndarray, list[str]]:
    """Return the column of CelebA's list (1 or -1), and the names of all columns."""
    with _well_formed(folder / ATTRIBUTES):
        _, header, *rows = _lines(folder, ATTRIBUTES)
        known = header.split()
        if attribute not in known:
            return np.zeros(len(names), bool), known
        column = known.index(attribute)
        listed = {name: values[column] for name, *values in (row.split() for row in rows)}
    return np.array(_looked_up(listed, names, ATTRIBUTES)) == "1", known


def _names(source: str, folder: Path, count: int, by: str) -> list[str]:
    if SOURCES[source].reader != "pictures":
        raise ConfigError(f"config: split.by: {by} needs pictures with names; {source} has none")
    listing = Listing(**read_json(folder / LISTING))
    if listing.kind == "lmdb":
        raise ConfigError(f"config: split.by: {by} needs labels; {source} has none")
    return picture_names(listing, count)


@contextmanager
def _well_formed(path: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, IndexError) as error:
        raise DataError(f"{path} is damaged ({error}); get it again") from None


def _lines(folder: Path, name: str) -> list[str]:
    if not (folder / name).is_file():
        raise DataError(
            f"{folder} has no {name}: put it beside the pictures, delete {folder} and run again"
        )
    return (folder / name).read_text().splitlines()


def _looked_up(listed: dict[str, str], names: Sequence[str], list_name: str) -> list[str]:
    """Return the label of each picture by its file name."""
    try:
        return [listed[PurePosixPath(name).name] for name in names]
    except KeyError as error:
        raise DataError(f"{list_name} has no line for {error}; get it again") from None
