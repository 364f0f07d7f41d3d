"""One fixed random order of the pixels of all images."""

from __future__ import annotations

import numpy as np

from gahb.seeds import numpy_stream


def pixel_order(pixels: int, seed: int) -> np.ndarray:
    """Return one fixed random order of the pixels, that of `shuffle`."""
    return numpy_stream(seed, "shuffle").permutation(pixels)


def shuffle(images: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Put pixel ``order[i]`` of every image in place i; `numpy.argsort` of it undoes it."""
    flat = images.reshape(len(images), -1)
    return flat[:, order].reshape(images.shape)


def in_place(images: np.ndarray, seed: int | None) -> np.ndarray:
    """Undo `shuffle` in the order of ``seed``; None for images that were never shuffled."""
    if seed is None:
        return images
    return shuffle(images, np.argsort(pixel_order(images[0].size, seed)))
