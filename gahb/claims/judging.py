"""A claim of a paper, its statistic on our data, and a computed verdict.

A verdict compares a 95 % bootstrap interval with the range the claim allows: inside it,
the claim is reproduced; outside, it is not; across its border, it is inconclusive.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gahb.analysis.fractions import share
from gahb.analysis.small_samples import log_t_interval, t_interval
from gahb.analysis.statistics import bootstrap, percentile_interval
from gahb.claims.expected.record import OURS, Expected

REPRODUCED, NOT_REPRODUCED, INCONCLUSIVE = "reproduced", "not reproduced", "inconclusive"


@dataclass(frozen=True)
class Claim:
    """A statement, the observations it is judged by, and the range it allows.

    Attributes
    ----------
    statement, statistic : str
        What the paper says, and what is computed to check it.
    source : str
        Paper and figure that this is about; the claim itself may be from elsewhere, see
        ``expected.source``.
    groups : tuple of ndarray
        Groups of observations, resampled one by one. Where groups share test images this
        widens the interval of a difference, never narrows it.
    summary : callable
        From the groups, with keyword ``axis``, to the statistic.
    expected : Expected
        The range that the claim allows, and why.
    figure : str
        Target that shows it.
    """

    statement: str
    statistic: str
    source: str
    groups: tuple[np.ndarray, ...]
    summary: Callable[..., np.ndarray]
    expected: Expected
    figure: str = ""

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
        return share(values)


@dataclass(frozen=True)
class MeansClaim(Claim):
    """A claim on a mean of few observations, or on a weighted sum of such means.

    Attributes
    ----------
    weights : tuple of float
        Of each group's mean: ``(1, -1)`` for a difference.
    """

    weights: tuple[float, ...] = (1.0,)

    def interval(self, draws: int, seed: int) -> tuple[float, float, float]:
        """Return the sum and its 95 % interval by Student's t."""
        return t_interval(self.groups, self.weights)


class GeometricMeanClaim(Claim):
    """A claim on the geometric mean of few positive observations."""

    def interval(self, draws: int, seed: int) -> tuple[float, float, float]:
        """Return it and its 95 % interval by Student's t on the logarithms."""
        (values,) = self.groups
        return log_t_interval(values)


@dataclass(frozen=True)
class DrawnClaim:
    """A claim on a statistic of which bootstrap draws are at hand.

    Attributes
    ----------
    statement, statistic, source, expected, figure
        As of `Claim`.
    values : ndarray
        ``[1 + draws]``: the statistic, then its bootstrap draws, see `resampled_means`.
    """

    statement: str
    statistic: str
    source: str
    values: np.ndarray
    expected: Expected
    figure: str = ""

    def interval(self, draws: int, seed: int) -> tuple[float, float, float]:
        """Return the statistic and its 95 % interval; the draws were made before."""
        value, low, high = percentile_interval(self.values)
        return float(value), float(low), float(high)


def verdict(low: float, high: float, expected: Expected) -> str:
    """Decide from an interval alone; an undefined interval decides nothing."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return INCONCLUSIVE
    if expected.low <= low and high <= expected.high:
        return REPRODUCED
    if high < expected.low or low > expected.high:
        return NOT_REPRODUCED
    return INCONCLUSIVE


def judge(claims: Iterable[Claim | DrawnClaim], draws: int, seed: int) -> pd.DataFrame:
    """Return one row a claim with its value, interval, expected range and verdict."""
    rows = []
    for claim in claims:
        value, low, high = claim.interval(draws, seed)
        rows.append(
            {
                "claim": claim.statement,
                "figure": claim.figure,
                "source": OURS if claim.expected.ours else claim.source,
                "statistic": claim.statistic,
                "value": value,
                "low": low,
                "high": high,
                "expected": str(claim.expected),
                "verdict": verdict(low, high, claim.expected),
            }
        )
    columns = ["claim", "figure", "source", "statistic", "value", "low", "high"]
    columns += ["expected", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def describe_run(manifest: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Return what the claims were judged on: data, training, intervals, seed."""
    height, width = manifest["shape"][-2:]
    trained = f"Each network saw {settings['training']['presentations']:,} presentations. "
    if weights := settings["denoiser"]["weights"]:
        trained = (
            f"The networks were taken from files ({weights}). What is said of training and of test "
            "images holds if they were trained on the training images of this split, and not on "
            "its test images, which this run cannot know. "
        )
    return (
        f"Data: {manifest['title']}, at {height}x{width} pixels. "
        f"{trained}"
        f"Intervals: 95 % bootstrap over images or samples, {settings['bootstrap']:,} draws; "
        f"{settings['repeats']} training runs per N and subset, seed {settings['seed']}. "
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
