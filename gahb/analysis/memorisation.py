"""Does a sample repeat a training image?

A blind bias-free denoiser cannot tell x at sigma from a x at a sigma, so the intensity
of its samples is arbitrary. Every distance here is therefore taken twice: between
unit-norm images (the one to read for blind denoisers) and between raw ones.
"""

from __future__ import annotations

import numpy as np

from gahb.analysis.similarity import flatten

MEMORISED_RATIO = 1 / 3
GENERALISING_GL = 0.6
"""Above this GL score Li et al. call a network generalising, for images on [-1, 1]."""


def memorised(distance: np.ndarray, second_distance: np.ndarray) -> np.ndarray:
    """Return, per sample, whether d1 / d2 < 1/3.

    d1 and d2 are the L2 distances to the nearest and second nearest training image (Gu
    et al., arXiv 2310.02664; Bonnaire et al., arXiv 2505.17638). NaN where there is no
    second training image.

    Notes
    -----
    A training image that is there twice hides its copies, as d2 = d1. Among images of which no
    two correlate above c it cannot: they are sqrt(1 - c^2) of a contrast apart at least, that is
    of the norm of an image less its mean, and what is nearer to one of them than a quarter
    of that is called a copy. The workflow's deduplication, c = .95, makes that 7.8 %, or a
    correlation of .997 with the original. At thresholds near 1 (paper-cifar10 and paper-ffhq
    keep near-duplicates, as the paper does) the share is a lower bound. Where nothing was
    removed, as in somebody else's folder, d2 has to be that of `gahb.analysis.copies`.
    """
    known = np.isfinite(second_distance)
    # A copy among identical training images has d1 = d2 = 0 and counts as memorised.
    is_copy = (distance < MEMORISED_RATIO * second_distance) | (distance == 0)
    return np.where(known, is_copy.astype(float), np.nan)


def cross_split_ratio(
    between: np.ndarray, to_nearest: np.ndarray, axis: int | None = None
) -> np.ndarray:
    """Return cross-split MSE over nearest-neighbour MSE.

    Mean squared distance between the samples of two networks from the same noise,
    divided by the mean squared distance of a sample to its nearest training image
    (Wang, Zavatone-Veth & Pehlevan, arXiv 2602.02908). Far above 1 when both repeat
    their own training images; below 1 when they agree on an image that neither has.
    """
    return np.mean(between**2, axis=axis) / np.mean(to_nearest**2, axis=axis)


def gl_distance(samples: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Return |x - NN(x)| / |x| per sample, for images on [-1, 1] as Li et al. use.

    Parameters
    ----------
    samples, references : ndarray
        Images ``[image, ...]`` in [0, 1] units; reference i is the nearest of sample i.

    Notes
    -----
    The GL score is the mean; Li et al. (NeurIPS 2024) call a network generalising above
    0.6. The ratio depends on the range of the pixels, hence the conversion. It is unknown,
    NaN, of a sample that is mid-grey all over: zero on [-1, 1].
    """
    left, right = 2 * flatten(samples) - 1, 2 * flatten(references) - 1
    return np.linalg.norm(left - right, axis=1) / _length(left)


def rescaled(samples: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Return flattened samples with the L2 norm of their reference, the scale taken out.

    NaN where a sample is black, which no scale changes.
    """
    left = flatten(samples)
    norms = np.linalg.norm(flatten(references), axis=1) / _length(left)
    return left * norms[:, None]


def _length(vectors: np.ndarray) -> np.ndarray:
    """Return the L2 norm of each row, NaN where there is nothing to divide by."""
    norms = np.linalg.norm(vectors, axis=1)
    return np.where(norms > 1e-9, norms, np.nan)
