"""Sample the analytic models of a training set from the noise that the networks saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from gahb.sampling.paired import sample_pairs
from gahb.settings import SamplingSettings
from gahb.types import Denoiser


def sample_models(
    models: Mapping[str, Mapping[str, Denoiser]],
    shape: Sequence[int],
    settings: SamplingSettings,
    seeds: Sequence[int],
    device: torch.device | str,
) -> dict[str, np.ndarray]:
    """Draw samples of each model of subsets A and B, all from the same noise.

    Returns
    -------
    dict
        The arrays of `sample_pairs` with the model's name between: ``images_gaussian_A``.
    """
    arrays = {}
    for name, pair in models.items():
        for key, value in sample_pairs(pair, shape, settings, seeds, device).items():
            quantity, subset = key.rsplit("_", 1)
            arrays[f"{quantity}_{name}_{subset}"] = value
    return arrays
