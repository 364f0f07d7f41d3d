"""The one contract: ``denoiser(noisy, sigma) -> clean``, everything in [0, 1] units."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from torch import Tensor

Images: TypeAlias = Tensor
"""Float tensor ``[batch, channel, height, width]``; clean pixels lie in [0, 1]."""

Sigma: TypeAlias = float | Tensor
"""Noise standard deviation in pixel units of [0, 1]: a float or a tensor ``[batch]``."""


class Denoiser(Protocol):
    """Anything that maps noisy images to an estimate of the clean ones.

    Blind denoisers accept ``sigma`` and ignore it, and say so with ``blind = True``.
    Residual prediction, preconditioning and other value ranges are adapters inside
    ``gahb.denoisers``; callers never subtract, rescale or clip.
    """

    blind: bool

    def __call__(self, noisy: Images, sigma: Sigma) -> Images:
        """Estimate the clean images, same shape and dtype as ``noisy``."""
        ...
