"""Read original files into uint8 arrays ``[image, height, width]`` or ``[..., 3]``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from gahb.data.sources import Source
from gahb.errors import DataError
from gahb.storage import read_json

IDX_UNSIGNED_BYTE = 0x08


def read_idx(path: Path) -> np.ndarray:
    """Read an IDX file of unsigned bytes, whatever its number of dimensions.

    The header is two zero bytes, a type, the number of dimensions, and each dimension
    as a big-endian 32-bit integer (LeCun, Cortes & Burges, the MNIST database).

    Raises
    ------
    DataError
        If the file is not IDX, of another type, or shorter or longer than it says.
    """
    content = path.read_bytes()
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != IDX_UNSIGNED_BYTE:
        raise DataError(f"{path} is not an IDX file of unsigned bytes")
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise DataError(f"{path} is truncated inside its header")
    shape = [int(size) for size in np.frombuffer(content, ">u4", count=content[3], offset=4)]
    if len(content) - start != math.prod(shape):
        raise DataError(
            f"{path} has {len(content) - start:,} bytes of pixels, its header says "
            f"{math.prod(shape):,}: it is truncated or altered"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def read_bundled_faces() -> np.ndarray:
    """Return the 100 faces (25x25) that ship with scikit-image."""
    from skimage.data import lfw_subset

    # The first hundred are faces, the others are not.
    return np.round(255 * lfw_subset()[:100]).astype(np.uint8)


PHOTOGRAPHS = (
    "astronaut",
    "brick",
    "camera",
    "chelsea",
    "coffee",
    "coins",
    "grass",
    "gravel",
    "moon",
    "rocket",
)
"""Photographs bundled with scikit-image, by the names of their functions there."""

PATCH = 16


def read_bundled_patches() -> np.ndarray:
    """Return all 16x16 patches of the bundled photographs, in grey, side by side.

    No two share a pixel. Photograph by photograph, each row by row from the top left.
    """
    import skimage.data
    from skimage.color import rgb2gray
    from skimage.util import view_as_blocks

    patches = []
    for name in PHOTOGRAPHS:
        photograph = getattr(skimage.data, name)()
        if photograph.ndim == 3:
            photograph = np.round(255 * rgb2gray(photograph)).astype(np.uint8)
        height, width = (PATCH * (side // PATCH) for side in photograph.shape)
        blocks = view_as_blocks(photograph[:height, :width], (PATCH, PATCH))
        patches.append(blocks.reshape(-1, PATCH, PATCH))
    return np.concatenate(patches)


LISTING = "files.json"
"""Where a drop-in data set is, and which files it has, in the order they are read."""

CIFAR_FILES = (*(f"data_batch_{part}.bin" for part in range(1, 6)), "test_batch.bin")
CIFAR_RECORD = 1 + 3 * 32 * 32
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"})


def picture_files(reader: str, folder: Path) -> list[str]:
    """Return the files of a drop-in data set, relative to ``folder``, sorted by name."""
    if reader == "cifar":
        return [name for name in CIFAR_FILES if (folder / name).is_file()]
    found = (path for path in folder.rglob("*") if path.suffix.lower() in PICTURES)
    return sorted(path.relative_to(folder).as_posix() for path in found if path.is_file())


def read_cifar(path: Path) -> np.ndarray:
    """Read one file of the binary version of CIFAR-10, ``[image, 32, 32, 3]``.

    Each record is a label and the red, green and blue planes of 32x32 pixels.
    """
    content = np.frombuffer(path.read_bytes(), np.uint8)
    if len(content) % CIFAR_RECORD:
        raise DataError(f"{path} is truncated: not a multiple of {CIFAR_RECORD} bytes")
    planes = content.reshape(-1, CIFAR_RECORD)[:, 1:].reshape(-1, 3, 32, 32)
    return np.moveaxis(planes, 1, -1)


def read_picture(path: Path, height: int, width: int) -> np.ndarray:
    """Read one picture in colour, ``[1, height, width, 3]``; another size is an error."""
    try:
        with Image.open(path) as picture:
            if picture.size != (width, height):
                raise DataError(
                    f"{path} has {picture.height}x{picture.width} pixels, expected {height}x{width}"
                )
            return np.asarray(picture.convert("RGB"))[None]
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{path} cannot be read as a picture ({error}); replace it") from None


def read_blocks(source: Source, folder: Path, block: int = 4096) -> Iterator[np.ndarray]:
    """Yield the images of a data set in a fixed order, at most ``block`` at a time or a file.

    uint8 ``[image, height, width]`` if they are grey, ``[image, height, width, 3]`` if not.

    Raises
    ------
    DataError
        If a file is damaged, or there are more or fewer images than there should be.
    """
    count = 0
    for images in _read_parts(source, folder, block):
        expected = (source.height, source.width, *((3,) if source.channels == 3 else ()))
        if images.shape[1:] != expected:
            raise DataError(
                f"{folder} holds images of shape {images.shape[1:]}, expected {expected}"
            )
        count += len(images)
        yield images
    if count != source.count:
        raise DataError(f"{folder} holds {count:,} images, expected {source.count:,}")


def _read_parts(source: Source, folder: Path, block: int) -> Iterator[np.ndarray]:
    if source.reader == "bundled faces":
        yield read_bundled_faces()
    elif source.reader == "bundled patches":
        yield read_bundled_patches()
    elif source.reader == "idx":
        for file in source.files:
            yield read_idx(folder / file.name)
    else:
        listing = read_json(folder / LISTING)
        root, names = Path(listing["directory"]), listing["files"]
        if source.reader == "cifar":
            yield from (read_cifar(root / name) for name in names)
            return
        for start in range(0, len(names), block):
            chosen = names[start : start + block]
            yield np.concatenate(
                [read_picture(root / name, source.height, source.width) for name in chosen]
            )
