"""What is in a file of ``torch.save``: a zip, or before PyTorch 1.6 pickles one after another."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import torch

from gahb.denoisers.pickled import LARGEST_PICKLE, Called, Named, Outside, Refused, described
from gahb.denoisers.stored import Place, Stored, Strange, TensorFile
from gahb.errors import CheckpointError
from gahb.messages import listed

NUMBERS = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}
KINDS = {
    "qtensor": "a quantised tensor",
    "sparse_tensor": "a sparse tensor",
    "nested_tensor": "a nested tensor",
    "meta_tensor_no_storage": "a tensor without values",
    "tensor_v3": "a tensor of other numbers, such as float8",
}
"""What tensors are that cannot be read, by the functions that would make them."""
OLD_MAGIC = 0x1950A86A20F9469CFC6C
"""What the first pickle of a file before PyTorch 1.6 holds."""
MOST_SIDES = 8
LARGEST_SIDE = 2**40
"""Of a tensor: no file could hold more."""


class _Careful(io.FileIO):
    """A file of which nobody reads much at a time, whatever a directory of a zip claims."""

    def read(self, size: int | None = -1) -> bytes:
        most = LARGEST_PICKLE + 1
        content = super().read(most if size is None or size < 0 else min(size, most))
        if len(content) > LARGEST_PICKLE:
            raise Refused(f"a part of it that describes is over {LARGEST_PICKLE >> 20} MiB")
        return content


def open_zip(path: Path) -> TensorFile:
    """Look into a file of PyTorch since 1.6; errors as `gahb.denoisers.tensor_files` names them.

    Its parts are not compressed, so that nothing in it is larger than it is.
    """
    with _Careful(path) as file, zipfile.ZipFile(file) as archive:
        parts = {info.filename: info for info in archive.infolist()}
        roots = [name[: -len("/data.pkl")] for name in parts if name.endswith("/data.pkl")]
        if len(roots) != 1 or "/" in roots[0]:
            raise CheckpointError(
                f"{path} is a zip, but not one of torch.save; it holds {listed(set(parts))}"
            )
        root = roots[0]
        if f"{root}/constants.pkl" in parts:
            raise CheckpointError(
                f"{path} is a TorchScript program; save the weights alone: "
                "torch.save(network.state_dict(), path)"
            )
        order = parts.get(f"{root}/byteorder")
        if order and _small(file, order) != b"little":
            raise Refused("its numbers begin with their large end")
        content, _ = described(io.BytesIO(_small(file, parts[f"{root}/data.pkl"])))
        places = {
            name.removeprefix(f"{root}/data/"): _place(file, info)
            for name, info in parts.items()
            if name.startswith(f"{root}/data/")
        }
    return TensorFile(path, with_tensors(content), places)


def _place(file: io.FileIO, part: zipfile.ZipInfo) -> Place:
    """Return where the bytes of a part of a zip are."""
    plain = part.compress_type == zipfile.ZIP_STORED and part.file_size == part.compress_size
    if not plain or part.flag_bits & 1:
        raise Refused("parts of it are compressed or encrypted, which torch.save never does")
    file.seek(part.header_offset)
    signature, name, extra = struct.unpack("<4s22xHH", file.read(30))
    if signature != b"PK\x03\x04":
        raise Refused("its directory names parts that are not there")
    # Written as 0 where torch.serialization.set_crc32_options(False) leaves checksums out.
    return Place(part.header_offset + 30 + name + extra, part.file_size, part.CRC or None)


def _small(file: io.FileIO, part: zipfile.ZipInfo) -> bytes:
    """Return a part of a zip that describes others."""
    place = _place(file, part)
    if place.size > LARGEST_PICKLE:
        raise Refused(f"its description is over {LARGEST_PICKLE >> 20} MiB")
    file.seek(place.start)
    content = file.read(place.size)
    if place.checksum not in (None, zlib.crc32(content)):
        raise Refused("a checksum of it is wrong")
    return content


def open_old(path: Path) -> TensorFile:
    """Look into a file of PyTorch before 1.6, or of ``_use_new_zipfile_serialization=False``."""
    with path.open("rb") as file:
        head = io.BytesIO(file.read(LARGEST_PICKLE))
        magic, _ = described(head)
        if magic != OLD_MAGIC:
            raise CheckpointError(
                f"{path} is a pickle, but not one of torch.save; save the weights alone: "
                "torch.save(network.state_dict(), path)"
            )
        described(head)  # the version, always the same
        system, _ = described(head)
        if isinstance(system, dict) and system.get("little_endian") is False:
            raise Refused("its numbers begin with their large end")
        content, outside = described(head)
        keys, _ = described(head)
        widths = {key: dtype.itemsize for key, dtype in map(_storage, outside) if dtype}
        places, start = {}, head.tell()
        for key in keys if isinstance(keys, list) else []:
            if not isinstance(key, str) or key not in widths:
                break  # the numbers of what is no tensor: what comes after cannot be found
            file.seek(start)
            (count,) = struct.unpack("<q", file.read(8))
            if count < 0:
                raise Refused("a number of numbers is negative")
            places[key] = Place(start + 8, count * widths[key])
            start += 8 + count * widths[key]
    return TensorFile(path, with_tensors(content), places)


def _storage(reference: Any) -> tuple[str, torch.dtype | None]:
    """Return the name of a storage and the type of its numbers, None if it is another one."""
    identity = reference.identity if isinstance(reference, Outside) else ()
    if isinstance(identity, tuple) and len(identity) in (5, 6) and identity[0] == "storage":
        kind, key = identity[1:3]
        if isinstance(kind, Named) and kind.module == "torch" and isinstance(key, str):
            return key, NUMBERS.get(kind.name)
    return "", None


def with_tensors(content: Any) -> Any:
    """Return what a pickle describes, with `Stored` and `Strange` in the place of tensors."""
    content = _tensor(content)
    waiting, known = [content], set()
    made: dict[Called, Any] = {}  # many names may stand for one tensor
    while waiting:
        box = waiting.pop()
        if not isinstance(box, dict | list | tuple) or id(box) in known:
            continue
        known.add(id(box))
        if isinstance(box, dict):
            for key, value in box.items():
                if isinstance(value, Called):
                    if value not in made:
                        made[value] = _tensor(value)
                    box[key] = made[value]
            waiting += box.values()
        else:
            waiting += box
    return content


def _tensor(value: Any) -> Any:
    """Return the tensor that a call would make, or what it is given."""
    for _ in range(3):  # a parameter of a subclass, at most
        if not isinstance(value, Called) or not isinstance(value.function, Named):
            return value
        name, arguments = str(value.function), value.arguments
        if not isinstance(arguments, tuple):
            return value
        if name.startswith("torch._utils._rebuild_parameter") and arguments:
            value = arguments[0]
        elif name == "torch._tensor._rebuild_from_type_v2" and len(arguments) == 4:
            value = Called(arguments[0], arguments[2])
        elif name in ("torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2"):
            return _stored(arguments)
        elif name.startswith("torch._utils._rebuild"):
            kind = value.function.name.removeprefix("_rebuild_")
            return Strange(KINDS.get(kind, f"a tensor of another kind ({kind[:40]})"))
        else:
            return value
    return Strange("a tensor inside tensors")


def _stored(arguments: tuple) -> Stored | Strange:
    """Return a tensor from the arguments that it is made with."""
    if len(arguments) < 4:
        return Strange("a tensor without a shape")
    reference, offset, shape, stride = arguments[:4]
    if len(arguments) > 6 and arguments[6]:
        return Strange("a tensor that is negated or conjugated where it is read")
    key, dtype = _storage(reference)
    if dtype is None:
        return Strange("a tensor of other numbers, such as complex ones")
    sides = [offset]
    for side in (shape, stride):
        if not isinstance(side, tuple) or len(side) > MOST_SIDES or len(side) != len(shape):
            return Strange("a tensor of a shape that is none")
        sides += side
    if not all(type(side) is int and 0 <= side <= LARGEST_SIDE for side in sides):
        return Strange("a tensor of a shape that no file could hold")
    return Stored(dtype, shape, stride, offset, key)
