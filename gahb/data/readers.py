"""Read original files of arrays into uint8 ``[image, height, width]`` or ``[..., 3]``."""

from __future__ import annotations

import gzip
import io
import math
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np

from gahb.data.files import MOST_BYTES, Unusable, open_file, read_file
from gahb.data.source_record import Source
from gahb.errors import DataError

IDX_UNSIGNED_BYTE = 0x08
MOST_DIMENSIONS = 4


def read_idx(path: Path) -> np.ndarray:
    """Read an IDX file of unsigned bytes, whatever its number of dimensions.

    The header is two zero bytes, a type, the number of dimensions, and each dimension
    as a big-endian 32-bit integer (LeCun, Cortes & Burges, the MNIST database).

    Raises
    ------
    DataError
        If the file is not IDX, of another type, or shorter or longer than it says.
    """
    try:
        content = read_file(path)
    except Unusable as error:
        raise DataError(f"{path} cannot be read ({error}); replace it") from None
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != IDX_UNSIGNED_BYTE:
        raise DataError(f"{path} is not an IDX file of unsigned bytes")
    if content[3] > MOST_DIMENSIONS:
        raise DataError(f"{path} has {content[3]} dimensions, images have at most 4")
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


def read_rows(path: Path, height: int, width: int) -> np.ndarray:
    """Read lines of comma-separated pixels, an image a line from the top left, then its label.

    Returns
    -------
    ndarray
        uint8 ``[image, height, width]``, in the order of the lines.

    Raises
    ------
    DataError
        If a line has more or fewer values, or one that is no pixel.
    """
    try:
        values = np.loadtxt(io.BytesIO(read_file(path)), np.uint8, delimiter=",", ndmin=2)
    except (Unusable, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error}); replace it") from None
    if values.shape[1] != height * width + 1:
        raise DataError(
            f"{path} has {values.shape[1]} values a line, expected {height * width + 1}"
        )
    return values[:, :-1].reshape(-1, height, width)


def read_bundled_faces() -> np.ndarray:
    """Return the 100 faces (25x25) that ship with scikit-image."""
    from skimage.data import lfw_subset

    # The first hundred are faces, the others are not.
    return np.round(255 * lfw_subset()[:100]).astype(np.uint8)


COLOUR = ("astronaut", "chelsea", "coffee", "rocket")
PHOTOGRAPHS = tuple(sorted((*COLOUR, "brick", "camera", "coins", "grass", "gravel", "moon")))
"""Photographs bundled with scikit-image, by the names of their functions there."""


def read_bundled_patches(side: int = 16, channels: int = 1) -> np.ndarray:
    """Return all square patches of the bundled photographs, side by side.

    In grey ``[patch, side, side]``, or with three ``channels`` ``[patch, side, side, 3]``, of
    those in colour. No two share a pixel. Photograph by photograph, each row by row from the top
    left.
    """
    import skimage.data
    from skimage.color import rgb2gray

    patches = []
    for name in COLOUR if channels == 3 else PHOTOGRAPHS:
        photograph = getattr(skimage.data, name)()
        if channels == 1 and photograph.ndim == 3:
            photograph = np.round(255 * rgb2gray(photograph)).astype(np.uint8)
        height, width, *planes = photograph.shape
        down, across = height // side, width // side
        whole = photograph[: down * side, : across * side]
        blocks = whole.reshape(down, side, across, side, *planes).swapaxes(1, 2)
        patches.append(blocks.reshape(down * across, side, side, *planes))
    return np.concatenate(patches)


CIFAR_FILES = (*(f"data_batch_{part}.bin" for part in range(1, 6)), "test_batch.bin")
CIFAR_RECORD = 1 + 3 * 32 * 32


def read_cifar(path: Path) -> Iterator[np.ndarray]:
    """Yield the images of CIFAR-10's binary version, ``[image, 32, 32, 3]``, file by file.

    Each record of a file is a label and the red, green and blue planes of 32x32 pixels.
    The archive is read as a stream; only the six files of that name are looked at.
    """
    try:
        parts = {name: content for name, content in _tar_files(path) if name in CIFAR_FILES}
    except (EOFError, zlib.error, OSError, ValueError) as error:
        raise DataError(f"{path} is damaged ({error}); replace it") from None
    for name in CIFAR_FILES:
        if name not in parts:
            raise DataError(f"{path} has no {name}: is it the binary version of CIFAR-10?")
        content = np.frombuffer(parts[name], np.uint8)
        if len(content) % CIFAR_RECORD:
            raise DataError(f"{path}: {name} is truncated, not a multiple of {CIFAR_RECORD} bytes")
        planes = content.reshape(-1, CIFAR_RECORD)[:, 1:].reshape(-1, 3, 32, 32)
        yield np.moveaxis(planes, 1, -1)


BLOCK = 512


def _tar_files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name, without its folder, and the content of each file in a gzipped tar.

    Headers that say more of a file that follows are passed over, as the archive's files need
    none: in Python's own reader a small archive of them fills any memory. Layout of a header:
    POSIX.1-1988, ustar.
    """
    left = MOST_BYTES
    with open_file(path) as packed, gzip.open(packed) as archive:
        while (header := archive.read(BLOCK)).strip(b"\0"):
            if len(header) < BLOCK:
                raise EOFError("it ends inside a header")
            size = int(header[124:136].strip(b" \0") or b"0", 8)
            padded = -(-size // BLOCK) * BLOCK
            left -= BLOCK + padded
            if size < 0 or left < 0:
                raise ValueError(f"it holds more than {MOST_BYTES // 2**20} MiB")
            content = archive.read(padded)
            if len(content) < size:
                raise EOFError("it ends inside a file")
            if header[156:157] in (b"0", b"\0"):
                name = header[:100].split(b"\0")[0].decode("ascii", "replace")
                yield PurePosixPath(name).name, content[:size]


def read_blocks(source: Source, folder: Path) -> Iterator[np.ndarray]:
    """Yield the images of a data set of arrays, in a fixed order, file by file.

    uint8 ``[image, height, width]`` if they are grey, ``[image, height, width, 3]`` if not.

    Raises
    ------
    DataError
        If a file is damaged, or there are more or fewer images than there should be.
    """
    count = 0
    for images in _read_parts(source, folder):
        expected = (source.height, source.width, *((3,) if source.channels == 3 else ()))
        if images.shape[1:] != expected:
            raise DataError(
                f"{folder} holds images of shape {images.shape[1:]}, expected {expected}"
            )
        count += len(images)
        yield images
    if count != source.count:
        raise DataError(f"{folder} holds {count:,} images, expected {source.count:,}")


def _read_parts(source: Source, folder: Path) -> Iterator[np.ndarray]:
    if source.reader == "bundled faces":
        yield read_bundled_faces()
    elif source.reader == "bundled patches":
        yield read_bundled_patches(source.height, source.channels)
    elif source.reader == "rows":
        for file in source.files:
            yield read_rows(folder / file.name, source.height, source.width)
    elif source.reader == "idx":
        for file in source.files:
            yield read_idx(folder / file.name)
    else:
        yield from read_cifar(folder / source.files[0].name)
