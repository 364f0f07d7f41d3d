"""What is not known stays unknown: a blank in a table, no verdict on a claim, never a number."""

import re

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.text import Text

from gahb.analysis.gaussian.linearity import linearity
from gahb.analysis.gaussian.samples import compare_models
from gahb.analysis.memorisation import gl_distance, rescaled
from gahb.analysis.similarity import cosine, flatten, nearest_cosine
from gahb.analysis.statistics import bootstrap
from gahb.analysis.transition.comparison import closest_across, compare_pairs
from gahb.analysis.transition.curves import PsnrCurves
from gahb.analysis.transition.gap import gap_table
from gahb.analysis.transition.tables import (
    memorisation_table,
    psnr_table,
    transition_table,
)
from gahb.claims.judging import INCONCLUSIVE, judge
from gahb.claims.transition import psnr_claims, sample_claims
from gahb.figures import figure_2, figure_6, figure_7
from gahb.settings import FigureSettings
from gahb.storage import write_array, write_arrays, write_json, write_table
from known_results import beside, evaluation
from repository import ROOT

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
    table.insert(1, "repeat", 0)
    return table


def test_samples_that_failed_are_blank_in_every_column():
    table = pairs(["converged", "diverged", "unfinished", "converged"])
    measured = [name for name in table if not name.startswith(("n", "repeat", "sample", "status"))]
    of_a = [name for name in measured if not name.endswith("_B")]
    # A mismatched cosine needs A's sample and the next of B, which are there.
    assert table.loc[1:2, of_a].isna().all().all()
    assert table.loc[[0, 3], measured].notna().all().all()
    assert table.loc[1, "status_A"] == "diverged"


def test_of_nothing_but_failures_nothing_is_known():
    table = pairs(["diverged"] * 4)
    controls = beside({9: table})
    summary = memorisation_table({9: table}, controls.held_out, **RANDOM)
    real = ["held_out_memorised", "held_out_gl_score"]
    known = summary.drop(columns=["n", "scale", "pairs", *real])
    assert known.isna().all().all()
    assert (summary["pairs"] == 0).all()
    curves = {9: evaluation(30, 20)}
    row = transition_table(curves, curves, {9: table}, vars(controls), summary, 0.1, **RANDOM).iloc[
        0
    ]
    assert np.isnan(row["pair_cosine_median"])
    assert np.isnan(row["memorised_fraction"])
    found = judge(sample_claims({9: table}, controls, "Fig. 2"), **RANDOM)
    assert set(found["verdict"]) <= {INCONCLUSIVE}


def masks(count: int, blank: int) -> np.ndarray:
    """Return uint8 masks of a bright square somewhere, the first ``blank`` of them empty."""
    stream, images = np.random.default_rng(0), np.zeros((count, 1, 8, 8), np.uint8)
    for image in images[blank:]:
        down, right = stream.integers(0, 6, 2)
        image[0, down : down + 3, right : right + 3] = 255
    return images


def blank_pairs(samples: int = 9, blank: int = 3, training: np.ndarray | None = None):
    """Compare masks of which the first are empty with masks of which half are."""
    drawn = {"A": masks(samples, blank) / 255, "B": masks(samples, blank)[::-1] / 255}
    status = {subset: np.array(["converged"] * samples) for subset in "AB"}
    trained = masks(20, 10) if training is None else training
    table = compare_pairs(drawn, status, {"A": trained, "B": trained})
    table.insert(0, "n", 10)
    table.insert(1, "repeat", 0)
    return table


def test_a_blank_image_has_no_cosine():
    zero, one = np.zeros((2, 1, 4, 4)), np.random.default_rng(0).random((2, 1, 4, 4))
    assert np.isnan(cosine(flatten(zero), flatten(one))).all()
    # Constant but not black: it has a direction until its mean is taken out.
    grey = zero + 0.3
    assert np.isfinite(cosine(flatten(grey), flatten(one))).all()
    index, value = nearest_cosine(np.concatenate([one, grey]), np.concatenate([grey, one]))
    assert index.tolist() == [2, 3, -1, -1]
    assert value == pytest.approx([1, 1, np.nan, np.nan], nan_ok=True)
    index, value = nearest_cosine(one, grey)
    assert (index == -1).all()
    assert np.isnan(value).all()
    assert np.isnan(gl_distance(zero + 0.5, one)).all()  # zero on [-1, 1]
    assert np.isnan(rescaled(zero, one)).all()


@pytest.mark.filterwarnings("error")
def test_blank_samples_are_left_out_of_the_table_and_not_counted():
    table = blank_pairs()
    controls = beside({10: table})
    first = table.loc[:2]
    unknown = ["pair_cosine", "mismatched_cosine", "nearest_cosine_A", "nearest_index_A"]
    unknown += ["nearest_distance_unit_A", "second_distance_unit_A", "gl_distance_unit_A"]
    assert first[unknown].isna().all().all()
    # Raw distances are known: nothing there but a number to compare.
    assert first[["nearest_distance_raw_A", "gl_distance_raw_A"]].notna().all().all()
    assert table.loc[3:, "nearest_cosine_A"].notna().all()
    assert table.loc[3:5, "pair_cosine"].notna().all()
    summary = memorisation_table({10: table}, controls.held_out, **RANDOM).set_index("scale")
    assert summary.loc["unit", "pairs"] == 3
    assert np.isfinite(summary.loc["unit", "memorised_fraction"])
    curves = {10: evaluation(30, 20)}
    row = transition_table(
        curves, curves, {10: table}, vars(controls), summary.reset_index(), 0.1, **RANDOM
    ).iloc[0]
    assert row["pair_cosine_median"] == pytest.approx(np.median(table.loc[3:5, "pair_cosine"]))
    assert np.isfinite(row["nearest_cosine_median"])
    found = judge(sample_claims({10: table}, controls, "Fig. 2"), **RANDOM)
    assert len(found) == 2
    assert np.isfinite(found["value"].to_numpy(float)).all()


def test_of_nothing_but_blank_images_no_cosine_is_known():
    for table in (blank_pairs(9, 9), blank_pairs(9, 3, masks(20, 20))):
        assert table["nearest_cosine_A"].isna().all()
        controls = beside({10: table})
        summary = memorisation_table({10: table}, controls.held_out, **RANDOM).set_index("scale")
        real = ["held_out_memorised", "held_out_gl_score"]
        assert summary.loc["unit"].drop(["n", "pairs", *real]).isna().all()
        found = judge(sample_claims({10: table}, controls, "Fig. 2"), **RANDOM)
        assert set(found["verdict"]) <= {INCONCLUSIVE}


def test_models_that_draw_nothing_have_no_cosine():
    drawn = {f"images_{subset}": masks(6, 2).astype(np.float32) / 255 for subset in "AB"}
    table = compare_models(drawn, {f"images_flat_{s}": 0 * drawn["images_A"] for s in "AB"})
    alone = table[table["left"].str.startswith("network") & table["right"].str.startswith("netw")]
    assert alone["cosine"].isna().tolist() == [True, True, False, False, False, False]
    assert table.drop(alone.index)["cosine"].isna().all()


def test_the_linearity_of_no_estimate_is_unknown():
    noisy = torch.rand(2, 1, 4, 4)
    found = linearity(lambda images, sigma: torch.full_like(images, 0.5), noisy, noisy, 0.1)
    assert torch.isnan(found["score"]).all()
    assert torch.isfinite(found["residual_score"]).all()


def test_figures_count_what_they_show(tmp_path):
    """Pairs without a cosine are neither drawn nor counted, and their number is said."""
    table, images = blank_pairs(), masks(40, 10)
    table.to_csv(tmp_path / "pairs.csv", index=False)
    drawn = {f"images_{subset}": masks(9, 3).astype(np.float32) for subset in "AB"}
    write_arrays(tmp_path / "samples.npz", drawn)
    write_array(tmp_path / "images.npy", images)
    halves = {"A": list(range(20)), "B": list(range(20, 40))}
    write_json(tmp_path / "split.json", {"halves": halves})
    write_json(tmp_path / "dedup.json", {"threshold": 0.95})
    closest_across(images[:20], images[20:]).to_csv(tmp_path / "closest.csv", index=False)
    at = {name: tmp_path / name for name in ("samples.npz", "pairs.csv", "images.npy")}
    split = tmp_path / "split.json"
    controls = beside({10: table})
    beside_them = []
    for name in ("held_out", "gaussian_pairs"):
        vars(controls)[name][10].to_csv(tmp_path / f"{name}.csv", index=False)
        beside_them.append([tmp_path / f"{name}.csv"])
    drawn_from = ([at["samples.npz"]], [at["pairs.csv"]], *beside_them, at["images.npy"], split)
    said = texts(figure_2.draw(*drawn_from, FigureSettings()))
    assert "$N$ = 10, 3 of 9 pairs" in said
    said = texts(figure_7.draw(at["samples.npz"], at["pairs.csv"], FigureSettings()))
    assert "median of 3 of 9: " in said
    dedup, closest = tmp_path / "dedup.json", tmp_path / "closest.csv"
    said = texts(figure_6.draw(closest, dedup, at["images.npy"], split, FigureSettings()))
    assert "20 images, 10 constant; median" in said
    pd.read_csv(closest).assign(cosine=np.nan, index_B=np.nan).to_csv(closest, index=False)
    said = texts(figure_6.draw(closest, dedup, at["images.npy"], split, FigureSettings()))
    assert "20 images, 20 constant" in said


def texts(figure) -> str:
    """Return all words of a figure."""
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def unknown(what: PsnrCurves) -> PsnrCurves:
    """Return an evaluation in which one image of each set has no error that is known."""
    psnr = {key: values.copy() for key, values in what.psnr_db.items()}
    for values in psnr.values():
        values[:, 0] = np.nan
    return PsnrCurves(what.sigmas, psnr)


def test_an_unknown_error_makes_the_mean_unknown():
    evaluations = {1: unknown(evaluation(40, 12)), 100: evaluation(30, 20)}
    table = psnr_table(evaluations, evaluations, **RANDOM).set_index("n")
    columns = ["output_psnr_db", "output_psnr_low_db", "output_psnr_high_db"]
    assert table.loc[1, columns].isna().all().all()
    assert table.loc[100, columns].notna().all().all()
    gaps = gap_table(evaluations, 16, **RANDOM)
    assert np.isnan(gaps.loc[0, "gap_db"])
    assert np.isfinite(gaps.loc[1, "gap_db"])
    found = judge(psnr_claims(evaluations, evaluations, 0.1, "Fig. 1"), **RANDOM)
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
