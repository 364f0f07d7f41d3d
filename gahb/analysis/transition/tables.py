"""From per-image and per-sample observations to the tables of the transition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gahb.analysis.memorisation import cross_split_ratio, memorised
from gahb.analysis.statistics import bootstrap
from gahb.metrics import input_psnr_db, psnr_db
from gahb.settings import SUBSETS
from gahb.storage import read_arrays

IMAGE_SETS = ("train", "test")


@dataclass(frozen=True)
class PsnrCurves:
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
    def from_arrays(cls, repeats: Sequence[Mapping[str, np.ndarray]]) -> PsnrCurves:
        """Average the PSNR of stored errors ``<set>_<subset>`` ``[sigma, image]`` over repeats.

        Repeats see the same images: an image counts once, however many networks saw it.
        """
        psnr = {
            (subset, images): np.mean(
                [psnr_db(arrays[f"{images}_{subset}"].T.astype(float)) for arrays in repeats],
                axis=0,
            )
            for subset in SUBSETS
            for images in IMAGE_SETS
        }
        return cls(repeats[0]["sigmas"], psnr)

    def curves(self, images: str) -> np.ndarray:
        """Return the PSNR in dB ``[image, sigma]`` of both networks together.

        Training images are different ones for A and for B; test images are the same, and
        count once, with the mean of the two networks.
        """
        both = [self.psnr_db[subset, images] for subset in SUBSETS]
        return np.concatenate(both) if images == "train" else np.mean(both, axis=0)

    def at(self, sigma: float, images: str) -> np.ndarray:
        """Return `curves` at one noise level, ``[image]``."""
        column = int(np.flatnonzero(np.isclose(self.sigmas, sigma))[0])
        return self.curves(images)[:, column]


def read_evaluations(
    paths: Sequence[Path | str], sizes: Sequence[int], repeats: int
) -> dict[int, PsnrCurves]:
    """Read the stored errors, given N by N and within each N repeat by repeat."""
    arrays = [read_arrays(path) for path in paths]
    return {
        size: PsnrCurves.from_arrays(arrays[position * repeats : (position + 1) * repeats])
        for position, size in enumerate(sizes)
    }


def read_pairs(paths: Sequence[Path | str]) -> dict[int, pd.DataFrame]:
    """Read the tables of `compare_pairs` by N, all repeats together."""
    table = pd.concat([pd.read_csv(path) for path in paths], ignore_index=True)
    return {int(size): rows.reset_index(drop=True) for size, rows in table.groupby("n")}


def psnr_table(evaluations: Mapping[int, PsnrCurves], draws: int, seed: int) -> pd.DataFrame:
    """Return the PSNR curves, one row per N, subset, image set and noise level.

    Intervals are 95 % bootstrap over images and noise draws; they do not include the
    variation from one training run to another.
    """
    rows = []
    for size, evaluation in evaluations.items():
        for (subset, images), values in evaluation.psnr_db.items():
            for sigma, column in zip(evaluation.sigmas, values.T, strict=True):
                mean, low, high = bootstrap(column, draws=draws, seed=seed)
                row = {"n": size, "subset": subset, "images": images, "sigma": sigma}
                row |= {"input_psnr_db": input_psnr_db(sigma), "output_psnr_db": mean}
                row |= {"output_psnr_low_db": low, "output_psnr_high_db": high}
                rows.append(row | {"count": len(column)})
    return pd.DataFrame(rows)


def memorisation_table(pairs: Mapping[int, pd.DataFrame], draws: int, seed: int) -> pd.DataFrame:
    """Return memorised fraction, GL score and cross-split ratio, one row per N and scale.

    ``scale`` is ``unit`` (images of unit norm, the one to read for blind denoisers) or
    ``raw``. The samples of both networks count, resampled pair by pair. Memorised columns
    are blank where there is one training image only.
    """
    rows = []
    for size, table in pairs.items():
        for scale in ("unit", "raw"):
            copied = memorised_by_network(table, scale)
            gl = by_network(table, f"gl_distance_{scale}")
            fraction = bootstrap(copied, joint(np.mean), draws=draws, seed=seed, paired=True)
            score = bootstrap(gl, joint(np.mean), draws=draws, seed=seed, paired=True)
            row: dict[str, float | str] = {"n": size, "scale": scale, "pairs": len(copied[0])}
            row |= dict(
                zip(
                    ("memorised_fraction", "memorised_low", "memorised_high"), fraction, strict=True
                )
            )
            row |= dict(zip(("gl_score", "gl_low", "gl_high"), score, strict=True))
            row["cross_split_mse_over_nn"] = _cross_split(table, scale)
            rows.append(row)
    return pd.DataFrame(rows)


def by_network(table: pd.DataFrame, column: str) -> tuple[np.ndarray, ...]:
    """Return ``<column>_A`` and ``<column>_B`` of the pairs for which both are known."""
    values = table[[f"{column}_{subset}" for subset in SUBSETS]].dropna().to_numpy(float)
    return tuple(values.T)


def memorised_by_network(table: pd.DataFrame, scale: str) -> tuple[np.ndarray, ...]:
    """Return 1 for each sample of A, and of B, that repeats a training image, else 0."""
    distances = by_network(table, f"nearest_distance_{scale}")
    seconds = by_network(table, f"second_distance_{scale}")
    if not len(seconds[0]):
        return seconds  # one training image has no second: nothing is known of any sample
    return tuple(memorised(*pair) for pair in zip(distances, seconds, strict=True))


def joint(reduce: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Return a statistic of the values of both networks together, for paired resampling."""

    def statistic(first: np.ndarray, second: np.ndarray, axis: int) -> np.ndarray:
        return reduce(np.concatenate([first, second], axis=axis), axis=axis)

    return statistic


def _cross_split(table: pd.DataFrame, scale: str) -> float:
    between = table[f"pair_distance_{scale}"].dropna().to_numpy()
    to_nearest = np.concatenate(by_network(table, f"nearest_distance_{scale}"))
    if not len(between) or not np.any(to_nearest):
        return float("nan")
    return float(cross_split_ratio(between, to_nearest))


def transition_table(
    evaluations: Mapping[int, PsnrCurves],
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
        near = by_network(table, "nearest_cosine")
        row: dict[str, float] = {"n": size}
        keys = ["pair_cosine_median", "pair_cosine_low", "pair_cosine_high"]
        row |= dict(zip(keys, bootstrap(pair, np.median, draws=draws, seed=seed), strict=True))
        keys = ["nearest_cosine_median", "nearest_cosine_low", "nearest_cosine_high"]
        median = joint(np.median)
        row |= dict(
            zip(keys, bootstrap(near, median, draws=draws, seed=seed, paired=True), strict=True)
        )
        row["mismatched_cosine_median"] = table["mismatched_cosine"].median()
        for images in IMAGE_SETS:
            row[f"{images}_psnr_db"] = evaluations[size].at(reference_sigma, images).mean()
        keys = ["memorised_fraction", "memorised_low", "memorised_high", "cross_split_mse_over_nn"]
        rows.append(row | unit.loc[size, keys].to_dict())
    return pd.DataFrame(rows)
