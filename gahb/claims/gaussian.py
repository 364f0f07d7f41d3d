"""The claims of Li, Dai & Qu (NeurIPS 2024): generalising denoisers are close to Gaussian ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from gahb.analysis.gaussian.sweeps import (
    NONLINEAR,
    Measures,
    State,
    along_training,
    best_times,
    over_sizes,
    over_widths,
)
from gahb.analysis.statistics import resampled_means, slopes
from gahb.analysis.transition.tables import by_network
from gahb.claims.expected.gaussian import GAUSSIAN as EXPECTED
from gahb.claims.judging import Claim, DrawnClaim
from gahb.claims.transition import FEW, MANY
from gahb.denoisers.kinds import KINDS

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


def denoiser_claims(
    found: Mapping[State, Measures], experiment: str, small_n: int
) -> Iterator[DrawnClaim]:
    """Yield the claims on denoisers, from what was measured at test images."""
    sizes = over_sizes(found, experiment)
    # All models of one image are that image, at no distance and as linear as can be.
    several = [state for state in sizes if state.n > 1]
    if len(several) > 1:
        yield from _size_claims(found, several)
    largest = sizes[-1]
    if largest.n >= MANY:
        yield from _largest_claims(found[largest], largest.n)
    for name, states in (
        ("width", over_widths(found, experiment, small_n)),
        ("training time", along_training(found, experiment, small_n)),
    ):
        if len(states) > 2:
            yield _intermediate_claim(found, states, name)


def _size_claims(found: Mapping[State, Measures], sizes: Sequence[State]) -> Iterator[DrawnClaim]:
    decades = np.log10([state.n for state in sizes])
    first, last = found[sizes[0]], found[sizes[-1]]
    middle = (first.sigmas >= NONLINEAR[0]) & (first.sigmas <= NONLINEAR[1])
    for score, of, key in (
        ("score", "D", "linearity_rises"),
        ("residual_score", "y - D", "residual_linearity_rises"),
    ):
        rise = (last.draws[score] - first.draws[score])[:, middle].mean(axis=1)
        yield DrawnClaim(
            f"the linearity of {of} rises from memorisation to generalisation",
            f"linearity score at N = {sizes[-1].n} less that at N = {sizes[0].n}, mean over "
            f"sigma in {NONLINEAR[0]:g} to {NONLINEAR[1]:g}",
            LINEARITY,
            rise,
            EXPECTED[key],
        )
    distances = np.stack([found[state].overall("nrmse_network_gaussian") for state in sizes], -1)
    yield DrawnClaim(
        "the distance to the Gaussian denoiser falls with N",
        "slope of the RMS ratio, mean over sigma, over log10 N (per decade)",
        GAUSSIAN,
        slopes(decades, distances),
        EXPECTED["distance_falls"],
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


def _intermediate_claim(
    found: Mapping[State, Measures], states: Sequence[State], swept: str
) -> DrawnClaim:
    """Return the claim that the distance is smallest inside of a sweep, not at its ends."""
    distances = np.stack([found[state].overall("nrmse_network_gaussian") for state in states])
    inside = distances[1:-1].min(axis=0) - np.minimum(distances[0], distances[-1])
    return DrawnClaim(
        f"at N = {states[0].n} the distance to the Gaussian denoiser is smallest at an "
        f"intermediate {swept}",
        f"smallest RMS ratio inside of the {len(states)} values swept less that at their ends",
        SWEEPS,
        inside,
        EXPECTED["intermediate"],
    )


def sampling_claims(
    pairs: Mapping[State, pd.DataFrame],
    models: Mapping[State, pd.DataFrame],
    found: Mapping[State, Measures],
    experiment: str,
    small_n: int,
    *,
    draws: int,
    seed: int,
) -> Iterator[Claim | DrawnClaim]:
    """Yield the claims on samples: strong generalisation, early stopping, memorisation."""
    sizes = over_sizes(found, experiment)
    first, last = sizes[0], sizes[-1]
    yield from _novelty_claims(pairs, first, last)
    if last.n >= MANY:
        yield from _strong_claims(pairs[last], models[last], last.n, draws, seed)
    along = along_training(found, experiment, small_n)
    widths = over_widths(found, experiment, small_n)
    if len(along) > 1:
        best = int(best_times(found, along, "psnr_network_test", "largest")[0])
        stopped = next(state for state in along if state.presentations == best)
        # Best at the end: there is nothing to be gained by stopping, and nothing to judge.
        if stopped is not along[-1]:
            how = f"when stopped at {best:,} presentations"
            yield _rise_claim(pairs, along[-1], stopped, how, draws, seed)
    if widths and widths[0].experiment != experiment:
        own = next(state for state in widths if state.experiment == experiment)
        how = f"with a network of width {widths[0].width}"
        yield _rise_claim(pairs, own, widths[0], how, draws, seed)


def _rise_claim(
    pairs: Mapping[State, pd.DataFrame],
    usual: State,
    other: State,
    how: str,
    draws: int,
    seed: int,
) -> DrawnClaim:
    """Return the claim that two networks of few images agree better in another state.

    The samples of both states come from the same noise: their difference is paired.
    """
    both = [pairs[state]["pair_cosine"].to_numpy() for state in (other, usual)]
    difference = both[0] - both[1]
    known = difference[np.isfinite(difference)]
    means = resampled_means({"difference": known}, draws=draws, seed=seed)
    return DrawnClaim(
        f"at N = {usual.n} two networks agree better {how}",
        "mean rise of the pair cosine from the same noise",
        STRONG,
        means["difference"],
        EXPECTED["small_n_agree"],
    )


def _novelty_claims(
    pairs: Mapping[State, pd.DataFrame], first: State, last: State
) -> Iterator[Claim]:
    asked = []
    if first.n <= FEW:
        asked.append((first, "repeat training images", "copies_gl"))
    if last.n >= MANY:
        asked.append((last, "are not training images", "novel_gl"))
    for state, verb, key in asked:
        scale = KINDS[state.kind].distance_scale
        score = np.mean(by_network(pairs[state], f"gl_distance_{scale}"), axis=0)
        yield Claim(
            f"at N = {state.n} samples {verb}",
            "GL score, on [-1, 1]",
            MEMORISING,
            (score,),
            np.mean,
            EXPECTED[key],
        )


def _strong_claims(
    pairs: pd.DataFrame, models: pd.DataFrame, size: int, draws: int, seed: int
) -> Iterator[Claim | DrawnClaim]:
    yield Claim(
        f"at N = {size} two networks draw nearly the same image from the same noise",
        "median pair cosine",
        STRONG,
        (pairs["pair_cosine"].dropna().to_numpy(),),
        np.median,
        EXPECTED["strong"],
    )
    gaussian = models[(models["left"] == "gaussian_A") & (models["right"] == "gaussian_B")]
    yield Claim(
        f"control: at N = {size} so do the two Gaussian models of their images",
        "median cosine of samples of the two Gaussian models",
        "review of Li et al. 2024",
        (gaussian["cosine"].dropna().to_numpy(),),
        np.median,
        EXPECTED["gaussians_agree"],
    )
    own = models[models["left"].str.startswith("network") & models["right"].str.startswith("gauss")]
    sample = ["repeat", "sample"]
    own = own.groupby(sample)["cosine"].mean()
    difference = (pairs.set_index(sample)["pair_cosine"] - own).dropna().to_numpy()
    means = resampled_means({"difference": difference}, draws=draws, seed=seed)
    yield DrawnClaim(
        f"control: at N = {size} two networks are closer to each other than to their Gaussians",
        "mean of pair cosine less cosine with the own Gaussian, same noise",
        "review of Li et al. 2024",
        means["difference"],
        EXPECTED["beyond_gaussian"],
    )
