"""Figures 9 to 15 and restorations, end to end on bundled faces."""

import numpy as np
import pandas as pd
import pytest

from repository import Repository

pytestmark = pytest.mark.slow

PRESET = ("--configfile", "workflow/presets/transition-smoke.yaml")
FIGURES = {
    "transition-smoke": ("figure_15", "conditional"),
    "transition-smoke-bf_cnn": ("figure_9", "figure_10", "figure_11", "figure_12"),
    "transition-smoke-deterministic": ("figure_13", "figure_14"),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Repository:
    repository = Repository.create(tmp_path_factory.mktemp("transition") / "run")
    result = repository.snakemake(*PRESET)
    assert result.returncode == 0, result.stdout + result.stderr
    return repository


@pytest.mark.parametrize("experiment", FIGURES)
def test_every_figure_and_verdict_is_there(run, experiment):
    folder = run.path / "results" / experiment
    for name in FIGURES[experiment]:
        assert (folder / f"figures/{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (folder / f"figures/{name}.pdf").read_bytes().startswith(b"%PDF")
    assert (folder / "claims.md").read_text().startswith("# Claims")


def test_gap_and_networks_by_size(run):
    for experiment, size in (("transition-smoke", 16), ("transition-smoke-size_8", 8)):
        folder = run.path / "results" / experiment / "tables"
        gaps = pd.read_csv(folder / "gap.csv")
        assert gaps["n"].tolist() == [4, 32]
        assert (gaps["gap_low_db"] <= gaps["gap_db"]).all()
        assert (gaps["gap_db"] <= gaps["gap_high_db"]).all()
        assert pd.read_csv(folder / "architecture.csv")["size"].tolist() == [size]


def test_restorations_agree_with_what_was_measured(run):
    folder = run.path / "results/transition-smoke"
    arrays = np.load(folder / "restoration/n32.npz")
    known = arrays["measured_random_pixels"] != 0
    clean = np.broadcast_to(arrays["clean"][:, None], arrays["restored_random_pixels_A"].shape)
    mask = np.broadcast_to(known[:, None], clean.shape)
    restored = arrays["restored_random_pixels_A"]
    finite = mask & np.isfinite(restored)
    assert np.allclose(restored[finite], clean[finite], atol=1e-6)
    rows = pd.read_csv(folder / "tables/restoration.csv")
    assert len(rows) == 5 * 8
    claims = pd.read_csv(folder / "claims.csv")
    assert claims["claim"].str.contains("super resolution").sum() == 3


def test_second_run_has_nothing_to_do(run):
    assert run.planned(*PRESET) == {}
