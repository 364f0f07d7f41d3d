"""Linear measurements of an image, each as the orthogonal projection onto what it tells.

A measurement with orthonormal columns M tells M^T x. Samplers need only P = M M^T, which
is computed here without M: by masks, averages and Fourier transforms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from gahb.seeds import numpy_stream, torch_stream
from gahb.types import Images


class Projection(Protocol):
    """An orthogonal projection P of images: linear, P P = P = P^T."""

    @property
    def share(self) -> float:
        """Share of the dimensions that are measured, tr P / d."""
        ...

    def __call__(self, images: Images) -> Images:
        """Return P x for each of ``images`` ``[batch, channel, height, width]``."""
        ...


def measurements(shape: Sequence[int], factor: int, seed: int) -> dict[str, Projection]:
    """Return the five measurements of Kadkhodaie & Simoncelli (NeurIPS 2021).

    Parameters
    ----------
    shape : sequence of int
        ``(channel, height, width)``; ``factor`` divides height and width.
    factor : int
        All but inpainting tell ``1 / factor**2`` of the dimensions.
    seed : int
        Root seed of the random ones, which are the same for every image.

    Returns
    -------
    dict
        ``inpainting`` (all but a central rectangle of half the height and width),
        ``random_pixels``, ``super_resolution`` (averages of blocks), ``deblurring`` (the
        lowest frequencies) and ``compressive`` (random directions).
    """
    _, height, width = shape
    share = 1 / factor**2
    return {
        "inpainting": Mask(_around_centre(height, width)),
        "random_pixels": Mask(_random_pixels(height, width, share, seed)),
        "super_resolution": BlockAverage(factor),
        "deblurring": LowPass(_lowest(height, width, share)),
        "compressive": Directions(_random_directions(int(np.prod(shape)), share, seed)),
    }


class Mask:
    """Some pixels are known: all channels of those where ``known`` ``[height, width]`` is 1."""

    def __init__(self, known: Tensor) -> None:
        self.known, self.share = known, float(known.mean())

    def __call__(self, images: Images) -> Images:
        """Return the known pixels, and 0 elsewhere."""
        return images * self.known.to(images)


class BlockAverage:
    """The averages of blocks of ``factor`` by ``factor`` pixels are known."""

    def __init__(self, factor: int) -> None:
        self.factor, self.share = factor, 1 / factor**2

    def __call__(self, images: Images) -> Images:
        """Return in each pixel the average of its block."""
        averages = F.avg_pool2d(images, self.factor)
        return averages.repeat_interleave(self.factor, -1).repeat_interleave(self.factor, -2)


class LowPass:
    """Some frequencies are known: those where ``known`` ``[height, width]`` is 1.

    For real images, ``known`` is the same at a frequency and at its negative.
    """

    def __init__(self, known: Tensor) -> None:
        self.known, self.share = known, float(known.mean())

    def __call__(self, images: Images) -> Images:
        """Return the known frequencies only."""
        return torch.fft.ifft2(torch.fft.fft2(images) * self.known.to(images)).real


class Directions:
    """Some directions are known: orthonormal columns ``[pixels, measurement]``."""

    def __init__(self, columns: Tensor) -> None:
        self.columns, self.share = columns, columns.shape[1] / columns.shape[0]

    def __call__(self, images: Images) -> Images:
        """Return the part of the images along the directions."""
        columns = self.columns.to(images)
        return (images.flatten(1) @ columns @ columns.T).reshape(images.shape)


def _around_centre(height: int, width: int) -> Tensor:
    known = torch.ones(height, width)
    known[height // 4 : height // 4 + height // 2, width // 4 : width // 4 + width // 2] = 0
    return known


def _random_pixels(height: int, width: int, share: float, seed: int) -> Tensor:
    chosen = numpy_stream(seed, "measured pixels").permutation(height * width)
    known = torch.zeros(height * width)
    known[chosen[: max(1, round(share * height * width))]] = 1
    return known.reshape(height, width)


def _lowest(height: int, width: int, share: float) -> Tensor:
    """Return the disc of frequencies whose number is nearest to the share asked for."""
    rows, columns = torch.fft.fftfreq(height), torch.fft.fftfreq(width)
    radius = (rows[:, None] ** 2 + columns[None] ** 2).sqrt()
    radii = torch.unique(radius.round(decimals=6))
    counts = torch.stack([(radius <= limit + 1e-6).sum() for limit in radii])
    best = (counts - share * height * width).abs().argmin()
    return (radius <= radii[best] + 1e-6).float()


def _random_directions(pixels: int, share: float, seed: int) -> Tensor:
    stream = torch_stream(seed, "measured directions")
    drawn = torch.randn(
        pixels, max(1, round(share * pixels)), generator=stream, dtype=torch.float64
    )
    return torch.linalg.qr(drawn).Q
