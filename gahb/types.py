"""The one contract: ``denoiser(noisy, sigma) -> clean``, everything in [0, 1] units."""

from __future__ import annotations

from typing import TypeAlias

import torch
from torch import Tensor

Images: TypeAlias = Tensor
"""Float tensor ``[batch, channel, height, width]``; clean pixels lie in [0, 1]."""

Sigma: TypeAlias = float | Tensor
"""Noise standard deviation in pixel units of [0, 1]: a float or a tensor ``[batch]``."""


class Denoiser:
    """Anything that maps noisy images to an estimate of the clean ones: the base of all.

    Residual prediction, preconditioning and other value ranges are adapters inside
    ``gahb.denoisers``; callers never subtract, rescale or clip. Networks inherit from
    ``torch.nn.Module`` first: ``class Mine(torch.nn.Module, Denoiser)``.

    Attributes
    ----------
    blind : bool
        It is not told the noise level: it accepts ``sigma`` and ignores it.
    piecewise_linear : bool
        Made of linear maps and ReLU or max pooling, whose decisions can be frozen, without
        constants: f(a y) = a f(y) for a > 0.
    precision : torch.dtype
        In which it is to be called where that matters; float64 of closed forms.

    Examples
    --------
    >>> import torch, gahb
    >>> class Shrinking(gahb.Denoiser):
    ...     def __call__(self, noisy, sigma):
    ...         return noisy / (1 + sigma**2)
    >>> Shrinking()(torch.ones(1, 1, 2, 2), 1.0)[0, 0, 0]
    tensor([0.5000, 0.5000])
    """

    blind: bool = False
    piecewise_linear: bool = False
    precision: torch.dtype = torch.float32

    def __call__(self, noisy: Images, sigma: Sigma) -> Images:
        """Estimate the clean images, same shape and dtype as ``noisy``."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it denoises")
