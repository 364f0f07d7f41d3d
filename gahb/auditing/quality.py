"""Are samples anything like pictures of the kind that the model was trained on?

Of a model that draws noise, one image only, or pictures on another range of values, nothing can
be said: none of its samples is a training image either. What is like a picture is told by the
pictures: training images, seen from held-out ones, as samples are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from gahb.analysis import fractions as shares
from gahb.analysis.memorisation import MEMORISED_RATIO
from gahb.analysis.similarity import flatten, nearest, nearest_cosine, normalised
from gahb.analysis.statistics import LEVEL
from gahb.auditing.rows import SAMPLES, row

TAIL = (1 - LEVEL) / 2
"""About this share of real pictures themselves lies beyond `_least` of them."""


def quality_rows(
    samples: np.ndarray, training: np.ndarray, held_out: np.ndarray, *, raw: bool
) -> list[dict[str, Any]]:
    """Return shares of samples that are not what a picture of this kind could be.

    Parameters
    ----------
    samples : ndarray
        ``[sample, channel, height, width]``, none blank.
    training, held_out : ndarray
        uint8 ``[image, channel, height, width]``, none blank; held-out images that are copies
        of training images left out.
    raw : bool
        Whether samples have a brightness of their own.

    Returns
    -------
    list of dict
        ``unlike_fraction``: their cosine with the closest held-out image is below what training
        images have. ``far_fraction``, if ``raw``: their distance to the nearest held-out image
        is above that, or their mean or standard deviation is outside those of real pictures.
        ``repeated_fraction``: another sample is three times nearer than pictures that differ
        commonly are. ``uniform_fraction``: they are nearer to the mean sample than real pictures
        are to their mean.

    Notes
    -----
    What real pictures have is what all but 2.5 % of them have, see `_least`: the samples of a
    weak model, blurred or of no more than the right mean and covariance, mostly are within it.
    """
    found = {"unlike_fraction": _unlike(samples, training, held_out)}
    if raw:
        found["far_fraction"] = _far(samples, training, held_out)
    found["repeated_fraction"] = _repeated(samples, training, held_out)
    found["uniform_fraction"] = _uniform(samples, training, held_out)
    return [
        row(measure, SAMPLES, shares.share(values), len(values))
        for measure, values in found.items()
    ]


def _unlike(samples: np.ndarray, training: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    if not (len(samples) and len(held_out)):
        return np.empty(0)
    (_, usual), (_, own) = (nearest_cosine(some, held_out) for some in (training, samples))
    return own < _least(usual)


def _far(samples: np.ndarray, training: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    if not (len(samples) and len(held_out)):
        return np.empty(0)
    usual, own = (nearest(some, held_out).distance for some in (training, samples))
    far = -own < _least(-usual)
    pixels, real = flatten(samples), np.concatenate([flatten(training), flatten(held_out)])
    for measure in (np.mean, np.std):
        usual, own = measure(real, axis=1), measure(pixels, axis=1)
        far |= (own < _least(usual)) | (-own < _least(-usual))
    return far


def _repeated(samples: np.ndarray, training: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    if len(samples) < 2 or not len(held_out):
        return np.empty(0)
    usual = np.median(nearest(held_out, training, normalised).distance)
    # The nearest sample is the sample itself.
    own = nearest(samples, samples, normalised).second_distance
    return own < MEMORISED_RATIO * usual


def _uniform(samples: np.ndarray, training: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    if len(samples) < 2 or not len(held_out):
        return np.empty(0)
    usual = np.concatenate([_from_mean(some) for some in (training, held_out)])
    return _from_mean(samples) < _least(usual)


def _from_mean(images: np.ndarray) -> np.ndarray:
    """Return the distance of each normalised image to the mean of all of them."""
    vectors = normalised(flatten(images))
    return np.linalg.norm(vectors - vectors.mean(axis=0), axis=1)


def _least(usual: np.ndarray) -> float:
    """Return the value that all but 2.5 % of further real pictures may be expected to exceed.

    The quantile of those seen, or of a normal distribution that is known from so few, if that
    is less: the next picture lies beyond all of five others one time in six.
    """
    count = len(usual)
    if count < 2:
        return -np.inf
    reach = stats.t.ppf(1 - TAIL, count - 1) * np.std(usual, ddof=1) * np.sqrt(1 + 1 / count)
    return float(min(np.quantile(usual, TAIL), np.mean(usual) - reach))
