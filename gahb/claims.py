"""Each claim of the papers, its statistic on our data, and a computed verdict.

A verdict compares a 95 % bootstrap interval with the range the claim allows: inside it,
the claim is reproduced; outside, it is not; across its border, it is inconclusive.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gahb.analysis.intervals import LEVEL, bootstrap
from gahb.analysis.transition import Evaluation, memorised_by_network

SOURCE = "Kadkhodaie et al. 2024, Fig. {figure}"
REPRODUCED, NOT_REPRODUCED, INCONCLUSIVE = "reproduced", "not reproduced", "inconclusive"
FEW, MANY = 10, 1000
"""What the paper says of small N is asked up to FEW images, of large N from MANY on."""


@dataclass(frozen=True)
class Claim:
    """A statement, the observations it is judged by, and the range it allows.

    Attributes
    ----------
    statement, statistic : str
        What the paper says, and what is computed to check it.
    figure : int
        Figure of Kadkhodaie et al.
    groups : tuple of ndarray
        Groups of observations, resampled one by one. Where groups share test images this
        widens the interval of a difference, never narrows it.
    summary : callable
        From the groups, with keyword ``axis``, to the statistic.
    expected : tuple of float
        Lowest and highest value that the claim allows.
    """

    statement: str
    statistic: str
    figure: int
    groups: tuple[np.ndarray, ...]
    summary: Callable[..., np.ndarray]
    expected: tuple[float, float]

    def interval(self, draws: int, seed: int) -> tuple[float, float, float]:
        """Return the statistic and its 95 % bootstrap interval."""
        groups = self.groups if len(self.groups) > 1 else self.groups[0]
        return bootstrap(groups, self.summary, draws=draws, seed=seed)


class ShareClaim(Claim):
    """A claim on the share of observations that are 1, the others being 0.

    A bootstrap of zeros has no width however few they are; the exact binomial interval
    (Clopper & Pearson 1934) has.
    """

    def interval(self, draws: int, seed: int) -> tuple[float, float, float]:
        """Return the share and its exact 95 % interval."""
        (values,) = self.groups
        if not len(values):
            return (float("nan"),) * 3
        found = stats.binomtest(int(values.sum()), len(values)).proportion_ci(LEVEL)
        return float(values.mean()), float(found.low), float(found.high)


def verdict(low: float, high: float, expected: tuple[float, float]) -> str:
    """Decide from an interval alone; an undefined interval decides nothing."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return INCONCLUSIVE
    if expected[0] <= low and high <= expected[1]:
        return REPRODUCED
    if high < expected[0] or low > expected[1]:
        return NOT_REPRODUCED
    return INCONCLUSIVE


def slopes(abscissa: np.ndarray, ordinates: np.ndarray) -> np.ndarray:
    """Return least-squares slopes of ``ordinates`` ``[..., point]`` over ``abscissa``."""
    centre = abscissa - abscissa.mean()
    return ordinates @ centre / (centre @ centre)


def _trend(sizes: list[int], reduce: Callable) -> Callable[..., np.ndarray]:
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


def psnr_claims(evaluations: Mapping[int, Evaluation], sigma: float) -> Iterator[Claim]:
    """Yield the claims of Fig. 1; ``sigma`` is the noise level of single numbers."""
    sizes = list(evaluations)
    directions = {"train": ("falls", (-np.inf, 0.0)), "test": ("rises", (0.0, np.inf))}
    for images, (verb, expected) in directions.items() if len(sizes) > 1 else ():
        yield Claim(
            f"{images} PSNR {verb} with N",
            f"slope of {images} PSNR at sigma = {sigma:g} over log10 N (dB per decade)",
            1,
            tuple(evaluation.at(sigma, images) for evaluation in evaluations.values()),
            _trend(sizes, np.mean),
            expected,
        )
    for size in (size for size in sizes if size <= FEW):
        for images, shape, expected in (
            ("train", "has slope 1", (0.85, 1.15)),
            ("test", "is flat", (-0.25, 0.25)),
        ):
            evaluation = evaluations[size]
            inputs = -20 * np.log10(evaluation.sigmas) + 0.0  # no minus zero
            yield Claim(
                f"at N = {size} the {images} curve {shape}",
                f"slope of {images} PSNR over input PSNR, {inputs.min():.3g} to "
                f"{inputs.max():.3g} dB",
                1,
                (slopes(inputs, evaluation.curves(images)),),
                np.mean,
                expected,
            )
    if sizes[-1] >= MANY:
        yield Claim(
            f"at N = {sizes[-1]} train and test PSNR are equal",
            f"train less test PSNR at sigma = {sigma:g} (dB)",
            1,
            tuple(evaluations[sizes[-1]].at(sigma, images) for images in ("train", "test")),
            _difference(np.mean),
            (-0.3, 0.3),
        )


def sample_claims(pairs: Mapping[int, pd.DataFrame]) -> Iterator[Claim]:
    """Yield the claims of Fig. 2 from the tables of `compare_pairs`, by N.

    The unit is a pair of samples from the same noise; its nearest-train cosine is the
    mean of those of its two samples.
    """
    known = {size: _known(table) for size, table in pairs.items()}
    yield from _trend_claims(known)
    for size in (size for size in known if size <= FEW):
        yield from _memorising_claims(size, known[size])
    largest = max(known)
    if largest >= MANY:
        yield from _generalising_claims(largest, known[largest])


def _known(table: pd.DataFrame) -> pd.DataFrame:
    """Return pair, nearest-train and mismatched cosine of the pairs that converged."""
    near = table[["nearest_cosine_A", "nearest_cosine_B"]].mean(axis=1, skipna=False)
    columns = table[["pair_cosine", "mismatched_cosine"]].assign(nearest_cosine=near)
    known = table[table["pair_cosine"].notna()]
    copied = memorised_by_network(known, "unit")
    # Blank where there is one training image only: then there is nothing to put in.
    share = np.maximum(*copied) if len(copied[0]) else np.nan
    return columns.loc[known.index].assign(memorised=share)


def _trend_claims(known: Mapping[int, pd.DataFrame]) -> Iterator[Claim]:
    if len(known) < 2:
        return
    for what, column, verb, expected in (
        ("pair", "pair_cosine", "rises", (0.0, np.inf)),
        ("nearest-train", "nearest_cosine", "falls", (-np.inf, 0.0)),
    ):
        yield Claim(
            f"{what} similarity {verb} with N",
            f"slope of the median {what} cosine over log10 N (per decade)",
            2,
            tuple(table[column].to_numpy() for table in known.values()),
            _trend(list(known), np.median),
            expected,
        )


def _pair_less_nearest(table: pd.DataFrame) -> tuple[np.ndarray]:
    return ((table["pair_cosine"] - table["nearest_cosine"]).to_numpy(),)


def _memorising_claims(size: int, table: pd.DataFrame) -> Iterator[Claim]:
    yield Claim(
        f"at N = {size} samples are training images",
        "median nearest-train cosine",
        2,
        (table["nearest_cosine"].to_numpy(),),
        np.median,
        (0.99, 1.0),
    )
    yield Claim(
        f"at N = {size} pair similarity is below nearest-train similarity",
        "median of pair cosine less nearest-train cosine",
        2,
        _pair_less_nearest(table),
        np.median,
        (-np.inf, 0.0),
    )


def _generalising_claims(size: int, table: pd.DataFrame) -> Iterator[Claim]:
    yield Claim(
        f"at N = {size} pair similarity is above nearest-train similarity",
        "median of pair cosine less nearest-train cosine",
        2,
        _pair_less_nearest(table),
        np.median,
        (0.0, np.inf),
    )
    yield Claim(
        f"at N = {size} two networks draw nearly the same image from the same noise",
        "median pair cosine",
        2,
        (table["pair_cosine"].to_numpy(),),
        np.median,
        (0.95, 1.0),
    )
    yield Claim(
        f"at N = {size} the same noise matters: pairs are closer than mismatched pairs",
        "median pair cosine less median mismatched cosine",
        2,
        (table["pair_cosine"].to_numpy(), table["mismatched_cosine"].dropna().to_numpy()),
        _difference(np.median),
        (0.0, np.inf),
    )
    yield ShareClaim(
        f"at N = {size} samples are not training images",
        "share of pairs with a memorised sample, unit norm",
        2,
        (table["memorised"].dropna().to_numpy(),),
        np.mean,
        (0.0, 0.02),
    )


def judge(claims: Iterator[Claim], draws: int, seed: int) -> pd.DataFrame:
    """Return one row a claim with its value, interval, expected range and verdict."""
    rows = []
    for claim in claims:
        value, low, high = claim.interval(draws, seed)
        rows.append(
            {
                "claim": claim.statement,
                "source": SOURCE.format(figure=claim.figure),
                "statistic": claim.statistic,
                "value": value,
                "low": low,
                "high": high,
                "expected": _range(claim.expected),
                "verdict": verdict(low, high, claim.expected),
            }
        )
    columns = ["claim", "source", "statistic", "value", "low", "high", "expected", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def _range(expected: tuple[float, float]) -> str:
    low, high = expected
    if math.isinf(low):
        return f"below {high:g}"
    return f"above {low:g}" if math.isinf(high) else f"{low:g} to {high:g}"


def describe_run(manifest: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Return what the claims were judged on: data, training, intervals, seed."""
    height, width = manifest["shape"][-2:]
    return (
        f"Data: {manifest['title']}, at {height}x{width} pixels. "
        f"Each network saw {settings['training']['presentations']:,} images. "
        f"Intervals: 95 % bootstrap over images or samples, {settings['bootstrap']:,} draws; "
        f"{settings['repeats']} training run(s) per N and subset, seed {settings['seed']}. "
        "They do not include the variation between training runs beyond those, nor that of "
        "another choice of training images, which matters most at small N."
    )


def as_markdown(table: pd.DataFrame, note: str) -> str:
    """Return the claims as a readable Markdown page, with ``note`` on what was run."""
    counts = table["verdict"].value_counts()
    summary = ", ".join(f"{count} {name}" for name, count in counts.items()) or "No claims"
    lines = ["# Claims", "", note, "", f"{summary}.", ""]
    lines += ["| claim | source | statistic | value [95 % interval] | expected | verdict |"]
    lines += ["| --- | --- | --- | --- | --- | --- |"]
    for row in table.itertuples():
        value = f"{row.value:.3f} [{row.low:.3f}, {row.high:.3f}]"
        cells = [row.claim, row.source, row.statistic, value, row.expected, f"**{row.verdict}**"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
