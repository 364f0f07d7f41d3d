"""Pictures of noise, as files of all kinds, and as they are read."""

import struct
import zlib
from io import BytesIO

import numpy as np
import tifffile
from PIL import Image

from gahb.data.decoding import decode
from gahb.data.drawn.sets import draw_blocks
from gahb.data.sources import SOURCES, image_count
from gahb.settings import DataSettings

STREAM = np.random.default_rng(0)


def colour(count: int, height: int, width: int | None = None) -> np.ndarray:
    """Return pictures of noise, uint8 ``[picture, row, column, 3]``."""
    return STREAM.integers(0, 256, (count, height, width or height, 3), dtype=np.uint8)


def encoded(pixels: np.ndarray, kind: str = "PNG", **options) -> bytes:
    """Return a picture as a file of a kind that Pillow writes."""
    file = BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def decoded(content: bytes) -> np.ndarray:
    """Return the pixels of a file as Pillow reads them."""
    return np.asarray(Image.open(BytesIO(content)).convert("RGB"))


def drawn(data: DataSettings, seed: int) -> np.ndarray:
    """Return all images of a drawn set."""
    return np.concatenate(list(draw_blocks(data, image_count(data), seed)))


def resaved(images: np.ndarray, quality: int = 85) -> np.ndarray:
    """Return grey images as JPEG gives them back."""
    found = []
    for image in images:
        file = BytesIO()
        Image.fromarray(image[0]).save(file, "JPEG", quality=quality)
        found.append(np.asarray(Image.open(file).convert("L"))[None])
    return np.stack(found)


def kept(content: bytes) -> np.ndarray:
    """Return a square picture as it is read."""
    return decode(content, "a", SOURCES["folder"])


def with_exif(block: bytes, picture: bytes) -> bytes:
    """Return a JPEG with one more segment of metadata."""
    return picture[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + picture[2:]


def chunk(kind: bytes, content: bytes, check: int | None = None) -> bytes:
    """Return a chunk of a PNG, with ``check`` instead of its checksum if that is given."""
    check = zlib.crc32(kind + content) if check is None else check
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def tiff(pixels: np.ndarray, **options) -> bytes:
    """Return a picture of any type of numbers as a TIFF."""
    file = BytesIO()
    tifffile.imwrite(file, pixels, **options)
    return file.getvalue()
