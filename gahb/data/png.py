"""PNG: what stands before the pixels, and where they end, without metadata (W3C, 2003)."""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from typing import BinaryIO

from gahb.data.files import DAMAGED, Unusable
from gahb.data.headers import MOST_PIECES, Header
from gahb.data.tags import orientation_in_xmp, read_orientation

PNG = b"\x89PNG\r\n\x1a\n"
"""What a file begins with."""
MOST_TEXT = 2**20
"""Bytes that a packed text is unpacked to, in search of an orientation."""
XMP, EXIF = b"XML:com.adobe.xmp", b"Raw profile type exif"
KEPT_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS"})
TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
CHUNK = re.compile(rb"\w{4}")


def read_png(file: BinaryIO, whole: bool) -> Header:
    """Read the header of a PNG, and what is behind its pixels if ``whole``."""
    header, kept = Header(), [file.read(8)]
    noted: set[bytes] = set()
    animated = shown = False  # an animation; the picture outside of it is one of its frames
    for _ in range(MOST_PIECES):
        place = file.tell()
        head = file.read(8)
        length, kind = int.from_bytes(head[:4]), head[4:]
        if not CHUNK.fullmatch(kind) or kind == b"IEND":
            break
        if kind == b"IDAT":
            if header.before is None:
                header.before, header.start = b"".join(kept), place
            if not (whole or animated):
                return header
            if header.stop in (None, place):
                header.stop = place + 12 + length
        elif kind in KEPT_CHUNKS and header.before is None:
            kept.append(head + file.read(length + 4))
        elif whole and (kind == b"eXIf" or kind in TEXTS):
            _note(header, kind, file.read(length), noted)
        elif kind == b"acTL":
            animated, header.frames = True, 0
        elif kind == b"fcTL" and animated:
            header.frames += 1
            shown |= header.before is None
        file.seek(place + 12 + length)
    else:
        raise Unusable(DAMAGED)
    if header.before is None:
        header.before, header.start = b"".join(kept), place
    header.frames = max(1, header.frames + (animated and not shown))
    return header


def _note(header: Header, kind: bytes, content: bytes, noted: set[bytes]) -> None:
    """Take the orientation from a chunk of metadata, if it is the first of its kind to have one."""
    if kind == b"eXIf":
        header.exif = read_orientation(content)
        return
    key, _, text = content.partition(b"\0")
    if key not in {XMP, EXIF} - noted:
        return
    noted.add(key)
    if kind == b"iTXt":
        packed, text = text[:1] == b"\1", text[2:].split(b"\0", 2)[-1]
    else:
        packed, text = kind == b"zTXt", text[1:] if kind == b"zTXt" else text
    with suppress(zlib.error, ValueError):
        text = zlib.decompressobj().decompress(text, MOST_TEXT) if packed else text
        if key == XMP:
            header.xmp = orientation_in_xmp(text)
        else:
            # An empty line, a name, a length, then hexadecimal digits.
            digits = b"".join(text[:MOST_TEXT].split(b"\n")[3:])
            header.raw = read_orientation(bytes.fromhex(digits.decode("ascii")))
