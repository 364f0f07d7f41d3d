"""Claims on samples of the hidden Gaussian structure, from samples whose answers are known."""

import numpy as np
import pandas as pd
import pytest

from gahb.analysis.transition.comparison import compare_pairs
from gahb.analysis.transition.controls import compare_held_out
from gahb.claims import gaussian_samples
from gahb.claims.gaussian_samples import sampling_claims
from gahb.claims.judging import INCONCLUSIVE, NOT_REPRODUCED, REPRODUCED
from gahb.data.splits import Split
from gaussian_claims import keys_of, measures_of, state, verdicts
from planted import population


def dark(count: int, seed: int) -> np.ndarray:
    """Images that are far from grey, zero on [-1, 1], as clothes on black are."""
    return population(count, seed) // 3


TRAINING = {"A": dark(60, 1), "B": dark(60, 2)}
REAL = dark(160, 3)


def held_out(n: int) -> dict[int, pd.DataFrame]:
    images = np.concatenate([TRAINING["A"], TRAINING["B"], REAL])
    parts = Split(list(range(120, 280)), {"A": list(range(60)), "B": list(range(60, 120))})
    return {n: compare_held_out(images, parts, 60)}


def compared(first: np.ndarray, second: np.ndarray | None = None) -> pd.DataFrame:
    """Compare samples of networks A and B."""
    both = {"A": first, "B": first if second is None else second}
    samples = {name: values.astype(np.float32) / 255 for name, values in both.items()}
    status = {name: np.full(len(first), "converged") for name in both}
    table = compare_pairs(samples, status, TRAINING)
    return table.assign(repeat=0)


def asked(n: int, pairs: pd.DataFrame, own: np.ndarray | float = 0.5, gaussians: float = 0.99):
    """Return verdicts of samples of N images; cosines with the own Gaussian and of Gaussians."""
    samples = pd.DataFrame({"repeat": 0, "sample": np.arange(len(pairs))})
    models = pd.concat(
        [
            samples.assign(left="network_A", right="gaussian_A", cosine=own),
            samples.assign(left="gaussian_A", right="gaussian_B", cosine=gaussians),
        ]
    )
    rng = np.random.default_rng(0)
    models["cosine"] += rng.normal(0, 1e-3, len(models))
    at = state(n)
    return verdicts(
        sampling_claims(
            {at: pairs}, {at: models}, held_out(n), {at: measures_of()}, "x", 10, draws=200, seed=0
        )
    )


def copies() -> pd.DataFrame:
    return compared(TRAINING["A"], TRAINING["B"])


def white_noise() -> np.ndarray:
    levels = 128 + 60 * np.random.default_rng(0).normal(size=(200, 1, 6, 6))
    return np.clip(levels, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("samples", "by_score", "by_ratio"),
    [
        (copies, REPRODUCED, REPRODUCED),
        # The paper's threshold takes these for copies: all of them are less than .6 from any other.
        (lambda: compared(dark(200, 4)), REPRODUCED, NOT_REPRODUCED),
        (lambda: compared(white_noise()), NOT_REPRODUCED, NOT_REPRODUCED),
    ],
    ids=["copies", "real images", "noise"],
)
def test_copies_are_nearer_to_training_images_than_real_ones(samples, by_score, by_ratio):
    found = asked(10, samples())
    assert (found["copies_gl"], found["copies_ratio"]) == (by_score, by_ratio)


@pytest.mark.parametrize(
    ("samples", "by_score", "by_ratio"),
    [
        (copies, NOT_REPRODUCED, NOT_REPRODUCED),
        (lambda: compared(dark(200, 4)), NOT_REPRODUCED, REPRODUCED),
        (lambda: compared(white_noise()), REPRODUCED, NOT_REPRODUCED),
    ],
    ids=["copies", "real images", "noise"],
)
def test_novel_samples_are_as_far_from_training_images_as_real_ones(samples, by_score, by_ratio):
    found = asked(1000, samples())
    assert (found["novel_gl"], found["novel_ratio"]) == (by_score, by_ratio)


def test_networks_that_agree_and_networks_that_collapsed():
    found = asked(1000, compared(dark(200, 4)))
    assert found["strong"] == found["noise_matters"] == REPRODUCED
    assert found["gaussians_agree"] == found["beyond_gaussian"] == REPRODUCED
    # One image whatever the noise: they agree, and it means nothing.
    found = asked(1000, collapsed())
    assert found["strong"] == REPRODUCED
    assert found["noise_matters"] == NOT_REPRODUCED
    # Real images that have nothing to do with each other; Gaussians that agree better.
    found = asked(1000, compared(dark(200, 4), dark(200, 5)), 0.9, 0.5)
    assert found["strong"] == found["gaussians_agree"] == NOT_REPRODUCED
    assert found["beyond_gaussian"] == NOT_REPRODUCED


def usual() -> pd.DataFrame:
    """Two networks that agree to some degree."""
    shared, own = dark(200, 4), dark(200, 5)
    return compared(shared, (0.6 * shared + 0.4 * own).astype(np.uint8))


def collapsed() -> pd.DataFrame:
    return compared(np.repeat(dark(1, 4), 200, axis=0))


def nearly_collapsed() -> pd.DataFrame:
    """All samples nearly alike: high cosines, whatever the noise."""
    one, others = dark(1, 4), dark(200, 5)
    return compared((0.9 * one + 0.1 * others).astype(np.uint8))


def rises(early: pd.DataFrame, late: pd.DataFrame) -> dict[str, str]:
    """Return verdicts on a training whose first state denoises best, and on a small network."""
    along = {
        state(30, 10): measures_of(psnr_network_test=25.0),
        state(30, 100): measures_of(),
        state(30, 100, width=2, experiment="x-2"): measures_of(),
    }
    tables = dict(zip(along, (early, late, early), strict=True))
    return verdicts(sampling_claims(tables, {}, held_out(30), along, "x", 30, draws=200, seed=0))


@pytest.mark.parametrize(
    ("early", "late", "word"),
    [
        (lambda: compared(dark(200, 4)), usual, REPRODUCED),
        (usual, lambda: compared(dark(200, 4)), NOT_REPRODUCED),
        (collapsed, usual, NOT_REPRODUCED),
        (nearly_collapsed, usual, NOT_REPRODUCED),
        (collapsed, collapsed, NOT_REPRODUCED),
        (usual, usual, NOT_REPRODUCED),
    ],
    ids=["agree", "agree less", "collapsed", "nearly", "both collapsed", "the same"],
)
def test_agreement_of_few_images_is_beyond_that_of_other_noise(early, late, word):
    found = rises(early(), late())
    assert found["small_n_agree"] == word
    if early is not nearly_collapsed:
        # Deviations from one image are deviations from the mean: those agree.
        assert found["small_n_agree_beyond_mean"] == word


def test_networks_that_pass_the_noise_on_agree_and_have_not_learned():
    found = rises(compared(white_noise()), usual())
    assert found["small_n_agree"] == REPRODUCED
    assert found["small_n_images"] == NOT_REPRODUCED
    assert rises(compared(dark(200, 4)), usual())["small_n_images"] == REPRODUCED


def test_states_are_compared_pair_by_pair():
    rng = np.random.default_rng(0)
    late = usual()
    # Each pair gains a little, far less than pairs differ from each other.
    gain = 0.01 * rng.random(len(late))
    early = late.assign(**{
        name: late[name] + gain for name in ("pair_cosine", "pair_cosine_beyond_mean")
    })  # fmt: skip
    assert set(rises(early, late).values()) == {REPRODUCED}
    shuffled = early.sample(frac=1, random_state=0).reset_index(drop=True)
    assert rises(shuffled, late)["small_n_agree"] == INCONCLUSIVE


def test_of_samples_that_did_not_converge_nothing_is_known():
    unknown = compared(dark(20, 4))
    cosines = [name for name in unknown if "cosine" in name]
    unknown[cosines] = np.nan
    assert rises(unknown, usual().head(20))["small_n_agree"] == INCONCLUSIVE


def test_nothing_is_claimed_of_a_state_compared_with_itself():
    along = {state(10, 10): measures_of(), state(10, 100): measures_of(psnr_network_test=25.0)}
    tables = dict.fromkeys(along, copies())
    claims = sampling_claims(tables, {}, held_out(10), along, "x", 10, draws=100, seed=0)
    assert set(verdicts(claims)) == {"copies_gl", "copies_ratio"}


def test_every_verdict_can_come_out_not_reproduced():
    real, noise = compared(dark(200, 4)), compared(white_noise())
    found = [
        asked(10, noise),
        asked(1000, noise),
        asked(1000, real),
        asked(1000, collapsed()),
        asked(1000, compared(dark(200, 4), dark(200, 5)), 0.9, 0.5),
        rises(usual(), real),
        rises(noise, usual()),
    ]
    refuted = {key for words in found for key, word in words.items() if word == NOT_REPRODUCED}
    assert refuted == keys_of(gaussian_samples)
