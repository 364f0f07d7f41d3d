"""What is known of a picture before it is decoded, and the picture without its metadata."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from gahb.data.tiff import Tiff

MOST_PIECES = 2**18
"""Segments, chunks, or bytes between them: more are there to keep a reader busy."""


@dataclass
class Header:
    """What is known of a picture before it is decoded.

    Attributes
    ----------
    before : bytes or None
        What stands before the pixels, without metadata; None if the file is taken as it is.
    start, stop : int or None
        Where pixels lie in the file; None is its end.
    pixels : int
        So many that room is taken for, if the header says so in another place than usual.
    exif, raw, xmp : int or None
        Orientations, as EXIF, a text with EXIF, and XMP have them.
    frames : int
        Pages or frames in the file.
    tiff : Tiff or None
        Of a TIFF, its directory.
    """

    before: bytes | None = None
    start: int = 0
    stop: int | None = None
    pixels: int = 0
    exif: int | None = None
    raw: int | None = None
    xmp: int | None = None
    frames: int = 1
    tiff: Tiff | None = None

    @property
    def orientation(self) -> int:
        """How the camera was held, 1 (upright) to 8, as EXIF numbers it."""
        return self.exif or self.raw or self.xmp or 1

    def beginning(self, file: BinaryIO) -> BinaryIO:
        """Return a file of what a decoder looks at before pixels, of which ``file`` is whole."""
        if self.tiff:
            return BytesIO(self.tiff.beginning())
        file.seek(self.start)
        return file if self.before is None else BytesIO(self.before + file.read(64))

    def without_metadata(self, content: bytes) -> bytes:
        """Return the file's ``content`` without metadata, the same bytes if it has none."""
        if self.tiff:
            return self.tiff.without_metadata(content)
        stop = len(content) if self.stop is None else self.stop
        if self.before is None or (self.start == len(self.before) and stop == len(content)):
            return content
        return self.before + content[self.start : stop]
