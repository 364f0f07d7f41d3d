"""The claims of Kadkhodaie et al. (ICLR 2024), Figs. 3 to 5 and 16 to 21: harmonic bases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gahb.analysis.base_tables import DIMENSIONS, per_image, theoretical_slope
from gahb.analysis.slopes import Slope, fit_slope, range_of
from gahb.claims.judging import Claim, DrawnClaim
from gahb.claims.transition import slopes as slopes_over

PAPER = "Kadkhodaie et al. 2024, Fig. {}"
NEAR = 0.1
"""A measured slope counts as the theoretical one within this."""
SHUFFLED_LOSS_DB = 1.5
NETWORKS = {"unet": "UNet", "bf-cnn": "BF-CNN", "edm": "EDM network"}


@dataclass(frozen=True)
class Shown:
    """One experiment in a figure.

    Attributes
    ----------
    record : mapping
        ``figure``, ``experiment``, ``sigma`` and what the experiment is.
    errors, bases : mapping
        Arrays of `measure_errors` and `measure_bases`.
    slope : Slope or None
        Of the network's PSNR curve, where enough noise levels fit.
    """

    record: Mapping[str, Any]
    errors: Mapping[str, np.ndarray]
    bases: Mapping[str, np.ndarray]
    slope: Slope | None

    @property
    def numbers(self) -> dict[str, np.ndarray]:
        """Return what `per_image` finds in the bases."""
        return per_image(self.bases)


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
    for record, measured, found in zip(records, errors, bases):
        slope = _slope(measured, draws, seed)
        figures.setdefault(record["figure"], []).append(Shown(record, measured, found, slope))
    for figure, shown in figures.items():
        yield from _CLAIMS[figure](shown, PAPER.format(figure.removeprefix("figure_")))


def _slope(errors: Mapping[str, np.ndarray], draws: int, seed: int) -> Slope | None:
    inside = range_of(errors)
    if inside.sum() < 3:
        return None
    return fit_slope(errors["sigmas"], errors["mse_network"], inside, draws=draws, seed=seed)


def _over(slope: Slope) -> str:
    return f"{slope.low_db:.3g} to {slope.high_db:.3g} dB"


def _slope_claims(shown: Sequence[Shown], paper: str) -> Iterator[DrawnClaim]:
    """Yield: slopes rise with alpha, and each is near alpha / (alpha + 1)."""
    fitted = [one for one in shown if one.slope is not None]
    kind = NETWORKS[shown[0].record["kind"]]
    if len(fitted) > 1:
        rises = np.diff([one.slope.draws for one in fitted], axis=0)
        yield DrawnClaim(
            f"the PSNR slope of the {kind} rises with the regularity alpha",
            f"smallest rise between neighbouring alpha, of {len(fitted)}",
            paper,
            rises.min(axis=0),
            (0.0, np.inf),
        )
    for one in fitted:
        theory = theoretical_slope(one.record)
        yield DrawnClaim(
            f"{kind}, alpha = {one.record['contour_alpha']:g}: the slope is alpha/(alpha + 1)",
            f"slope of output over input PSNR, {_over(one.slope)}; optimum {theory:.2f}",
            paper,
            one.slope.draws,
            (theory - NEAR, theory + NEAR),
        )


TANGENT_CLAIMS = {
    "disks": (
        "disks: the first five eigenvectors span the tangent space",
        "mean squared cosine of the principal angles",
        (0.85, 1.0),
    ),
    "sinusoids": (
        "plane waves: the first two eigenvectors span the plane of waves",
        "mean squared cosine of the principal angles",
        (0.9, 1.0),
    ),
    "ray": ("one image: the first eigenvector is that image", "|<e_1, x/|x|>|", (0.99, 1.0)),
}


def _manifold_claims(shown: Sequence[Shown], paper: str) -> Iterator[Claim | DrawnClaim]:
    """Yield: leading eigenvectors span the tangent space, and there are more of them."""
    record, numbers, slope = shown[0].record, shown[0].numbers, shown[0].slope
    source = record["source"]
    statement, statistic, expected = TANGENT_CLAIMS[source]
    overlap = numbers["tangent_overlap"]
    overlap = np.sqrt(overlap) if source == "ray" else overlap
    at = f"sigma = {record['sigma']:g}"
    yield Claim(statement, f"{statistic}, {at}", paper, (overlap,), np.mean, expected)
    dimension = DIMENSIONS[source]
    yield Claim(
        f"{source}: there are eigenvectors beyond the tangent space",
        f"tr J less the dimension {dimension}, {at}",
        paper,
        (numbers["effective_rank"] - dimension,),
        np.mean,
        (0.0, np.inf),
    )
    yield Claim(
        f"{source}: the error is above the optimum",
        f"squared error over {dimension} sigma^2, {at}",
        paper,
        (numbers["mse_over_sigma2"] / dimension,),
        np.mean,
        (1.0, np.inf),
    )
    if source == "disks" and slope is not None:
        yield DrawnClaim(
            "disks: the slope stays below that of the optimum, 1",
            f"slope of output over input PSNR, {_over(slope)}",
            paper,
            slope.draws,
            (-np.inf, 1.0),
        )


def _harmonic_claims(shown: Sequence[Shown], paper: str) -> Iterator[Claim]:
    """Yield: few coefficients hold the image, and eigenvectors are harmonics at contours."""
    for one in shown:
        record, numbers = one.record, one.numbers
        where = f"{record['source']}, sigma = {record['sigma']:g}"
        kept = numbers["energy_kept"]
        yield Claim(
            f"{record['source']}: coefficients in the eigenbasis are sparse",
            f"energy of the clean image in the first tr J of them, {where}",
            paper,
            (kept[np.isfinite(kept)],),
            np.mean,
            (0.9, 1.0),
        )
        yield Claim(
            f"{record['source']}: eigenvectors oscillate faster as the eigenvalue falls",
            f"rank correlation of mean frequency and k, {where}",
            paper,
            (numbers["frequency_trend"],),
            np.mean,
            (0.5, 1.0),
        )
        for suffix, other in (("_random", "a random basis"), ("_pca", "principal components")):
            gain = numbers["contour_energy"] - numbers[f"contour_energy{suffix}"]
            yield Claim(
                f"{record['source']}: eigenvectors gather at contours more than {other}",
                f"energy at contours less that of {other}, mean over tr J modes, {where}",
                paper,
                (gain,),
                np.mean,
                (0.0, np.inf),
            )


def _contour_claims(shown: Sequence[Shown], paper: str) -> Iterator[Claim]:
    """Yield: the smoother the contours, the less localised the harmonics."""
    if len(shown) < 2:
        return
    alphas = np.array([one.record["contour_alpha"] for one in shown])
    groups = [one.numbers["contour_energy"] for one in shown]

    def summary(*values: np.ndarray, axis: int) -> np.ndarray:
        return slopes_over(alphas, np.stack([value.mean(axis=axis) for value in values], axis=-1))

    yield Claim(
        "the smoother the contours, the less localised the harmonics",
        "slope of the energy at contours, mean over tr J modes, over the contours' alpha",
        paper,
        tuple(groups),
        summary,
        (-np.inf, 0.0),
    )


def _shuffle_claims(shown: Sequence[Shown], paper: str) -> Iterator[Claim]:
    """Yield: shuffled pixels are denoised worse, with a slower decay of eigenvalues."""
    plain, shuffled = shown
    sigma, levels = plain.record["sigma"], plain.errors["sigmas"]
    level = int(np.abs(np.log(levels / sigma)).argmin())
    psnr = [-10 * np.log10(one.errors["mse_network"][level]) for one in shown]
    yield Claim(
        "shuffled images are denoised much worse",
        f"mean PSNR of unshuffled less that of shuffled images (dB), sigma = {levels[level]:.3g}",
        paper,
        tuple(psnr),
        _difference,
        (SHUFFLED_LOSS_DB, np.inf),
    )
    ranks = tuple(one.bases["effective_rank"] for one in (shuffled, plain))
    yield Claim(
        "eigenvalues of shuffled images decay more slowly",
        f"tr J of shuffled less that of unshuffled images, sigma = {sigma:g}",
        paper,
        ranks,
        _difference,
        (0.0, np.inf),
    )


def _difference(first: np.ndarray, second: np.ndarray, axis: int) -> np.ndarray:
    return first.mean(axis=axis) - second.mean(axis=axis)


_CLAIMS: dict[str, Callable[..., Iterator[Claim | DrawnClaim]]] = {
    "figure_3": _harmonic_claims,
    "figure_4": _slope_claims,
    "figure_5": _manifold_claims,
    "figure_16": _slope_claims,
    "figure_17": _contour_claims,
    "figure_18": _harmonic_claims,
    "figure_19": _manifold_claims,
    "figure_20": _manifold_claims,
    "figure_21": _shuffle_claims,
}
