"""Compiled networks, and where they are kept."""

from __future__ import annotations

import logging
import os
import shlex
import tempfile
from contextlib import suppress
from pathlib import Path

import torch
from torch import Tensor, nn

from gahb.errors import StorageError

log = logging.getLogger(__name__)

CACHES = ("TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR")
"""Variables that name the folders of compiled networks; Triton's is in the first one by itself."""


def choose_cache(results: Path = Path("results")) -> None:
    """Let compiled networks be kept below ``results``, unless the environment names a folder.

    PyTorch unpickles, imports and links what it finds there, so it has to be this user's alone.
    Whoever can write to the folders above it can put another one in its place, as they can in
    that of the code.

    To be called before anything imports the compiler, as networks of one's own may: it chooses a
    folder when it is imported, one that everybody can foresee and make in ``/tmp``. Some of its
    caches are there even so, which is why temporary files go into the folder as well.

    Raises
    ------
    StorageError
        If others could have put something there, or into one that the environment names.
    """
    if not os.environ.get(CACHES[0]):
        folder = compilation_cache(results)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        _check_own(folder, CACHES[0])
        if not folder.is_symlink():
            folder.chmod(0o700)
        os.environ[CACHES[0]] = str(folder)
    for variable in CACHES:
        if place := os.environ.get(variable):
            with suppress(FileExistsError):
                Path(place).mkdir(mode=0o700, parents=True)
            _check_own(Path(place), variable)
    temporary = Path(os.environ[CACHES[0]]) / "temporary"
    temporary.mkdir(mode=0o700, exist_ok=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)


def _check_own(folder: Path, variable: str) -> None:
    """Raise a StorageError if anybody else can write to a folder, or could lead elsewhere."""
    state, user = folder.stat(), os.geteuid()
    if not folder.is_dir():
        reason = "it is not a folder"
    elif state.st_uid != user or folder.lstat().st_uid != user:
        owner = next(uid for uid in (state.st_uid, folder.lstat().st_uid) if uid != user)
        reason = f"it belongs to another user (number {owner})"
    elif state.st_mode & 0o022:
        reason = f"others can write to it (mode {state.st_mode & 0o777:o})"
    else:
        return
    raise StorageError(
        f"{folder}: compiled networks, which are executed, are kept here, and {reason}: remove it, "
        f"or set {variable} to a folder of your own"
    )


def compilation_cache(results: Path) -> Path:
    """Return the folder that compiled code is kept in, one that the compiler can be told of.

    PyTorch puts its path into command lines as it is: with a space, a quote or a backslash in
    it, compilation fails. The user's own cache then serves, or a new folder for temporary files.
    """
    preferred = (results / ".cache" / "compiled").absolute()
    if _is_one_word(preferred):
        return preferred
    user = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(user).absolute() / "gahb" / "compiled"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (_is_one_word(folder) and os.access(folder, os.W_OK)):
        folder = Path(tempfile.mkdtemp(prefix="gahb-"))
    log.warning(
        "%s has a space, a quote or a backslash, which the compiler cannot take: compiled code is "
        "kept in %s",
        preferred,
        folder,
    )
    return folder


def _is_one_word(path: Path) -> bool:
    """Return whether a shell would take a path as it is for one word."""
    try:
        return shlex.split(str(path)) == [str(path)]
    except ValueError:  # a quote that is not closed
        return False


def compiled(network: nn.Module, example: tuple[Tensor, ...], precision: torch.dtype) -> nn.Module:
    """Return ``torch.compile(network)``, or ``network`` where that does not work.

    One forward and backward pass is tried on the arguments ``example``; the network's parameters,
    buffers and gradients are left as they were.
    """
    # One cache for all jobs, kept between runs and seen by every node of a cluster.
    choose_cache()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    fast: nn.Module = torch.compile(network)  # type: ignore[assignment]  # one, of a module
    try:
        with torch.autocast(example[0].device.type, precision, enabled=precision != torch.float32):
            estimate = fast(*example)
        estimate.float().square().sum().backward()
    except Exception as error:  # whatever a missing or broken compiler raises
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        library = Path(torch.__file__).parent
        if not _is_one_word(library):
            reason = f"the compiler cannot take the path {library}; make VENV=/another/folder"
        log.warning("torch.compile is not available (%s): training uncompiled, slower", reason)
        fast = network
    network.load_state_dict(before)
    network.zero_grad(set_to_none=True)
    return fast
