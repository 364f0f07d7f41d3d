"""N*: where agreement overtakes copying, from planted similarities."""

import numpy as np
import pandas as pd
import pytest

from gahb.analysis.transition.crossing import crossing, crossing_table

SIZES = np.array([10, 100, 1000])


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ([-0.1, 0.1, 0.2], 10**1.5),
        ([-0.3, -0.1, 0.3], 10**2.25),
        ([0.1, -0.1, 0.1], 10**2.5),  # the last time
        ([0.1, 0.2, 0.3], 0),
        ([-0.3, -0.2, -0.1], np.inf),
        ([-0.1, 0.0, 0.1], 100),
    ],
)
def test_crossing_is_on_a_line_in_log_n(differences, expected):
    assert crossing(SIZES, np.array(differences)) == pytest.approx(expected)


def table(n, pair, nearest, mismatched, runs=3, spread=0.02, samples=40):
    rng = np.random.default_rng(n)
    rows = []
    for run in range(runs):
        shift = spread * rng.normal()
        rows.append(
            pd.DataFrame(
                {
                    "repeat": run,
                    "pair_cosine": pair + shift + 0.01 * rng.normal(size=samples),
                    "mismatched_cosine": mismatched,
                    **{f"nearest_cosine_{s}": nearest for s in "AB"},
                    **{f"nearest_index_{s}": np.arange(samples) for s in "AB"},
                    **{f"nearest_distance_unit_{s}": 1.0 for s in "AB"},
                    **{f"second_distance_unit_{s}": 1.2 for s in "AB"},
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def test_forms_differ_by_their_controls_and_intervals_by_runs():
    pair = {10: 0.5, 100: 0.7, 1000: 0.9}
    nearest = {10: 1.0, 100: 0.9, 1000: 0.8}
    held_out = {n: pd.DataFrame({f"nearest_cosine_{s}": [0.7] for s in "AB"}) for n in pair}
    tables = {n: table(n, pair[n], nearest[n], 0.3) for n in pair}
    found = crossing_table(tables, held_out, draws=300, seed=0).set_index("form")
    # -.2 at 100, .1 at 1000: two thirds of the way in the logarithm, within the runs' spread.
    assert np.log10(found.loc["plain", "n_star"]) == pytest.approx(2 + 2 / 3, abs=0.2)
    # Less .3 of mismatched pairs, plus .7 of held-out images: -.1 at 10, .2 at 100.
    assert np.log10(found.loc["excess", "n_star"]) == pytest.approx(1 + 1 / 3, abs=0.2)
    assert (found["runs"] == 3).all()
    assert (found["low"] < found["n_star"]).all()
    assert (found["n_star"] < found["high"]).all()
    wide = crossing_table(
        {n: table(n, pair[n], nearest[n], 0.3, spread=0.1) for n in pair}, held_out, 300, 0
    ).set_index("form")
    narrow = np.log(found["high"] / found["low"])
    assert np.log(wide.loc["plain", "high"] / wide.loc["plain", "low"]) > 2 * narrow["plain"]


def test_networks_that_never_agree_have_no_n_star():
    pairs = {n: table(n, 0.3, 0.9, 0.3) for n in (10, 100)}
    held_out = {n: pd.DataFrame({f"nearest_cosine_{s}": [0.7] for s in "AB"}) for n in pairs}
    found = crossing_table(pairs, held_out, draws=100, seed=0)
    assert np.isinf(found["n_star"]).all()


def test_of_samples_that_did_not_converge_nothing_is_known():
    pairs = {n: table(n, 0.3, 0.9, 0.3) for n in (10, 100)}
    pairs[10]["pair_cosine"] = np.nan
    held_out = {n: pd.DataFrame({f"nearest_cosine_{s}": [0.7] for s in "AB"}) for n in pairs}
    found = crossing_table(pairs, held_out, draws=100, seed=0)
    assert found[["n_star", "low", "high"]].isna().all().all()
