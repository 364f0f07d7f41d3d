"""What restorations from linear measurements should show, after Kadkhodaie & Simoncelli."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from gahb.analysis.restoration import decibel, restoration_draws
from gahb.claims.expected.restoration import RESTORATION
from gahb.claims.judging import DrawnClaim
from gahb.settings import SUBSETS

SOURCE = "Kadkhodaie & Simoncelli 2021"


def restoration_claims(rows: pd.DataFrame, draws: int, seed: int) -> Iterator[DrawnClaim]:
    """Yield the claims on each measurement from the rows of `restoration_rows`."""
    for name, table in rows.groupby("measurement", sort=False):
        what, n = name.replace("_", " "), table["n"].iloc[0]
        means = restoration_draws(table, draws, seed)
        mean = decibel(_both(means, "mean_mse"))
        yield DrawnClaim(
            f"{what}: restorations spread as much as their mean errs, as those of a posterior do",
            f"variance between samples over squared error of their mean at N = {n} (dB)",
            SOURCE,
            mean - decibel(_both(means, "spread_mse")),
            RESTORATION["calibrated"],
        )
        yield DrawnClaim(
            f"{what}: a denoiser restores better than a Gaussian model of its images",
            f"PSNR of the mean restoration at N = {n} less that of the Gaussian's conditional "
            "mean (dB)",
            SOURCE,
            mean - decibel(_both(means, "gaussian_mse")),
            RESTORATION["beats_gaussian"],
        )
        yield DrawnClaim(
            f"{what}: networks of disjoint images are nearer to each other than to the image",
            f"cosine of what was not measured at N = {n}, A and B from the same noise less each "
            "and the image",
            SOURCE,
            means["pair_cosine"] - (means["clean_A_cosine"] + means["clean_B_cosine"]) / 2,
            RESTORATION["one_prior"],
        )


def _both(means: Mapping[str, np.ndarray], quantity: str) -> np.ndarray:
    """Return a quantity as the mean of both networks."""
    return np.mean([means[f"{quantity}_{subset}"] for subset in SUBSETS], axis=0)
