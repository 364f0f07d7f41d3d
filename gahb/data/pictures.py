"""What counts as a picture: by its name, and by its header.

Nothing but the orientation is ever read of EXIF, XMP, colour profiles, comments and texts:
whatever is in them neither breaks a reader nor fills its memory.
"""

from __future__ import annotations

import errno
import re
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import PurePosixPath
from typing import BinaryIO

from PIL import Image, ImageFile

from gahb.data.files import DAMAGED, Unusable
from gahb.data.headers import Header
from gahb.data.jpeg import JPEG, MOST_SCANS, count_scans, read_jpeg
from gahb.data.png import PNG, read_png
from gahb.data.tags import layout_of
from gahb.data.tiff import read_tiff
from gahb.data.webp import read_webp

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".jfif", ".webp", ".tif", ".tiff", ".bmp"})
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP")
MOST_PIXELS = 64 * 2**20
"""A larger picture is taken for a decompression bomb."""

LARGE = "larger than 64 million pixels"
FURTHER = "further page or frame of a picture"


def name_problem(name: str) -> str | None:
    """Return why the name of a file is not a picture's, or None."""
    path = PurePosixPath(name)
    if any(part.startswith((".", "__MACOSX")) for part in path.parts):
        return "hidden"
    return None if path.suffix.lower() in PICTURES else "another type of file"


def leads_elsewhere(name: str) -> bool:
    """Return whether a name in an archive, with slashes, is one outside of it."""
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or bool(re.match(r"[A-Za-z]:/", name))


def read_header(file: BinaryIO, whole: bool = False) -> Header:
    """Read a picture's header, up to its pixels.

    Parameters
    ----------
    file : file of bytes
        The picture, which can be searched.
    whole : bool
        Look for an orientation behind the pixels as well.

    Raises
    ------
    Unusable
        If reading on would take absurd memory or time.
    """
    file.seek(0)
    head = file.read(16)
    file.seek(0)
    if head.startswith(JPEG):
        return read_jpeg(file)
    if head.startswith(PNG):
        return read_png(file, whole)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return read_webp(file, whole)
    if layout_of(head):
        tiff = read_tiff(file)
        return Header(pixels=tiff.tile_pixels, exif=tiff.orientation, frames=tiff.pages, tiff=tiff)
    return Header()


def read_whole(content: bytes) -> Header:
    """Read the header of a picture that is about to be decoded; errors are those of `read_header`.

    A JPEG that goes over its pixels without end is refused as well.
    """
    header = read_header(BytesIO(content), whole=True)
    if content.startswith(JPEG) and count_scans(content, header.start) > MOST_SCANS:
        raise Unusable("a JPEG of too many scans")
    return header


def frames_of(opened: Callable[[], BinaryIO]) -> int:
    """Return how many pages or frames a picture's file has, having looked at its header only.

    Raises
    ------
    Unusable
        If it is no picture that can be used; the message is the reason.
    OSError
        If the disk or network fails, which says nothing about the picture.
    """
    try:
        with opened() as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            header = read_header(file)
            open_picture(header, header.beginning(file)).close()
            return header.frames
    except Unusable:
        raise
    except PermissionError:
        raise Unusable("no permission to read it") from None
    except Exception as error:  # whatever a damaged or hostile file makes of its reader
        # A place in the file that cannot be is damage.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise Unusable(DAMAGED) from None


def open_picture(header: Header, file: BinaryIO) -> ImageFile.ImageFile:
    """Return a picture, not decoded yet; what would fill memory is `Unusable`."""
    # Some decoders take room for their pixels as soon as they are made.
    _check(header.pixels)
    picture = Image.open(file, formats=FORMATS)
    _check(picture.width * picture.height)
    return picture


def _check(pixels: int) -> None:
    if pixels > MOST_PIXELS:
        raise Unusable(LARGE)
