"""Errors and bases with planted numbers, as `measure_errors` and `measure_bases` give them."""

from __future__ import annotations

import numpy as np

RANDOM = {"draws": 200, "seed": 0}
SIGMAS = 10 ** (-np.arange(40, -1, -2.5) / 20)


def planted(slope: float, images: int = 60, seed: int = 0) -> dict[str, np.ndarray]:
    """Errors whose PSNR rises with ``slope``, each image at its own height."""
    stream = np.random.default_rng(seed)
    heights = stream.normal(20, 2, images)
    psnr = heights + slope * (-20 * np.log10(SIGMAS))[:, None]
    psnr = psnr + stream.normal(0, 0.2, psnr.shape)
    mse = 10 ** (-psnr / 10)
    return {
        "sigmas": SIGMAS,
        "pixels": np.array(1024),
        "contrast": np.array(0.3),
        "mse_network": mse,
        "mse_gaussian": 2 * mse,
        "mse_wavelet": 3 * mse,
        "mse_oracle_wavelet": 1.5 * mse,
        "mse_oracle_pca": 1.2 * mse,
    }


def record(**changes) -> dict:
    common = {"experiment": "a", "kind": "unet", "n": 100, "source": "c-alpha", "shuffle": False}
    common |= {"regions": "smooth", "presentations": 1000}
    return common | {"contour_alpha": 3.0, "background_alpha": 3.0, "size": 32} | changes


def found_bases(images: int = 12, **changes) -> dict[str, np.ndarray]:
    stream = np.random.default_rng(0)
    ranks = np.arange(1, 65)
    numbers = {
        name: stream.uniform(1, 2, images)
        for name in ("mse", "sure", "trace_mse", "homogeneity", "negative_eigenvalues")
    }
    found = {
        "sigma": np.array(0.15),
        "pixels": np.array(1024),
        "values": np.tile(1 / ranks, (images, 1)),
        "coefficients_clean": np.tile(10 * ranks**-2.0, (images, 1)),
        "effective_rank": stream.uniform(30, 40, images),
        "antisymmetric": stream.uniform(0.05, 0.1, images),
        "antisymmetric_leading": stream.uniform(0.005, 0.01, images),
        "oracle": stream.uniform(0.9, 1.1, images) * 1e-3,
        "oracle_pca": stream.uniform(1.9, 2.1, images) * 1e-3,
        "oracle_wavelet": stream.uniform(2.9, 3.1, images) * 1e-3,
        "tangent": stream.uniform(0.995, 0.999, images),
        "tangent_pca": stream.uniform(0.3, 0.5, images),
        "tangent_random": stream.uniform(0, 0.01, images),
        "beyond_tangent": stream.uniform(0.7, 0.9, images),
        "beyond_tangent_gaussian": np.full(images, 0.5),
        **numbers,
    }
    for suffix, level in (("", 1.5), ("_pca", 1.2), ("_random", 1.0)):
        found[f"frequency{suffix}"] = np.tile(ranks * level, (images, 1))
        found[f"contour{suffix}"] = stream.normal(level, 0.05, (images, 64))
    for suffix, last in (("", 0.97), ("_pca", 0.9), ("_random", 0.03)):
        found[f"energy{suffix}"] = last * stream.uniform(0.99, 1.0, (images, 1)) * np.ones(64)
    return found | changes


def shown(figure: str, **changes) -> dict:
    """A record of an experiment in a figure."""
    return {"figure": figure, "sigma": 0.15, **record(**changes)}
