"""Networks against models of their data: tables and times from planted measures."""

import numpy as np
import pandas as pd
import pytest

from gahb.analysis.gaussian.samples import held_out_gl, memorised_counts, samples_table
from gahb.analysis.gaussian.sweeps import (
    Measures,
    State,
    by_sigma_table,
    overall_table,
    times_table,
)


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


def held_out_table(score: float) -> pd.DataFrame:
    """Ten images of which half lie nearer to the images of A, half to those of B; two repeats."""
    signs = np.tile([1, -1], 10)
    columns: dict = {"image": np.repeat(np.arange(10), 2)}
    for subset, sign in (("A", signs), ("B", -signs)):
        columns |= {f"gl_distance_{scale}_{subset}": score + sign / 10 for scale in ("raw", "unit")}
    return pd.DataFrame(columns)


def test_a_held_out_image_counts_once():
    assert held_out_gl(held_out_table(0.8), "raw") == pytest.approx(np.full(10, 0.8))


def state(presentations: int, n: int = 30, width: int = 8) -> State:
    return State("x", "edm", width, n, presentations, swept_width=True)


def test_samples_table_and_memorised_counts():
    pairs = [(state(10), pairs_table(False)), (state(100), pairs_table(True))]
    real = {30: held_out_table(0.8)}
    table = samples_table(pairs, [], real, draws=100, seed=0)
    table = table.set_index(["presentations", "measure"])
    assert table.loc[(10, "memorised_raw"), "value"] == 0
    assert table.loc[(100, "memorised_raw"), "value"] == 1
    assert table.loc[(10, "gl_unit"), "value"] == pytest.approx(0.7)
    assert table.loc[(10, "held_out_gl_unit"), "value"] == pytest.approx(0.8)
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


def test_tables_have_one_row_per_state_measure_and_level():
    found = {state(10): planted(20, 0.5), state(100): planted(21, 0.4)}
    rows = by_sigma_table(found)
    assert len(rows) == 2 * 6 * 3
    assert (rows["low"] <= rows["high"]).all()
    overall = overall_table(found).set_index(["presentations", "measure"])
    expected = rows[(rows["presentations"] == 10) & (rows["measure"] == "score")]["value"].mean()
    assert overall.loc[(10, "score"), "value"] == pytest.approx(expected)
    # Of the three levels one is neither low nor high.
    middle = rows[(rows["sigma"] == 1.0) & (rows["presentations"] == 10)].set_index("measure")
    measure = "nrmse_network_gaussian"
    found_there = overall.loc[(10, f"intermediate_{measure}"), "value"]
    assert found_there == pytest.approx(middle.loc[measure, "value"])


def test_where_no_level_is_intermediate_nothing_is_known():
    values = planted(20, 0.5)
    assert np.isnan(values.within("score", (0.02, 0.03))).all()
    assert np.array_equal(values.within("score", (0.01, 40.0)), values.overall("score"))
