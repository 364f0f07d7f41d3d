"""Read original files into uint8 arrays ``[image, height, width]``."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from gahb.data.sources import Source
from gahb.errors import DataError

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


def read_source(source: Source, folder: Path) -> np.ndarray:
    """Return all images of a data set, uint8 ``[image, height, width]``, in a fixed order."""
    if source.reader == "bundled faces":
        images = read_bundled_faces()
    else:
        images = np.concatenate([read_idx(folder / file.name) for file in source.files])
    expected = (source.count, source.height, source.width)
    if images.shape != expected:
        raise DataError(f"{folder} holds images of shape {images.shape}, expected {expected}")
    return images
