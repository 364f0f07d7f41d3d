"""How alike pairs of samples are, by their contrast.

Two networks that differ by the same small error in all samples have a low cosine where a sample
is nearly flat, as hardly more than the error is left once its mean is removed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gahb.analysis.similarity import centred, cosine, flatten
from gahb.analysis.statistics import bootstrap


def contrast(images: np.ndarray) -> np.ndarray:
    """Return the standard deviation of each image at unit mean, ``[image]``.

    It does not depend on intensity, which blind networks do not know. Infinite for an image whose
    mean is 0, NaN for a black one.
    """
    pixels = flatten(images)
    with np.errstate(divide="ignore", invalid="ignore"):
        return pixels.std(axis=1) / np.abs(pixels.mean(axis=1))


def cosines_by_contrast(
    left: np.ndarray, right: np.ndarray, *, draws: int, seed: int, groups: int = 4
) -> pd.DataFrame:
    """Compare pairs of samples in groups of equal number, from the flattest to the fullest.

    Parameters
    ----------
    left, right : ndarray
        Samples ``[sample, channel, height, width]`` of networks A and B, in [0, 1] units; sample i
        of both comes from the same noise. NaN where a sampler did not converge.
    draws, seed : int
        Bootstrap over pairs.
    groups : int
        Groups of pairs, by the mean `contrast` of both samples, A's and B's alike.

    Returns
    -------
    DataFrame
        One row a group: ``group`` (1 is the flattest), the range of contrast ``lowest`` to
        ``highest``, ``pairs``, and the median mean-removed cosine with its 95 % interval, of
        pairs, ``pair_cosine, pair_low, pair_high``, and as control of A's sample with B's of other
        noise in the same group, ``mismatched_cosine``, ``mismatched_low``, ``mismatched_high``.
        Pairs of which a cosine is unknown, such as constant images, are left out.
    """
    first, second = flatten(left), flatten(right)
    alike = cosine(centred(first), centred(second))
    mean = (contrast(left) + contrast(right)) / 2
    known = np.flatnonzero(np.isfinite(alike) & ~np.isnan(mean))
    order = known[np.argsort(mean[known], kind="stable")]
    rows = []
    for number, chosen in enumerate(np.array_split(order, groups), start=1):
        if not len(chosen):
            continue
        # So that the next is one of another noise, and not of like contrast.
        chosen = np.sort(chosen)
        shifted = np.roll(chosen, -1)
        other = cosine(centred(first[chosen]), centred(second[shifted]))
        other[chosen == shifted] = np.nan  # there is one pair only
        row: dict[str, float] = {"group": number, "pairs": len(chosen)}
        row |= {"lowest": mean[chosen].min(), "highest": mean[chosen].max()}
        for name, values in (("pair", alike[chosen]), ("mismatched", other)):
            found = bootstrap(values, np.median, draws=draws, seed=seed)
            names = (f"{name}_cosine", f"{name}_low", f"{name}_high")
            row |= dict(zip(names, found, strict=True))
        rows.append(row)
    return pd.DataFrame(rows)
