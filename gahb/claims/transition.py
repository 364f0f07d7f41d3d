"""The claims of Kadkhodaie et al. (ICLR 2024), Figs. 1 and 2: from memorising to generalising."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from gahb.analysis.statistics import slopes
from gahb.analysis.transition.tables import PsnrCurves, memorised_by_network
from gahb.claims.expected.transition import TRANSITION
from gahb.claims.judging import Claim, ShareClaim
from gahb.metrics import input_psnr_db

FEW, MANY = 10, 1000
"""What the paper says of small N is asked up to FEW images, of large N from MANY on."""


def trend(sizes: list[int], reduce: Callable) -> Callable[..., np.ndarray]:
    """Return a summary: slope of ``reduce`` of each group over log10 N."""
    decades = np.log10(np.array(sizes, dtype=float))

    def summary(*groups: np.ndarray, axis: int) -> np.ndarray:
        return slopes(decades, np.stack([reduce(group, axis=axis) for group in groups], axis=-1))

    return summary


def _difference(reduce: Callable) -> Callable[..., np.ndarray]:
    """Return a summary: ``reduce`` of the first group less that of the second."""

    def summary(first: np.ndarray, second: np.ndarray, axis: int) -> np.ndarray:
        return reduce(first, axis=axis) - reduce(second, axis=axis)

    return summary


def psnr_claims(
    evaluations: Mapping[int, PsnrCurves], sigma: float, source: str
) -> Iterator[Claim]:
    """Yield the claims of Fig. 1, or of a figure like it, which ``source`` names.

    ``sigma`` is the noise level of single numbers.
    """
    sizes = list(evaluations)
    for images, verb in (("train", "falls"), ("test", "rises")) if len(sizes) > 1 else ():
        yield Claim(
            f"{images} PSNR {verb} with N",
            f"slope of {images} PSNR at sigma = {sigma:g} over log10 N (dB per decade)",
            source,
            tuple(evaluation.at(sigma, images) for evaluation in evaluations.values()),
            trend(sizes, np.mean),
            TRANSITION[f"{images}_{verb}"],
        )
    for size in (size for size in sizes if size <= FEW):
        for images, shape, key in (
            ("train", "has slope 1", "memorising_slope"),
            ("test", "is flat", "memorising_test"),
        ):
            evaluation = evaluations[size]
            inputs = input_psnr_db(evaluation.sigmas)
            yield Claim(
                f"at N = {size} the {images} curve {shape}",
                f"slope of {images} PSNR over input PSNR, {inputs.min():.3g} to "
                f"{inputs.max():.3g} dB",
                source,
                (slopes(inputs, evaluation.curves(images)),),
                np.mean,
                TRANSITION[key],
            )
    if sizes[-1] >= MANY:
        yield Claim(
            f"at N = {sizes[-1]} train and test PSNR are equal",
            f"train less test PSNR at sigma = {sigma:g} (dB)",
            source,
            tuple(evaluations[sizes[-1]].at(sigma, images) for images in ("train", "test")),
            _difference(np.mean),
            TRANSITION["train_equals_test"],
        )


def sample_claims(pairs: Mapping[int, pd.DataFrame], source: str) -> Iterator[Claim]:
    """Yield the claims of Fig. 2, or of a figure like it, which ``source`` names.

    They are judged from the tables of `compare_pairs`, by N.

    The unit is a pair of samples from the same noise; its nearest-train cosine is the
    mean of those of its two samples.
    """
    known = {size: _known(table) for size, table in pairs.items()}
    yield from _trend_claims(known, source)
    for size in (size for size in known if size <= FEW):
        yield from _memorising_claims(size, known[size], source)
    largest = max(known)
    if largest >= MANY:
        yield from _generalising_claims(largest, known[largest], source)


def _known(table: pd.DataFrame) -> pd.DataFrame:
    """Return pair, nearest-train and mismatched cosine of the pairs that converged."""
    near = table[["nearest_cosine_A", "nearest_cosine_B"]].mean(axis=1, skipna=False)
    columns = table[["pair_cosine", "mismatched_cosine"]].assign(nearest_cosine=near)
    known = table[table["pair_cosine"].notna()]
    copied = memorised_by_network(known, "unit")
    # Blank where there is one training image only: then there is nothing to put in.
    share = np.maximum(*copied) if len(copied[0]) else np.nan
    return columns.loc[known.index].assign(memorised=share)


def _trend_claims(known: Mapping[int, pd.DataFrame], source: str) -> Iterator[Claim]:
    if len(known) < 2:
        return
    for what, column, verb, key in (
        ("pair", "pair_cosine", "rises", "pair_rises"),
        ("nearest-train", "nearest_cosine", "falls", "nearest_falls"),
    ):
        yield Claim(
            f"{what} similarity {verb} with N",
            f"slope of the median {what} cosine over log10 N (per decade)",
            source,
            tuple(table[column].to_numpy() for table in known.values()),
            trend(list(known), np.median),
            TRANSITION[key],
        )


def _pair_less_nearest(table: pd.DataFrame) -> tuple[np.ndarray]:
    return ((table["pair_cosine"] - table["nearest_cosine"]).to_numpy(),)


def _memorising_claims(size: int, table: pd.DataFrame, source: str) -> Iterator[Claim]:
    yield Claim(
        f"at N = {size} samples are training images",
        "median nearest-train cosine",
        source,
        (table["nearest_cosine"].to_numpy(),),
        np.median,
        TRANSITION["memorising_nearest"],
    )
    yield Claim(
        f"at N = {size} pair similarity is below nearest-train similarity",
        "median of pair cosine less nearest-train cosine",
        source,
        _pair_less_nearest(table),
        np.median,
        TRANSITION["memorising_pair"],
    )


def _generalising_claims(size: int, table: pd.DataFrame, source: str) -> Iterator[Claim]:
    yield Claim(
        f"at N = {size} pair similarity is above nearest-train similarity",
        "median of pair cosine less nearest-train cosine",
        source,
        _pair_less_nearest(table),
        np.median,
        TRANSITION["generalising_pair"],
    )
    yield Claim(
        f"at N = {size} two networks draw nearly the same image from the same noise",
        "median pair cosine",
        source,
        (table["pair_cosine"].to_numpy(),),
        np.median,
        TRANSITION["strong"],
    )
    yield Claim(
        f"at N = {size} the same noise matters: pairs are closer than mismatched pairs",
        "median pair cosine less median mismatched cosine",
        source,
        (table["pair_cosine"].to_numpy(), table["mismatched_cosine"].dropna().to_numpy()),
        _difference(np.median),
        TRANSITION["mismatched"],
    )
    yield ShareClaim(
        f"at N = {size} samples are not training images",
        "share of pairs with a memorised sample, unit norm",
        source,
        (table["memorised"].dropna().to_numpy(),),
        np.mean,
        TRANSITION["not_memorised"],
    )
