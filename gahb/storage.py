"""Files that are either whole or absent, and checkpoints that prove they are whole."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gahb.errors import CheckpointError, DataError, StorageError
from gahb.files import check_memory, check_regular, disguise

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` that takes its name if nothing fails.

    The file reaches the disk before it is renamed, so that neither a killed process
    nor a power cut leaves half a file under the final name. What a killed process leaves is
    overwritten by the next one that writes the same.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def content_hash(content: bytes | memoryview) -> str:
    """Return the SHA-256 of ``content`` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def file_hash(path: Path | str, algorithm: str = "sha256") -> str:
    """Return the digest of a file in hexadecimal, read in blocks."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def write_json(path: Path | str, content: Any) -> None:
    """Write ``content`` as JSON; NaN and infinity are refused."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")


def write_text(path: Path | str, text: str) -> None:
    """Write ``text`` in UTF-8."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def finite_json(text: str) -> Any:
    """Return what JSON says; numbers that are not finite are a ValueError, as in the standard."""
    return json.loads(text, parse_constant=_finite, parse_float=_finite)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is not a finite number")
    return value


def read_json(path: Path | str) -> Any:
    """Read a JSON file; a damaged one is a `DataError` that names it."""
    try:
        return finite_json(Path(path).read_text())
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is not valid JSON ({error}); delete it and run again") from None


def write_table(path: Path | str, table: pd.DataFrame) -> None:
    """Write a tidy table as CSV; missing values are blank, floats have nine digits."""
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=False, float_format="%.9g", lineterminator="\n")


def write_array(path: Path | str, array: np.ndarray) -> None:
    """Write one array as ``.npy``."""
    with atomic_path(path) as temporary:
        np.save(temporary, array, allow_pickle=False)


def read_array(path: Path | str) -> np.ndarray:
    """Map a ``.npy`` file into memory, read-only; a damaged one is a `DataError`."""
    with _intact(path):
        return np.load(path, mmap_mode="r", allow_pickle=False)


@contextmanager
def _intact(path: Path | str) -> Iterator[None]:
    """Make a `DataError` of whatever a damaged file makes of NumPy's readers."""
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{path} is damaged ({reason}); delete it and run again") from None


def write_arrays(path: Path | str, arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays as ``.npz``."""
    with atomic_path(path) as temporary:
        np.savez(temporary, **arrays)  # type: ignore[arg-type]  # as if one were allow_pickle


def read_arrays(path: Path | str) -> dict[str, np.ndarray]:
    """Read all arrays of an ``.npz`` file; pickled objects and damage are a `DataError`."""
    # NumPy does not close files of its own that turn out to be damaged.
    with _intact(path), Path(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def state_hash(tensors: Mapping[str, Tensor], description: Mapping[str, Any]) -> str:
    """Return a SHA-256 over a description and names, types, shapes and bytes of tensors."""
    import torch

    names = sorted(tensors)
    kinds = [[name, str(tensors[name].dtype), list(tensors[name].shape)] for name in names]
    stated = json.dumps([dict(description), kinds], sort_keys=True, allow_nan=False)
    digest = hashlib.sha256(stated.encode())
    for name in names:
        tensor = tensors[name].detach().cpu().contiguous()
        # As bytes: NumPy does not know every type that networks come in.
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def write_checkpoint(
    path: Path | str, tensors: Mapping[str, Tensor], description: Mapping[str, Any]
) -> None:
    """Write tensors and a JSON-able description as one safetensors file.

    The same tensors and description give the same bytes. A hash of both is stored with them,
    so that a flipped bit is found on reading, wherever it is.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    # Copies: networks may use one tensor under two names, which safetensors refuses.
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    header = {"description": dict(description), "sha256": state_hash(tensors, description)}
    # One metadata key only: safetensors does not keep the order of several.
    metadata = {"gahb": json.dumps(header, sort_keys=True, allow_nan=False)}
    with atomic_path(path) as temporary:
        try:
            save_file(tensors, temporary, metadata=metadata)
        except SafetensorError as error:  # which does not tell a full disk from other reasons
            raise StorageError(f"{path} cannot be written ({error})") from None


def is_checkpoint(path: Path | str) -> bool:
    """Return whether a file says that it was written by `write_checkpoint`."""
    from safetensors import SafetensorError, safe_open

    check_regular(path)
    try:
        with safe_open(path, framework="pt") as file:
            return "gahb" in (file.metadata() or {})
    except SafetensorError:
        return False


def checkpoint_header(path: Path | str) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """Return the description of a checkpoint and the shapes of its tensors, without reading them.

    What does not fit, however large, need not be read; only `read_checkpoint` proves it whole.
    Errors are those of `read_checkpoint`.
    """
    with _opened(path) as (file, header):
        shapes = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118
        return dict(header["description"]), shapes


def read_checkpoint(path: Path | str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read the tensors and the description written by `write_checkpoint`.

    Raises
    ------
    CheckpointError
        If the file is missing, cut short, altered, or not one of ours.
    OSError
        If it cannot be read now, which says nothing about it.
    """
    with _opened(path) as (file, header):
        expected, description = header["sha256"], dict(header["description"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    if state_hash(tensors, description) != expected:
        raise CheckpointError(
            f"{path} is damaged (its content does not match its hash); delete it and run again"
        )
    return tensors, description


@contextmanager
def _opened(path: Path | str) -> Iterator[tuple[Any, Any]]:
    """Open a checkpoint; what a damaged or strange one makes of its readers is explained."""
    from safetensors import SafetensorError, safe_open

    check_memory(path, check_regular(path).st_size)
    try:
        with safe_open(path, framework="pt") as file:
            yield file, finite_json((file.metadata() or {})["gahb"])
    except FileNotFoundError:
        raise CheckpointError(f"{path} does not exist") from None
    except (KeyError, ValueError, TypeError, RecursionError):
        raise CheckpointError(f"{path} is not a checkpoint written by gahb") from None
    except SafetensorError as error:
        reason = f"it is {found}" if (found := _disguise_of(path)) else str(error)
        raise CheckpointError(f"{path} is damaged ({reason}); delete it and run again") from None


def _disguise_of(path: Path | str) -> str | None:
    """Return what a file is, if it is something that is no checkpoint."""
    with Path(path).open("rb") as file:
        return disguise(file.read(512))
