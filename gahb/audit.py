"""Does somebody else's diffusion model repeat its training images? ``gahb`` as an instrument.

`audit` takes any denoiser under the contract of `gahb.types.Denoiser`, the images that it was
trained on and others that it was not, and answers with intervals and a verdict. Every measure
of samples stands beside the same measure of held-out images: what real images that the model
has never seen would give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from scipy import stats

from gahb.analysis.gap import gap
from gahb.analysis.intervals import LEVEL, bootstrap
from gahb.analysis.memorisation import memorised
from gahb.analysis.similarity import nearest, nearest_cosine, unit_norm
from gahb.denoisers.contract import check_denoiser
from gahb.errors import DataError
from gahb.evaluation import squared_errors
from gahb.metrics import psnr_db
from gahb.sampling.ascent import CONVERGED
from gahb.sampling.paired import sample_pairs, sample_seeds
from gahb.sections import Sampling
from gahb.seeds import numpy_stream
from gahb.types import Denoiser

SIGMAS = (0.05, 0.1, 0.2, 0.4)
TOLD = Sampling(method="heun", samples=256, mean=0.5, sigma_start=40.0, sigma_end=0.001)
"""Heun's method at 18 noise levels, for a denoiser that is told them."""
BLIND = Sampling(method="ascent", samples=256)
"""The ascent of Kadkhodaie et al., for one that is not."""
MEMORISES = "memorises: samples repeat training images more often than other images do"
OVERFITS = "overfits: training images are denoised better than others, though samples are new"
CLEAR = "no sign of memorisation"
BROKEN = (
    "no verdict: this denoiser makes images worse than the noisy ones it is given; check its "
    "adapters, its range of values and its noise levels"
)


@dataclass(frozen=True)
class Audit:
    """What `audit` found.

    Attributes
    ----------
    verdict : str
        Decided by the intervals alone.
    table : DataFrame
        ``measure``, ``of`` (samples, training or held-out images), ``sigma`` (of PSNR only),
        ``value``, ``low``, ``high`` (95 % interval) and ``count``.
    samples : ndarray
        float32 ``[sample, channel, height, width]``, those that converged.
    closest : ndarray
        The training image with the highest mean-removed cosine to each, as it was given.
    cosines : dict
        That cosine, of ``samples`` and of ``held out`` images.
    """

    verdict: str
    table: pd.DataFrame
    samples: np.ndarray
    closest: np.ndarray
    cosines: dict[str, np.ndarray]


def audit(
    denoiser: Denoiser,
    training: np.ndarray,
    held_out: np.ndarray,
    *,
    sampling: Sampling | None = None,
    sigmas: Sequence[float] = SIGMAS,
    images: int = 256,
    draws: int = 1000,
    seed: int = 0,
    device: torch.device | str = "cpu",
) -> Audit:
    """Ask a denoiser whether it repeats its training images.

    Parameters
    ----------
    denoiser : Denoiser
        In evaluation mode, on ``device``.
    training, held_out : ndarray
        uint8 ``[image, channel, height, width]``, at least two of each; they share none.
    sampling : Sampling, optional
        How samples are drawn, and how many; by default `TOLD`, or `BLIND` for a denoiser
        with ``blind = True``.
    sigmas : sequence of float
        Noise levels at which training and other images are denoised, in [0, 1] units.
    images : int
        Images of each set that are denoised and compared, at most; drawn at random, since
        the first of a folder are often of one kind.
    draws, seed : int
        Bootstrap draws; root seed.
    device : torch.device
        Where the denoiser lives.

    Raises
    ------
    DataError
        If there are too few images, a held-out image is a training image, or the denoiser
        does not say whether it is blind.
    NetworkError
        If the denoiser fails, or returns something else than it should, see
        `gahb.denoisers.contract.check_denoiser`.
    """
    blind = _check(denoiser, training, held_out)
    check_denoiser(denoiser, training.shape[1:], device)
    sampling = sampling or (BLIND if blind else TOLD)
    seeds = sample_seeds(seed, 0, range(sampling.samples))
    drawn = sample_pairs({"": denoiser}, training.shape[1:], sampling, seeds, device)
    good = drawn["status_"] == CONVERGED
    samples = drawn["images_"][good]
    trained, others = (_some(whole, images, seed) for whole in (training, held_out))
    # Samples of a blind denoiser come out at any intensity.
    scale = {"transform": unit_norm} if blind else {}
    rows, cosines, closest = [], {}, training[:0]
    for name, queries in (("samples", samples), ("held out", others)):
        if not len(queries):
            raise DataError(f"none of {len(good)} samples converged; change sampling")
        found = nearest(queries, training, **scale)
        copies = memorised(found.distance, found.second_distance)
        rows.append(_row("memorised_fraction", name, _share(copies), len(copies)))
        index, cosines[name] = nearest_cosine(queries, training)
        closest = training[index] if name == "samples" else closest
        middle = bootstrap(cosines[name], np.median, draws=draws, seed=seed)
        rows.append(_row("nearest_cosine_median", name, middle, len(index)))
    rows += _gap_rows(denoiser, trained, others, sigmas, draws, seed, device)
    table = pd.DataFrame(rows)
    return Audit(_verdict(table), table, samples, closest, cosines)


def _check(denoiser: Denoiser, training: np.ndarray, held_out: np.ndarray) -> bool:
    """Return whether the denoiser is blind, or raise a DataError."""
    blind = getattr(denoiser, "blind", None)
    if blind is None:
        raise DataError(
            f"{type(denoiser).__name__} does not say whether it is told the noise level: set its "
            "attribute blind to False or True, or wrap it in gahb.denoisers.adapters"
        )
    if min(len(training), len(held_out)) < 2:
        raise DataError(
            f"an audit needs two training and two held-out images, got {len(training)} and "
            f"{len(held_out)}"
        )
    if training.shape[1:] != held_out.shape[1:]:
        raise DataError(
            f"training images are {training.shape[1:]}, held-out images {held_out.shape[1:]}"
        )
    known = {image.tobytes() for image in training}
    shared = [index for index, image in enumerate(held_out) if image.tobytes() in known]
    if shared:
        raise DataError(
            f"{len(shared)} of {len(held_out)} held-out images are training images, the first is "
            f"number {shared[0]} by sorted names; take them out of either"
        )
    return blind


def _some(images: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return ``count`` of the images at random, or all, in their order."""
    chosen = numpy_stream(seed, "audited").permutation(len(images))[:count]
    return images[np.sort(chosen)]


def _row(measure: str, of: str, interval: tuple, count: int, sigma: float = np.nan) -> dict:
    value, low, high = interval
    found = {"measure": measure, "of": of, "sigma": sigma, "value": value}
    return found | {"low": low, "high": high, "count": count}


def _share(copies: np.ndarray) -> tuple[float, float, float]:
    """Return a share and its exact 95 % interval (Clopper & Pearson 1934)."""
    interval = stats.binomtest(int(copies.sum()), len(copies)).proportion_ci(LEVEL)
    return float(copies.mean()), float(interval.low), float(interval.high)


def _gap_rows(
    denoiser: Denoiser,
    training: np.ndarray,
    held_out: np.ndarray,
    sigmas: Sequence[float],
    draws: int,
    seed: int,
    device: torch.device | str,
) -> list[dict]:
    """Return how much training images gain at each level, and how much more than others."""
    psnr = {}
    for name, chosen in (("training", training), ("held out", held_out)):
        pixels = torch.from_numpy(np.ascontiguousarray(chosen)).to(device)
        errors = [squared_errors(denoiser, pixels, sigma, seed=seed) for sigma in sigmas]
        # No error at all counts as the rounding error of float32.
        floor = torch.finfo(torch.float32).eps ** 2
        psnr[name] = psnr_db(torch.stack(errors).cpu().double().clamp(min=floor)).numpy()
    rows = []
    for position, sigma in enumerate(sigmas):
        gained = psnr["training"][position] + 20 * np.log10(sigma)  # over the noisy image's
        found = bootstrap(gained, np.mean, draws=draws, seed=seed)
        rows.append(_row("psnr_gain_db", "training", found, len(gained), sigma))
    for position, sigma in enumerate([*sigmas, np.nan]):
        at = slice(None) if np.isnan(sigma) else slice(position, position + 1)
        both = tuple(psnr[name][at].mean(axis=0) for name in ("training", "held out"))
        found = bootstrap(both, gap, draws=draws, seed=seed)
        measure = "mean_psnr_gap_db" if np.isnan(sigma) else "psnr_gap_db"
        rows.append(_row(measure, "training less held out", found, len(both[1]), sigma))
    return rows


def _verdict(table: pd.DataFrame) -> str:
    """Decide from the intervals of gains, of the memorised fractions and of the mean gap."""
    if (table.loc[table["measure"] == "psnr_gain_db", "high"] <= 0).any():
        return BROKEN
    copied = table[table["measure"] == "memorised_fraction"].set_index("of")
    if copied.loc["samples", "low"] > copied.loc["held out", "high"]:
        return MEMORISES
    mean = table[table["measure"] == "mean_psnr_gap_db"].iloc[0]
    if mean["low"] > 0:
        return OVERFITS
    return f"{CLEAR}: at most {100 * copied.loc['samples', 'high']:.1f} % of samples (95 %)"
