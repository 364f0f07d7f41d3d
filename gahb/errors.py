"""Errors a user can mend; each is one line: what is wrong, where, what to do."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """Return ``text`` with what would steer a terminal or break a line written as escapes.

    These are control and format characters, such as escape, newline and those that turn the
    direction of writing, line separators, and halves of surrogate pairs, which stand for bytes
    of file names that are no UTF-8. Every other character stays as it is.
    """
    return text if text.isprintable() else "".join(map(_printable, text))


def _printable(character: str) -> str:
    unfit = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    return character.encode("unicode_escape").decode() if unfit else character


class GahbError(Exception):
    """Base of all errors whose message is written for the user, without a traceback.

    Parameters
    ----------
    *lines : str
        The message; names in it, of files or from elsewhere, may hold any character. A second
        line and others are for a list of what may help.
    """

    def __str__(self) -> str:
        return "\n".join(printable(str(line)) for line in self.args)


class ConfigError(GahbError):
    """The configuration cannot be used; the message names the key."""


class DataError(GahbError):
    """A data file is missing, truncated, altered or unreadable."""


class CheckpointError(GahbError):
    """A checkpoint is damaged or belongs to another configuration."""


class StorageError(GahbError):
    """A folder that results go to cannot be written."""


class NetworkError(GahbError):
    """A network that somebody wrote does not do what is asked of a denoiser."""


class Interrupted(GahbError):
    """The process was asked to end, and has written where it was."""


class TrainingError(GahbError):
    """Training cannot go on, for instance because the loss is not finite."""
