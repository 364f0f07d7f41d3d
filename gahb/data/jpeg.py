"""JPEG: what stands before the pixels, without metadata (ISO 10918-1, appendix B)."""

from __future__ import annotations

import re
from io import SEEK_CUR
from typing import BinaryIO

from gahb.data.files import DAMAGED, Unusable
from gahb.data.headers import MOST_PIECES, Header
from gahb.data.tags import find_tag, orientation_in_xmp, read_orientation

JPEG = b"\xff\xd8\xff"
"""What a file begins with."""
MOST_SCANS = 100
"""Times that a JPEG may go over its pixels; encoders make some ten, libtiff has the same limit."""
XMP = b"http://ns.adobe.com/xap/1.0/\0"
PICTURES_IN_MPO = 0xB002
"""Tag of a JPEG's list of the pictures that follow it, 16 bytes each (CIPA DC-007)."""
NO_LENGTH = frozenset({0xC8, *range(0xD0, 0xDA), *range(0xF0, 0xFE)})
"""Markers of a JPEG that stand alone."""
COLOUR_MARKERS = frozenset({0xE0, 0xEE})
"""JFIF's and Adobe's: how colours are to be understood depends on them."""
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9


def read_jpeg(file: BinaryIO) -> Header:
    """Read the header of a JPEG, up to its pixels."""
    header, kept = Header(), [file.read(2)]
    for _ in range(MOST_PIECES):
        marker = _next_marker(file)
        if marker is None:
            break
        if not 0xC0 <= marker <= 0xFE:
            file.seek(-2, SEEK_CUR)  # the decoder says what it thinks of it
            break
        if marker in NO_LENGTH:
            continue
        length = file.read(2)
        content = file.read(max(0, int.from_bytes(length) - 2)) if len(length) == 2 else b""
        if marker in (0xE1, 0xE2):
            _note(header, marker, content)
        elif marker < 0xE0 or marker in COLOUR_MARKERS:
            kept.append(b"\xff" + bytes([marker]) + length + content)
        if marker == START_OF_SCAN:
            break
    else:
        raise Unusable(DAMAGED)
    header.before, header.start = b"".join(kept), file.tell()
    return header


def _next_marker(file: BinaryIO) -> int | None:
    """Return the number of the next marker, past what may stand before it; None at the end."""
    before = 0
    for _ in range(MOST_PIECES):
        byte = file.read(1)
        if not byte:
            return None
        if before == 0xFF and byte[0] not in (0, 0xFF):
            return byte[0]
        before = byte[0]
    raise Unusable(DAMAGED)


MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""What ends pixels: among them 0xff is followed by 0 or by the number of a restart."""


def count_scans(content: bytes, start: int) -> int:
    """Return how often a JPEG goes over its pixels, which begin at ``start``, up to too often."""
    scans = 1
    while scans <= MOST_SCANS and (found := MARKER.search(content, start)):
        start, marker = found.end(), content[found.end() - 1]
        if marker == END_OF_IMAGE:
            break
        scans += marker == START_OF_SCAN
        if marker not in NO_LENGTH:
            start += int.from_bytes(content[start : start + 2])
    return scans


def _note(header: Header, marker: int, content: bytes) -> None:
    """Take what is of use from a segment of metadata."""
    if marker == 0xE2 and content.startswith(b"MPF\0"):
        pictures = find_tag(content[4:], PICTURES_IN_MPO)
        header.frames = max(1, len(pictures) // 16) if isinstance(pictures, bytes) else 1
    elif content.startswith(b"Exif\0\0") and header.exif is None:
        header.exif = read_orientation(content)
    elif content.startswith(XMP):
        header.xmp = orientation_in_xmp(content)
