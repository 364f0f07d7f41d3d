"""Tables on matrices: weights of distillates, and directions of Jacobians."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gahb.analysis.gaussian.sweeps import State
from gahb.analysis.statistics import LEVEL, percentile_interval, resampled_means
from gahb.settings import SUBSETS
from gahb.storage import read_arrays


def weight_table(
    paths: Sequence[Path | str], records: Sequence[Mapping[str, Any]], repeats: int
) -> pd.DataFrame:
    """Return the distance between linear distillate and Gaussian matrix, by noise level.

    |W - J|^2 / |J|^2 as measure ``weight_nmse``, averaged over subsets and repeats; the
    interval is a jackknife over folds of the images that the distillate was fitted on; it
    does not include that few images make the distance too large. And
    the condition number of the fit, as measure ``condition``.
    """
    rows = []
    for position, record in enumerate(records):
        state, arrays = (
            State(**record),
            [read_arrays(path) for path in paths[position * repeats : (position + 1) * repeats]],
        )
        nmse = [part[f"weight_nmse_{subset}"] for part in arrays for subset in SUBSETS]
        condition = np.max(
            [part[f"condition_{subset}"] for part in arrays for subset in SUBSETS], axis=0
        )
        for level, sigma in enumerate(arrays[0]["sigmas"]):
            value, low, high = jackknife(np.array([part[level] for part in nmse]))
            columns = state.columns() | {"sigma": sigma}
            rows.append(
                columns | {"measure": "weight_nmse", "value": value, "low": low, "high": high}
            )
            rows.append(columns | {"measure": "condition", "value": condition[level]})
    return pd.DataFrame(rows)


def jackknife(values: np.ndarray) -> tuple[float, float, float]:
    """Return mean and 95 % interval of estimates with their delete-one-fold versions.

    Parameters
    ----------
    values : ndarray
        ``[estimate, 1 + fold]``: estimates from the same folds, whose mean is taken, and
        what they are without each fold.
    """
    centre, without = values.mean(axis=0)[0], values.mean(axis=0)[1:]
    error = np.sqrt(without.var() * (len(without) - 1))  # Efron's jackknife
    half = stats.t.ppf((1 + LEVEL) / 2, len(without) - 1) * error
    return float(centre), float(centre - half), float(centre + half)


def jacobian_table(
    paths: Sequence[Path | str], sizes: Sequence[int], repeats: int, *, draws: int, seed: int
) -> pd.DataFrame:
    """Return the overlap of leading singular vectors and principal components, by N.

    One row per N, noise level and number of modes: ``value`` of `subspace_overlap` with an
    interval over test images, and ``chance``, that of random directions.
    """
    rows = []
    for position, size in enumerate(sizes):
        arrays = [
            read_arrays(path) for path in paths[position * repeats : (position + 1) * repeats]
        ]
        overlap = np.mean(
            [part[f"overlap_{subset}"] for part in arrays for subset in SUBSETS], axis=0
        )
        means = resampled_means({"overlap": overlap.transpose(1, 0, 2)}, draws=draws, seed=seed)[
            "overlap"
        ]
        values, low, high = percentile_interval(means)
        for level, sigma in enumerate(arrays[0]["sigmas"]):
            for mode in range(values.shape[1]):
                rows.append(
                    {
                        "n": size,
                        "sigma": sigma,
                        "modes": mode + 1,
                        "value": values[level, mode],
                        "low": low[level, mode],
                        "high": high[level, mode],
                        "chance": (mode + 1) / int(arrays[0]["pixels"]),
                        "images": overlap.shape[1],
                    }
                )
    return pd.DataFrame(rows)
