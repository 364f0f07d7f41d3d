"""WebP: how large the picture is, before room is taken for it (RFC 9649)."""

from __future__ import annotations

import struct
from typing import BinaryIO

from gahb.data.files import DAMAGED, Unusable
from gahb.data.headers import MOST_PIECES, Header
from gahb.data.tags import orientation_in_xmp, read_orientation


def read_webp(file: BinaryIO, whole: bool) -> Header:
    """Read the header of a WebP, and what is behind its pixels if ``whole``."""
    header, frames, animated = Header(), 0, False
    file.seek(12)
    for _ in range(MOST_PIECES):
        head = file.read(8)
        place, kind, length = file.tell(), head[:4], int.from_bytes(head[4:], "little")
        if len(head) < 8:
            break
        if kind in (b"VP8 ", b"VP8L", b"VP8X"):
            start = file.read(10)
            header.pixels = max(header.pixels, _pixels(kind, start))
            animated |= kind == b"VP8X" and bool(start[:1] and start[0] & 2)
            if kind != b"VP8X" and not (whole or animated):
                break
        elif kind == b"ANMF":
            frames += 1
        elif whole and kind == b"EXIF":
            header.exif = read_orientation(file.read(length))
        elif whole and kind == b"XMP ":
            header.xmp = orientation_in_xmp(file.read(length))
        file.seek(place + length + length % 2)
    else:
        raise Unusable(DAMAGED)
    header.frames = max(1, frames)
    return header


def _pixels(kind: bytes, start: bytes) -> int:
    """Return the pixels that a chunk of WebP announces, 0 if it is cut."""
    if len(start) < 10:
        return 0
    if kind == b"VP8X":
        width, height = (1 + int.from_bytes(start[at : at + 3], "little") for at in (4, 7))
    elif kind == b"VP8L":
        (bits,) = struct.unpack("<I", start[1:5])
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    else:
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", start[6:10]))
    return width * height
