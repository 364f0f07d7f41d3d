"""Images whose optimal denoising is known: C^alpha images, disks, waves, one image's ray.

Every image has a random stream of its own, named by its index: image i is the same
whatever is drawn beside it. The sets are those of Kadkhodaie et al. (ICLR 2024),
Algorithm 2 and Figs. 5, 19 and 20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from scipy import fft
from scipy.special import erf
from skimage.transform import resize

from gahb.data.readers import read_bundled_faces
from gahb.seeds import numpy_stream
from gahb.settings import DataSettings

BLOCK = 64
DIMENSIONS = {"ray": 1, "sinusoids": 2, "disks": 5}
"""Dimensions of the sets that are manifolds."""
EDGE = 0.5
"""Standard deviation in pixels of the blur of a disk's edge, about that of a pixel's area."""


def uniforms(
    seed: int, role: str, indices: Sequence[int], count: int, dtype: type = np.float64
) -> np.ndarray:
    """Return uniform numbers ``[image, count]``, one stream an image.

    Single precision has 2^24 of them only: where one number decides an image, thousands of
    images would not all be different.
    """
    draws = np.empty((len(indices), count), dtype)
    for row, index in enumerate(indices):
        numpy_stream(seed, role, int(index)).random(dtype=dtype, out=draws[row])
    return draws


def power_law(white: np.ndarray, alpha: float, axes: int) -> np.ndarray:
    """Multiply the spectrum of ``white`` by |k|^-alpha, k the integer frequency, 1 at k = 0.

    Parameters
    ----------
    white : ndarray
        Real, independent pixels; the last ``axes`` axes, all of one size, are filtered.
    alpha : float
        Regularity.
    axes : int
        1 for lines, 2 for images.
    """
    size, over = white.shape[-1], tuple(range(-axes, 0))
    along = np.minimum(np.arange(size), size - np.arange(size))
    squares = np.arange(size // 2 + 1) ** 2
    radius = np.sqrt(squares if axes == 1 else along[:, None] ** 2 + squares)
    radius.flat[0] = 1
    gains = (radius**-alpha).astype(white.dtype)
    return fft.irfftn(fft.rfftn(white, axes=over) * gains, s=[size] * axes, axes=over)


def c_alpha_images(
    indices: Sequence[int],
    size: int,
    contour_alpha: float,
    background_alpha: float,
    seed: int,
    regions: str = "smooth",
) -> np.ndarray:
    """Draw images of two regions that are regular but for the contour between them.

    Kadkhodaie et al. 2024, Algorithm 2.

    Parameters
    ----------
    indices : sequence of int
        Which images of the set to draw.
    size : int
        Height and width in pixels.
    contour_alpha, background_alpha : float
        Regularity of the contour and of the regions: spectra fall as |k|^-alpha.
    seed : int
        Root seed of the set.
    regions : {"smooth", "constant", "separable"}
        C^alpha backgrounds; constant ones; or products of two C^alpha functions of one
        coordinate each.

    Returns
    -------
    ndarray
        float32 ``[image, 1, size, size]`` in [0, 1].
    """
    draw = _BACKGROUNDS[regions]
    white_pixels = 2 * _white_numbers(regions, size)
    numbers = uniforms(seed, "c-alpha", indices, size + 3 + white_pixels, np.float32)
    line = power_law(numbers[:, :size], contour_alpha, axes=1)
    contour = size * (line - line.mean(axis=1, keepdims=True)) + size / 2
    limits, swapped = numbers[:, size : size + 2], numbers[:, size + 2] < 0.5
    white = numbers[:, size + 3 :].reshape(len(numbers), 2, -1)
    shapes = draw(white, size, background_alpha)
    low, high = limits[:, 0, None, None], limits[:, 1, None, None]
    # One region reaches 1, the other 0: they differ.
    bright, dark = low + (1 - low) * shapes[:, 0], high * shapes[:, 1]
    mask = _softened(np.arange(size)[:, None] < contour[:, None, :])
    mask = np.where(swapped[:, None, None], 1 - mask, mask)
    return (dark + mask * (bright - dark))[:, None]


def _white_numbers(regions: str, size: int) -> int:
    """Return how many random numbers one background takes."""
    return {"smooth": size * size, "constant": 1, "separable": 2 * size}[regions]


def _smooth(white: np.ndarray, size: int, alpha: float) -> np.ndarray:
    return _stretched(power_law(white.reshape(len(white), 2, size, size), alpha, axes=2))


def _constant(white: np.ndarray, size: int, alpha: float) -> np.ndarray:
    return np.broadcast_to(white[..., None], (len(white), 2, size, size))


def _separable(white: np.ndarray, size: int, alpha: float) -> np.ndarray:
    lines = power_law(white.reshape(len(white), 2, 2, size), alpha, axes=1)
    return _stretched(lines[:, :, 0, :, None] * lines[:, :, 1, None, :])


_BACKGROUNDS: dict[str, Callable[[np.ndarray, int, float], np.ndarray]] = {
    "smooth": _smooth,
    "constant": _constant,
    "separable": _separable,
}


def _stretched(images: np.ndarray) -> np.ndarray:
    """Map each image ``[..., height, width]`` onto [0, 1]."""
    low = images.min(axis=(-2, -1), keepdims=True)
    span = images.max(axis=(-2, -1), keepdims=True) - low
    return (images - low) / np.maximum(span, np.finfo(images.dtype).tiny)


def _softened(mask: np.ndarray) -> np.ndarray:
    """Average each pixel of a mask with those below, to the right and in between."""
    padded = np.pad(mask, ((0, 0), (0, 1), (0, 1)), mode="edge").astype(np.float32)
    rows = padded[:, :-1] + padded[:, 1:]
    return (rows[:, :, :-1] + rows[:, :, 1:]) / 4


def disk_parameters(indices: Sequence[int], size: int, seed: int) -> np.ndarray:
    """Draw ``[image, 5]``: row and column of the centre, radius (pixels), grey inside, outside.

    The disk lies inside of the image and differs from its surroundings by 0.2 at least:
    without contrast there is no disk, and no tangent space.
    """
    numbers = uniforms(seed, "disks", indices, 6)
    radius = size * (0.12 + 0.18 * numbers[:, 0])
    centres = radius[:, None] + (size - 1 - 2 * radius[:, None]) * numbers[:, 1:3]
    contrast = 0.2 + 0.7 * numbers[:, 3]
    low = (1 - contrast) * numbers[:, 4]
    greys = np.stack([low + contrast, low], axis=1)
    greys = np.where(numbers[:, 5:] < 0.5, greys, greys[:, ::-1])
    return np.column_stack([centres, radius, greys])


def _disk_geometry(parameters: np.ndarray, size: int) -> tuple[np.ndarray, ...]:
    """Return coverage, its slope across the edge, and the unit vectors from the centre."""
    row, column, radius = (parameters[:, i, None, None] for i in range(3))
    down, right = np.arange(size)[:, None] - row, np.arange(size) - column
    distance = np.hypot(down, right)
    across = (radius - distance) / EDGE
    coverage = (1 + erf(across / np.sqrt(2))) / 2
    slope = np.exp(-(across**2) / 2) / (EDGE * np.sqrt(2 * np.pi))
    inverse = 1 / np.maximum(distance, 1e-9)
    return coverage, slope, down * inverse, right * inverse


def disk_images(parameters: np.ndarray, size: int) -> np.ndarray:
    """Render disks with an edge blurred by `EDGE` pixels, float64 ``[image, 1, size, size]``."""
    coverage = _disk_geometry(parameters, size)[0]
    inside, outside = parameters[:, 3, None, None], parameters[:, 4, None, None]
    return (outside + (inside - outside) * coverage)[:, None]


def disk_tangents(parameters: np.ndarray, size: int) -> np.ndarray:
    """Return the derivative of each image by each of its parameters, ``[image, 5, pixels]``."""
    coverage, slope, down, right = _disk_geometry(parameters, size)
    contrast = (parameters[:, 3] - parameters[:, 4])[:, None, None]
    # Moving the centre down moves each point of the edge along its normal's component.
    edge = contrast * slope
    vectors = [edge * down, edge * right, edge, coverage, 1 - coverage]
    return np.stack(vectors, axis=1).reshape(len(parameters), 5, -1)


WAVE_INTENSITIES = (0.05, 0.5)


def wave_basis(size: int) -> np.ndarray:
    """Return sine and cosine of one period down and across, ``[2, pixels]``, both of one norm."""
    position = np.arange(size)
    phase = 2 * np.pi * (position[:, None] + position) / size
    return np.stack([np.sin(phase), np.cos(phase)]).reshape(2, -1)


def wave_parameters(indices: Sequence[int], seed: int) -> np.ndarray:
    """Draw ``[image, 2]``: intensity, uniform on `WAVE_INTENSITIES`, and phase."""
    numbers = uniforms(seed, "sinusoids", indices, 2)
    low, high = WAVE_INTENSITIES
    return np.column_stack([low + (high - low) * numbers[:, 0], 2 * np.pi * numbers[:, 1]])


def wave_images(parameters: np.ndarray, size: int) -> np.ndarray:
    """Render ``a sin(u + phase)``, ``[image, 1, size, size]``, with values in [-1/2, 1/2].

    Their mean is 0, so that they fill a cone of two dimensions.
    """
    intensity, phase = parameters.T
    weights = np.stack([intensity * np.cos(phase), intensity * np.sin(phase)], axis=1)
    return (weights @ wave_basis(size)).reshape(-1, 1, size, size)


RAY_INTENSITIES = (0.05, 1.0)


def ray_direction(size: int) -> np.ndarray:
    """Return the image whose multiples form the ray: a face, brightest pixel 1, ``[pixels]``."""
    face = resize(read_bundled_faces()[0].astype(np.float64), (size, size), anti_aliasing=True)
    return (face / face.max()).ravel()


def ray_parameters(indices: Sequence[int], seed: int) -> np.ndarray:
    """Draw ``[image, 1]``: intensity, uniform on `RAY_INTENSITIES`."""
    low, high = RAY_INTENSITIES
    return low + (high - low) * uniforms(seed, "ray", indices, 1)


def ray_images(parameters: np.ndarray, size: int) -> np.ndarray:
    """Render positive multiples of one face, ``[image, 1, size, size]``."""
    return (parameters * ray_direction(size)).reshape(-1, 1, size, size)


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


def draw_blocks(data: DataSettings, count: int, seed: int) -> Iterator[np.ndarray]:
    """Yield ``count`` images of a synthetic set, float32 ``[image, 1, size, size]``."""
    for start in range(0, count, BLOCK):
        yield _drawn(data, range(start, min(start + BLOCK, count)), seed).astype(np.float32)


def _drawn(data: DataSettings, indices: Sequence[int], seed: int) -> np.ndarray:
    if data.source == "disks":
        return disk_images(disk_parameters(indices, data.size, seed), data.size)
    if data.source == "sinusoids":
        return wave_images(wave_parameters(indices, seed), data.size)
    if data.source == "ray":
        return ray_images(ray_parameters(indices, seed), data.size)
    alphas = data.contour_alpha, data.background_alpha
    return c_alpha_images(indices, data.size, *alphas, seed, data.regions)


def tangents(data: DataSettings, indices: Sequence[int], seed: int) -> np.ndarray | None:
    """Return a spanning set ``[image, dimension, pixels]`` of each image's tangent space.

    None for sets that are no manifold of a few dimensions.
    """
    pixels = data.size**2
    if data.source == "disks":
        vectors = disk_tangents(disk_parameters(indices, data.size, seed), data.size)
    elif data.source == "sinusoids":
        vectors = np.broadcast_to(wave_basis(data.size), (len(indices), 2, pixels))
    elif data.source == "ray":
        vectors = np.broadcast_to(ray_direction(data.size), (len(indices), 1, pixels))
    else:
        return None
    return vectors[..., pixel_order(pixels, seed)] if data.shuffle else vectors
