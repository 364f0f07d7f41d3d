"""What a denoiser makes of its training images, and of others of like difficulty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from gahb.analysis.covariate import adjusted_difference
from gahb.analysis.statistics import bootstrap
from gahb.auditing.reference import Reference, psnr, reference_psnr
from gahb.auditing.rows import GAP, TRAINING, row
from gahb.metrics import input_psnr_db
from gahb.types import Denoiser


def denoising_rows(
    denoiser: Denoiser,
    training: np.ndarray,
    held_out: np.ndarray,
    sigmas: Sequence[float],
    draws: int,
    seed: int,
    device: torch.device | str,
) -> list[dict[str, Any]]:
    """Return gains on noisy training images, and by how much those on held-out ones are less.

    Parameters
    ----------
    denoiser : Denoiser
        In evaluation mode, on ``device``.
    training, held_out : ndarray
        uint8 ``[image, channel, height, width]``. With fewer than two of either nothing is
        said of the difference.
    sigmas : sequence of float
        Noise levels, in [0, 1] units.
    draws, seed : int
        Bootstrap draws; root seed.
    device : torch.device
        Where the denoiser lives.

    Returns
    -------
    list of dict
        By noise level ``psnr_gain_db``, over the noisy image's PSNR, and ``psnr_gap_db``,
        training less held-out images of the same difficulty; of the PSNR averaged over the
        levels ``mean_psnr_gap_db``, ``unadjusted_psnr_gap_db``, the plain difference, and
        ``kind_gap_db``, how much better the images of either set are denoised by a model of
        its own: what any denoiser of training images could owe to the kind of pictures.
    """
    own = psnr(denoiser, training, sigmas, seed, device)
    rows = []
    for level, sigma in enumerate(sigmas):
        gained = own[level] - input_psnr_db(sigma)
        found = bootstrap(gained, np.mean, draws=draws, seed=seed)
        rows.append(row("psnr_gain_db", TRAINING, found, len(gained), sigma))
    if min(len(training), len(held_out)) < 2:
        return rows
    values = own, psnr(denoiser, held_out, sigmas, seed, device)
    known = reference_psnr(training, held_out, sigmas, seed)
    count = len(training) + len(held_out)
    for level, sigma in enumerate(sigmas):
        found = _adjusted([part[level] for part in values], known, slice(level, level + 1))
        rows.append(row("psnr_gap_db", GAP, found, count, sigma))
    mean = [part.mean(axis=0) for part in values]
    for measure, found in (
        ("mean_psnr_gap_db", _adjusted(mean, known, slice(None))),
        ("unadjusted_psnr_gap_db", adjusted_difference(*mean)),
        ("kind_gap_db", _kind(known)),
    ):
        rows.append(row(measure, GAP, found, count))
    return rows


def _adjusted(
    values: list[np.ndarray], known: tuple[Reference, Reference], levels: slice
) -> tuple[float, float, float]:
    """Return the difference at equal difficulty, the smaller of what two views of it leave.

    References of both sets favour neither; those of training images are at a loss where the
    denoiser is that has seen no others.
    """
    found = []
    for view in ("both", "training"):
        hardness = (getattr(part, view)[:, levels].mean(axis=1) for part in known)
        found.append(adjusted_difference(*values, *hardness))
    return min(found, key=lambda interval: interval[1])


def _kind(known: tuple[Reference, Reference]) -> tuple[float, float, float]:
    """Return how much better images are denoised by a model of their own set, at most."""
    own = [(part.training - part.held_out).mean(axis=1) for part in known]
    return max(adjusted_difference(*pair) for pair in zip(*own, strict=True))
