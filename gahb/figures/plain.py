"""Matplotlib without the settings of the user."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from importlib.util import find_spec
from pathlib import Path


@contextmanager
def without_settings(cache: Path = Path("results/.cache/matplotlib")) -> Iterator[None]:
    """Have matplotlib imported as it comes.

    Settings change what it draws, and some keep it from being imported: a backend that is not
    there, a file that is not UTF-8. For a process that draws and nothing else: in a notebook
    the user wants his own.

    Parameters
    ----------
    cache : Path
        Folder for its list of fonts, instead of that of the user, which may be of other fonts.
    """
    cache.mkdir(parents=True, exist_ok=True)
    names = ("MPLBACKEND", "MPLCONFIGDIR")
    before = {name: os.environ.pop(name) for name in names if name in os.environ}
    os.environ["MPLCONFIGDIR"] = str(cache.absolute())
    try:
        # It takes the first matplotlibrc of several places, the working folder before all.
        found = find_spec("matplotlib")
        assert found is not None
        assert found.origin is not None
        with chdir(Path(found.origin).with_name("mpl-data")):
            yield
    finally:
        del os.environ["MPLCONFIGDIR"]
        os.environ.update(before)
