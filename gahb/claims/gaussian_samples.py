"""The claims of Li, Dai & Qu (NeurIPS 2024) on samples: who agrees, and who repeats images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from gahb.analysis.gaussian.samples import gl_scores, held_out_gl
from gahb.analysis.gaussian.sweeps import (
    Measures,
    State,
    along_training,
    best_times,
    over_sizes,
    over_widths,
)
from gahb.analysis.statistics import resampled_means
from gahb.claims.expected.gaussian import GAUSSIAN as EXPECTED
from gahb.claims.gaussian import MEMORISING, STRONG
from gahb.claims.judging import Claim, DrawnClaim
from gahb.claims.transition import FEW, MANY
from gahb.denoisers.kinds import KINDS

REVIEW = "review of Li et al. 2024"


def sampling_claims(
    pairs: Mapping[State, pd.DataFrame],
    models: Mapping[State, pd.DataFrame],
    held_out: Mapping[int, pd.DataFrame],
    found: Mapping[State, Measures],
    experiment: str,
    small_n: int,
    *,
    draws: int,
    seed: int,
) -> Iterator[Claim | DrawnClaim]:
    """Yield the claims on samples: strong generalisation, early stopping, memorisation.

    ``pairs`` and ``models`` hold tables of `compare_pairs` and `compare_models` by state,
    ``held_out`` those of `compare_held_out` by N.
    """
    sizes = over_sizes(found, experiment)
    first, last = sizes[0], sizes[-1]
    yield from _novelty_claims(pairs, held_out, first, last)
    if last.n >= MANY:
        yield from _strong_claims(pairs[last], models[last], last.n, draws, seed)
    for usual, other, how in _states_of_few(found, experiment, small_n):
        yield from _rise_claims(pairs, usual, other, how, draws, seed)
        yield Claim(
            f"control: at N = {usual.n} they draw images {how}",
            "GL score of samples over that of held-out images",
            STRONG,
            _gl_beside_real(pairs, held_out, other),
            _ratio_of_means,
            EXPECTED["small_n_images"],
        )


def _states_of_few(
    found: Mapping[State, Measures], experiment: str, small_n: int
) -> Iterator[tuple[State, State, str]]:
    """Yield the usual state of networks of few images, another one, and how that differs."""
    along = along_training(found, experiment, small_n)
    if len(along) > 1:
        best = int(best_times(found, along, "psnr_network_test", "largest")[0])
        stopped = next(state for state in along if state.presentations == best)
        # Best at the end: there is nothing to be gained by stopping, and nothing to judge.
        if stopped is not along[-1]:
            yield along[-1], stopped, f"when stopped at {best:,} presentations"
    widths = over_widths(found, experiment, small_n)
    if widths and widths[0].experiment != experiment:
        own = next(state for state in widths if state.experiment == experiment)
        yield own, widths[0], f"with a network of width {widths[0].width}"


def _beyond_noise(pairs: pd.DataFrame, suffix: str = "") -> np.ndarray:
    """Return the pair cosine less that with a sample from other noise, ``[sample]``.

    Networks that draw one image, whatever the noise, have 0.
    """
    return (pairs[f"pair_cosine{suffix}"] - pairs[f"mismatched_cosine{suffix}"]).to_numpy()


def _rise_claims(
    pairs: Mapping[State, pd.DataFrame],
    usual: State,
    other: State,
    how: str,
    draws: int,
    seed: int,
) -> Iterator[DrawnClaim]:
    """Yield the claims that two networks of few images agree better in another state.

    The samples of both states come from the same noise: their difference is paired.
    """
    for suffix, prefix, what, key in (
        ("", "", "the pair cosine", "small_n_agree"),
        (
            "_beyond_mean",
            "control: less the mean image, ",
            "that cosine",
            "small_n_agree_beyond_mean",
        ),
    ):
        rise = _beyond_noise(pairs[other], suffix) - _beyond_noise(pairs[usual], suffix)
        yield DrawnClaim(
            f"{prefix}at N = {usual.n} two networks agree better {how}",
            f"mean rise of {what} from the same noise less that from other noise",
            STRONG,
            _mean(rise, draws, seed),
            EXPECTED[key],
        )


def _mean(values: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Return the mean of those that are known and its bootstrap draws, ``[1 + draws]``."""
    known = values[np.isfinite(values)]
    if not len(known):
        return np.full(1 + draws, np.nan)
    return resampled_means({"values": known}, draws=draws, seed=seed)["values"]


def _gl_beside_real(
    pairs: Mapping[State, pd.DataFrame], held_out: Mapping[int, pd.DataFrame], state: State
) -> tuple[np.ndarray, np.ndarray]:
    """Return GL scores of samples, and of held-out images in their place."""
    scale = KINDS[state.kind].distance_scale
    return gl_scores(pairs[state], scale), held_out_gl(held_out[state.n], scale)


def _ratio_of_means(samples: np.ndarray, real: np.ndarray, axis: int) -> np.ndarray:
    return np.mean(samples, axis=axis) / np.mean(real, axis=axis)


def _novelty_claims(
    pairs: Mapping[State, pd.DataFrame],
    held_out: Mapping[int, pd.DataFrame],
    first: State,
    last: State,
) -> Iterator[Claim]:
    """Yield what the GL score says, and what it says beside that of real images.

    What images have in common makes real ones near, too: .6 is a number of the paper's faces.
    """
    asked = []
    if first.n <= FEW:
        nearer = "control: {} they are nearer to training images than held-out images are"
        asked.append((first, "repeat training images", "copies_gl", nearer, "copies_ratio"))
    if last.n >= MANY:
        as_far = "control: {} they are as far from training images as held-out images are"
        asked.append((last, "are not training images", "novel_gl", as_far, "novel_ratio"))
    for state, verb, key, beside, ratio_key in asked:
        at, (score, real) = f"at N = {state.n}", _gl_beside_real(pairs, held_out, state)
        yield Claim(
            f"{at} samples {verb}",
            f"GL score, on [-1, 1]; held-out images: {np.mean(real):.3f}",
            MEMORISING,
            (score,),
            np.mean,
            EXPECTED[key],
        )
        yield Claim(
            beside.format(at),
            "GL score of samples over that of held-out images",
            MEMORISING,
            (score, real),
            _ratio_of_means,
            EXPECTED[ratio_key],
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
    yield Claim(
        f"control: at N = {size} the same noise matters, pairs are closer than mismatched pairs",
        "median of the pair cosine less the mismatched cosine",
        STRONG,
        (pd.Series(_beyond_noise(pairs)).dropna().to_numpy(),),
        np.median,
        EXPECTED["noise_matters"],
    )
    gaussian = models[(models["left"] == "gaussian_A") & (models["right"] == "gaussian_B")]
    yield Claim(
        f"control: at N = {size} so do the two Gaussian models of their images",
        "median cosine of samples of the two Gaussian models",
        REVIEW,
        (gaussian["cosine"].dropna().to_numpy(),),
        np.median,
        EXPECTED["gaussians_agree"],
    )
    own = models[models["left"].str.startswith("network") & models["right"].str.startswith("gauss")]
    sample = ["repeat", "sample"]
    own = own.groupby(sample)["cosine"].mean()
    difference = (pairs.set_index(sample)["pair_cosine"] - own).to_numpy()
    yield DrawnClaim(
        f"control: at N = {size} two networks are closer to each other than to their Gaussians",
        "mean of pair cosine less cosine with the own Gaussian, same noise",
        REVIEW,
        _mean(difference, draws, seed),
        EXPECTED["beyond_gaussian"],
    )
