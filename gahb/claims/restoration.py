"""What restorations from linear measurements should show, after Kadkhodaie & Simoncelli."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from gahb.analysis.restoration import calibration_db, decibel, restoration_draws
from gahb.claims.expected.restoration import RESTORATION
from gahb.claims.judging import DrawnClaim
from gahb.settings import SUBSETS

SOURCE = "Kadkhodaie & Simoncelli 2021"
ENOUGH = 10
"""Training images for each pixel from which on a Gaussian model's posterior is that of test images.

The mean of a regression on p measured numbers, learnt from N images, errs by (1 + p/N) / (1 - p/N)
times what it seems to on these: .7 dB at most, .2 dB where a quarter is measured.
"""


def restoration_claims(rows: pd.DataFrame, draws: int, seed: int) -> Iterator[DrawnClaim]:
    """Yield the claims on each measurement from the rows of `restoration_rows`.

    Images are resampled; what samples of one image give is averaged before.
    """
    for name, table in rows.groupby("measurement", sort=False):
        what, n = name.replace("_", " "), table["n"].iloc[0]
        means = restoration_draws(table, draws, seed)
        known = n >= ENOUGH * table["pixels"].iloc[0]
        judged = (*_calibrations(means, known), *_errors(means), *_cosines(means))
        for key, statement, statistic, values in judged:
            yield DrawnClaim(
                f"{what}: {statement}",
                f"{statistic}, at N = {n}",
                SOURCE,
                values,
                RESTORATION[key],
            )


Judged = tuple[str, str, str, np.ndarray]
"""Key of what is expected, statement, statistic, and its draws."""


def _calibrations(means: Mapping[str, np.ndarray], known: bool) -> Iterator[Judged]:
    """Yield whether samples spread as much as their mean errs: the network's, the Gaussian's.

    The Gaussian's only where its posterior is ``known``: by a wrong one no sampler can be judged.
    """
    network, gaussian = (
        calibration_db(_both(means, f"{model}mean_mse"), _both(means, f"{model}spread_mse"))
        for model in ("", "gaussian_")
    )
    statistic = "variance between samples over squared error of their mean"
    yield (
        "calibrated",
        "restorations spread as much as their mean errs, as those of a posterior do",
        f"{statistic} (dB)",
        network,
    )
    if not known:
        return
    yield (
        "sampler_calibrated",
        "so do those of a Gaussian model, by the same sampler",
        f"{statistic}, of the Gaussian denoiser (dB)",
        gaussian,
    )
    yield (
        "calibrated_as_gaussian",
        "restorations are calibrated once the sampler's own bias is taken out",
        f"{statistic}, less the same of the Gaussian denoiser (dB)",
        network - gaussian,
    )


def _errors(means: Mapping[str, np.ndarray]) -> Iterator[Judged]:
    """Yield whether the mean restoration is nearer to the image than Gaussian models come."""
    mean = decibel(_both(means, "mean_mse"))
    yield (
        "beats_sampled_gaussian",
        "a network restores better than a Gaussian denoiser by the same sampler",
        "PSNR of the mean restoration less that of the Gaussian denoiser's (dB)",
        mean - decibel(_both(means, "gaussian_mean_mse")),
    )
    yield (
        "beats_gaussian",
        "a network restores better than a Gaussian model can",
        "PSNR of the mean restoration less that of the Gaussian's exact conditional mean (dB)",
        mean - decibel(_both(means, "gaussian_mse")),
    )


def _cosines(means: Mapping[str, np.ndarray]) -> Iterator[Judged]:
    """Yield how alike networks A and B are in what was not measured, beside what is trivial."""
    pair, clean = means["pair_cosine"], (means["clean_A_cosine"] + means["clean_B_cosine"]) / 2
    yield (
        "one_prior",
        "most of what networks of disjoint images put in is the same",
        "cosine of what was not measured, A and B from the same noise less each and the image, "
        "over 1 less each and the image",
        (pair - clean) / (1 - clean),
    )
    yield (
        "follows_image",
        "what networks agree on is not the same at every image",
        "cosine of what was not measured, A and B at the same image and noise less A at one image "
        "and B at another",
        pair - means["other_image_cosine"],
    )


def _both(means: Mapping[str, np.ndarray], quantity: str) -> np.ndarray:
    """Return a quantity as the mean of both networks, or of both models."""
    return np.mean([means[f"{quantity}_{subset}"] for subset in SUBSETS], axis=0)
