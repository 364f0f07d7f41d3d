"""Does a sample repeat a training image?

A blind bias-free denoiser cannot tell x at sigma from a x at a sigma, so the intensity
of its samples is arbitrary. Every distance here is therefore taken twice: between
unit-norm images (the one to read for blind denoisers) and between raw ones.
"""

from __future__ import annotations

import numpy as np

from gahb.analysis.similarity import flatten

MEMORISED_RATIO = 1 / 3


def memorised(distance: np.ndarray, second_distance: np.ndarray) -> np.ndarray:
    """Return, per sample, whether d1 / d2 < 1/3.

    d1 and d2 are the L2 distances to the nearest and second nearest training image (Gu
    et al., arXiv 2310.02664; Bonnaire et al., arXiv 2505.17638). NaN where there is no
    second training image.
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
    0.6. The ratio depends on the range of the pixels, hence the conversion.
    """
    left, right = 2 * flatten(samples) - 1, 2 * flatten(references) - 1
    return np.linalg.norm(left - right, axis=1) / np.linalg.norm(left, axis=1)


def rescaled(samples: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Return flattened samples with the L2 norm of their reference, the scale taken out."""
    left = flatten(samples)
    norms = np.linalg.norm(flatten(references), axis=1) / np.linalg.norm(left, axis=1)
    return left * norms[:, None]
