"""What restorations from linear measurements should show, after Kadkhodaie & Simoncelli."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from gahb.claims.judging import Claim
from gahb.sections import SUBSETS

SOURCE = "Kadkhodaie & Simoncelli 2021"
OURS = "ours"


def restoration_claims(rows: pd.DataFrame) -> Iterator[Claim]:
    """Yield the claims on each measurement from the rows of `restoration_rows`."""
    for name, table in rows.groupby("measurement", sort=False):
        what, n = name.replace("_", " "), table["n"].iloc[0]
        yield Claim(
            f"{what}: the mean of several restorations is nearer to the image than one is",
            "PSNR of the mean less that of one sample (dB); 3 dB at most, for many samples of "
            "the posterior",
            SOURCE,
            (_mean_psnr(table, "mean") - _mean_psnr(table, "sample"),),
            np.mean,
            (0.0, np.inf),
        )
        yield Claim(
            f"{what}: a denoiser restores better than a Gaussian model of its images",
            f"PSNR of the mean restoration at N = {n} less that of the Gaussian's conditional "
            "mean (dB)",
            OURS,
            (_mean_psnr(table, "mean") - _mean_psnr(table, "gaussian"),),
            np.mean,
            (0.0, np.inf),
        )
        yield Claim(
            f"{what}: networks of disjoint images fill in the same from the same noise",
            f"cosine of what was not measured at N = {n}, same noise less other noise",
            OURS,
            ((table["pair_cosine"] - table["mismatched_cosine"]).dropna().to_numpy(),),
            np.mean,
            (0.0, np.inf),
        )


def _mean_psnr(table: pd.DataFrame, method: str) -> np.ndarray:
    """Return the PSNR in dB of each image, the mean of both networks."""
    return table[[f"{method}_psnr_{subset}_db" for subset in SUBSETS]].mean(axis=1).to_numpy()
