"""What samples have to be compared with: real images held out, and how images vary."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from gahb.analysis.similarity import centred, cosine, flatten, unit_norm
from gahb.analysis.statistics import bootstrap
from gahb.analysis.transition.comparison import compare_samples, nearest_columns
from gahb.data.splits import Split
from gahb.denoisers.gaussian import moments
from gahb.settings import SUBSETS

LARGEST_SHARE = 20_000
"""Images from which components are computed, at most."""


def compare_held_out(images: np.ndarray, parts: Split, n: int) -> pd.DataFrame:
    """Compare held-out images with the training images of A and B, as if they were samples.

    What real images have in common with training images is no sign of memorising: samples
    have to be nearer than these.

    Parameters
    ----------
    images : ndarray
        uint8 ``[image, channel, height, width]``, all prepared images.
    parts : Split
        Which of them are training images, and which are held out.
    n : int
        N.

    Returns
    -------
    DataFrame
        One row a held-out image: ``image`` and the columns about training images of
        `gahb.analysis.transition.comparison.compare_pairs`.
    """
    held_out = images[parts.test].astype(np.float32) / 255
    table = pd.DataFrame({"image": parts.test})
    for subset in SUBSETS:
        training = images[parts.training(subset, n)]
        columns = nearest_columns(held_out, np.ones(len(held_out), bool), training)
        for name, values in columns.items():
            table[f"{name}_{subset}"] = values
    return table


def compare_gaussians(
    gaussians: Mapping[str, np.ndarray],
    networks: Mapping[str, np.ndarray],
    images: np.ndarray,
    parts: Split,
    n: int,
) -> pd.DataFrame:
    """Compare the samples of both Gaussian denoisers as those of networks are compared.

    Parameters
    ----------
    gaussians, networks : mapping
        Arrays of `gahb.sampling.paired.sample_pairs`, sample i of all from the same noise.
    images, parts, n
        As of `compare_held_out`.

    Returns
    -------
    DataFrame
        That of `gahb.analysis.transition.comparison.compare_pairs`, and per subset
        ``network_cosine``, mean-removed, with the sample of the network of the same images.
    """
    table = compare_samples(gaussians, images, parts, n)
    for subset in SUBSETS:
        own, other = (flatten(arrays[f"images_{subset}"]) for arrays in (gaussians, networks))
        table[f"network_cosine_{subset}"] = cosine(centred(own), centred(other))
    return table


def band_edges(pixels: int) -> list[int]:
    """Return where bands of components begin, and the end: 0, 1, 5, 20, 80, ..., ``pixels``.

    Each has about four times as many components as the one before.
    """
    edges = [0, 1, 5]
    while edges[-1] * 4 < pixels:
        edges.append(edges[-1] * 4)
    return [edge for edge in edges if edge < pixels] + [pixels]


def compare_variance(
    drawn: Mapping[str, np.ndarray],
    images: np.ndarray,
    parts: Split,
    *,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Compare how much drawn images vary with how much held-out images do, band by band.

    Parameters
    ----------
    drawn : mapping
        By name, images ``[image, channel, height, width]`` in [0, 1] units; NaN where there
        is none. All are taken at unit norm, as blind networks know no intensity.
    images : ndarray
        uint8, all prepared images.
    parts : Split
        Components are those of the training images of A, at unit norm; variances are divided by
        those of the held-out images.
    draws, seed : int
        Bootstrap over drawn images.

    Returns
    -------
    DataFrame
        A row for each name and band: ``of, first, last`` (components, from 1), ``ratio, low,
        high`` of variances, ``norm`` (mean norm over that of held-out images) and ``count``.
    """
    training = unit_norm(flatten(images[parts.halves["A"][:LARGEST_SHARE]]))
    training = training[np.isfinite(training).all(axis=1)]
    found = moments(training[:, None, None])
    vectors = np.linalg.eigh(found.covariance.numpy())[1][:, ::-1]
    held_out = flatten(images[parts.test])
    reference = _energies(held_out, vectors).mean(axis=0)
    rows = []
    for name, chosen in drawn.items():
        pixels = flatten(chosen)
        pixels = pixels[np.isfinite(pixels).all(axis=1)]
        energies = _energies(pixels, vectors)
        norm = np.linalg.norm(pixels, axis=1).mean() / np.linalg.norm(held_out, axis=1).mean()
        edges = band_edges(len(vectors))
        for column, (first, last) in enumerate(pairwise(edges)):
            value = bootstrap(energies[:, column] / reference[column], draws=draws, seed=seed)
            row: dict[str, float | str] = {"of": name, "first": first + 1, "last": last}
            row |= dict(zip(("ratio", "low", "high"), value, strict=True))
            rows.append(row | {"norm": norm, "count": len(pixels)})
    return pd.DataFrame(rows)


def _energies(pixels: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return squared deviations from the mean of unit-norm images, ``[image, band]``."""
    unit = unit_norm(pixels)
    unit = unit[np.isfinite(unit).all(axis=1)]
    if not len(unit):
        return np.full((0, len(band_edges(len(vectors))) - 1), np.nan)
    squared = ((unit - unit.mean(axis=0)) @ vectors) ** 2
    # Variances are unbiased, however few images there are.
    squared *= len(unit) / max(len(unit) - 1, 1)
    return np.add.reduceat(squared, band_edges(len(vectors))[:-1], axis=1)
