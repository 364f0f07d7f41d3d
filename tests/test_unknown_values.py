"""What is not known stays unknown: a blank in a table, no verdict on a claim, never a number."""

import re

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from test_analysis import evaluation

from gahb.analysis.comparison import compare_pairs
from gahb.analysis.gap import gap_table
from gahb.analysis.intervals import bootstrap
from gahb.analysis.transition import Evaluation, memorisation_table, psnr_table, transition_table
from gahb.claims.judging import INCONCLUSIVE, judge
from gahb.claims.transition import psnr_claims, sample_claims
from gahb.storage import write_json, write_table

RANDOM = {"draws": 50, "seed": 0}


def pairs(status: list[str]) -> pd.DataFrame:
    """Compare samples of which some failed: they are NaN, as samplers leave them."""
    stream = np.random.default_rng(0)
    samples = {subset: stream.random((4, 1, 4, 4)).astype(np.float32) for subset in "AB"}
    samples["A"][[word != "converged" for word in status]] = np.nan
    found = {"A": np.array(status), "B": np.array(["converged"] * 4)}
    training = {subset: stream.integers(0, 256, (9, 1, 4, 4), dtype=np.uint8) for subset in "AB"}
    table = compare_pairs(samples, found, training)
    table.insert(0, "n", 9)
    return table


def test_samples_that_failed_are_blank_in_every_column():
    table = pairs(["converged", "diverged", "unfinished", "converged"])
    measured = [name for name in table if not name.startswith(("n", "sample", "status"))]
    of_a = [name for name in measured if not name.endswith("_B")]
    # A mismatched cosine needs A's sample and the next of B, which are there.
    assert table.loc[1:2, of_a].isna().all().all()
    assert table.loc[[0, 3], measured].notna().all().all()
    assert table.loc[1, "status_A"] == "diverged"


def test_of_nothing_but_failures_nothing_is_known():
    table = pairs(["diverged"] * 4)
    summary = memorisation_table({9: table}, **RANDOM)
    known = summary.drop(columns=["n", "scale", "pairs"])
    assert known.isna().all().all()
    assert (summary["pairs"] == 0).all()
    row = transition_table({9: evaluation(30, 20)}, {9: table}, summary, 0.1, **RANDOM).iloc[0]
    assert np.isnan(row["pair_cosine_median"])
    assert np.isnan(row["memorised_fraction"])
    found = judge(sample_claims({9: table}, "Fig. 2"), **RANDOM)
    assert set(found["verdict"]) <= {INCONCLUSIVE}


def unknown(what: Evaluation) -> Evaluation:
    """Return an evaluation in which one image of each set has no error that is known."""
    psnr = {key: values.copy() for key, values in what.psnr_db.items()}
    for values in psnr.values():
        values[0] = np.nan
    return Evaluation(what.sigmas, psnr)


def test_an_unknown_error_makes_the_mean_unknown():
    evaluations = {1: unknown(evaluation(40, 12)), 100: evaluation(30, 20)}
    table = psnr_table(evaluations, **RANDOM).set_index("n")
    columns = ["output_psnr_db", "output_psnr_low_db", "output_psnr_high_db"]
    assert table.loc[1, columns].isna().all().all()
    assert table.loc[100, columns].notna().all().all()
    gaps = gap_table(evaluations, 16, **RANDOM)
    assert np.isnan(gaps.loc[0, "gap_db"])
    assert np.isfinite(gaps.loc[1, "gap_db"])
    found = judge(psnr_claims(evaluations, 0.1, "Fig. 1"), **RANDOM)
    about_1 = found["claim"].str.contains("N = 1 |with N", regex=True)
    assert set(found.loc[about_1, "verdict"]) == {INCONCLUSIVE}


@pytest.mark.parametrize("values", [[], [np.nan], [np.nan, 1.0, 2.0]])
def test_intervals_of_unknown_values_are_unknown(values):
    assert all(np.isnan(bootstrap(np.array(values), **RANDOM)))


def test_files_hold_blanks_and_no_invented_numbers(tmp_path):
    table = pd.DataFrame({"value": [1.5, np.nan], "word": ["x", None]})
    write_table(tmp_path / "x.csv", table)
    assert (tmp_path / "x.csv").read_text() == "value,word\n1.5,x\n,\n"
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "x.json", {"value": float("nan")})
    assert not (tmp_path / "x.json").exists()


def test_nothing_in_the_package_fills_in_what_is_missing():
    for path in (ROOT / "gahb").rglob("*.py"):
        assert not re.search(r"nan_to_num|\.fillna\(|interpolate\(\)", path.read_text()), path
