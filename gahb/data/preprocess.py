"""Bring images to the size of the experiment and describe what was done."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

import numpy as np
from skimage.color import rgb2gray
from skimage.transform import resize_local_mean

from gahb.data.sources import Source
from gahb.sections import Data

BLOCK = 4096


def prepare(images: np.ndarray, data: Data) -> np.ndarray:
    """Pad with black, then average over areas down (or up) to ``data.size`` pixels a side.

    Parameters
    ----------
    images : ndarray
        uint8 ``[image, height, width]``, grey, or ``[image, height, width, 3]``, colour;
        colour becomes grey (its luminance) if ``data.channels`` is 1.
    data : Data
        ``pad`` and ``size`` in pixels, and ``channels``.

    Returns
    -------
    ndarray
        uint8 ``[image, channel, size, size]``.
    """
    prepared = np.empty((len(images), data.channels, data.size, data.size), np.uint8)
    margins = ((0, 0), (data.pad, data.pad), (data.pad, data.pad))
    for start in range(0, len(images), BLOCK):
        block = images[start : start + BLOCK]
        if block.ndim == 3:
            planes = [block]
        elif data.channels == 1:
            planes = [255 * rgb2gray(block)]
        else:
            planes = np.moveaxis(block, -1, 0)
        for channel, plane in enumerate(planes):
            padded = np.pad(plane, margins).astype(np.float64)
            # The image index passes as a channel: it is kept, not averaged.
            resized = resize_local_mean(
                padded, (data.size, data.size), preserve_range=True, channel_axis=0
            )
            prepared[start : start + BLOCK, channel] = np.round(resized)
    return prepared


def image_hash(image: np.ndarray) -> str:
    """Return a 128-bit hash of one image's shape and pixels, in hexadecimal."""
    digest = hashlib.blake2b(repr(image.shape).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(image).tobytes())
    return digest.hexdigest()


def image_hashes(prepared: np.ndarray) -> list[str]:
    """Return the content hash of every image, in order."""
    return [image_hash(image) for image in prepared]


def manifest(
    prepared: np.ndarray, hashes: list[str], data: Data, name: str, source: Source
) -> dict[str, Any]:
    """Describe prepared images: source, licence, preparation, and one hash of them all."""
    return {
        "source": name,
        "title": source.title,
        "licence": source.licence,
        "citation": source.citation,
        "files": [asdict(file) for file in source.files],
        "preparation": {"pad": data.pad, "size": data.size, "channels": data.channels},
        "shape": list(prepared.shape),
        "content": hashlib.sha256("".join(hashes).encode()).hexdigest(),
    }
