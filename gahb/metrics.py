"""Mean squared error, PSNR, and the two ways to write a noise level."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from gahb.types import Images

Errors = TypeVar("Errors", float, np.ndarray, Tensor)
"""A number or an array of them, NumPy's or PyTorch's."""


def mse(clean: Images, estimate: Images) -> Tensor:
    """Return the mean squared error over the pixels of each image, ``[batch]``.

    Examples
    --------
    >>> import torch, gahb
    >>> gahb.mse(torch.zeros(1, 1, 2, 2), torch.full((1, 1, 2, 2), 0.1))
    tensor([0.0100])
    """
    return (estimate - clean).square().flatten(1).mean(dim=1)


def psnr_db(error: Errors) -> Errors:
    """Return the PSNR in dB, peak value 1, of mean squared errors.

    Examples
    --------
    >>> import torch, gahb
    >>> gahb.psnr_db(torch.tensor([0.01, 0.001]))
    tensor([20., 30.])
    """
    logarithm = torch.log10 if isinstance(error, Tensor) else np.log10
    return -10 * logarithm(error)


def input_psnr_db(sigma: Errors) -> Errors:
    """Return the PSNR in dB of images with noise ``sigma``: ``-20 log10 sigma``."""
    logarithm = torch.log10 if isinstance(sigma, Tensor) else np.log10
    return -20 * logarithm(sigma) + 0.0  # no minus zero at sigma = 1


def sigma_of_input_psnr(decibel: float) -> float:
    """Return the noise level whose input PSNR is ``decibel``: ``10**(-dB / 20)``."""
    return 10 ** (-decibel / 20)
