"""Paths that start with the home folder."""

from __future__ import annotations

import os

from gahb.errors import ConfigError


def expanded(path: str, name: str) -> str:
    """Return ``path`` with the home folder for a ``~`` in front, as a shell would.

    Parameters
    ----------
    path : str
        From a configuration or the environment.
    name : str
        The key that it is the value of, for the message.

    Raises
    ------
    ConfigError
        If there is no such home folder.
    """
    found = os.path.expanduser(path)
    if found.startswith("~"):
        raise ConfigError(
            f"config: {name}: {path} starts with a home folder that is not known here; write the "
            "whole path, or ./~ in front for a folder that is called so"
        )
    return found
