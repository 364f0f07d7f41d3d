"""The comparison with models of the data, end to end, and what its variants share."""

import pandas as pd
import pytest

from gahb.errors import ConfigError
from gahb.plan.experiments import load_experiments
from repository import Repository

PRESET = ("--configfile", "workflow/presets/gaussian-smoke.yaml")
FIGURES = (
    "linearity", "difference", "samples", "weights", "by_n", "by_width", "by_time", "strong",
    "jacobian",
)  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Repository:
    repository = Repository.create(tmp_path_factory.mktemp("gaussian") / "run")
    result = repository.snakemake(*PRESET)
    assert result.returncode == 0, result.stdout + result.stderr
    return repository


def test_every_figure_table_and_verdict_is_there(run):
    folder = run.path / "results/gaussian-smoke"
    for name in FIGURES:
        assert (folder / f"figures/gaussian_{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (folder / f"figures/gaussian_{name}.pdf").read_bytes().startswith(b"%PDF")
    agreement = pd.read_csv(folder / "tables/agreement.csv")
    assert set(agreement["kind"]) == {"edm", "unet"}
    assert set(agreement["width"]) == {2, 4}
    known = agreement[agreement["measure"] != "condition"]
    assert known[["value", "low", "high"]].notna().all().all()
    claims = pd.read_csv(folder / "claims.csv")
    assert claims["claim"].str.contains("linearity").any()
    early = claims["claim"].str.contains("early in training")
    assert early.sum() == 0, "two states have no inside"
    times = pd.read_csv(folder / "tables/training_times.csv")
    assert times["time"].tolist() == ["tau_gen", "tau_mem"]
    # Variants of the same images have neither images nor Gaussian models of their own.
    assert not (run.path / "results/gaussian-smoke-blind/data").exists()
    assert not (run.path / "results/gaussian-smoke-blind/gaussian").exists()


def test_second_run_has_nothing_to_do(run):
    assert run.planned(*PRESET) == {}


def test_another_width_trains_only_its_networks(run):
    changed = ("--config", "variants={'width_2': {'sizes': [4], 'denoiser': {'width': 3}}}")
    planned = run.planned(*PRESET, *changed)
    assert planned["train"] == 2
    assert "gaussian" not in planned
    assert "prepare" not in planned


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ({"x": {"runtime": {}}}, "variants.x: runtime is the same for all"),
        ({"x": {"denoiser": {"wdth": 3}}}, "variants.x: unknown key 'denoiser.wdth'"),
        ({"x": {"sizes": [10**6]}}, "variants.x: sizes: N = 1000000 is too large"),
        ({"x": 3}, "variants.x: Input should be a valid dictionary"),
        ({"a/b": {}}, "variants.a/b: experiment"),
        ({"x": {"seed": 1}}, "variants.x: no figure in targets shows it"),
    ],
)
def test_wrong_variants_are_refused_in_one_line(variants, message):
    with pytest.raises(ConfigError) as caught:
        load_experiments({"targets": ["gaussian_by_n"], "variants": variants})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_variants_change_what_they_name_and_draw_nothing():
    experiments = load_experiments(
        {
            "targets": ["gaussian_by_width"],
            "denoiser": {"width": 8, "blocks": 1},
            "variants": {"wide": {"denoiser": {"width": 16}}},
        }
    )
    assert list(experiments) == ["fashion", "fashion-wide"]
    wide = experiments["fashion-wide"]
    assert (wide.denoiser.width, wide.denoiser.blocks) == (16, 1)
    assert wide.targets == []
    assert experiments["fashion"].data == wide.data


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["gaussian", "gaussian-smoke", "paper-ffhq", "paper-cifar10"])
def test_presets_are_complete(preset, tmp_path):
    repository = Repository.create(tmp_path / "dry")
    planned = repository.planned("--configfile", f"workflow/presets/{preset}.yaml")
    assert planned["draw"] in (8, 9)
    assert planned["judge_claims"] == 1
