"""From the rows of a table to what is said of it, both ways: the verdict is a function."""

import numpy as np
import pandas as pd
import pytest

from gahb.auditing import CLEAR, LEANS, MEMORISES, OVERFITS, UNJUDGED, judge
from gahb.auditing.rows import row

GAP = "training less held out"
THAN = "samples than {}"


def table(**changes) -> pd.DataFrame:
    """Return the rows of a model of which nothing bad can be said, some of them changed.

    A change is (value, low, high) or (value, low, high, count), by the names below.
    """
    known = {
        "converged": ("converged_fraction", "samples", 1, 0.99, 1),
        "blank": ("blank_fraction", "samples", 0, 0, 0.01),
        "duplicated": ("duplicated_fraction", "training", 0, 0, 0.01),
        "copied": ("copied_fraction", "held out", 0, 0, 0.01),
        "samples": ("memorised_fraction", "samples", 0, 0, 0.02),
        "held_out": ("memorised_fraction", "held out", 0, 0, 0.02),
        "excess": ("memorised_excess", "samples less held out", 0, -0.02, 0.02),
        "clean": ("memorised_excess", "samples less held out that repeat nothing", 0, -0.02, 0.02),
        "again": ("memorised_excess", "samples less training that are there again", 0, -1, 1),
        "exchange": ("held_out_copies_excess", "samples less training", 0, -0.02, 0.02),
        "exchanged": ("held_out_copies_fraction", "samples", 0, 0, 0.02),
        "cosine": ("cosine_higher", THAN.format("held out"), 0.5, 0.4, 0.6),
        "nearer": ("ratio_lower", THAN.format("held out"), 0.5, 0.4, 0.6),
        "nearest": ("ratio_lower", THAN.format("training"), 0.5, 0.4, 0.6),
        "unlike": ("unlike_fraction", "samples", 0.1, 0.05, 0.2),
        "far": ("far_fraction", "samples", 0.1, 0.05, 0.2),
        "repeated": ("repeated_fraction", "samples", 0.1, 0.05, 0.2),
        "uniform": ("uniform_fraction", "samples", 0.1, 0.05, 0.2),
        "gap": ("mean_psnr_gap_db", GAP, 0.1, 0.0, 0.2),
        "kind": ("kind_gap_db", GAP, 0.0, -0.1, 0.1),
    }
    rows = []
    for name, (measure, of, *interval) in known.items():
        value = changes.pop(name, tuple(interval))
        if value is not None:
            rows.append(row(measure, of, value[:3], *(value[3:] or (200,))))
    gains = changes.pop("gains", {0.05: (3, 2, 4), 0.4: (9, 8, 10)})
    rows += [row("psnr_gain_db", "training", found, 99, sigma) for sigma, found in gains.items()]
    assert not changes
    return pd.DataFrame(rows)


COPIES = {"samples": (0.5, 0.4, 0.6), "excess": (0.5, 0.4, 0.6), "clean": (0.5, 0.4, 0.6)}
NOISE = {"unlike": (1, 0.98, 1), "far": (1, 0.98, 1)}
NO_GAIN = {"gains": {0.05: (-3, -4, -2), 0.4: (9, 8, 10)}}
NEAR = {"nearer": (0.8, 0.7, 0.9), "nearest": (0.7, 0.6, 0.8)}
OVERFIT = {"gap": (1.0, 0.8, 1.2)}


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, CLEAR),
        # Copies go before all that may be wrong besides.
        (COPIES, MEMORISES),
        (COPIES | NOISE | NO_GAIN | OVERFIT | NEAR, MEMORISES),
        (COPIES | {"repeated": (1, 0.98, 1), "uniform": (1, 0.98, 1)}, MEMORISES),
        (COPIES | {"gap": (np.nan, np.nan, np.nan)}, MEMORISES),
        # Not beyond what other images do.
        (
            {"samples": (0.5, 0.4, 0.6), "held_out": (0.45, 0.4, 0.5), "clean": (np.nan,) * 3},
            UNJUDGED,
        ),
        ({"samples": (0.01, 0, 0.03), "held_out": (0.01, 0, 0.03)}, CLEAR),
        # A gain has to be above zero with its whole interval, and known.
        (NO_GAIN, UNJUDGED),
        (NO_GAIN | OVERFIT, UNJUDGED),
        ({"gains": {0.05: (0.1, -0.1, 0.3)}}, UNJUDGED),
        ({"gains": {0.05: (0, 0, 0)}}, UNJUDGED),
        ({"gains": {0.05: (np.nan,) * 3}}, UNJUDGED),
        ({"gains": {0.05: (0.2, 0.1, 0.3)}}, CLEAR),
        # More than half of the samples, with the whole interval.
        ({"unlike": (0.9, 0.8, 0.95)}, UNJUDGED),
        ({"far": (0.9, 0.8, 0.95)}, UNJUDGED),
        ({"repeated": (0.9, 0.8, 0.95)}, UNJUDGED),
        ({"uniform": (0.9, 0.8, 0.95)}, UNJUDGED),
        ({"unlike": (0.55, 0.45, 0.65)}, CLEAR),
        ({"converged": (0.1, 0.05, 0.2)}, UNJUDGED),
        # An effect, not a significance.
        (OVERFIT, OVERFITS),
        ({"gap": (0.2, 0.15, 0.25)}, CLEAR),
        ({"gap": (1.0, 0.2, 1.8)}, CLEAR),
        ({"gap": (1.0, 0.8, 1.2), "kind": (0.5, 0.1, 0.9)}, CLEAR),
        ({"gap": (1.0, 0.8, 1.2), "kind": (0.6, 0.55, 0.65)}, CLEAR),
        ({"gap": (1.0, 0.8, 1.2), "kind": (0.4, 0.2, 0.6)}, OVERFITS),
        ({"gap": (1.0, 0.8, 1.2), "kind": (-0.9, -1.1, -0.7)}, OVERFITS),
        ({"gap": (1.0, np.nan, np.nan)}, CLEAR),
        (OVERFIT | NOISE, OVERFITS),
        # Nearer than both controls.
        (NEAR, LEANS),
        ({"nearer": (0.8, 0.7, 0.9)}, CLEAR),
        ({"nearest": (0.8, 0.7, 0.9)}, CLEAR),
        (NEAR | NOISE, UNJUDGED),
        (NEAR | OVERFIT, OVERFITS),
        # Held-out images that repeat training images, and samples that repeat those.
        (
            {
                "samples": (0.1, 0.06, 0.15),
                "held_out": (0.1, 0.06, 0.15),
                "clean": (0.1, 0.05, 0.1),
            },
            UNJUDGED,
        ),
        ({"exchange": (0.5, 0.4, 0.6), "exchanged": (0.5, 0.4, 0.6)}, UNJUDGED),
        ({"copied": (1, 0.9, 1), "again": (1, 0.9, 1), "samples": (1, 0.9, 1)}, MEMORISES),
        ({"copied": (0.3, 0.2, 0.4), "again": (1, 0.9, 1)}, CLEAR),
        # One sample is a copy, and no held-out image.
        ({"samples": (0.005, 0, 0.03)}, UNJUDGED),
        ({"samples": (np.nan, np.nan, np.nan, 0), "blank": (1, 0.98, 1)}, UNJUDGED),
    ],
)
def test_the_verdict_follows_from_the_rows(changes, kind):
    found = judge(table(**changes))
    assert found.kind == kind
    assert found.text.startswith(f"{kind}: ")
    assert "\n" not in found.text


def test_what_is_said():
    found = judge(table(**COPIES, **NO_GAIN, duplicated=(0.2, 0.1, 0.3)))
    assert found.text == (
        "memorises: 100 of 200 samples repeat training images, 0 of 200 held-out images do"
    )
    assert any(
        line.startswith("at sigma 0.05 training images come out no") for line in found.findings
    )
    assert any(line.startswith("40 of 200 training images looked at") for line in found.findings)


def test_no_verdict_hides_a_sign():
    found = judge(table(**NO_GAIN, **NEAR, **OVERFIT, samples=(0.01, 0, 0.03)))
    assert found.kind == UNJUDGED
    assert "2 of 200 samples repeat training images, 0 of 200 held-out images do" in found.text
    assert "training images are denoised 1.0 dB (0.80 dB to 1.2 dB) better" in found.text
    assert "samples are nearer to single training images" in found.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "though samples are new"),
        (NEAR, "nearer to single training images"),
        ({"cosine": (0.7, 0.6, 0.8)}, "samples are more like training images than held-out"),
        (NOISE, "of samples nothing can be said: 200 of 200 samples look like no held-out image"),
        ({"samples": (0.01, 0, 0.03), "held_out": (0.01, 0, 0.03)}, "2 of 200 samples repeat"),
    ],
)
def test_samples_are_called_new_only_where_they_are_not_nearer_than_others(changes, said):
    text = judge(table(**OVERFIT, **changes)).text
    assert said in text
    assert ("samples are new" in text) == (changes == {})


def test_no_sign_says_what_could_have_been_missed():
    assert judge(table()).text == f"{CLEAR}: at most 2.0 % of samples repeat training images (95 %)"
    text = judge(table(cosine=(0.7, 0.6, 0.8))).text
    assert "more like training images than held-out images are" in text


def test_pictures_alone_are_judged_without_a_denoiser():
    alone = table(gap=None, kind=None, gains={})
    assert judge(alone).kind == CLEAR
    assert judge(table(gap=None, kind=None, gains={}, **COPIES)).kind == MEMORISES
    assert judge(table(gap=None, kind=None, gains={}, **NOISE)).kind == UNJUDGED


def test_a_folder_of_another_kind_is_noticed():
    found = judge(table(kind=(1.2, 1.0, 1.4)))
    assert found.kind == CLEAR
    assert any("different kinds of pictures: each is denoised 1.2 dB" in f for f in found.findings)


def test_a_gap_that_is_no_overfitting_is_said_all_the_same():
    found = judge(table(gap=(0.5, 0.2, 0.8)))
    assert found.kind == CLEAR
    assert any("0.50 dB (0.20 dB to 0.80 dB) better" in line for line in found.findings)
    assert any("not clearly more than the 0.30 dB of overfitting" in f for f in found.findings)
    assert not any("better than held-out" in line for line in judge(table()).findings)


def test_with_one_training_picture_likeness_is_told():
    rows = table(samples=(np.nan, np.nan, np.nan, 0))
    more = [
        row("nearest_cosine_median", name, (value,) * 3, 60)
        for name, value in (("samples", 0.998), ("held out", 0.6))
    ]
    found = judge(pd.concat([rows, pd.DataFrame(more)]))
    assert found.kind == UNJUDGED
    assert "of samples 0.998, of held-out images 0.600" in found.text
