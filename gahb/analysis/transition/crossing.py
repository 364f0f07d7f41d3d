"""N*: how many training images it takes until networks agree more than they copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from gahb.analysis.observations import Observations
from gahb.analysis.statistics import LEVEL
from gahb.analysis.transition.tables import aligned, observed
from gahb.seeds import numpy_stream

FORMS = ("plain", "excess")


def crossing(sizes: np.ndarray, differences: np.ndarray) -> float:
    """Return where a difference rises through 0, on a line in log N between neighbours.

    Parameters
    ----------
    sizes, differences : ndarray
        N, increasing, and pair similarity less nearest-train similarity at each.

    Returns
    -------
    float
        The last such N; NaN if a difference is unknown, 0 where the difference is above 0 at
        every N, infinity where it is not at the largest.

    Examples
    --------
    >>> import numpy
    >>> round(crossing(numpy.array([10, 100, 1000]), numpy.array([-0.2, -0.1, 0.1])))
    316
    """
    if not np.isfinite(differences).all():
        return float("nan")
    below = np.flatnonzero(differences <= 0)
    if not len(below):
        return 0.0
    last = int(below[-1])
    if last == len(sizes) - 1:
        return float("inf")
    (low, high), logs = differences[last : last + 2], np.log(sizes[last : last + 2])
    return float(np.exp(logs[0] - low / (high - low) * (logs[1] - logs[0])))


def crossing_table(
    pairs: Mapping[int, pd.DataFrame],
    held_out: Mapping[int, pd.DataFrame],
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Return N* with its interval, one row a form of it.

    ``plain`` is where the median pair cosine overtakes the median nearest-train cosine, as in
    Fig. 2 of Kadkhodaie et al.; ``excess`` where what pairs have beyond pairs of other noise
    overtakes what samples have beyond held-out images: two controls that depend on N and on the
    images are taken out. Bootstrap over runs and what samples copy.
    """
    sizes = np.array(list(pairs))
    rows = []
    for form in FORMS:
        groups = [_difference(pairs[n], held_out[n], form) for n in pairs]
        known = all(len(group.values) for group in groups)
        medians = _medians(groups, draws, seed) if known else [np.full(len(sizes), np.nan)] * 2
        found = [crossing(sizes, values) for values in medians]
        # Quantiles of draws of which some never cross: a draw itself, no mean of two.
        tail = (1 - LEVEL) / 2
        ends = np.quantile(found[1:], [tail, 1 - tail], method="nearest")
        row: dict[str, float | str] = {"form": form, "n_star": found[0]}
        row |= {"low": ends[0], "high": ends[1], "runs": min(g.run_count for g in groups)}
        rows.append(row | {"smallest_n": sizes[0], "largest_n": sizes[-1]})
    return pd.DataFrame(rows)


def _difference(table: pd.DataFrame, held_out: pd.DataFrame, form: str) -> Observations:
    """Return pair less nearest-train similarity of each pair of samples, in one form."""
    values = table["pair_cosine"].to_numpy() - np.mean(aligned(table, "nearest_cosine"), axis=0)
    if form == "excess":
        of_real = np.concatenate(aligned(held_out, "nearest_cosine"))
        values = values + np.nanmedian(of_real) - table["mismatched_cosine"].median()
    return observed(table, values)


def _medians(groups: list[Observations], draws: int, seed: int) -> Iterator[np.ndarray]:
    """Yield the medians of all groups, then those of bootstrap draws."""
    stream = numpy_stream(seed, "bootstrap")
    yield np.array([np.median(group.values) for group in groups])
    for _ in range(draws):
        yield np.array([np.median(group.resampled(stream)) for group in groups])
