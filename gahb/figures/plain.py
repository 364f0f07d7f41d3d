"""Matplotlib without the settings of the user."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from importlib.util import find_spec
from pathlib import Path


@contextmanager
def without_settings() -> Iterator[None]:
    """Have matplotlib imported as it comes.

    Settings change what it draws, and some keep it from being imported: a backend that is not
    there, a file that is not UTF-8. For a process that draws and nothing else: in a notebook
    the user wants his own.
    """
    backend = os.environ.pop("MPLBACKEND", None)
    try:
        # It takes the first matplotlibrc of several places, the working folder before all.
        with chdir(Path(find_spec("matplotlib").origin).with_name("mpl-data")):
            yield
    finally:
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
