"""Directories of tags, as in TIFF and EXIF, of which none is read but what is asked for.

Layout: Adobe, TIFF Revision 6.0 (1992), section 2; BigTIFF has wider counts and offsets.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

ORIENTATION = 274
WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
WIDTHS |= {16: 8, 17: 8, 18: 8}
"""Bytes of one value of each type."""
INTEGERS = {1: "B", 3: "H", 4: "I", 16: "Q"}


@dataclass(frozen=True)
class Layout:
    """How numbers are written: ``order`` as in `struct`, and whether it is BigTIFF."""

    order: str
    big: bool

    @property
    def head(self) -> int:
        """Bytes before the first directory may begin."""
        return 16 if self.big else 8

    def unpack(self, classic: str, big: str, content: bytes) -> tuple[Any, ...]:
        """Return numbers, of types that differ between TIFF and BigTIFF."""
        return struct.unpack(self.order + (big if self.big else classic), content)

    def pack(self, classic: str, big: str, *values: int | bytes) -> bytes:
        """Return the bytes that `unpack` reads."""
        return struct.pack(self.order + (big if self.big else classic), *values)


@dataclass(frozen=True)
class Value:
    """What a tag has: type, number of values, and their bytes."""

    kind: int
    count: int
    content: bytes

    def first(self, layout: Layout) -> int | None:
        """Return the first value if it is a whole number."""
        letter = INTEGERS.get(self.kind)
        if letter is None or len(self.content) < WIDTHS[self.kind]:
            return None
        return struct.unpack_from(layout.order + letter, self.content)[0]


def layout_of(head: bytes) -> Layout | None:
    """Return how a file that begins with ``head`` is laid out, None if it is no TIFF."""
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    # Some writers have the second number in the other order.
    version = max(head[2:4], default=0) if min(head[2:4], default=1) == 0 else 0
    return Layout(order, version == 43) if order and version in (42, 43) else None


def first_directory(file: BinaryIO) -> tuple[Layout | None, int]:
    """Return the layout of a file and where its first directory is."""
    file.seek(0)
    head = file.read(16)
    layout = layout_of(head)
    if layout is None or len(head) < layout.head:
        return None, 0
    start = layout.head // 2
    return layout, layout.unpack("I", "Q", head[start : layout.head])[0]


def bytes_at(file: BinaryIO, offset: int, size: int) -> bytes:
    """Return so many bytes from a place, fewer where the file ends."""
    if offset >= 2**48:
        return b""
    file.seek(offset)
    return file.read(size)


def tag_count(file: BinaryIO, layout: Layout, offset: int) -> int:
    """Return how many tags a directory says it has, 0 if there is none."""
    width = 8 if layout.big else 2
    content = bytes_at(file, offset, width)
    return layout.unpack("H", "Q", content)[0] if len(content) == width else 0


def entries(file: BinaryIO, layout: Layout, offset: int) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield tag, type, count and field of each entry that is there whole."""
    width = 20 if layout.big else 12
    count = min(tag_count(file, layout, offset), 2**16)
    content = file.read(count * width)
    for start in range(0, len(content) - width + 1, width):
        yield layout.unpack("HHI4s", "HHQ8s", content[start : start + width])


def content_of(file: BinaryIO, layout: Layout, size: int, field: bytes) -> bytes:
    """Return the bytes of a value, from its field or from where that points."""
    if size <= len(field):
        return field[:size]
    return bytes_at(file, layout.unpack("I", "Q", field)[0], size)


def read_orientation(block: bytes) -> int | None:
    """Return how a camera was held, 1 to 8, from a block of EXIF; None if it does not say.

    Nothing but that one tag is looked at.
    """
    value = find_tag(re.sub(rb"\A(Exif\0\0){1,2}", b"", block), ORIENTATION)
    return valid_orientation(value)


def find_tag(block: bytes, wanted: int) -> int | bytes | None:
    """Return what a tag of a block's first directory has, or None.

    A whole number, or the bytes of another type, as far as they are there.
    """
    file = BytesIO(block)
    layout, offset = first_directory(file)
    if layout is None:
        return None
    for tag, kind, count, field in entries(file, layout, offset):
        if tag == wanted and kind in WIDTHS:
            size = min(count * WIDTHS[kind], len(block))
            value = Value(kind, count, content_of(file, layout, size, field))
            number = value.first(layout)
            return value.content if number is None else number
    return None


def orientation_in_xmp(block: bytes) -> int | None:
    """Return how a camera was held from a block of XMP, None if it does not say."""
    found = re.search(rb'tiff:Orientation(?:="|>)([1-8])', block)
    return int(found[1]) if found else None


def valid_orientation(value: int | bytes | None) -> int | None:
    """Return a value if it is an orientation, 1 to 8, else None."""
    return value if isinstance(value, int) and 1 <= value <= 8 else None
