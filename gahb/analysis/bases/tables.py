"""Tidy tables on optimality and bases: every number with its 95 % interval over images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gahb.analysis.bases.slopes import fit_slope, gap_interval, range_of
from gahb.analysis.small_samples import t_interval
from gahb.analysis.statistics import percentile_interval, resampled_means, slopes
from gahb.data.drawn.sets import dimension_of
from gahb.metrics import input_psnr_db, psnr_db

METHODS = (
    "network",
    "gaussian",
    "wavelet",
    "oracle_wavelet",
    "oracle_pca",
    "optimal",
    "limit",
)
ORACLES = ("oracle", "oracle_pca", "oracle_wavelet")
SMALL_NOISE = 0.1
"""Up to this noise level the small-noise limit of disks stands for their optimum: half of
the least contrast of a disk."""
FIRST_RANK = 3
"""The decay of coefficients is fitted from this rank on, up to the effective rank."""
Arrays = Mapping[str, np.ndarray]
Record = Mapping[str, Any]


def methods_in(errors: Arrays) -> list[str]:
    """Return the methods that were measured, in a fixed order."""
    return [name for name in METHODS if f"mse_{name}" in errors]


def theoretical_slope(record: Record) -> float:
    """Return the slope of optimal PSNR curves: alpha / (alpha + 1), or 1 on a manifold."""
    if record["shuffle"]:
        return float("nan")
    if dimension_of(record["source"]):
        return 1.0
    if record["source"] != "c-alpha":
        return float("nan")
    # The least regular part decides how fast coefficients decay.
    constant = record["regions"] == "constant"
    alpha = min(record["contour_alpha"], np.inf if constant else record["background_alpha"])
    return alpha / (alpha + 1)


def curves_table(errors: Arrays, record: Record, *, draws: int, seed: int) -> pd.DataFrame:
    """Return the PSNR curves, one row per method and noise level.

    ``psnr_db`` is the mean over images of the PSNR, ``fitted`` whether the level counts
    for the slope, ``images`` how many noisy images a point has.
    """
    rows, sigmas = [], errors["sigmas"]
    inside = range_of(errors)
    for method in methods_in(errors):
        psnr = psnr_db(errors[f"mse_{method}"].T)
        means = resampled_means({"psnr": psnr}, draws=draws, seed=seed)["psnr"]
        columns = {
            "sigma": sigmas,
            "input_psnr_db": input_psnr_db(sigmas),
            **dict(
                zip(
                    ("psnr_db", "psnr_low_db", "psnr_high_db"),
                    percentile_interval(means),
                    strict=True,
                )
            ),
            "kept_share": errors[f"mse_{method}"].mean(axis=1) / sigmas**2,
            "fitted": inside,
            "images": psnr.shape[0],
        }
        rows.append(pd.DataFrame({**record, "method": method, **columns}))
    return pd.concat(rows, ignore_index=True)


def slopes_table(errors: Arrays, record: Record, *, draws: int, seed: int) -> pd.DataFrame:
    """Return the slope of each method, over the same levels, those of `range_of`.

    Empty if these are fewer than three.
    """
    rows = []
    inside = range_of(errors)
    for method in methods_in(errors) if inside.sum() > 2 else []:
        slope = fit_slope(errors["sigmas"], errors[f"mse_{method}"], inside, draws=draws, seed=seed)
        value, low, high = percentile_interval(slope.draws)
        row: dict[str, Any] = {"method": method, "slope": value, "low": low, "high": high}
        row |= {"theory": theoretical_slope(record), "intercept_db": slope.intercept}
        row |= {"from_db": slope.low_db, "to_db": slope.high_db, "levels": slope.points}
        rows.append({**record, **row, "images": errors[f"mse_{method}"].shape[1]})
    columns = [*record, "method", "slope", "low", "high", "theory", "intercept_db", "from_db"]
    return pd.DataFrame(rows, columns=[*columns, "to_db", "levels", "images"])


def divergence_table(
    errors: Arrays, peers: Mapping[str, Arrays], record: Record, *, draws: int, seed: int
) -> pd.DataFrame:
    """Return KL gaps in nats an image, see `kl_gap`.

    Each method against the optimal denoiser where that is known (of disks its limit, up to
    `SMALL_NOISE`), otherwise against the network; and the networks of other experiments on
    the same noisy images against it.
    """
    methods = methods_in(errors)
    reference = next((name for name in ("optimal", "limit") if name in methods), "network")
    sigmas = errors["sigmas"]
    used = sigmas <= SMALL_NOISE if reference == "limit" else np.ones(len(sigmas), bool)
    together = {f"mse_{name}": errors[f"mse_{name}"][used] for name in methods}
    together |= {f"mse_{peer}": others["mse_network"][used] for peer, others in peers.items()}
    together |= {"sigmas": sigmas[used], "pixels": errors["pixels"]}
    pairs = [(name, reference) for name in methods if name != reference]
    rows = []
    for method, against in [*pairs, *((peer, "network") for peer in peers)]:
        value, low, high = gap_interval(together, method, against, draws=draws, seed=seed)
        row = {"method": method, "reference": against, "nats": value, "low": low, "high": high}
        levels = {"sigma_min": sigmas[used][0], "sigma_max": sigmas[used][-1]}
        rows.append({**record, **row, **levels, "images": errors["mse_network"].shape[1]})
    return pd.DataFrame(rows)


def leading_trend(values: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Return Spearman's correlation of each row of ``[image, mode]`` with its first tr J modes.

    Those beyond are not kept, and mean little. NaN where fewer modes are known, or below 3; a
    row of one value has no trend, 0.
    """
    counts = np.round(ranks).astype(int)
    return np.array(
        [
            _trend(row[:count]) if 3 <= count <= len(row) else np.nan
            for row, count in zip(values, counts, strict=True)
        ]
    )


def _trend(values: np.ndarray) -> float:
    if np.ptp(values) == 0:
        return 0.0
    return float(stats.spearmanr(np.arange(len(values)), values).statistic)


def leading_mean(values: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Return the mean of each row of ``[image, mode]`` over the first tr J modes of it.

    NaN where fewer modes are known than that.
    """
    counts = np.maximum(np.round(ranks), 1).astype(int)
    return np.array(
        [
            row[:count].mean() if count <= len(row) else np.nan
            for row, count in zip(values, counts, strict=True)
        ]
    )


def last_kept(values: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Return of each row of ``[image, mode]`` what it has at mode tr J, NaN where unknown."""
    counts = np.maximum(np.round(ranks), 1).astype(int)
    return np.array(
        [
            row[count - 1] if count <= len(row) else np.nan
            for row, count in zip(values, counts, strict=True)
        ]
    )


def per_image(bases: Arrays) -> dict[str, np.ndarray]:
    """Return the numbers ``[image]`` that describe a basis, by name."""
    ranks = bases["effective_rank"]
    numbers = {
        "mse": bases["mse"],
        "sure": bases["sure"],
        "sure_less_mse": bases["sure"] - bases["mse"],
        "trace_mse": bases["trace_mse"],
        "mse_over_sigma2": bases["mse"] * float(bases["pixels"]) / float(bases["sigma"]) ** 2,
        "effective_rank": ranks,
        "antisymmetric": bases["antisymmetric"],
        "antisymmetric_leading": bases["antisymmetric_leading"],
        "homogeneity": bases["homogeneity"],
        "negative_eigenvalues": bases["negative_eigenvalues"],
    }
    everything = np.full(len(ranks), bases["values"].shape[1])
    for suffix in ("", "_pca", "_random"):
        frequency = bases[f"frequency{suffix}"]
        numbers[f"frequency_trend{suffix}"] = leading_trend(frequency, ranks)
        numbers[f"frequency_trend_all{suffix}"] = leading_trend(frequency, everything)
        numbers[f"contour_energy{suffix}"] = leading_mean(bases[f"contour{suffix}"], ranks)
        numbers[f"energy_kept{suffix}"] = last_kept(bases[f"energy{suffix}"], ranks)
    numbers |= {f"{name}_mse": bases[name] for name in ORACLES if name in bases}
    if "tangent" in bases:
        for suffix in ("", "_pca", "_random"):
            numbers[f"tangent_overlap{suffix}"] = bases[f"tangent{suffix}"]
        for name in ("beyond_tangent", "beyond_tangent_gaussian"):
            numbers[name] = bases[name]
    return numbers


def all_known(values: np.ndarray) -> np.ndarray:
    """Return ``values``, or none at all if one is NaN: what is left is no fair choice."""
    return values if np.isfinite(values).all() else values[:0]


def decay_draws(bases: Arrays, *, draws: int, seed: int) -> np.ndarray:
    """Return alpha of <x, e_k>^2 ~ k^-(alpha + 1), ``[1 + draws]``, the first of all images.

    A line through the logarithm of the mean over images of <x, e_k>^2, from `FIRST_RANK`
    to the mean effective rank.
    """
    energy = bases["coefficients_clean"] ** 2
    last = int(np.clip(bases["effective_rank"].mean(), FIRST_RANK + 5, energy.shape[1]))
    ranks = np.log(np.arange(FIRST_RANK, last + 1))
    means = resampled_means({"energy": energy[:, FIRST_RANK - 1 : last]}, draws=draws, seed=seed)
    return -slopes(ranks, np.log(means["energy"])) - 1


def bases_table(bases: Arrays, record: Record, *, draws: int, seed: int) -> pd.DataFrame:
    """Return one row per number of `per_image`, averaged over images by `t_interval`, and two more.

    These are the decay exponent and ``trace_mse_over_mse``, a ratio of means: 1 for an
    optimal denoiser. A number that is unknown at some image is blank.
    """
    rows = []
    for measure, values in per_image(bases).items():
        value, low, high = t_interval([all_known(values)])
        rows.append({"measure": measure, "value": value, "low": low, "high": high})
    errors = {name: bases[name] for name in ("trace_mse", "mse")}
    means = resampled_means(errors, draws=draws, seed=seed)
    for measure, found in (
        ("trace_mse_over_mse", means["trace_mse"] / means["mse"]),
        ("decay_exponent", decay_draws(bases, draws=draws, seed=seed)),
    ):
        value, low, high = map(float, percentile_interval(found))
        rows.append({"measure": measure, "value": value, "low": low, "high": high})
    common = {**record, "sigma": float(bases["sigma"])}
    images = len(bases["values"])
    return pd.DataFrame([{**common, **row, "images": images} for row in rows])
