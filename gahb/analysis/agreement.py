"""How linear a denoiser is, and how far two denoisers are from each other.

Li, Dai & Qu (NeurIPS 2024), sections 3 and 4, with what its reviewers asked for: the
score of the residual as well, the root outside the expectation, and a normalisation.
Every function returns one value per noisy image, so that intervals can be taken.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gahb.types import Denoiser, Images

HALF = math.sqrt(0.5)
"""alpha = beta of the linearity score; their squares add to 1, so the noise level stays."""


def _flat_cosine(left: Images, right: Images) -> Tensor:
    return torch.cosine_similarity(left.flatten(1).double(), right.flatten(1).double(), dim=1)


@torch.inference_mode()
def linearity(denoiser: Denoiser, first: Images, second: Images, sigma: float) -> dict[str, Tensor]:
    """Compare the denoised mixture of two noisy images with the mixture of the denoised.

    Parameters
    ----------
    denoiser : Denoiser
        In evaluation mode.
    first, second : Images
        Noisy images ``[batch, channel, height, width]`` of independent noise at ``sigma``.
    sigma : float
        Noise standard deviation in [0, 1] pixel units; that of the mixture too.

    Returns
    -------
    dict
        float64 ``[batch]`` each. ``score``: |cos| of D(a y1 + a y2) and a D(y1) + a D(y2)
        with a = 1/sqrt(2), 1 for a linear map. ``residual_score``: the same of y - D(y),
        which does not reward returning the input. ``nmse``: the norm of the difference
        over that of D(a y1 + a y2), 0 for a linear map.

    Notes
    -----
    An affine map scores below 1 unless its constant is 0: a D(y1) + a D(y2) counts the
    constant sqrt(2) times.
    """
    mixture = HALF * (first + second)
    whole = denoiser(mixture, sigma)
    parts = HALF * (denoiser(first, sigma) + denoiser(second, sigma))
    difference = (whole - parts).flatten(1).double().norm(dim=1)
    return {
        "score": _flat_cosine(whole, parts).abs(),
        "residual_score": _flat_cosine(mixture - whole, mixture - parts).abs(),
        "nmse": difference / whole.flatten(1).double().norm(dim=1),
    }


@torch.inference_mode()
def squared_distances(
    left: Denoiser, right: Denoiser, noisy: Images, sigma: float
) -> dict[str, Tensor]:
    """Return squared distances between two denoisers' estimates, per noisy image.

    Parameters
    ----------
    left, right : Denoiser
        ``left`` is the one to normalise by, usually the network.
    noisy : Images
        ``[batch, channel, height, width]`` at noise level ``sigma``.

    Returns
    -------
    dict
        float64 ``[batch]`` each: ``difference`` |D1 - D2|^2 / d and ``reference``
        |D1|^2 / d. See `rmse` and `normalised_rmse`.
    """
    first, second = left(noisy, sigma).double(), right(noisy, sigma).double()
    return {
        "difference": (first - second).flatten(1).square().mean(dim=1),
        "reference": first.flatten(1).square().mean(dim=1),
    }


def rmse(difference: Tensor, dim: int = 0) -> Tensor:
    """Return the root mean squared distance: the root is outside the expectation."""
    return difference.mean(dim=dim).sqrt()


def normalised_rmse(difference: Tensor, reference: Tensor, dim: int = 0) -> Tensor:
    """Return the root of mean squared distance over mean squared reference; 0 is equal."""
    return (difference.mean(dim=dim) / reference.mean(dim=dim)).sqrt()


def weight_nmse(weight: Tensor, reference: Tensor) -> float:
    """Return |W - R|_F^2 / |R|_F^2 of two matrices ``[pixels, pixels]``."""
    return float((weight - reference).square().sum() / reference.square().sum())
