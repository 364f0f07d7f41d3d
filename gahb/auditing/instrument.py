"""The audit of a denoiser: samples are drawn and compared, images are denoised, all is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from gahb.analysis.fractions import share
from gahb.auditing.denoising import denoising_rows
from gahb.auditing.pictures_alone import compare_pictures
from gahb.auditing.rows import SAMPLES, row
from gahb.auditing.verdict import judge
from gahb.denoisers.contract import validate
from gahb.errors import DataError
from gahb.sampling.ascent import CONVERGED
from gahb.sampling.methods import draw_samples
from gahb.sampling.paired import sample_seeds
from gahb.settings import SamplingSettings
from gahb.types import Denoiser

SIGMAS = (0.05, 0.1, 0.2, 0.4)
TOLD = SamplingSettings(method="heun", samples=256, mean=0.5, sigma_start=40.0, sigma_end=0.001)
"""Heun's method at 18 noise levels, for a denoiser that is told them."""
BLIND = SamplingSettings(method="ascent", samples=256)
"""The ascent of Kadkhodaie et al., for one that is not."""
NAMED = 10
"""As many pictures are named in one line."""


@dataclass(frozen=True)
class Audit:
    """What `audit` found.

    Attributes
    ----------
    kind : str
        `MEMORISES`, `OVERFITS`, `LEANS`, `CLEAR` or `UNJUDGED` of `gahb.auditing.verdict`.
    verdict : str
        One line that begins with it; decided by the intervals of ``table`` alone.
    findings : list of str
        All that speaks for or against it, and what to know of the pictures.
    table : DataFrame
        ``measure``, ``of`` (samples, training or held-out images), ``sigma`` (of PSNR only),
        ``value``, ``low``, ``high`` (95 % interval) and ``count``, the images that it rests on.
    samples : ndarray
        float32 ``[sample, channel, height, width]``, those that converged and are not blank.
    closest : ndarray
        The training image with the highest mean-removed cosine to each, as it was given: a
        sample may be like its mirror image.
    cosines : dict
        That cosine, of ``samples`` and of ``held out`` images.
    leaks : list of tuple
        Names of held-out images that are copies of training images, and of those.

    Examples
    --------
    >>> import gahb
    >>> [field for field in gahb.Audit.__dataclass_fields__][:3]
    ['kind', 'verdict', 'findings']
    """

    kind: str
    verdict: str
    findings: list[str]
    table: pd.DataFrame
    samples: np.ndarray
    closest: np.ndarray
    cosines: dict[str, np.ndarray]
    leaks: list[tuple[str, str]]


def audit(
    denoiser: Denoiser,
    training: np.ndarray,
    held_out: np.ndarray,
    *,
    sampling: SamplingSettings | None = None,
    sigmas: Sequence[float] = SIGMAS,
    images: int = 256,
    draws: int = 1000,
    seed: int = 0,
    device: torch.device | str = "cpu",
    training_names: Sequence[str] | None = None,
    held_out_names: Sequence[str] | None = None,
) -> Audit:
    """Ask a denoiser whether it repeats its training images.

    Parameters
    ----------
    denoiser : Denoiser
        In evaluation mode, on ``device``.
    training, held_out : ndarray
        uint8 ``[image, channel, height, width]``, at least two of each that are not blank.
    sampling : SamplingSettings, optional
        How samples are drawn, and how many; by default `TOLD`, or `BLIND` for a denoiser
        with ``blind = True``.
    sigmas : sequence of float
        Noise levels at which training and other images are denoised, in [0, 1] units.
    images : int
        Images of each set that are denoised and compared, at most; drawn at random, since
        the first of a folder are often of one kind.
    draws, seed : int
        Bootstrap draws; root seed.
    device : torch.device
        Where the denoiser lives.
    training_names, held_out_names : sequence of str, optional
        What pictures are called in messages; by default by their number.

    Raises
    ------
    DataError
        If there are too few images, a held-out image is a training image, pixel by pixel, the
        denoiser does not say whether it is blind, or no sample converged.
    NetworkError
        If the denoiser fails, or returns something else than it should, see
        `gahb.denoisers.contract.validate`.

    Examples
    --------
    >>> import numpy, torch, gahb
    >>> pictures = numpy.random.default_rng(0).integers(0, 256, (40, 1, 6, 6), dtype=numpy.uint8)
    >>> training, held_out = pictures[:20], pictures[20:]
    >>> memoriser = gahb.EmpiricalDenoiser(torch.from_numpy(training))
    >>> gahb.audit(memoriser, training, held_out, draws=100).kind
    'memorises'
    """
    named = (
        _names(training_names, len(training), "training image"),
        _names(held_out_names, len(held_out), "held-out image"),
    )
    _check(training, held_out, named)
    validate(denoiser, training.shape[1:], device)
    blind = denoiser.blind
    samples, drawn = _draw(denoiser, training.shape[1:], sampling, blind, seed, device)
    evidence = compare_pictures(
        samples, training, held_out, raw=not blind, images=images, draws=draws, seed=seed
    )
    denoised = denoising_rows(
        denoiser, evidence.training, evidence.held_out, sigmas, draws, seed, device
    )
    table = pd.DataFrame([drawn, *evidence.rows, *denoised])
    said = judge(table)
    leaks = [(named[1][one], named[0][other]) for one, other in evidence.leaks]
    return Audit(
        said.kind,
        said.text,
        [*said.findings, *_leaks(leaks, len(held_out))],
        table,
        evidence.samples,
        evidence.closest,
        evidence.cosines,
        leaks,
    )


def _draw(
    denoiser: Denoiser,
    shape: Sequence[int],
    sampling: SamplingSettings | None,
    blind: bool,
    seed: int,
    device: torch.device | str,
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the samples that converged, and a row on how many did."""
    sampling = sampling or (BLIND if blind else TOLD)
    seeds = sample_seeds(seed, 0, range(sampling.samples))
    drawn = draw_samples(denoiser, shape, sampling, seeds, device)
    good = np.array(drawn.status) == CONVERGED
    if not good.any():
        raise DataError(f"none of {len(good)} samples converged; change sampling")
    return drawn.images.numpy()[good], row("converged_fraction", SAMPLES, share(good), len(good))


def _names(given: Sequence[str] | None, count: int, what: str) -> Sequence[str]:
    if given is None:
        return [f"{what} {number}" for number in range(count)]
    if len(given) != count:
        raise DataError(f"{len(given)} names were given for {count} {what}s")
    return given


def _leaks(pairs: Sequence[tuple[str, str]], total: int) -> list[str]:
    """Return what is said of held-out images that are copies of training images."""
    if not pairs:
        return []
    return [
        f"{len(pairs)} of {total} held-out images look like copies of training images, re-saved or "
        f"mirrored: {_list(pairs)}; take out of the held-out images those that are"
    ]


def _list(pairs: Sequence[tuple[str, str]]) -> str:
    """Return the first ten pairs of names, and how many more there are."""
    named = ", ".join(f"{one} ({other})" for one, other in pairs[:NAMED])
    return named + (f" and {len(pairs) - NAMED} more" if len(pairs) > NAMED else "")


def _check(
    training: np.ndarray, held_out: np.ndarray, named: tuple[Sequence[str], Sequence[str]]
) -> None:
    """Raise a DataError if there are too few images, or if they are not to be compared."""
    if min(len(training), len(held_out)) < 2:
        raise DataError(
            f"an audit needs two training and two held-out images, got {len(training)} and "
            f"{len(held_out)}"
        )
    if training.shape[1:] != held_out.shape[1:]:
        raise DataError(
            f"training images are {training.shape[1:]}, held-out images {held_out.shape[1:]}"
        )
    # Blank images are equal without being the same picture; they count nowhere.
    known = {
        image.tobytes(): name
        for image, name in zip(training, named[0], strict=True)
        if image.std() > 0
    }
    shared = [
        (name, known[image.tobytes()])
        for image, name in zip(held_out, named[1], strict=True)
        if image.tobytes() in known
    ]
    if shared:
        raise DataError(
            f"{len(shared)} of {len(held_out)} held-out images are training images: "
            f"{_list(shared)}; take them out of either"
        )
