import numpy as np
import pandas as pd
import pytest

from gahb.analysis.transition.comparison import compare_pairs
from gahb.claims.expected.record import OURS, Expected
from gahb.claims.judging import (
    INCONCLUSIVE,
    NOT_REPRODUCED,
    REPRODUCED,
    as_markdown,
    judge,
    verdict,
)
from gahb.claims.transition import psnr_claims, sample_claims, slopes
from known_results import evaluation, planted


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
    found = verdicts(psnr_claims(good, 0.1, "Fig. 1"))
    assert found["train PSNR falls with N"] == REPRODUCED
    assert found["test PSNR rises with N"] == REPRODUCED
    assert found["at N = 10000 train and test PSNR are equal"] == REPRODUCED
    # Planted curves fall by 10 dB over 20 dB of input: slope 1/2.
    assert found["at N = 1 the train curve has slope 1"] == NOT_REPRODUCED
    reversed_sizes = dict(zip(good, reversed(good.values()), strict=True))
    assert set(verdicts(psnr_claims(reversed_sizes, 0.1, "Fig. 1")).values()) == {NOT_REPRODUCED}


def agreeing_pairs():
    """Networks that agree with each other and with no training image."""
    samples, status, training = planted()
    samples["B"] = samples["A"] + 1e-3 * samples["B"]
    return compare_pairs(samples, status, training)


def copying_pairs():
    """Networks that copy their own training images."""
    samples, status, training = planted()
    samples["A"] = training["A"][:20].astype(np.float32) / 255
    return compare_pairs(samples, status, training)


def test_sample_claims_follow_the_data():
    many = pd.concat([agreeing_pairs()] * 15, ignore_index=True)
    found = verdicts(sample_claims({10: copying_pairs(), 1000: many}, "Fig. 2"))
    assert set(found.values()) == {REPRODUCED}
    assert len(found) == 8
    found = verdicts(sample_claims({10: agreeing_pairs(), 1000: copying_pairs()}, "Fig. 2"))
    assert found["pair similarity rises with N"] == NOT_REPRODUCED
    assert found["at N = 10 samples are training images"] == NOT_REPRODUCED
    assert found["at N = 1000 samples are not training images"] == NOT_REPRODUCED


def test_few_samples_cannot_show_that_none_is_memorised():
    # 20 zeros allow a share of up to 17 % at 95 %.
    found = verdicts(sample_claims({1000: agreeing_pairs()}, "Fig. 2"))
    assert found["at N = 1000 samples are not training images"] == INCONCLUSIVE


def test_nothing_is_asked_of_sizes_the_paper_does_not_speak_of():
    assert list(sample_claims({100: agreeing_pairs()}, "Fig. 2")) == []
    assert list(psnr_claims({100: evaluation(40, 12)}, 0.1, "Fig. 1")) == []
    assert "No claims" in as_markdown(judge(iter(()), 200, 0), "note")


def test_page_holds_every_claim_and_verdict():
    claims = psnr_claims({1: evaluation(40, 12), 100: evaluation(25, 25)}, 0.1, "Fig. 1")
    table = judge(claims, 200, 0)
    assert list(table.columns) == [
        "claim", "figure", "source", "statistic", "value", "low", "high", "expected", "verdict",
    ]  # fmt: skip
    page = as_markdown(table, "note")
    for row in table.itertuples():
        assert row.claim in page
        assert f"**{row.verdict}**" in page
