"""From per-image and per-sample observations to the tables of the transition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gahb.analysis.intervals import bootstrap
from gahb.analysis.memorisation import cross_split_ratio, memorised
from gahb.config import SUBSETS
from gahb.storage import read_arrays

IMAGE_SETS = ("train", "test")


@dataclass(frozen=True)
class Evaluation:
    """Errors of the denoisers trained on N images.

    Attributes
    ----------
    sigmas : ndarray
        Noise levels in [0, 1] pixel units, increasing.
    psnr_db : dict
        ``(subset, image set)`` to output PSNR ``[image, sigma]`` in dB.
    """

    sigmas: np.ndarray
    psnr_db: dict[tuple[str, str], np.ndarray]

    @classmethod
    def from_arrays(cls, repeats: Sequence[Mapping[str, np.ndarray]]) -> Evaluation:
        """Join the stored errors ``<set>_<subset>`` ``[sigma, image]`` of all repeats."""
        psnr = {
            (subset, images): -10
            * np.log10(
                np.concatenate([arrays[f"{images}_{subset}"].T for arrays in repeats]).astype(float)
            )
            for subset in SUBSETS
            for images in IMAGE_SETS
        }
        return cls(repeats[0]["sigmas"], psnr)

    def at(self, sigma: float, images: str) -> np.ndarray:
        """Return the PSNR in dB of every image at ``sigma``, both networks together."""
        column = int(np.flatnonzero(np.isclose(self.sigmas, sigma))[0])
        return np.concatenate([self.psnr_db[subset, images][:, column] for subset in SUBSETS])


def read_evaluations(
    paths: Sequence[Path | str], sizes: Sequence[int], repeats: int
) -> dict[int, Evaluation]:
    """Read the stored errors, given N by N and within each N repeat by repeat."""
    arrays = [read_arrays(path) for path in paths]
    return {
        size: Evaluation.from_arrays(arrays[position * repeats : (position + 1) * repeats])
        for position, size in enumerate(sizes)
    }


def read_pairs(paths: Sequence[Path | str]) -> dict[int, pd.DataFrame]:
    """Read the tables of `compare_pairs` by N, all repeats together."""
    table = pd.concat([pd.read_csv(path) for path in paths], ignore_index=True)
    return {int(size): rows.reset_index(drop=True) for size, rows in table.groupby("n")}


def psnr_table(evaluations: Mapping[int, Evaluation], draws: int, seed: int) -> pd.DataFrame:
    """Return the PSNR curves, one row per N, subset, image set and noise level.

    Intervals are 95 % bootstrap over images and noise draws; they do not include the
    variation from one training run to another.
    """
    rows = []
    for size, evaluation in evaluations.items():
        for (subset, images), values in evaluation.psnr_db.items():
            for sigma, column in zip(evaluation.sigmas, values.T):
                mean, low, high = bootstrap(column, draws=draws, seed=seed)
                row = {"n": size, "subset": subset, "images": images, "sigma": sigma}
                row |= {"input_psnr_db": -20 * np.log10(sigma) + 0.0, "output_psnr_db": mean}
                row |= {"output_psnr_low_db": low, "output_psnr_high_db": high}
                rows.append(row | {"count": len(column)})
    return pd.DataFrame(rows)


def memorisation_table(pairs: Mapping[int, pd.DataFrame], draws: int, seed: int) -> pd.DataFrame:
    """Return memorised fraction, GL score and cross-split ratio, one row per N and scale.

    ``scale`` is ``unit`` (images of unit norm, the one to read for blind denoisers) or
    ``raw``. The samples of both networks count. Memorised columns are blank where there
    is one training image only.
    """
    rows = []
    for size, table in pairs.items():
        for scale in ("unit", "raw"):
            copied = memorised(
                both(table, f"nearest_distance_{scale}"), both(table, f"second_distance_{scale}")
            )
            copied = copied[np.isfinite(copied)]
            fraction = bootstrap(copied, draws=draws, seed=seed)
            gl = both(table, f"gl_distance_{scale}")
            score = bootstrap(gl[np.isfinite(gl)], draws=draws, seed=seed)
            row = {"n": size, "scale": scale, "count": len(copied)}
            row |= dict(zip(("memorised_fraction", "memorised_low", "memorised_high"), fraction))
            row |= dict(zip(("gl_score", "gl_low", "gl_high"), score))
            row["cross_split_mse_over_nn"] = _cross_split(table, scale)
            rows.append(row)
    return pd.DataFrame(rows)


def both(table: pd.DataFrame, column: str) -> np.ndarray:
    """Return ``<column>_A`` and ``<column>_B`` joined."""
    return np.concatenate([table[f"{column}_{subset}"].to_numpy(float) for subset in SUBSETS])


def _cross_split(table: pd.DataFrame, scale: str) -> float:
    between = table[f"pair_distance_{scale}"].dropna().to_numpy()
    to_nearest = both(table, f"nearest_distance_{scale}")
    to_nearest = to_nearest[np.isfinite(to_nearest)]
    if not len(between) or not np.any(to_nearest):
        return float("nan")
    return float(cross_split_ratio(between, to_nearest))


def transition_table(
    evaluations: Mapping[int, Evaluation],
    pairs: Mapping[int, pd.DataFrame],
    memorisation: pd.DataFrame,
    reference_sigma: float,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Return the summary of the transition, one row per N.

    Cosines are mean-removed medians over the samples (nearest-train over those of both
    networks), distances are between unit-norm images, PSNR is in dB at
    ``reference_sigma``, intervals are 95 % bootstrap over samples.
    """
    unit = memorisation[memorisation["scale"] == "unit"].set_index("n")
    rows = []
    for size, table in pairs.items():
        pair = table["pair_cosine"].dropna().to_numpy()
        near = both(table, "nearest_cosine")
        row = {"n": size}
        for name, values in (("pair", pair), ("nearest", near[np.isfinite(near)])):
            keys = (f"{name}_cosine_median", f"{name}_cosine_low", f"{name}_cosine_high")
            row |= dict(zip(keys, bootstrap(values, np.median, draws=draws, seed=seed)))
        row["mismatched_cosine_median"] = table["mismatched_cosine"].median()
        for images in IMAGE_SETS:
            row[f"{images}_psnr_db"] = evaluations[size].at(reference_sigma, images).mean()
        keys = ["memorised_fraction", "memorised_low", "memorised_high", "cross_split_mse_over_nn"]
        rows.append(row | unit.loc[size, keys].to_dict())
    return pd.DataFrame(rows)
