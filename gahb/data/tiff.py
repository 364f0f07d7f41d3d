"""TIFF: a copy of a file with only those tags that its pixels need."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import SEEK_END
from typing import BinaryIO

from gahb.data.files import DAMAGED, Unusable
from gahb.data.tags import (
    ORIENTATION,
    WIDTHS,
    Layout,
    Value,
    bytes_at,
    content_of,
    entries,
    first_directory,
    orientation_in_xmp,
    tag_count,
    valid_orientation,
)

XMP, SUBFILE = 700, 254
TILE_WIDTH, TILE_LENGTH = 322, 323
PARTS = frozenset({273, 279, 324, 325})
"""Where strips and tiles are, and their sizes."""
NEEDED = PARTS | {256, 257, 258, 259, 262, 266, 277, 278, 284, 292, 293, 317, 320}
NEEDED |= {TILE_WIDTH, TILE_LENGTH, 332, 338, 339, 347, 512, 513, 514, 515, 519, 520, 521}
NEEDED |= {529, 530, 531, 532}
"""Size, kind of pixels, compression, place: all else is metadata."""
MOST_PARTS = 2**18
"""Strips or tiles: 64 million pixels have as many tiles of 16x16."""
MOST_VALUE = 2**20
"""Bytes of any other value; a colour map has 0.4 million."""
MOST_PAGES = 2**16


@dataclass(frozen=True)
class Tiff:
    """The first directory of a TIFF.

    Attributes
    ----------
    layout : Layout
        Of the file.
    values : dict
        Those of `NEEDED` that it has.
    orientation : int or None
        As its camera was held, 1 to 8.
    pages : int
        Pictures in the file, those aside that are smaller copies or masks.
    """

    layout: Layout
    values: dict[int, Value]
    orientation: int | None
    pages: int

    @property
    def tile_pixels(self) -> int:
        """Pixels of one tile, 0 if there are none: room for one is taken whatever it holds."""
        sides = [self.values.get(tag) for tag in (TILE_WIDTH, TILE_LENGTH)]
        width, length = (side.first(self.layout) if side else 0 for side in sides)
        return (width or 0) * (length or 0)

    def beginning(self) -> bytes:
        """Return a file of the tags alone."""
        start = self.layout.head
        return self._head(start) + self._directory(start)

    def without_metadata(self, content: bytes) -> bytes:
        """Return the file with the tags that pixels need, and no further page."""
        start = len(content) + len(content) % 2
        filled = content[self.layout.head :].ljust(start - self.layout.head, b"\0")
        return self._head(start) + filled + self._directory(start)

    def _head(self, start: int) -> bytes:
        name = b"II" if self.layout.order == "<" else b"MM"
        if self.layout.big:
            return name + struct.pack(f"{self.layout.order}HHHQ", 43, 8, 0, start)
        return name + struct.pack(f"{self.layout.order}HI", 42, start)

    def _directory(self, start: int) -> bytes:
        """Return the directory that lies at ``start``, with all values behind it."""
        layout, width = self.layout, 8 if self.layout.big else 4
        count = layout.pack("H", "Q", len(self.values))
        place = start + len(count) + len(self.values) * (20 if layout.big else 12) + width
        listed, behind = [], []
        for tag, value in sorted(self.values.items()):
            if len(value.content) <= width:
                field = value.content.ljust(width, b"\0")
            else:
                field = layout.pack("I", "Q", place)
                padded = value.content + b"\0" * (len(value.content) % 2)
                behind.append(padded)
                place += len(padded)
            listed.append(layout.pack("HHI4s", "HHQ8s", tag, value.kind, value.count, field))
        return b"".join([count, *listed, b"\0" * width, *behind])


def read_tiff(file: BinaryIO) -> Tiff:
    """Read the first directory of a TIFF.

    Raises
    ------
    Unusable
        If it has more tags, strips or tiles than any picture needs.
    """
    layout, offset = first_directory(file)
    if layout is None:
        raise Unusable(DAMAGED)
    length = file.seek(0, SEEK_END)
    values: dict[int, Value] = {}
    turned: dict[int, tuple[int, int, bytes]] = {}
    for tag, kind, count, field in entries(file, layout, offset):
        size = count * WIDTHS.get(kind, 0)
        # Of tags given twice the first counts, as for all readers.
        if tag in (ORIENTATION, XMP):
            turned.setdefault(tag, (kind, count, field))
        elif tag in NEEDED and tag not in values and 0 < size <= length:
            if size > MOST_VALUE and not (tag in PARTS and count <= MOST_PARTS):
                raise Unusable("a TIFF with more strips or tiles than pixels need")
            content = content_of(file, layout, size, field)
            if len(content) == size:
                values[tag] = Value(kind, count, content)
    return Tiff(layout, values, _turned(file, layout, turned), _pages(file, layout, offset))


def _turned(file: BinaryIO, layout: Layout, found: dict[int, tuple[int, int, bytes]]) -> int | None:
    """Return what the tags of orientation and XMP say."""
    if ORIENTATION in found:
        kind, count, field = found[ORIENTATION]
        return valid_orientation(Value(kind, count, field).first(layout))
    if XMP in found:
        kind, count, field = found[XMP]
        size = min(count * WIDTHS.get(kind, 0), MOST_VALUE)
        return orientation_in_xmp(content_of(file, layout, size, field))
    return None


def _pages(file: BinaryIO, layout: Layout, offset: int) -> int:
    """Return how many directories there are, those aside that are smaller copies or masks."""
    seen: set[int] = set()
    pages = 0
    width, entry = (8, 20) if layout.big else (2, 12)
    while offset and offset not in seen and len(seen) < MOST_PAGES:
        seen.add(offset)
        count = tag_count(file, layout, offset)
        first = file.read(entry)
        if not count or len(first) < entry:
            break
        tag, kind, number, field = layout.unpack("HHI4s", "HHQ8s", first)
        subfile = Value(kind, number, field).first(layout) if tag == SUBFILE else 0
        pages += not (subfile or 0) & 0b101
        link = bytes_at(file, offset + width + count * entry, 8 if layout.big else 4)
        offset = layout.unpack("I", "Q", link)[0] if len(link) == (8 if layout.big else 4) else 0
    return max(1, pages)
