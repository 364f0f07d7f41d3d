"""Samples and errors of networks of which it is known what they say."""

import numpy as np
import pandas as pd

from gahb.analysis.transition.comparison import compare_pairs
from gahb.analysis.transition.curves import PsnrCurves
from gahb.claims.samples import Controls


def planted(count=20):
    """Samples of B that copy their training images at another intensity; A's are new."""
    rng = np.random.default_rng(3)
    training = {s: rng.integers(20, 250, (30, 1, 4, 4), dtype=np.uint8) for s in "AB"}
    samples = {
        "A": rng.random((count, 1, 4, 4)).astype(np.float32),
        "B": 0.3 * training["B"][:count].astype(np.float32) / 255,
    }
    status = {s: np.array(["converged"] * count) for s in "AB"}
    return samples, status, training


def evaluation(train: float, test: float, images: int = 50) -> PsnrCurves:
    """Errors with planted PSNR at sigma = 0.1 and 1."""
    rng = np.random.default_rng(0)
    psnr = {
        (subset, name): np.array([level, level - 10]) + rng.normal(0, 0.1, (1, images, 2))
        for subset in "AB"
        for name, level in (("train", train), ("test", test))
    }
    return PsnrCurves(np.array([0.1, 1.0]), psnr)


def compared(samples, status, training) -> pd.DataFrame:
    """The table of `compare_pairs` as the workflow writes it."""
    table = compare_pairs(samples, status, training)
    table.insert(0, "repeat", 0)
    return table


ENDS = ("pair_cosine", "pair_low", "pair_high")


def variance(ratio: float = 1.0) -> pd.DataFrame:
    """Samples whose variance in one band is known well."""
    row = {"first": 1, "last": 4, "ratio": ratio, "low": ratio - 0.05, "high": ratio + 0.05}
    return pd.DataFrame([row | {"of": f"network_{subset}"} for subset in "AB"])


def beside(
    pairs, held_out: float = 0.5, gaussian: float = 0.0, ratio: float = 1.0, full: float = 0.98
) -> Controls:
    """Controls of tables of pairs: cosines of held-out images, and with the Gaussian's sample."""
    real = pd.DataFrame(
        {
            f"{name}_{s}": np.full(40, value)
            for s in "AB"
            for name, value in (
                ("nearest_cosine", held_out),
                ("nearest_distance_unit", 1.0),
                ("second_distance_unit", 1.5),
                ("nearest_distance_raw", 1.0),
                ("second_distance_raw", 1.5),
                ("gl_distance_unit", 0.7),
                ("gl_distance_raw", 0.7),
            )
        }
    )
    gaussians = {
        size: table[["pair_cosine"]].assign(
            **{f"network_cosine_{subset}": gaussian for subset in "AB"}
        )
        for size, table in pairs.items()
    }
    contrast = pd.DataFrame(
        [
            {"group": 1, "mismatched_cosine": 0.0} | dict.fromkeys(ENDS, 0.5),
            {"group": 4, "mismatched_cosine": 0.5} | dict.fromkeys(ENDS, full),
        ]
    )
    return Controls(
        dict.fromkeys(pairs, real),
        gaussians,
        dict.fromkeys(pairs, contrast),
        dict.fromkeys(pairs, variance(ratio)),
    )
