"""Where and how to compute: device, precision, compilation. What is missing is said once."""

from __future__ import annotations

import fcntl
import logging
import os
import shlex
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

import torch
from torch import Tensor, nn

from gahb.errors import ConfigError, StorageError
from gahb.jobs.runs import place
from gahb.settings import RuntimeSettings
from gahb.storage import content_hash
from gahb.training.group import ALONE, BACKENDS, Group

log = logging.getLogger("gahb")


def resolve_device(name: str) -> torch.device:
    """Return the device called ``name``; ``"auto"`` takes CUDA, then MPS, then the CPU.

    Raises
    ------
    ConfigError
        If ``name`` is not a device, or one that this machine lacks.
    """
    if name == "auto":
        found = (
            torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        )
        return found or torch.device("cpu")
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ConfigError(f"runtime.device: cannot use {name!r} ({reason}); try auto") from None
    return torch.device(name)


def precise_device(device: torch.device) -> torch.device:
    """Return ``device`` if it knows float64, or the CPU, which does."""
    return torch.device("cpu") if device.type == "mps" else device


def prepare_device(runtime: RuntimeSettings, threads: int, group: Group = ALONE) -> torch.device:
    """Fix the number of threads and what else decides bits; return the device to use.

    Of several GPUs, a job that names none takes one that no other job of this machine has
    taken; a process of a group has been given one.
    """
    torch.set_num_threads(threads)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    # TF32 keeps 10 bits: where float32 is asked for, as in Jacobians, it is meant.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    device = resolve_device(group.device or runtime.device)
    if device != torch.device("cuda") or torch.cuda.device_count() < 2:
        return device
    return torch.device("cuda", claimed_gpus(torch.cuda.device_count(), 1)[0])


def group_devices(runtime: RuntimeSettings, processes: int) -> list[str]:
    """Return a device for each process of a training; GPUs are claimed for it.

    Raises
    ------
    ConfigError
        For a type of device that has one process only, or fewer GPUs than processes.
    """
    device = resolve_device(runtime.device)
    if device.type not in BACKENDS:
        raise ConfigError(f"config: training.processes: {device.type} has one process; set it to 1")
    if device.type == "cpu":
        return ["cpu"] * processes
    count = torch.cuda.device_count() if device.index is None else 1
    if count < processes:
        raise ConfigError(
            f"config: training.processes: {processes} need as many GPUs, and {runtime.device} "
            f"is {count} here"
        )
    return [f"cuda:{index}" for index in claimed_gpus(count, processes)]


_CLAIMS: list[IO[str]] = []
"""Locks that this process holds until it ends."""


def claimed_gpus(count: int, wanted: int, folder: Path = Path("results/.cache/gpus")) -> list[int]:
    """Return the numbers of GPUs, of ``count``, that no other job of this machine has claimed.

    Snakemake counts GPUs (``--resources gpu=4``) and assigns none. The claim ends with the
    process, however it ends. When too few are left some are shared, and that is said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    visible = content_hash(os.environ.get("CUDA_VISIBLE_DEVICES", "all").encode())[:12]
    machine = place().split("/")[0]
    free, taken = [], []
    for index in range(count):
        lock = (folder / f"{machine}_{visible}_{index}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            taken.append(index)
            continue
        except OSError as error:
            log.warning("files cannot be locked here (%s): jobs may share GPUs", error.strerror)
        _CLAIMS.append(lock)
        free.append(index)
        if len(free) == wanted:
            return free
    shift = os.getpid() % len(taken)
    shared = (taken[shift:] + taken[:shift])[: wanted - len(free)]
    log.warning("of %s GPUs %s are taken: sharing %s", count, len(taken), shared)
    return sorted(free + shared)


def has_bf16(device: torch.device) -> bool:
    """Return whether ``device`` multiplies bfloat16 matrices natively."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))
    return False


def resolve_precision(name: str, device: torch.device) -> torch.dtype:
    """Return the data type for autocast: bfloat16, or float32 for none.

    ``"auto"`` takes bfloat16 where the hardware has it.
    """
    if name == "auto" and not has_bf16(device):
        log.info("bf16 is not available on this %s: training in fp32", device.type)
        return torch.float32
    if name == "auto":
        return torch.bfloat16
    return {"bf16": torch.bfloat16, "fp32": torch.float32}[name]


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
