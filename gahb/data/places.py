"""Where pictures lie that nobody can verify, and whether they are still what they were.

A disk that is not plugged in says nothing about what is on it: what was known of it before
stands, and nothing runs again for its sake.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from gahb.data.containers import Fingerprint, fingerprint
from gahb.data.sources import SOURCES
from gahb.errors import DataError
from gahb.settings import DataSettings
from gahb.storage import read_json

RECORD = "place.json"
"""Beside the listing of pictures: place and fingerprint of what was listed."""


class Pictures(NamedTuple):
    """What tells the pictures of a data set from others.

    Attributes
    ----------
    place : str or None
        Folder, zip or database.
    content : str or None
        Of `gahb.data.containers.Fingerprint`; None if nothing was ever read there.
    closed : int
        Folders in it that could not be listed.
    """

    place: str | None
    content: str | None = None
    closed: int = 0


def pictures_of(
    data: DataSettings, root: str | None, folder: Path
) -> tuple[Pictures | None, str | None]:
    """Return where the pictures of a drop-in data set are, and what there is to say of it.

    Parameters
    ----------
    data : DataSettings
        Which data set; of others than drop-ins the answer is None.
    root : str or None
        Folder of all data sets, where ``data.directory`` is not set.
    folder : Path
        What was fetched before, with its `RECORD`, or nothing.

    Returns
    -------
    tuple
        `Pictures`, as recorded if the place cannot be read now or is empty; and a line for the
        user in that case, otherwise None.
    """
    if SOURCES[data.source].drop_in is None:
        return None, None
    place = data.directory or (f"{root}/{data.source}" if root else None)
    found, problem = None, "its place is not configured"
    if place:
        found, problem = _look(Path(place).expanduser(), data.follow)
    before = _recorded(folder)
    if found and before and found.closed > before.closed:
        found, problem = None, "a folder in it may not be listed"
    if found is None and before is not None:
        where = place or before.place
        return before, f"{where}: {problem}; its pictures are taken to be as they were"
    return Pictures(place, *(found or ())), None


def _look(place: Path, follow: bool) -> tuple[Fingerprint | None, str]:
    """Return the fingerprint of a place, or None and why it has none."""
    try:
        if place.is_dir() and not any(place.iterdir()):
            return None, "it is empty, a disk may be missing"
        return fingerprint(place, follow), "it does not exist, a disk may be missing"
    except (OSError, DataError) as error:
        return None, f"it cannot be read ({error})"


def _recorded(folder: Path) -> Pictures | None:
    try:
        return Pictures(*read_json(folder / RECORD))
    except (OSError, DataError, TypeError):
        return None


def as_parameter(pictures: Pictures | None) -> list[Any] | None:
    """Return `Pictures` as plain values, for a rule's parameters and for `RECORD`."""
    return list(pictures) if pictures else None
