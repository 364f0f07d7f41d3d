"""Tensors in the files of PyTorch and safetensors, read without running anything in them.

A file is looked into first: what is there, under which names, of which types and shapes, in
time and memory that its description bounds. Only the tensors that are wanted are read then, each
byte of them once.
"""

from __future__ import annotations

import errno
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from gahb.denoisers.pickled import LARGEST_PICKLE, Refused
from gahb.denoisers.stored import Stored, Strange, TensorFile
from gahb.denoisers.torch_files import open_old, open_zip
from gahb.errors import CheckpointError
from gahb.files import check_memory, check_regular, disguise

NUMBERS = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


def open_tensor_file(path: Path | str) -> TensorFile:
    """Look into a file of PyTorch (a ``.pt``, of any age) or of safetensors.

    Raises
    ------
    CheckpointError
        If it is neither, or damaged, or asks for more than a network needs.
    """
    path = Path(path)
    size = check_regular(path).st_size
    if not size:
        raise CheckpointError(f"{path} is empty: get it again")
    with path.open("rb") as file:
        start = file.read(512)
    if what := disguise(start):
        raise CheckpointError(f"{path} is no file of tensors but {what}")
    try:
        if start.startswith(b"PK\x03\x04"):
            return open_zip(path)
        if start.startswith(b"\x80"):
            return open_old(path)
        if start[8:9] == b"{":
            return _open_safetensors(path, size)
    except UNREADABLE as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise  # it cannot be read now, which says nothing about it
        reason = f" ({error})" if isinstance(error, Refused) else ""
        raise CheckpointError(
            f"{path} is no file of tensors, or damaged{reason}: get it again"
        ) from None
    raise CheckpointError(f"{path} is no file of tensors: neither of PyTorch nor of safetensors")


UNREADABLE = (
    OSError,
    ValueError,
    OverflowError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    zipfile.BadZipFile,
    struct.error,
    SafetensorError,
)
"""What a damaged or hostile file makes of those that read it."""


class SafeTensorFile(TensorFile):
    """A file of safetensors, of ours or of others."""

    def read(self, wanted: Mapping[str, Stored]) -> dict[str, Tensor]:
        """Return tensors, on the CPU, as `TensorFile.read`."""
        with safe_open(self.path, framework="pt") as file:
            return {name: file.get_tensor(stored.storage) for name, stored in wanted.items()}


def _open_safetensors(path: Path, size: int) -> SafeTensorFile:
    check_memory(path, size)
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
    if length > LARGEST_PICKLE:
        raise Refused(f"its header is over {LARGEST_PICKLE >> 20} MiB")
    content: dict[str, Stored | Strange] = {}
    with safe_open(path, framework="pt") as file:
        for name in file.keys():  # noqa: SIM118
            known = file.get_slice(name)
            dtype, shape = NUMBERS.get(known.get_dtype()), tuple(known.get_shape())
            content[name] = (
                Stored(dtype, shape, (), 0, name)
                if dtype
                else Strange(f"a tensor of {known.get_dtype()}")
            )
    return SafeTensorFile(path, content)
