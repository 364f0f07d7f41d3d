"""Samples beside what they have to be compared with: real images, and Gaussian samples.

No paper claims any of this; without it what papers claim would show little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gahb.analysis.observations import Observations, single
from gahb.analysis.transition.tables import aligned, copied, units_of
from gahb.claims.expected.transition import TRANSITION
from gahb.claims.judging import AnyClaim, Claim, TabledClaim


@dataclass(frozen=True)
class Controls:
    """What stands beside samples, by N.

    Attributes
    ----------
    held_out : mapping
        Tables of `gahb.analysis.transition.controls.compare_held_out`.
    gaussian_pairs : mapping
        Tables of `compare_pairs` of the samples of Gaussian denoisers in the same sampler.
    contrast : mapping
        Tables of `gahb.analysis.contrast.cosines_by_contrast`.
    variance : mapping
        Tables of `gahb.analysis.transition.controls.compare_variance`.
    """

    held_out: Mapping[int, pd.DataFrame]
    gaussian_pairs: Mapping[int, pd.DataFrame]
    contrast: Mapping[int, pd.DataFrame]
    variance: Mapping[int, pd.DataFrame]


def known_pairs(table: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of which the cosine is known, and what is asked of them.

    Columns are ``run``, ``unit``, ``nearest_cosine`` (the mean of both samples), ``memorised`` (1
    where one of them is a copy) and the cosines of `compare_pairs`.
    """
    near, copies = aligned(table, "nearest_cosine"), copied(table, "unit")
    columns = table[[name for name in table if "cosine" in name and name[-2:] not in ("_A", "_B")]]
    columns = columns.assign(
        run=table["repeat"],
        unit=units_of(table),
        nearest_cosine=np.mean(near, axis=0),
        memorised=np.maximum(*copies),
    )
    return columns[columns["pair_cosine"].notna()]


def observed(table: pd.DataFrame, values: pd.Series) -> Observations:
    """Return the known values, one a pair of `known_pairs`, with run and unit."""
    labels = (table[name].to_numpy() for name in ("run", "unit"))
    return Observations(values.to_numpy(float), *labels).known()


def of_real(held_out: pd.DataFrame) -> np.ndarray:
    """Return the nearest-train cosine of each held-out image, the mean over both networks'."""
    return np.mean(aligned(held_out, "nearest_cosine"), axis=0)


def difference(reduce: Callable) -> Callable[..., np.ndarray]:
    """Return a summary: ``reduce`` of the first group less that of the second."""

    def summary(first: np.ndarray, second: np.ndarray, axis: int) -> np.ndarray:
        return reduce(first, axis=axis) - reduce(second, axis=axis)

    return summary


def control_claims(
    size: int, table: pd.DataFrame, controls: Controls, source: str
) -> Iterator[AnyClaim]:
    """Yield what no paper claims: samples beside real images, and beside Gaussian ones."""
    yield Claim(
        f"at N = {size} networks share more than the mean image",
        "median pair cosine of unit-norm samples less the mean image",
        source,
        (observed(table, table["pair_cosine_beyond_mean"]),),
        np.median,
        TRANSITION["beyond_mean"],
    )
    yield Claim(
        f"at N = {size} samples are no nearer to training images than held-out images are",
        "median nearest-train cosine of samples less that of held-out images",
        source,
        (
            observed(table, table["nearest_cosine"]),
            single(of_real(controls.held_out[size])).known(),
        ),
        difference(np.median),
        TRANSITION["no_nearer"],
    )
    own = np.mean(aligned(controls.gaussian_pairs[size], "network_cosine"), axis=0)
    yield Claim(
        f"at N = {size} networks are closer to each other than to their Gaussian denoisers",
        "median of pair cosine less cosine with the own Gaussian's sample, same noise and sampler",
        source,
        (observed(table, table["pair_cosine"] - own[table.index]),),
        np.median,
        TRANSITION["beyond_gaussian"],
    )
    yield _contrast_claim(size, controls.contrast[size], source)
    of_networks = controls.variance[size]
    of_networks = of_networks[of_networks["of"].str.startswith("network")]
    for (first, last), rows in of_networks.groupby(["first", "last"]):
        # The widest of the networks' intervals: a claim on each of them.
        known = (rows["ratio"].mean(), rows["low"].min(), rows["high"].max())
        yield TabledClaim(
            f"at N = {size} samples vary as held-out images do, components {first} to {last}",
            "variance of unit-norm samples over that of held-out images",
            source,
            known,
            TRANSITION["varies"],
        )


def _contrast_claim(size: int, contrast: pd.DataFrame, source: str) -> AnyClaim:
    """Return the claim that pairs of high contrast are alike, beyond pairs of other noise.

    A flat image is mostly noise to a cosine: of patches of photographs most are.
    """
    most = contrast[contrast["group"] == contrast["group"].max()]
    other = most["mismatched_cosine"].mean()
    ends = (most["pair_cosine"].mean(), most["pair_low"].min(), most["pair_high"].max())
    value, low, high = ((end - other) / (1 - other) for end in ends)
    return TabledClaim(
        f"at N = {size} pairs of high contrast are alike, beyond pairs of other noise",
        f"how far the median cosine of the quarter of highest contrast is from the {other:.2f} of "
        "other noise to 1",
        source,
        (value, low, high),
        TRANSITION["alike_in_contrast"],
    )
