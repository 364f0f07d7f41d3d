"""Compare the samples of two networks with each other and with their training images."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from gahb.analysis.memorisation import gl_distance, rescaled
from gahb.analysis.similarity import (
    centred,
    cosine,
    flatten,
    nearest,
    nearest_cosine,
    unit_norm,
)
from gahb.data.splits import Split
from gahb.sampling.ascent import CONVERGED
from gahb.settings import SUBSETS


def compare_samples(
    arrays: Mapping[str, np.ndarray], images: np.ndarray, parts: Split, n: int
) -> pd.DataFrame:
    """Return `compare_pairs` of the samples of networks A and B, and their training images.

    Parameters
    ----------
    arrays : mapping
        Those of `gahb.sampling.paired.sample_pairs`.
    images : ndarray
        uint8 ``[image, channel, height, width]``, all prepared images.
    parts : Split
        Which of them are training images.
    n : int
        N.
    """
    return compare_pairs(
        {subset: arrays[f"images_{subset}"] for subset in SUBSETS},
        {subset: arrays[f"status_{subset}"] for subset in SUBSETS},
        {subset: images[parts.training(subset, n)] for subset in SUBSETS},
        mean_image(images[parts.test]),
    )


def mean_image(images: np.ndarray) -> np.ndarray:
    """Return the mean of ``images``, uint8, at unit norm, ``[pixels]``; blank ones are left out."""
    unit = unit_norm(flatten(images))
    known = unit[np.isfinite(unit).all(axis=1)]
    return known.mean(axis=0) if len(known) else np.full(unit.shape[1], np.nan)


def compare_pairs(
    samples: dict[str, np.ndarray],
    status: dict[str, np.ndarray],
    training: dict[str, np.ndarray],
    mean: np.ndarray | None = None,
) -> pd.DataFrame:
    """Compare, sample by sample, networks A and B that saw the same noise.

    Parameters
    ----------
    samples : dict
        ``{"A": ..., "B": ...}``, images ``[sample, channel, height, width]`` in [0, 1]
        units; sample i of both comes from the same noise.
    status : dict
        Per subset, ``"converged"`` or why not, per sample.
    training : dict
        Per subset, uint8 training images ``[image, channel, height, width]``.
    mean : ndarray or None
        `mean_image` of held-out images; by default of both sets of training images.

    Returns
    -------
    DataFrame
        One row a sample. ``pair_cosine`` and ``mismatched_cosine`` (A's sample i with
        B's sample i + 1: other noise) are mean-removed, ``pair_cosine_raw`` is not. With
        ``_beyond_mean`` they are of unit-norm images less ``mean``: what all images have in
        common does not count, and samples that have nothing else in common have about 0.
        Per subset: status, nearest training image by mean-removed cosine, and the
        distances of `_distances`. Values of samples that did not converge are blank, as are
        cosines and unit-norm distances of constant images, which have no direction.
    """
    good = {subset: status[subset] == CONVERGED for subset in samples}
    left, right = (flatten(samples[subset]) for subset in SUBSETS)
    table = pd.DataFrame({"sample": np.arange(len(left))})
    both = good["A"] & good["B"]
    table["pair_cosine"] = np.where(both, cosine(centred(left), centred(right)), np.nan)
    table["pair_cosine_raw"] = np.where(both, cosine(left, right), np.nan)
    # Pairing i with i + 1 gives every sample a partner from other noise.
    shifted, shifted_good = np.roll(right, -1, axis=0), np.roll(good["B"], -1)
    mismatched = cosine(centred(left), centred(shifted))
    table["mismatched_cosine"] = np.where(good["A"] & shifted_good, mismatched, np.nan)
    if mean is None:
        mean = mean_image(np.concatenate([training[subset] for subset in SUBSETS]))
    own = {name: unit_norm(rows) - mean for name, rows in (("A", left), ("B", right))}
    beyond = cosine(own["A"], own["B"])
    table["pair_cosine_beyond_mean"] = np.where(both, beyond, np.nan)
    beyond = cosine(own["A"], np.roll(own["B"], -1, axis=0))
    table["mismatched_cosine_beyond_mean"] = np.where(good["A"] & shifted_good, beyond, np.nan)
    unit = np.linalg.norm(unit_norm(left) - unit_norm(right), axis=1)
    table["pair_distance_unit"] = np.where(both, unit, np.nan)
    raw = np.linalg.norm(left - right, axis=1)
    table["pair_distance_raw"] = np.where(both, raw, np.nan)
    for subset in SUBSETS:
        columns = nearest_columns(samples[subset], good[subset], training[subset])
        table[f"status_{subset}"] = status[subset]
        for name, values in columns.items():
            table[f"{name}_{subset}"] = values
    return table


def nearest_columns(
    samples: np.ndarray, good: np.ndarray, training: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the columns about the training image nearest to each converged sample."""
    chosen = samples[good]
    columns = {}
    if len(chosen):
        index, value = nearest_cosine(chosen, training)
        known = np.where(index >= 0, index, np.nan)
        columns = {"nearest_index": known, "nearest_cosine": value}
        columns |= _distances(chosen, training)
    names = ["nearest_index", "nearest_cosine"]
    names += [
        f"{column}_{kind}"
        for kind in ("unit", "raw")
        for column in ("nearest_distance", "second_distance", "gl_distance")
    ]
    spread = {name: np.full(len(samples), np.nan) for name in names}
    for name, values in columns.items():
        spread[name][good] = values
    spread["nearest_index"] = pd.array(spread["nearest_index"], dtype="Int64")
    return spread


def _distances(samples: np.ndarray, training: np.ndarray) -> dict[str, np.ndarray]:
    """Return L2 to the two nearest training images and the GL distance, unit-norm and raw."""
    columns = {}
    for kind, transform in (("unit", {"transform": unit_norm}), ("raw", {})):
        found = nearest(samples, training, **transform)
        columns[f"nearest_distance_{kind}"] = found.distance
        columns[f"second_distance_{kind}"] = found.second_distance
        chosen, closest = samples[found.known], training[found.index[found.known]]
        scaled = rescaled(chosen, closest) if kind == "unit" else chosen
        columns[f"gl_distance_{kind}"] = np.full(len(samples), np.nan)
        columns[f"gl_distance_{kind}"][found.known] = gl_distance(scaled, closest)
    return columns


def closest_across(left: np.ndarray, right: np.ndarray) -> pd.DataFrame:
    """Return, for each image of A, the most correlated image of B.

    Returns
    -------
    DataFrame
        ``index_A, index_B`` (positions in the subsets) and ``cosine``, mean-removed; the
        last two are blank for a constant image.
    """
    parts = []
    for start in range(0, len(left), 1024):
        index, value = nearest_cosine(left[start : start + 1024], right)
        known = pd.array(np.where(index >= 0, index, np.nan), dtype="Int64")
        rows = {"index_A": start + np.arange(len(index)), "index_B": known, "cosine": value}
        parts.append(pd.DataFrame(rows))
    return pd.concat(parts, ignore_index=True)
