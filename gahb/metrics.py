"""Mean squared error, PSNR, and the two ways to write a noise level."""

from __future__ import annotations

import torch
from torch import Tensor

from gahb.types import Images


def mse(clean: Images, estimate: Images) -> Tensor:
    """Return the mean squared error over the pixels of each image, ``[batch]``."""
    return (estimate - clean).square().flatten(1).mean(dim=1)


def psnr_db(error: Tensor) -> Tensor:
    """Return the PSNR in dB, peak value 1, of a mean squared ``error``."""
    return -10 * torch.log10(error)


def input_psnr_db(sigma: float) -> float:
    """Return the PSNR in dB of an image with noise ``sigma``: ``-20 log10 sigma``."""
    return float(psnr_db(torch.tensor(float(sigma) ** 2, dtype=torch.float64)))


def sigma_of_input_psnr(decibel: float) -> float:
    """Return the noise level whose input PSNR is ``decibel``: ``10**(-dB / 20)``."""
    return 10 ** (-decibel / 20)
