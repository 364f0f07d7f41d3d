"""What a path leads to, looked at before a reader of PyTorch's or ours is let in."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

from gahb.errors import CheckpointError, ConfigError

NOWHERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL})

DISGUISES = (
    (rb"version https://git-lfs\.", "a pointer of Git LFS in its place: run git lfs pull"),
    (
        rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|\?xml|!--)",
        "a web page saved in its place: look at it in a browser, and download the file again",
    ),
    (rb"\s*[\[{]\s*[\"\]}\[{]", "JSON: an answer of a server saved in its place?"),
    (rb"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|7z\xbc\xaf", "packed: unpack it"),
    (rb"\x89HDF", "HDF5, as Keras writes it, not of PyTorch"),
    (rb"\x93NUMPY", "an array of NumPy, not of PyTorch"),
)
"""How files begin that are often found under the name of weights, and what they are."""


def check_regular(path: Path | str) -> os.stat_result:
    """Return what is known of a file; whatever reads for ever, or cannot be read, is refused.

    Raises
    ------
    CheckpointError
        If there is nothing, or a folder, a named pipe or a device.
    OSError
        If it cannot be looked at now, which says nothing about it.
    """
    try:
        found = Path(path).stat()
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno not in NOWHERE:
            raise
        raise CheckpointError(f"{path} does not exist") from None
    if stat.S_ISDIR(found.st_mode):
        raise CheckpointError(f"{path} is a folder, expected a file")
    if not stat.S_ISREG(found.st_mode):
        raise CheckpointError(f"{path} is a pipe, a device or a socket, expected a file")
    return found


def check_weights(path: Path | str, *, of_ones_own: bool) -> None:
    """Raise a ConfigError unless networks can be read from ``path``, as far as a look can tell.

    What a network of one's own is read from may be a folder, or a file of any kind.
    """
    try:
        if of_ones_own and Path(path).is_dir():
            return
        check_regular(path)
        with Path(path).open("rb") as file:
            what = None if of_ones_own else disguise(file.read(512))
    except CheckpointError as error:
        raise ConfigError(f"config: denoiser.weights: {error}") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(f"config: denoiser.weights: {path} cannot be read ({reason})") from None
    if what:
        raise ConfigError(f"config: denoiser.weights: {path} is no file of tensors but {what}")


def disguise(start: bytes) -> str | None:
    """Return what a file is, by its first bytes, if it is something that is no weights."""
    return next((what for how, what in DISGUISES if re.match(how, start, re.IGNORECASE)), None)


def check_memory(path: Path | str, size: int) -> None:
    """Raise a CheckpointError if ``size`` bytes are more than this machine has of memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if size > memory:
        raise CheckpointError(
            f"{path} holds {size / 2**30:,.1f} GiB, this machine has {memory / 2**30:,.1f} GiB of "
            "memory: no network of ours is as large, get the file again"
        )
