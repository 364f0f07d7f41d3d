"""Networks against models of their data: tables, times and claims from planted measures."""

import numpy as np
import pandas as pd
import pytest

from gahb.analysis.gaussian.samples import memorised_counts, samples_table
from gahb.analysis.gaussian.sweeps import (
    Measures,
    State,
    by_sigma_table,
    overall_table,
    times_table,
)
from gahb.claims.gaussian import denoiser_claims, sampling_claims
from gahb.claims.judging import NOT_REPRODUCED, REPRODUCED, judge


def pairs_table(memorised: bool) -> pd.DataFrame:
    near = 0.1 if memorised else 0.9
    columns = {"pair_cosine": 0.5, "mismatched_cosine": 0.1}
    for subset in ("A", "B"):
        for scale in ("raw", "unit"):
            columns |= {
                f"gl_distance_{scale}_{subset}": 0.7,
                f"nearest_distance_{scale}_{subset}": near,
                f"second_distance_{scale}_{subset}": 1.0,
            }
    return pd.DataFrame([columns] * 20)


def state(presentations: int, n: int = 30, width: int = 8) -> State:
    return State("x", "edm", width, n, presentations, swept_width=True)


def test_samples_table_and_memorised_counts():
    pairs = [(state(10), pairs_table(False)), (state(100), pairs_table(True))]
    table = samples_table(pairs, [], draws=100, seed=0).set_index(["presentations", "measure"])
    assert table.loc[(10, "memorised_raw"), "value"] == 0
    assert table.loc[(100, "memorised_raw"), "value"] == 1
    assert table.loc[(10, "gl_unit"), "value"] == pytest.approx(0.7)
    assert memorised_counts(pairs, "raw") == {state(10): (0, 20), state(100): (20, 20)}


def planted(psnr: float, distance: float, score: float = 0.9) -> Measures:
    """Measures at 20 images, with a little noise so that intervals have a width."""
    rng = np.random.default_rng(int(1000 * distance))
    values = {
        "psnr_network_test": psnr,
        "nrmse_network_gaussian": distance,
        "nrmse_linear_gaussian": 0.05,
        "nrmse_network_empirical": 0.8,
        "score": score,
        "residual_score": score,
    }
    draws = {name: value + rng.normal(0, 1e-3, (101, 3)) for name, value in values.items()}
    draws["score"][:, 1] -= 0.05
    return Measures(np.array([0.01, 1.0, 40.0]), draws, 20, 256)


def test_times_are_where_they_were_planted():
    states = [state(time) for time in (10, 100, 1000, 10_000)]
    found = dict(
        zip(states, [planted(p, d) for p, d in ((20, 1), (25, 2), (22, 3), (18, 4))], strict=True)
    )
    counts = dict(zip(states, [(0, 50), (0, 50), (10, 50), (40, 50)], strict=True))
    table = times_table(found, states, counts).set_index("time")
    assert table.loc["tau_gen", ["value", "low", "high"]].tolist() == [100, 100, 100]
    assert table.loc["tau_mem", ["value", "low", "high"]].tolist() == [1000, 100, 1000]
    never = times_table(found, states, dict.fromkeys(states, (0, 50))).set_index("time")
    assert np.isnan(never.loc["tau_mem", "value"])


def verdicts(found) -> dict[str, str]:
    table = judge(denoiser_claims(found, "x", 30), 100, 0)
    return dict(zip(table["claim"], table["verdict"], strict=True))


def test_denoiser_claims_follow_the_data():
    sizes = {
        state(500, n=30): planted(20, 0.5, score=0.8),
        state(500, n=1000): planted(25, 0.2, score=0.95),
    }
    widths = {
        State("x-2", "edm", 2, 30, 500, True): planted(15, 0.7),
        State("x-4", "edm", 4, 30, 500, True): planted(15, 0.3),
    }
    good = verdicts(sizes | widths)
    assert set(good.values()) == {REPRODUCED}
    assert any("intermediate width" in claim for claim in good)
    swapped = dict(zip(sizes, reversed(sizes.values()), strict=True))
    bad = verdicts(swapped)
    assert bad["the distance to the Gaussian denoiser falls with N"] == NOT_REPRODUCED
    assert bad["the linearity of D rises from memorisation to generalisation"] == NOT_REPRODUCED


def test_nothing_is_claimed_of_a_state_compared_with_itself():
    along = {state(10, n=10): planted(15, 0.5), state(100, n=10): planted(20, 0.4)}
    tables = dict.fromkeys(along, pairs_table(True))
    claims = sampling_claims(tables, {}, along, "x", 10, draws=100, seed=0)
    assert [claim.statement for claim in claims] == ["at N = 10 samples repeat training images"]


def test_stopping_early_is_judged_pair_by_pair():
    along = {state(10, n=10): planted(25, 0.5), state(100, n=10): planted(20, 0.4)}
    rng = np.random.default_rng(0)
    usual = pairs_table(True).assign(pair_cosine=rng.random(20))
    # Each pair gains a little, far less than pairs differ from each other.
    early = usual.assign(pair_cosine=usual["pair_cosine"] + 0.01 * rng.random(20))
    tables = dict(zip(along, (early, usual), strict=True))
    table = judge(sampling_claims(tables, {}, along, "x", 10, draws=200, seed=0), 200, 0)
    row = table[table["claim"].str.contains("stopped at 10 ")].iloc[0]
    assert row["verdict"] == REPRODUCED
    assert 0 < row["low"] < row["high"] < 0.01


def test_tables_have_one_row_per_state_measure_and_level():
    found = {state(10): planted(20, 0.5), state(100): planted(21, 0.4)}
    rows = by_sigma_table(found)
    assert len(rows) == 2 * 6 * 3
    assert (rows["low"] <= rows["high"]).all()
    overall = overall_table(found).set_index(["presentations", "measure"])
    expected = rows[(rows["presentations"] == 10) & (rows["measure"] == "score")]["value"].mean()
    assert overall.loc[(10, "score"), "value"] == pytest.approx(expected)
