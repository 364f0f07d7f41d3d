"""The folders that a run is in: what Snakemake cannot work with is said before it tries."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from gahb.data.sources import DATA_VARIABLE
from gahb.errors import ConfigError, printable
from gahb.settings.home import expanded


def prepare_folders(repository: Path) -> None:
    """Look at the folders of a run, and put names of others as Snakemake needs them.

    Raises
    ------
    ConfigError
        If a name is one that Snakemake cannot work with: which, and what to do.
    """
    here = os.getcwd()
    for folder in (here, str(repository)):
        if folder != os.fsencode(folder).decode(errors="replace"):
            raise ConfigError(
                f"{printable(folder)}: Snakemake cannot work in a folder whose name is no UTF-8: "
                "rename it"
            )
    if "{" in here:
        # Its lock is then looked for in all folders with a name that would match.
        raise ConfigError(
            f"{printable(here)}: in the path of the folder that it runs in Snakemake takes braces "
            "for a wildcard: rename it, or run with --directory and another folder for the results"
        )
    # Snakemake puts the interpreter's path into commands as it is, spaces and quotes too.
    if Path(sys.executable).exists():
        sys.executable = shlex.quote(sys.executable)
    if DATA_VARIABLE in os.environ:
        os.environ[DATA_VARIABLE] = expanded(os.environ[DATA_VARIABLE], DATA_VARIABLE)


def environment(repository: Path) -> str:
    """Return what jobs run in under ``--software-deployment-method conda``.

    Snakemake looks for wildcards in its path: a folder may be called {so}.
    """
    path = str(repository / "workflow/envs/gahb.yaml")
    return path.replace("{", "{{").replace("}", "}}")
