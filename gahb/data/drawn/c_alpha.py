"""C^alpha images: two regular regions beside a regular contour.

Kadkhodaie et al. (ICLR 2024), Algorithm 2. Their released code draws the contour's white
pixels from U(-1, 1) and so twice as far up and down as the algorithm, U(-1/2, 1/2), which
is followed here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import fft

from gahb.data.drawn.drawn_set import DrawnSet, uniforms
from gahb.settings import DataSettings


class CAlpha(DrawnSet):
    """Images that are regular but for a contour."""

    name = "c-alpha"
    title = "C^alpha images: two regular regions beside a regular contour"

    def draw(self, data: DataSettings, indices: Sequence[int], seed: int) -> np.ndarray:
        """Return `c_alpha_images`."""
        alphas = data.contour_alpha, data.background_alpha
        return c_alpha_images(indices, data.size, *alphas, seed, data.regions)


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

    Kadkhodaie et al. 2024, Algorithm 2. The contour is ``n h + n / 2`` pixels down, n the
    size and h of spectrum |k|^-alpha, of white pixels uniform on [-1/2, 1/2]. Its mean moves
    up and down by sqrt(n / 12) pixels, its shape by as much times
    sqrt(sum over k != 0 of |k|^(-2 alpha)), both standard deviations.

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
    # The gain is 1 at k = 0: the mean of the white pixels moves the whole contour.
    contour = size * power_law(numbers[:, :size] - np.float32(0.5), contour_alpha, axes=1)
    contour += size / 2
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
