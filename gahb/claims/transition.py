"""The claims of Kadkhodaie et al. (ICLR 2024), Figs. 1 and 2: from memorising to generalising."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
import pandas as pd

from gahb.analysis.observations import Observations
from gahb.analysis.statistics import slopes
from gahb.analysis.transition.curves import PsnrCurves
from gahb.claims.expected.transition import TRANSITION
from gahb.claims.judging import AnyClaim, Claim, ShareClaim
from gahb.claims.samples import Controls, control_claims, difference, known_pairs, observed, of_real
from gahb.metrics import input_psnr_db

FEW, MANY = 10, 1000
"""What the paper says of small N is asked up to FEW images, of large N from MANY on."""


def trend(sizes: list[int], reduce: Callable) -> Callable[..., np.ndarray]:
    """Return a summary: slope of ``reduce`` of each group over log10 N."""
    decades = np.log10(np.array(sizes, dtype=float))

    def summary(*groups: np.ndarray, axis: int) -> np.ndarray:
        return slopes(decades, np.stack([reduce(group, axis=axis) for group in groups], axis=-1))

    return summary


def psnr_claims(
    evaluations: Mapping[int, PsnrCurves],
    gaussians: Mapping[int, PsnrCurves],
    sigma: float,
    source: str,
) -> Iterator[Claim]:
    """Yield the claims of Fig. 1, or of a figure like it, which ``source`` names.

    ``gaussians`` are the errors of the Gaussian denoisers of the same images; ``sigma`` is the
    noise level of single numbers.
    """
    sizes = list(evaluations)
    for images, verb in (("train", "falls"), ("test", "rises")):
        yield from _trend_claim(
            f"{images} PSNR {verb} with N",
            f"slope of {images} PSNR at sigma = {sigma:g} over log10 N (dB per decade)",
            source,
            {n: evaluation.at(sigma, images) for n, evaluation in evaluations.items()},
            np.mean,
            f"{images}_{verb}",
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
                (evaluation.observed(images, partial(slopes, inputs)),),
                np.mean,
                TRANSITION[key],
            )
    if sizes[-1] >= MANY:
        yield _gain_claim(evaluations[sizes[-1]], gaussians[sizes[-1]], sizes[-1], source)
        yield Claim(
            f"at N = {sizes[-1]} train and test PSNR are equal",
            f"train less test PSNR at sigma = {sigma:g} (dB)",
            source,
            tuple(evaluations[sizes[-1]].at(sigma, images) for images in ("train", "test")),
            difference(np.mean),
            TRANSITION["train_equals_test"],
        )


def _gain_claim(network: PsnrCurves, gaussian: PsnrCurves, size: int, source: str) -> Claim:
    """Return the claim that networks are better than the Gaussian denoiser at every level.

    Both denoise the same noisy test images: the difference is paired, image by image.
    """
    gains = {key: network.psnr_db[key] - gaussian.psnr_db[key] for key in network.psnr_db}
    paired = PsnrCurves(network.sigmas, gains)
    least = int(
        np.mean([gains[key].mean(axis=(0, 1)) for key in gains if "test" in key], 0).argmin()
    )
    level = f"{input_psnr_db(network.sigmas[least]):.3g} dB"
    return Claim(
        f"at N = {size} the network is better than the Gaussian denoiser at every noise level",
        f"least gain in test PSNR over the Gaussian denoiser of its images (dB), at {level} input",
        source,
        (paired.observed("test", lambda curve: curve[..., least]),),
        np.mean,
        TRANSITION["better_than_gaussian"],
    )


def sample_claims(
    pairs: Mapping[int, pd.DataFrame], controls: Controls, source: str
) -> Iterator[AnyClaim]:
    """Yield the claims of Fig. 2, or of a figure like it, which ``source`` names.

    They are judged from the tables of `compare_pairs`, by N. The unit is a pair of training
    images that a pair of samples is nearest to; the nearest-train cosine of a pair is the mean of
    those of its two samples.
    """
    known = {size: known_pairs(table) for size, table in pairs.items()}
    yield from _trend_claims(known, controls, source)
    for size in (size for size in known if size <= FEW):
        yield from _memorising_claims(size, known[size], source)
    largest = max(known)
    if largest >= MANY:
        yield from _generalising_claims(largest, known[largest], source)
        yield from control_claims(largest, known[largest], controls, source)


def _trend_claims(
    known: Mapping[int, pd.DataFrame], controls: Controls, source: str
) -> Iterator[Claim]:
    near = {n: table["nearest_cosine"] for n, table in known.items()}
    excess = {n: near[n] - np.nanmedian(of_real(controls.held_out[n])) for n in known}
    pair = {n: table["pair_cosine"] for n, table in known.items()}
    for what, verb, key, values in (
        ("pair", "rises", "pair_rises", pair),
        ("nearest-train", "falls", "nearest_falls", near),
        ("nearest-train, less held-out images',", "falls", "nearest_excess_falls", excess),
    ):
        yield from _trend_claim(
            f"{what} similarity {verb} with N",
            f"slope of the median {what} cosine over log10 N (per decade)",
            source,
            {n: observed(known[n], values[n]) for n in known},
            np.median,
            key,
        )


def _trend_claim(
    statement: str,
    statistic: str,
    source: str,
    groups: Mapping[int, Observations],
    reduce: Callable,
    key: str,
) -> Iterator[Claim]:
    """Yield a claim on a slope over log10 N, over those N of which enough is known."""
    sizes = [n for n, group in groups.items() if group.enough]
    if len(sizes) > 1:
        yield Claim(
            statement,
            f"{statistic}, N = {sizes[0]:,} to {sizes[-1]:,}",
            source,
            tuple(groups[n] for n in sizes),
            trend(sizes, reduce),
            TRANSITION[key],
        )


def _pair_less_nearest(table: pd.DataFrame) -> tuple[Observations]:
    return (observed(table, table["pair_cosine"] - table["nearest_cosine"]),)


def _memorising_claims(size: int, table: pd.DataFrame, source: str) -> Iterator[Claim]:
    yield Claim(
        f"at N = {size} samples are training images",
        "median nearest-train cosine",
        source,
        (observed(table, table["nearest_cosine"]),),
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
    pair, other = (observed(table, table[f"{name}_cosine"]) for name in ("pair", "mismatched"))
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
        (pair,),
        np.median,
        TRANSITION["strong"],
    )
    yield Claim(
        f"at N = {size} the same noise matters: pairs are closer than mismatched pairs",
        "median pair cosine less median mismatched cosine",
        source,
        (pair, other),
        difference(np.median),
        TRANSITION["mismatched"],
    )
    yield ShareClaim(
        f"at N = {size} samples are not training images",
        "share of pairs with a memorised sample, unit norm",
        source,
        (observed(table, table["memorised"]),),
        np.mean,
        TRANSITION["not_memorised"],
    )
