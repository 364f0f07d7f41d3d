"""Samples and errors of networks of which it is known what they say."""

import numpy as np

from gahb.analysis.transition.tables import PsnrCurves


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
        (subset, name): np.array([level, level - 10]) + rng.normal(0, 0.1, (images, 2))
        for subset in "AB"
        for name, level in (("train", train), ("test", test))
    }
    return PsnrCurves(np.array([0.1, 1.0]), psnr)
