"""What there is to know of a set of images that are computed, not read.

Every image has a random stream of its own, named by its index: image i is the same
whatever is drawn beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

import numpy as np
from torch import Tensor

from gahb.seeds import numpy_stream
from gahb.settings import DataSettings


class Prior(NamedTuple):
    """Images B theta with few coordinates theta of known density.

    Attributes
    ----------
    basis : Tensor
        Orthonormal rows ``[dimension, pixels]``, one or two.
    density : callable
        From ``[..., dimension]`` to the density of theta, up to a factor.
    bounds : tuple of float
        Lowest and highest value of any coordinate.
    """

    basis: Tensor
    density: Callable[[Tensor], Tensor]
    bounds: tuple[float, float]


class DrawnSet:
    """A set of images that are drawn: the base of all, which knows them by their names.

    Attributes
    ----------
    name, title : str
        In the configuration; for people.
    dimension : int or None
        Of a set that is a manifold of a few dimensions.
    """

    known: ClassVar[dict[str, DrawnSet]] = {}
    name: ClassVar[str]
    title: ClassVar[str]
    dimension: ClassVar[int | None] = None

    def __init_subclass__(cls) -> None:
        """Take a set into those that are known."""
        DrawnSet.known[cls.name] = cls()

    def draw(self, data: DataSettings, indices: Sequence[int], seed: int) -> np.ndarray:
        """Return images ``[image, 1, size, size]``, in [0, 1] units."""
        raise NotImplementedError

    def tangents(self, data: DataSettings, indices: Sequence[int], seed: int) -> np.ndarray | None:
        """Return a spanning set ``[image, dimension, pixels]`` of each image's tangent space."""
        return None

    def prior(self, size: int) -> Prior | None:
        """Return the density of the images, where their optimal denoiser can be computed."""
        return None


def uniforms(
    seed: int, role: str, indices: Sequence[int], count: int, dtype: type = np.float64
) -> np.ndarray:
    """Return uniform numbers ``[image, count]``, one stream an image.

    Single precision has 2^24 of them only: where one number decides an image, thousands of
    images would not all be different.
    """
    draws: np.ndarray = np.empty((len(indices), count), dtype)
    for row, index in enumerate(indices):
        numpy_stream(seed, role, int(index)).random(dtype=dtype, out=draws[row])
    return draws
