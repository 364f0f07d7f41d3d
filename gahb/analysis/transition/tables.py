"""From per-image and per-sample observations to the tables of the transition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from gahb.analysis.memorisation import cross_split_ratio, memorised
from gahb.analysis.observations import Observations, interval, mean_draws
from gahb.analysis.statistics import percentile_interval
from gahb.analysis.transition.curves import IMAGE_SETS, PsnrCurves
from gahb.metrics import input_psnr_db
from gahb.settings import SUBSETS


def read_pairs(paths: Sequence[Path | str]) -> dict[int, pd.DataFrame]:
    """Read tables of one row a sample, or a held-out image, by N, all repeats together."""
    table = pd.concat([pd.read_csv(path) for path in paths], ignore_index=True)
    return {int(size): rows.reset_index(drop=True) for size, rows in table.groupby("n")}


def psnr_table(
    evaluations: Mapping[int, PsnrCurves],
    gaussians: Mapping[int, PsnrCurves],
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Return the PSNR curves, one row per N, subset, image set and noise level.

    Intervals are 95 % bootstrap over runs and images; of one run they do not include the
    variation from one training to another. ``gaussian_psnr_db`` is that of the Gaussian denoiser
    of the same training images at the same noisy ones.
    """
    rows = []
    for size, evaluation in evaluations.items():
        for (subset, images), values in evaluation.psnr_db.items():
            mean, low, high = percentile_interval(
                mean_draws(values, crossed=images == "test", draws=draws, seed=seed)
            )
            gaussian = gaussians[size].psnr_db[subset, images].mean(axis=(0, 1))
            for level, sigma in enumerate(evaluation.sigmas):
                row = {"n": size, "subset": subset, "images": images, "sigma": sigma}
                row |= {"input_psnr_db": input_psnr_db(sigma), "output_psnr_db": mean[level]}
                row |= {"output_psnr_low_db": low[level], "output_psnr_high_db": high[level]}
                row |= {"gaussian_psnr_db": gaussian[level]}
                rows.append(row | {"runs": len(values), "count": values.shape[1]})
    return pd.DataFrame(rows)


def memorisation_table(
    pairs: Mapping[int, pd.DataFrame],
    held_out: Mapping[int, pd.DataFrame],
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Return memorised fraction, GL score and cross-split ratio, one row per N and scale.

    ``scale`` is ``unit`` (images of unit norm, the one to read for blind denoisers) or
    ``raw``. The samples of both networks count, resampled run by run and in each by what they
    copy. Memorised columns are blank where there is one training image only. Columns that begin
    with ``held_out`` are of real images that nobody was trained on.
    """
    rows = []
    for size, table in pairs.items():
        for scale in ("unit", "raw"):
            pairs_known = len(by_network(table, f"nearest_distance_{scale}")[0])
            row: dict[str, float | str] = {"n": size, "scale": scale, "pairs": pairs_known}
            for name, values in (
                ("memorised", copied(table, scale)),
                ("gl", aligned(table, f"gl_distance_{scale}")),
            ):
                found = interval([joined(table, values)], np.mean, draws=draws, seed=seed)
                last = "fraction" if name == "memorised" else "score"
                keys = (f"{name}_{last}", f"{name}_low", f"{name}_high")
                row |= dict(zip(keys, found, strict=True))
            of_real = held_out[size]
            row["held_out_memorised"] = _mean(memorised_by_network(of_real, scale))
            row["held_out_gl_score"] = _mean(by_network(of_real, f"gl_distance_{scale}"))
            row["cross_split_mse_over_nn"] = _cross_split(table, scale)
            rows.append(row)
    return pd.DataFrame(rows)


def _mean(values: tuple[np.ndarray, ...]) -> float:
    """Return the mean of all that is known, NaN of nothing."""
    known = np.concatenate(values)
    known = known[np.isfinite(known)]
    return float(known.mean()) if len(known) else float("nan")


def units_of(table: pd.DataFrame) -> np.ndarray:
    """Return what each pair of samples is an observation of, as a number, ``[sample]``.

    A hundred copies of one pair of training images are one observation of what copies are: pairs
    of which both samples repeat a training image, or there is but one, count by which. Any other
    pair is a unit of its own.
    """
    nearest = table.groupby(["nearest_index_A", "nearest_index_B"], dropna=False).ngroup()
    repeats = np.minimum(*copied(table, "unit")) != 0  # unknown where there is but one image
    return np.where(repeats, nearest, len(table) + np.arange(len(table)))


def observed(table: pd.DataFrame, values: np.ndarray) -> Observations:
    """Return the known values, one a pair of samples, with run and unit."""
    return Observations(values, table["repeat"].to_numpy(), units_of(table)).known()


def joined(table: pd.DataFrame, values: tuple[np.ndarray, ...]) -> Observations:
    """Return the values of both networks together, those of one pair in one unit."""
    runs, units = table["repeat"].to_numpy(), units_of(table)
    return Observations(np.concatenate(values), np.tile(runs, 2), np.tile(units, 2)).known()


def aligned(table: pd.DataFrame, column: str) -> tuple[np.ndarray, ...]:
    """Return ``<column>_A`` and ``<column>_B``, NaN for a pair of which either is unknown."""
    values = table[[f"{column}_{subset}" for subset in SUBSETS]].to_numpy(float, copy=True)
    values[np.isnan(values).any(axis=1)] = np.nan
    return tuple(values.T)


def by_network(table: pd.DataFrame, column: str) -> tuple[np.ndarray, ...]:
    """Return ``<column>_A`` and ``<column>_B`` of the pairs for which both are known."""
    return tuple(values[np.isfinite(values)] for values in aligned(table, column))


def copied(table: pd.DataFrame, scale: str) -> tuple[np.ndarray, ...]:
    """Return 1 for each sample of A, and of B, that repeats a training image, else 0.

    NaN where it is unknown: one training image has no second.
    """
    distances = aligned(table, f"nearest_distance_{scale}")
    seconds = aligned(table, f"second_distance_{scale}")
    return tuple(memorised(*pair) for pair in zip(distances, seconds, strict=True))


def memorised_by_network(table: pd.DataFrame, scale: str) -> tuple[np.ndarray, ...]:
    """Return `copied` of the pairs for which it is known."""
    return tuple(values[np.isfinite(values)] for values in copied(table, scale))


def _cross_split(table: pd.DataFrame, scale: str) -> float:
    between = table[f"pair_distance_{scale}"].dropna().to_numpy()
    to_nearest = np.concatenate(by_network(table, f"nearest_distance_{scale}"))
    if not len(between) or not np.any(to_nearest):
        return float("nan")
    return float(cross_split_ratio(between, to_nearest))


def transition_table(
    evaluations: Mapping[int, PsnrCurves],
    gaussians: Mapping[int, PsnrCurves],
    pairs: Mapping[int, pd.DataFrame],
    controls: Mapping[str, Mapping[int, pd.DataFrame]],
    memorisation: pd.DataFrame,
    reference_sigma: float,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Return the summary of the transition, one row per N.

    Cosines are mean-removed medians over the samples (nearest-train over those of both
    networks), distances are between unit-norm images, PSNR is in dB at
    ``reference_sigma``, intervals are 95 % bootstrap over runs and what samples copy.
    ``controls`` are the tables ``held_out`` and ``gaussian_pairs``, by N.
    """
    unit = memorisation[memorisation["scale"] == "unit"].set_index("n")
    rows = []
    for size, table in pairs.items():
        row: dict[str, float] = {"n": size, "runs": table["repeat"].nunique()}
        for name, values in (
            ("pair_cosine", observed(table, table["pair_cosine"].to_numpy())),
            ("nearest_cosine", joined(table, aligned(table, "nearest_cosine"))),
        ):
            keys = [f"{name}_{end}" for end in ("median", "low", "high")]
            found = interval([values], np.median, draws=draws, seed=seed)
            row |= dict(zip(keys, found, strict=True))
        of_real = np.concatenate(by_network(controls["held_out"][size], "nearest_cosine"))
        row["held_out_nearest_cosine_median"] = float(np.nanmedian(of_real))
        for column in (
            "mismatched_cosine",
            "pair_cosine_beyond_mean",
            "mismatched_cosine_beyond_mean",
        ):
            row[f"{column}_median"] = table[column].median()
        of_gaussians = controls["gaussian_pairs"][size]
        row["gaussian_pair_cosine_median"] = of_gaussians["pair_cosine"].median()
        for images in IMAGE_SETS:
            row[f"{images}_psnr_db"] = evaluations[size].at(reference_sigma, images).values.mean()
        row["gaussian_test_psnr_db"] = gaussians[size].at(reference_sigma, "test").values.mean()
        keys = ["memorised_fraction", "memorised_low", "memorised_high", "held_out_memorised"]
        rows.append(row | unit.loc[size, [*keys, "cross_split_mse_over_nn"]].to_dict())
    return pd.DataFrame(rows)
