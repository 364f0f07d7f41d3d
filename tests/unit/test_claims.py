import numpy as np
import pandas as pd
import pytest

from gahb.claims.expected.record import OURS, Expected
from gahb.claims.judging import (
    INCONCLUSIVE,
    NOT_REPRODUCED,
    REPRODUCED,
    judge,
    verdict,
)
from gahb.claims.page import as_markdown, holm
from gahb.claims.transition import psnr_claims, sample_claims, slopes
from known_results import beside, compared, evaluation, planted


@pytest.mark.parametrize(
    ("low", "high", "expected", "word"),
    [
        (0.1, 0.2, (0.0, np.inf), REPRODUCED),
        (-0.2, -0.1, (0.0, np.inf), NOT_REPRODUCED),
        (-0.1, 0.1, (0.0, np.inf), INCONCLUSIVE),
        (0.96, 0.99, (0.95, 1.0), REPRODUCED),
        (0.94, 0.99, (0.95, 1.0), INCONCLUSIVE),
        (0.2, 0.9, (0.95, 1.0), NOT_REPRODUCED),
        (1.2, 1.3, (0.85, 1.15), NOT_REPRODUCED),
        (np.nan, np.nan, (0.0, 1.0), INCONCLUSIVE),
        # The ends of a range are allowed; 0 is not above 0, nor below.
        (0.0, 0.0, (0.0, 1.0), REPRODUCED),
        (0.0, 0.0, (0.0, np.inf), NOT_REPRODUCED),
        (0.0, 0.0, (-np.inf, 0.0), NOT_REPRODUCED),
        (0.0, 0.1, (0.0, np.inf), INCONCLUSIVE),
    ],
)
def test_the_interval_decides(low, high, expected, word):
    assert verdict(low, high, Expected(*expected, OURS, "", "")) == word


def test_slope_recovers_a_planted_one():
    abscissa = np.array([0.0, 10.0, 15.0, 30.0])
    curves = np.array([[2.0], [-1.0]]) * abscissa + 7
    assert slopes(abscissa, curves) == pytest.approx([2, -1])


def verdicts(claims) -> dict[str, str]:
    table = judge(claims, draws=200, seed=0)
    return dict(zip(table["claim"], table["verdict"], strict=True))


def test_psnr_claims_follow_the_data():
    good = {1: evaluation(40, 12), 100: evaluation(30, 20), 10_000: evaluation(25, 25)}
    wiener = dict.fromkeys(good, evaluation(24, 24))
    found = verdicts(psnr_claims(good, wiener, 0.1, "Fig. 1"))
    assert (
        found["at N = 10000 the network is better than the Gaussian denoiser at every noise level"]
        == REPRODUCED
    )
    assert found["train PSNR falls with N"] == REPRODUCED
    assert found["test PSNR rises with N"] == REPRODUCED
    assert found["at N = 10000 train and test PSNR are equal"] == REPRODUCED
    # Planted curves fall by 10 dB over 20 dB of input: slope 1/2.
    assert found["at N = 1 the train curve has slope 1"] == NOT_REPRODUCED
    reversed_sizes = dict(zip(good, reversed(good.values()), strict=True))
    better = dict.fromkeys(good, evaluation(41, 41))
    found = verdicts(psnr_claims(reversed_sizes, better, 0.1, "Fig. 1"))
    assert set(found.values()) == {NOT_REPRODUCED}


def agreeing_pairs():
    """Networks that agree with each other and with no training image."""
    samples, status, training = planted()
    samples["B"] = samples["A"] + 1e-3 * samples["B"]
    return compared(samples, status, training)


def copying_pairs():
    """Networks that copy their own training images."""
    samples, status, training = planted()
    samples["A"] = training["A"][:20].astype(np.float32) / 255
    return compared(samples, status, training)


def judged(pairs, **controls):
    return verdicts(sample_claims(pairs, beside(pairs, **controls), "Fig. 2"))


def test_sample_claims_follow_the_data():
    many = pd.concat([agreeing_pairs()] * 15, ignore_index=True)
    # Each of the 300 pairs is one of its own, as if of other training images.
    many["nearest_index_A"] = np.arange(len(many))
    found = judged({10: copying_pairs(), 1000: many}, held_out=0.9)
    assert set(found.values()) == {REPRODUCED}
    assert len(found) == 14
    found = judged({10: agreeing_pairs(), 1000: copying_pairs()})
    assert found["pair similarity rises with N"] == NOT_REPRODUCED
    assert found["at N = 10 samples are training images"] == NOT_REPRODUCED
    assert found["at N = 1000 samples are not training images"] == NOT_REPRODUCED


# Which verdicts must fall for samples of which it is known what they are.
AT = "at N = 1000 "
AGREE = {
    AT + "two networks draw nearly the same image from the same noise",
    AT + "pair similarity is above nearest-train similarity",
    AT + "networks share more than the mean image",
}
FALLEN = {
    "copies": {
        *AGREE,
        AT + "samples are not training images",
        AT + "samples are no nearer to training images than held-out images are",
        "nearest-train similarity falls with N",
    },
    "real images": AGREE,
    "one image": {
        AT + "the same noise matters: pairs are closer than mismatched pairs",
        "at N = 10 samples are training images",
        "at N = 10 pair similarity is below nearest-train similarity",
    },
    "noise": AGREE,
}


def known_samples(kind: str) -> pd.DataFrame:
    """Samples of two networks of 40 images, by what they are."""
    rng, count = np.random.default_rng(5), 400
    common = rng.random((1, 1, 6, 6))
    images = lambda n: 0.5 * common + 0.5 * rng.random((n, 1, 6, 6))  # noqa: E731
    training = {s: (255 * images(40)).astype(np.uint8) for s in "AB"}
    samples = {
        "copies": lambda s: training[s][rng.integers(0, 40, count)] / 255,
        "real images": lambda s: images(count),
        "one image": lambda s: np.repeat(images(1), count, axis=0),
        "noise": lambda s: rng.random((count, 1, 6, 6)),
    }[kind]
    drawn = {s: samples(s) for s in "AB"}
    if kind == "one image":
        drawn["B"] = drawn["A"].copy()
    return compared(drawn, {s: np.array(["converged"] * count) for s in "AB"}, training)


@pytest.mark.parametrize("kind", list(FALLEN))
def test_what_is_no_generalising_network_is_not_said_to_be_one(kind):
    table = known_samples(kind)
    found = judged({10: table, 1000: table}, held_out=0.8)
    # A trend cannot be seen between tables that are the same.
    fallen = {name for name in FALLEN[kind] if "falls with N" not in name}
    for name in fallen:
        assert found[name] in (NOT_REPRODUCED, INCONCLUSIVE), name
    assert NOT_REPRODUCED in {found[name] for name in fallen}


def test_controls_decide_what_they_stand_for():
    many = pd.concat([agreeing_pairs()] * 15, ignore_index=True)
    many["nearest_index_A"] = np.arange(len(many))
    for controls, words in (
        ({"held_out": 0.0}, "no nearer to training images"),
        ({"gaussian": 1.0}, "closer to each other than to their Gaussian"),
        ({"ratio": 0.5}, "vary as held-out images do"),
        ({"full": 0.9}, "pairs of high contrast are alike"),
    ):
        found = judged({1000: many}, **controls)
        (name,) = (name for name in found if words in name)
        assert found[name] == NOT_REPRODUCED, name
    near = judged({10: copying_pairs(), 1000: copying_pairs()})
    assert near["nearest-train, less held-out images', similarity falls with N"] == INCONCLUSIVE


def test_a_wiener_filter_is_no_network_worth_judging():
    curves = {10_000: evaluation(24, 24)}
    better = {10_000: evaluation(24.5, 24.5)}
    name = "at N = 10000 the network is better than the Gaussian denoiser at every noise level"
    found = verdicts(psnr_claims(curves, better, 0.1, "Fig. 1"))
    assert found[name] == NOT_REPRODUCED


def test_a_denoiser_that_does_not_depend_on_n_shows_no_trend():
    fixed = {1: evaluation(25, 25), 100: evaluation(25, 25)}
    found = verdicts(psnr_claims(fixed, fixed, 0.1, "Fig. 1"))
    assert found["train PSNR falls with N"] == INCONCLUSIVE
    assert found["test PSNR rises with N"] == INCONCLUSIVE


def test_of_one_training_image_nothing_is_known_of_others():
    unknown = {f"second_distance_unit_{s}": np.nan for s in "AB"}
    table = known_samples("copies").assign(**unknown, nearest_index_A=0, nearest_index_B=0)
    found = judged({1: table})
    assert set(found.values()) == {INCONCLUSIVE}


def test_few_samples_cannot_show_that_none_is_memorised():
    # 20 zeros allow a share of up to 17 % at 95 %.
    found = judged({1000: agreeing_pairs()})
    assert found["at N = 1000 samples are not training images"] == INCONCLUSIVE


def test_nothing_is_asked_of_sizes_the_paper_does_not_speak_of():
    pairs, curves = {100: agreeing_pairs()}, {100: evaluation(40, 12)}
    assert list(sample_claims(pairs, beside(pairs), "Fig. 2")) == []
    assert list(psnr_claims(curves, curves, 0.1, "Fig. 1")) == []
    assert "No claims" in as_markdown(judge(iter(()), 200, 0), "note")


def test_page_holds_every_claim_and_verdict():
    curves = {1: evaluation(40, 12), 100: evaluation(25, 25)}
    claims = psnr_claims(curves, curves, 0.1, "Fig. 1")
    table = judge(claims, 200, 0)
    assert list(table.columns) == [
        "claim", "figure", "source", "statistic", "value", "low", "high", "margin",
        "expected", "verdict",
    ]  # fmt: skip
    page = as_markdown(table, "note")
    for row in table.itertuples():
        assert row.claim in page
        assert f"**{row.verdict}**" in page


def test_holm_counts_the_verdicts_that_stand_together():
    # Two are sure, one is barely inside of its range: alone it stands, of three it does not.
    rows = [
        {"margin": 1.0, "low": -0.1, "high": 0.1, "verdict": REPRODUCED},
        {"margin": -1.0, "low": -0.1, "high": 0.1, "verdict": NOT_REPRODUCED},
        {"margin": 0.101, "low": -0.1, "high": 0.1, "verdict": REPRODUCED},
        {"margin": 0.01, "low": -0.1, "high": 0.1, "verdict": INCONCLUSIVE},
    ]
    assert "2 of the 3 verdicts" in holm(pd.DataFrame(rows))
    # As .048 is below .05: alone against alone.
    assert "1 of the 1 verdicts" in holm(pd.DataFrame(rows[2:3]))
