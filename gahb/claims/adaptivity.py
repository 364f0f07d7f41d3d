"""The claims that bases adapt to an image, against the best that fixed bases could do."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gahb.analysis.bases.slopes import Slope, range_of
from gahb.claims.expected.bases import BASES
from gahb.claims.judging import Claim, MeansClaim
from gahb.claims.one_experiment import Shown, over
from gahb.metrics import psnr_db

FIXED = {"oracle_pca": "principal components", "oracle_wavelet": "wavelets"}


def network_claims(one: Shown, slope: Slope, name: str, paper: str) -> Iterator[Claim]:
    """Yield: the network beats soft thresholding, and the best shrinkage in any fixed basis."""
    inside = range_of(one.errors)
    psnr = {
        method: psnr_db(one.errors[f"mse_{method}"])[inside].mean(axis=0)
        for method in ("network", "gaussian", "wavelet", *FIXED)
    }
    control = (psnr["gaussian"] - psnr["wavelet"]).mean()
    yield Claim(
        f"{name}: adaptive bases are better than a fixed one",
        f"mean PSNR less that of soft-thresholded wavelets (dB), {over(slope)}; Gaussian "
        f"denoiser {control:.2f}",
        paper,
        (psnr["network"] - psnr["wavelet"],),
        np.mean,
        BASES["adaptive"],
    )
    best = better_of({basis: psnr[basis] for basis in FIXED})
    yield Claim(
        f"{name}: adaptive bases are better than the best shrinkage in a fixed one",
        f"mean PSNR less that of an oracle in {FIXED[best]} (dB), {over(slope)}",
        paper,
        (psnr["network"] - psnr[best],),
        np.mean,
        BASES["adaptive_best"],
    )


def eigenbasis_claim(one: Shown, name: str, paper: str) -> MeansClaim:
    """Return: oracle shrinkage is better in the network's eigenbasis than in fixed ones."""
    psnr = {basis: psnr_db(one.bases[basis]) for basis in FIXED if basis in one.bases}
    best = better_of(psnr)
    return MeansClaim(
        f"{name}: the eigenbasis shrinks better than the best fixed basis",
        f"PSNR of an oracle in the eigenbasis less that of one in {FIXED[best]} (dB), sigma = "
        f"{one.record['sigma']:g}",
        paper,
        (psnr_db(one.bases["oracle"]) - psnr[best],),
        np.mean,
        BASES["eigenbasis_best"],
    )


def better_of(psnr: dict[str, np.ndarray]) -> str:
    """Return the method of the highest mean: the harder one to beat."""
    return max(psnr, key=lambda method: float(psnr[method].mean()))
