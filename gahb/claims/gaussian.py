"""The claims of Li, Dai & Qu (NeurIPS 2024): generalising denoisers are close to Gaussian ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from gahb.analysis.gaussian.sweeps import (
    INTERMEDIATE,
    NONLINEAR,
    Measures,
    State,
    along_training,
    over_sizes,
    over_widths,
)
from gahb.analysis.statistics import slopes
from gahb.claims.expected.gaussian import GAUSSIAN as EXPECTED
from gahb.claims.judging import DrawnClaim, JackknifeClaim
from gahb.claims.transition import MANY
from gahb.settings import SUBSETS

PAPER = "Li et al. 2024, {}"
LINEARITY, GAUSSIAN = PAPER.format("linearity"), PAPER.format("distance to Gaussian")
SWEEPS, STRONG = PAPER.format("sweeps"), PAPER.format("strong generalisation")
MEMORISING = PAPER.format("memorising and generalising")
FIGURES = {
    LINEARITY: "gaussian_linearity",
    GAUSSIAN: "gaussian_difference",
    SWEEPS: "gaussian_by_width",
    STRONG: "gaussian_strong",
    MEMORISING: "gaussian_by_n",
}
"""Which figure shows the claims of each source."""

RATIO = "RMS ratio, mean over sigma in {:g} to {:g},".format(*INTERMEDIATE)
REFERENCE = "the largest N"


def denoiser_claims(
    found: Mapping[State, Measures], experiment: str, small_n: int
) -> Iterator[DrawnClaim]:
    """Yield the claims on denoisers, from what was measured at test images."""
    sizes = over_sizes(found, experiment)
    # All models of one image are that image, at no distance and as linear as can be.
    several = [state for state in sizes if state.n > 1]
    if len(several) > 1:
        yield from _linearity_claims(found[several[0]], found[several[-1]], several)
        yield from _distance_claims(found, several)
    largest = sizes[-1]
    if largest.n >= MANY:
        yield from _largest_claims(found[largest], largest.n)
    widths = over_widths(found, experiment, small_n)
    if len(widths) > 1:
        yield from _width_claims(found, widths)
    along = along_training(found, experiment, small_n)
    if len(along) > 2:
        yield _time_claim(found, along)


def _linearity_claims(
    first: Measures, last: Measures, sizes: Sequence[State]
) -> Iterator[DrawnClaim]:
    for score, statement, key in (
        (
            "score",
            "the linearity of D rises from memorisation to generalisation",
            "linearity_rises",
        ),
        (
            "residual_score",
            "control: so does that of y - D, which does not reward returning the input",
            "residual_linearity_rises",
        ),
    ):
        rise = last.within(score, NONLINEAR) - first.within(score, NONLINEAR)
        yield DrawnClaim(
            statement,
            f"linearity score at N = {sizes[-1].n} less that at N = {sizes[0].n}, mean over "
            f"sigma in {NONLINEAR[0]:g} to {NONLINEAR[1]:g}",
            LINEARITY,
            rise,
            EXPECTED[key],
        )


def _distances(found: Mapping[State, Measures], states: Sequence[State], pair: str) -> np.ndarray:
    """Return a relative distance at intermediate noise by state, ``[1 + draws, state]``."""
    return np.stack([found[state].within(f"nrmse_{pair}", INTERMEDIATE) for state in states], -1)


def _distance_claims(
    found: Mapping[State, Measures], sizes: Sequence[State]
) -> Iterator[DrawnClaim]:
    """Yield what happens to distances as N grows, beside those of a network that is the same.

    The Gaussian of more images is nearer to any denoiser of such images: that the distance
    to it falls says something if it falls faster than that of one that never changes.
    """
    decades, largest = np.log10([state.n for state in sizes]), sizes[-1].n
    own, fixed, reference = (
        slopes(decades, _distances(found, sizes, pair))
        for pair in ("network_gaussian", "fixed_gaussian", "network_reference")
    )
    yield DrawnClaim(
        "the distance to the Gaussian denoiser falls with N",
        f"slope of the {RATIO} over log10 N (per decade); with the network of N = {largest} in "
        f"place of all: {fixed[0]:.3f}",
        GAUSSIAN,
        own,
        EXPECTED["distance_falls"],
    )
    yield DrawnClaim(
        "control: it falls faster than for a network that never changes",
        f"that slope less that of the network of N = {largest} in place of all (per decade)",
        GAUSSIAN,
        own - fixed,
        EXPECTED["falls_faster"],
    )
    yield DrawnClaim(
        f"control: the distance to the Gaussian denoiser of {REFERENCE} falls with N too",
        f"slope of the {RATIO} over log10 N (per decade)",
        GAUSSIAN,
        reference,
        EXPECTED["reference_falls"],
    )


def _largest_claims(values: Measures, size: int) -> Iterator[DrawnClaim]:
    least = values.sigmas[values.draws["score"].argmin(axis=1)]
    yield DrawnClaim(
        f"at N = {size} the denoiser is least linear at intermediate noise",
        "sigma of the lowest linearity score",
        LINEARITY,
        least,
        EXPECTED["least_linear"],
    )
    linear = values.overall("nrmse_linear_gaussian")
    yield DrawnClaim(
        f"at N = {size} the linear distillate is close to the Gaussian denoiser",
        "RMS difference over RMS estimate, mean over sigma",
        GAUSSIAN,
        linear,
        EXPECTED["distillate_gaussian"],
    )
    yield DrawnClaim(
        f"at N = {size} the linear distillate is close to it at every noise level",
        "RMS difference on [-1, 1], the largest over sigma",
        GAUSSIAN,
        # Twice that on [0, 1].
        2 * values.draws["rmse_linear_gaussian"].max(axis=1),
        EXPECTED["distillate_rmse"],
    )
    yield DrawnClaim(
        f"at N = {size} the linear distillate is closer to the Gaussian denoiser than the "
        "network is",
        "RMS ratio of linear and Gaussian over that of network and Gaussian, means over sigma",
        GAUSSIAN,
        linear / values.overall("nrmse_network_gaussian"),
        EXPECTED["distillate_nearer"],
    )
    yield DrawnClaim(
        f"at N = {size} the network is closer to the Gaussian than to the empirical denoiser",
        "RMS ratio of network and Gaussian less that of network and empirical, means over sigma",
        GAUSSIAN,
        values.overall("nrmse_network_gaussian") - values.overall("nrmse_network_empirical"),
        EXPECTED["gaussian_not_empirical"],
    )


def weight_claim(maps: Sequence[Mapping[str, np.ndarray]], size: int) -> JackknifeClaim:
    """Return the claim on the weights of distillates, arrays of `distil_pair` by repeat."""
    values = [arrays[f"weight_nmse_{subset}"] for arrays in maps for subset in SUBSETS]
    return JackknifeClaim(
        f"at N = {size} the weights of the linear distillate are those of the Gaussian denoiser",
        "squared distance over squared norm, the largest over sigma",
        GAUSSIAN,
        (np.mean(values, axis=0).max(axis=0),),
        np.max,
        EXPECTED["distillate_weights"],
    )


def _width_claims(found: Mapping[State, Measures], states: Sequence[State]) -> Iterator[DrawnClaim]:
    octaves = np.log2([state.width for state in states])
    for model, prefix, images, key in (
        ("gaussian", "", "its images", "shrinks"),
        ("reference", "control: ", REFERENCE, "shrinks_reference"),
    ):
        yield DrawnClaim(
            f"{prefix}at N = {states[0].n} the distance to the Gaussian denoiser of {images} falls "
            "as the network shrinks",
            f"slope of the {RATIO} over log2 width (per doubling)",
            SWEEPS,
            slopes(octaves, _distances(found, states, f"network_{model}")),
            EXPECTED[key],
        )


def _time_claim(found: Mapping[State, Measures], states: Sequence[State]) -> DrawnClaim:
    """Return the claim that a training is nearest to the Gaussian of all images on its way."""
    distances = _distances(found, states, "network_reference")
    inside = distances[:, 1:-1].min(axis=1) - distances[:, [0, -1]].min(axis=1)
    return DrawnClaim(
        f"at N = {states[0].n} the distance to the Gaussian denoiser of {REFERENCE} is smallest "
        "early in training, neither at the first state nor at the last",
        f"smallest {RATIO}, of the states between the first and the last of {len(states)}, less "
        "that of those two",
        SWEEPS,
        inside,
        EXPECTED["interior_time"],
    )
