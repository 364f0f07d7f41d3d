"""The models of a training set that networks are compared with, from files of the workflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from gahb.data.splits import Split
from gahb.denoisers.empirical import EmpiricalDenoiser
from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.denoisers.linear import LinearDenoiser
from gahb.settings import SUBSETS
from gahb.storage import read_arrays
from gahb.types import Denoiser


def load_models(
    gaussians: Sequence[Path | str],
    maps: Path | str | Sequence[Path | str] | None,
    images: np.ndarray,
    parts: Split,
    n: int,
    device: torch.device | str,
) -> dict[str, Mapping[str, Denoiser]]:
    """Return the models of both training sets of one N, by kind and subset.

    Parameters
    ----------
    gaussians : sequence of path
        Files of the Gaussian models of A and B, in this order.
    maps : path or None
        File of `gahb.analysis.gaussian.measure.distil_pair`; without it there are no linear
        models.
    images : ndarray
        uint8 ``[image, channel, height, width]``, all prepared images.
    parts : Split
        Which of them are training images.
    n : int
        N.
    device : torch.device
        Where to compute, in float64.
    """

    def empirical(training: np.ndarray) -> EmpiricalDenoiser:
        return EmpiricalDenoiser(torch.from_numpy(training).to(device))

    models: dict[str, Mapping[str, Denoiser]] = {
        "gaussian": load_gaussians(gaussians, device),
        "empirical": {subset: empirical(images[parts.training(subset, n)]) for subset in SUBSETS},
    }
    if maps:
        assert isinstance(maps, Path | str)  # a list is empty: of Snakemake, for none
        models["linear"] = load_linear(maps, images.shape[1:])
    return models


def load_gaussians(
    paths: Sequence[Path | str], device: torch.device | str
) -> dict[str, GaussianDenoiser]:
    """Return the Gaussian models of A and B from their files, in this order."""
    return {
        subset: GaussianDenoiser.from_arrays(read_arrays(path), device)
        for subset, path in zip(SUBSETS, paths, strict=True)
    }


def load_linear(path: Path | str, shape: Sequence[int]) -> dict[str, LinearDenoiser]:
    """Return the linear distillates of A and B from the file of `distil_pair`."""
    arrays = read_arrays(path)
    return {
        subset: LinearDenoiser.from_arrays(
            arrays["sigmas"], arrays[f"weight_{subset}"], arrays[f"bias_{subset}"], shape
        )
        for subset in SUBSETS
    }
