"""What the pictures of a folder are called, to name them in messages."""

from __future__ import annotations

from pathlib import Path

from gahb.data.containers import find_container, list_pictures, picture_names


def folder_names(path: Path | str) -> list[str]:
    """Return the names of the pictures in a folder or a zip, in the order of `read_folder`.

    Parameters
    ----------
    path : Path or str
        As `gahb.data.preprocess.read_folder` takes it.

    Returns
    -------
    list of str
        Relative to the folder or the zip, sorted.

    Raises
    ------
    DataError
        If there is no such folder, or an archive is damaged.
    """
    return picture_names(list_pictures(find_container(Path(path))))
