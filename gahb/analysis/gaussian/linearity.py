"""How linear a denoiser is, and how far one matrix is from another.

Li, Dai & Qu (NeurIPS 2024), sections 3 and 4, with what its reviewers asked for: the
score of the residual as well. One value per noisy image, so that intervals can be taken.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gahb.types import Denoiser, Images

ORIGIN = 0.5
"""Zero of the images on [-1, 1] of Li, Dai & Qu."""

HALF = math.sqrt(0.5)
"""alpha = beta of the linearity score; their squares add to 1, so the noise level stays."""


def _flat_cosine(left: Images, right: Images) -> Tensor:
    """Return the cosine of each image with that of ``right``; NaN if one is zero all over."""
    pair = [images.flatten(1).cpu().double() for images in (left, right)]
    lengths = torch.stack([vectors.norm(dim=1) for vectors in pair])
    known = (lengths > 0).all(dim=0)
    return torch.where(known, torch.cosine_similarity(pair[0], pair[1], dim=1), torch.nan)


@torch.inference_mode()
def linearity(
    denoiser: Denoiser, first: Images, second: Images, sigma: float, origin: float = ORIGIN
) -> dict[str, Tensor]:
    """Compare the denoised mixture of two noisy images with the mixture of the denoised.

    Parameters
    ----------
    denoiser : Denoiser
        In evaluation mode.
    first, second : Images
        Noisy images ``[batch, channel, height, width]`` of independent noise at ``sigma``.
    sigma : float
        Noise standard deviation in [0, 1] pixel units; that of the mixture too.
    origin : float
        Pixel value that counts as zero when images are added and compared.

    Returns
    -------
    dict
        float64 ``[batch]`` each. ``score``: |cos| of D(a y1 + a y2) and a D(y1) + a D(y2)
        with a = 1/sqrt(2), 1 for a linear map. ``residual_score``: the same of y - D(y),
        which does not reward returning the input. ``nmse``: the norm of the difference
        over that of D(a y1 + a y2), 0 for a linear map. NaN where that is zero.

    Notes
    -----
    An affine map scores below 1 unless it leaves ``origin`` where it is: a D(y1) + a D(y2)
    counts the constant sqrt(2) times. Compare with the score of the Gaussian denoiser.
    """
    mixture = HALF * (first + second - 2 * origin)
    whole = denoiser(origin + mixture, sigma) - origin
    parts = HALF * (denoiser(first, sigma) + denoiser(second, sigma) - 2 * origin)
    difference = (whole - parts).flatten(1).cpu().double().norm(dim=1)
    return {
        "score": _flat_cosine(whole, parts).abs(),
        "residual_score": _flat_cosine(mixture - whole, mixture - parts).abs(),
        "nmse": difference / whole.flatten(1).cpu().double().norm(dim=1),
    }


def weight_nmse(weight: Tensor, reference: Tensor) -> float:
    """Return |W - R|_F^2 / |R|_F^2 of two matrices ``[pixels, pixels]``, NaN if R is 0.

    The Gaussian denoiser of a single image returns that image, and its matrix is 0.
    """
    size = float(reference.square().sum())
    return float((weight - reference).square().sum()) / size if size else float("nan")
