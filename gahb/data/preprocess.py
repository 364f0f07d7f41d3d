"""Read or draw images, bring them to the size of the experiment, describe what was done."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from skimage.color import rgb2gray
from skimage.transform import resize_local_mean

from gahb.data.readers import read_blocks
from gahb.data.sources import SOURCES, is_drawn
from gahb.data.synthetic import draw_images, pixel_order, shuffle
from gahb.sections import Data

BLOCK = 4096


def make_images(data: Data, folder: Path, seed: int) -> np.ndarray:
    """Return all images of an experiment, read from ``folder`` or drawn.

    Parameters
    ----------
    data : Data
        Which images, and how they are prepared.
    folder : Path
        Original files; not looked at if the images are drawn.
    seed : int
        Root seed of drawn images and of the order of shuffled pixels.

    Returns
    -------
    ndarray
        ``[image, channel, size, size]``: uint8 if read, float32 in [0, 1] units if drawn.
    """
    if is_drawn(data):
        images = draw_images(data, seed)
    else:
        blocks = read_blocks(SOURCES[data.source], folder)
        images = np.concatenate([prepare(block, data) for block in blocks])
    return shuffle(images, pixel_order(images[0].size, seed)) if data.shuffle else images


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


def manifest(prepared: np.ndarray, hashes: list[str], data: Data) -> dict[str, Any]:
    """Describe prepared images: source, licence, preparation, and one hash of them all."""
    source = SOURCES[data.source]
    drawn = {"count", "contour_alpha", "background_alpha", "regions"}
    done = data.model_dump(exclude={"source", "directory"} | (set() if is_drawn(data) else drawn))
    return {
        "source": data.source,
        "title": source.title,
        "licence": source.licence,
        "citation": source.citation,
        "files": [asdict(file) for file in source.files],
        "preparation": done,
        "shape": list(prepared.shape),
        "content": hashlib.sha256("".join(hashes).encode()).hexdigest(),
    }
