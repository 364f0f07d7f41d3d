"""The claims of Kadkhodaie et al. (ICLR 2024), Figs. 3 to 5 and 16 to 21: harmonic bases.

Those of slopes and of shuffled pixels are here, the others in modules that are joined below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gahb.analysis.bases.slopes import range_of
from gahb.analysis.bases.tables import theoretical_slope
from gahb.claims.adaptivity import eigenbasis_claim, network_claims
from gahb.claims.expected.bases import BASES
from gahb.claims.harmonics import contour_claims, harmonic_claims
from gahb.claims.judging import Claim, DrawnClaim, MeansClaim
from gahb.claims.manifolds import disk_claims, ray_claims, wave_claims
from gahb.claims.one_experiment import Shown, over
from gahb.denoisers.kinds import KINDS
from gahb.metrics import psnr_db

PAPER = "Kadkhodaie et al. 2024, Fig. {}"


def basis_claims(
    records: Sequence[Mapping[str, Any]],
    errors: Sequence[Mapping[str, np.ndarray]],
    bases: Sequence[Mapping[str, np.ndarray]],
    *,
    draws: int,
    seed: int,
) -> Iterator[Claim | DrawnClaim]:
    """Yield the claims of every figure on bases that is drawn.

    Parameters
    ----------
    records : sequence of mapping
        One for every experiment in every figure, in the figure's order.
    errors, bases : sequence of mapping
        Arrays of `measure_errors` and `measure_bases` of each.
    draws, seed : int
        Bootstrap over images.
    """
    figures: dict[str, list[Shown]] = {}
    for record, measured, found in zip(records, errors, bases, strict=True):
        one = Shown(record, measured, found, draws, seed)
        figures.setdefault(record["figure"], []).append(one)
    for figure, shown in figures.items():
        source = PAPER.format(figure.removeprefix("figure_"))
        for claim in _CLAIMS[figure](shown, source):
            yield replace(claim, figure=figure)


def describe_experiments(records: Sequence[Mapping[str, Any]]) -> str:
    """Return a paragraph on the experiments that figures on bases show; nothing without any."""
    if not records:
        return ""
    lines = {
        f"`{record['experiment']}`: {record['source']}, {record['size']}x{record['size']} pixels, "
        f"{KINDS[record['kind']].label}, N = {record['n']:,}, "
        f"{record['presentations']:,} presentations"
        for record in records
    }
    return "\n\nClaims on bases are judged on " + "; ".join(sorted(lines)) + "."


def _slope_claims(shown: Sequence[Shown], paper: str) -> Iterator[Claim | DrawnClaim]:
    """Yield: slopes rise with alpha, each is near alpha / (alpha + 1), and bases adapt."""
    fitted = [(one, slope) for one in shown if (slope := one.slope) is not None]
    kind = KINDS[shown[0].record["kind"]].label
    yield from _rise_claim([one for one, _ in fitted], kind, paper)
    for one, slope in fitted:
        theory, name = theoretical_slope(one.record), f"{kind}, {_alpha(one)}"
        others = ", ".join(
            f"{title} {one.slope_over(range_of(one.errors), method).draws[0] - theory:.2f}"
            for method, title in (
                ("gaussian", "Gaussian denoiser"),
                ("oracle_wavelet", "wavelet oracle"),
            )
        )
        yield DrawnClaim(
            f"{name}: the slope is alpha/(alpha + 1)",
            f"slope of output over input PSNR, {over(slope)}, less {theory:.2f}; {others}, "
            f"the input itself {1 - theory:.2f}",
            paper,
            slope.draws - theory,
            BASES["slope_theory"],
        )
        yield from network_claims(one, slope, name, paper)
    for one in shown:
        yield eigenbasis_claim(one, f"{kind}, {_alpha(one)}", paper)


def _alpha(one: Shown) -> str:
    return f"alpha = {one.record['contour_alpha']:g}"


def _rise_claim(fitted: Sequence[Shown], kind: str, paper: str) -> Iterator[DrawnClaim]:
    """Yield that slopes rise with alpha, over levels that are fitted for all of them."""
    levels = {one.errors["sigmas"].tobytes() for one in fitted}
    if len(fitted) < 2 or len(levels) > 1:
        return
    common = np.logical_and.reduce([range_of(one.errors) for one in fitted])
    if common.sum() < 3:
        return
    slopes = [one.slope_over(common) for one in fitted]
    others = [one.slope_over(common, "gaussian").draws[0] for one in fitted]
    yield DrawnClaim(
        f"the PSNR slope of the {kind} rises with the regularity alpha",
        f"smallest rise between neighbours of {len(fitted)} alpha, {over(slopes[0])} for all; "
        f"Gaussian denoiser {np.diff(others).min():.3f}",
        paper,
        np.diff([slope.draws for slope in slopes], axis=0).min(axis=0),
        BASES["slope_rises"],
    )


def _shuffle_claims(shown: Sequence[Shown], paper: str) -> Iterator[Claim]:
    """Yield: shuffled pixels are denoised worse, with a slower decay of eigenvalues."""
    plain, shuffled = shown
    sigma, levels = plain.record["sigma"], plain.errors["sigmas"]
    level = int(np.abs(np.log(levels / sigma)).argmin())
    network, gaussian = (
        [psnr_db(one.errors[f"mse_{method}"][level]) for one in shown]
        for method in ("network", "gaussian")
    )
    control = gaussian[0].mean() - gaussian[1].mean()
    yield Claim(
        "shuffled images are denoised much worse",
        f"mean PSNR of unshuffled less that of shuffled images (dB), sigma = {levels[level]:.3g}; "
        f"Gaussian denoiser {control:.2f}",
        paper,
        tuple(network),
        _difference,
        BASES["shuffled_worse"],
    )
    yield MeansClaim(
        "eigenvalues of shuffled images decay more slowly",
        f"tr J of shuffled less that of unshuffled images, sigma = {sigma:g}",
        paper,
        tuple(one.bases["effective_rank"] for one in (shuffled, plain)),
        np.mean,
        BASES["shuffled_decay"],
        weights=(1.0, -1.0),
    )


def _difference(first: np.ndarray, second: np.ndarray, axis: int) -> np.ndarray:
    return first.mean(axis=axis) - second.mean(axis=axis)


_CLAIMS: dict[str, Callable[..., Iterator[Claim | DrawnClaim]]] = {
    "figure_3": harmonic_claims,
    "figure_4": _slope_claims,
    "figure_5": disk_claims,
    "figure_16": _slope_claims,
    "figure_17": contour_claims,
    "figure_18": harmonic_claims,
    "figure_19": ray_claims,
    "figure_20": wave_claims,
    "figure_21": _shuffle_claims,
}
