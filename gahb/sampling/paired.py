"""Sample two networks from the same noise, and look again at single trajectories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch

from gahb.sampling.ascent import Ascent, grey
from gahb.sampling.methods import draw_samples
from gahb.seeds import derive_seed
from gahb.settings import SamplingSettings
from gahb.types import Denoiser


def sample_seeds(seed: int, repeat: int, indices: Sequence[int]) -> list[int]:
    """Return the seeds of samples ``indices``: the same for every N and both networks."""
    return [derive_seed(seed, "sample", repeat, index) for index in indices]


def sample_pairs(
    denoisers: Mapping[str, Denoiser],
    shape: Sequence[int],
    settings: SamplingSettings,
    seeds: Sequence[int],
    device: torch.device | str,
) -> dict[str, np.ndarray]:
    """Draw samples of each denoiser from the same noise.

    Returns
    -------
    dict
        Per subset: ``images_<subset>`` float32 ``[sample, channel, height, width]`` (NaN
        where not converged), ``status_<subset>`` and ``steps_<subset>``.
    """
    arrays = {}
    for subset, denoiser in denoisers.items():
        drawn = draw_samples(denoiser, shape, settings, seeds, device)
        arrays[f"images_{subset}"] = drawn.images.numpy()
        arrays[f"status_{subset}"] = np.array(drawn.status)
        arrays[f"steps_{subset}"] = drawn.steps.numpy()
    return arrays


def summarise(arrays: Mapping[str, np.ndarray]) -> str:
    """Return one line on how the samples of `sample_pairs` ended."""
    parts = []
    for name, status in arrays.items():
        if name.startswith("status_"):
            subset = name.removeprefix("status_")
            counts = ", ".join(f"{np.sum(status == word)} {word}" for word in np.unique(status))
            steps = np.median(arrays[f"steps_{subset}"])
            parts.append(f"{subset}: {counts}, median of {steps:.0f} steps")
    return "; ".join(parts)


def record_trajectories(
    denoisers: Mapping[str, Denoiser],
    shape: Sequence[int],
    pairs: pd.DataFrame,
    settings: SamplingSettings,
    seeds: Sequence[int],
    device: torch.device | str,
) -> dict[str, np.ndarray]:
    """Sample the most different and the median pair again, keeping every step.

    A sample depends on its own seed only, so the two trajectories of a pair can be
    drawn again alone.

    Returns
    -------
    dict
        For ``different`` and ``median``: ``<pair>_sample``, and per subset
        ``<pair>_estimates_<subset>`` ``[step, channel, height, width]`` (one-shot denoised
        images) and ``<pair>_sigma_<subset>`` ``[step]``.
    """
    order = pairs["pair_cosine"].dropna().sort_values().index
    arrays: dict[str, np.ndarray] = {}
    for name, position in (("different", 0), ("median", len(order) // 2)) if len(order) else ():
        index = int(order[position])
        arrays[f"{name}_sample"] = np.array(index)
        for subset, denoiser in denoisers.items():
            centre = grey(1, shape, settings.mean)
            ascent = Ascent(denoiser, centre, [seeds[index]], settings, device)
            steps = [(step.estimate[0].float().numpy(), float(step.sigma[0])) for step in ascent]
            estimates, sigmas = zip(*steps, strict=True)
            arrays[f"{name}_estimates_{subset}"] = np.stack(estimates)
            arrays[f"{name}_sigma_{subset}"] = np.array(sigmas)
    return arrays
