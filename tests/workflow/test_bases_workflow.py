"""The figures on bases, end to end, and which experiments they find."""

import numpy as np
import pandas as pd
import pytest

from gahb.errors import ConfigError
from gahb.plan.experiments import load_experiments
from gahb.plan.figures import FIGURES
from repository import Repository

PRESET = ("--configfile", "workflow/presets/bases-smoke.yaml")
NUMBERS = (3, 4, 5, 16, 17, 18, 19, 20, 21)


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Repository:
    repository = Repository.create(tmp_path_factory.mktemp("bases") / "run")
    result = repository.snakemake(*PRESET)
    assert result.returncode == 0, result.stdout + result.stderr
    return repository


def test_every_figure_table_and_verdict_is_there(run):
    folder = run.path / "results/bases-smoke"
    for number in NUMBERS:
        assert (folder / f"figures/figure_{number}.png").read_bytes().startswith(b"\x89PNG")
        assert (folder / f"figures/figure_{number}.pdf").read_bytes().startswith(b"%PDF")
    claims = pd.read_csv(folder / "claims.csv")
    told = {text.rsplit(" ", 1)[-1] for text in claims["source"]}
    # Networks of forty steps have no slopes: of figures 4 and 16 only what is ours is said.
    assert told >= {"3", "5", "17", "18", "19", "20", "21", "ours"}
    assert set(claims["figure"]) == {f"figure_{number}" for number in NUMBERS}
    curves = pd.read_csv(folder / "tables/psnr_by_method.csv")
    assert curves.notna().all().all()
    # Nothing but network A of the largest N is trained.
    assert len(list(folder.glob("denoisers/*.safetensors"))) == 1


def test_diagnostics_say_what_a_blind_network_is(run):
    name = "results/bases-smoke-cnn/tables/bases_sigma0.15.csv"
    assert run.snakemake(name, *PRESET).returncode == 0
    table = pd.read_csv(run.path / name).set_index("measure")
    # Homogeneous to the rounding of float32 (1e-7 a layer).
    assert table.loc["homogeneity", "high"] < 1e-4
    assert table.loc["antisymmetric", "value"] > 0
    # Forty images have 39 components, fewer than so poor a network keeps dimensions.
    unknown = {"frequency_trend_pca", "frequency_trend_all_pca", "contour_energy_pca"}
    unknown |= {"energy_kept_pca"}
    assert set(table.index[table["value"].isna()]) == unknown
    assert table.drop(index=unknown)[["low", "high"]].notna().all().all()


def test_drawn_images_and_their_optimum(run):
    ray = run.path / "results/bases-smoke-ray"
    images = np.load(ray / "data/images.npy")
    assert images.dtype == np.float32
    assert images.shape == (100, 1, 16, 16)
    gaps = pd.read_csv(ray / "tables/divergence.csv")
    assert (gaps["reference"] == "optimal").all()
    assert (gaps.set_index("method").loc[["network", "wavelet"], "low"] > 0).all()
    shuffled = np.load(run.path / "results/bases-smoke-shuffled/data/images.npy")
    plain = np.load(run.path / "results/bases-smoke/data/images.npy")
    np.testing.assert_array_equal(
        np.sort(plain.reshape(100, -1)), np.sort(shuffled.reshape(100, -1))
    )


def test_second_run_has_nothing_to_do(run):
    assert run.planned(*PRESET) == {}


def test_another_noise_level_takes_jacobians_only(run):
    planned = run.planned(*PRESET, "--config", "bases={'sigmas': {'figure_5': 0.1}}")
    affected = {"bases": 1, "bases_table": 1, "draw": 1, "judge_claims": 1}
    assert planned == affected | {"versions": 1}, "which holds the configuration"


def load(targets: list[str], variants: dict, **settings) -> dict:
    return load_experiments({"targets": targets, "variants": variants, **settings})


def c_alpha(contour: float, background: float, **changes) -> dict:
    data = {"source": "c-alpha", "pad": 0, "contour_alpha": contour, "background_alpha": background}
    return {"data": data | changes, "sizes": [10]}


def test_figures_find_experiments_by_what_they_are():
    cnn = {"denoiser": {"kind": "bf-cnn"}}
    variants = {
        "rough": c_alpha(1, 1),
        "smooth": c_alpha(5, 5),
        "middle": c_alpha(3, 3),
        "cnn": c_alpha(2, 2) | cnn,
        "late": c_alpha(4, 8),
        "early": c_alpha(1.5, 8),
        "flat": c_alpha(2, 2, regions="constant") | {"targets": ["figure_1"]},
        "other": {"data": {"shuffle": True}, "denoiser": {"width": 8}, "targets": ["figure_1"]},
        "mixed": {"data": {"shuffle": True}},
    }
    targets = [f"figure_{number}" for number in (3, 4, 16, 17, 18, 21)]
    found = load(targets, variants)
    names = {figure: [name[8:] for name in FIGURES[figure].shown_in(found)] for figure in targets}
    assert names == {
        "figure_3": ["", "middle"],
        "figure_4": ["rough", "middle", "smooth"],
        "figure_16": ["cnn"],
        "figure_17": ["early", "late"],
        "figure_18": ["middle"],
        "figure_21": ["", "mixed"],
    }


def test_noise_levels_are_the_papers_unless_given():
    settings = load([], {}, bases={"sigmas": {"figure_5": 0.1}})["fashion"]
    assert FIGURES["figure_5"].sigma_in(settings) == 0.1
    assert FIGURES["figure_21"].sigma_in(settings) == 0.3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"targets": ["figure_5"]}, "variants: figure_5 needs data.source: disks; add that"),
        ({"targets": ["figure_21"]}, "variants: figure_21 needs the same images twice"),
        (
            {"data": {"source": "disks", "pad": 2}},
            "data.pad: disks is drawn at data.size; set data.pad to 0",
        ),
        (
            {"data": {"source": "disks", "pad": 0, "count": 3000}},
            "sizes: N = 10000 is too large; disks has 3000 images (data.count)",
        ),
        ({"data": {"source": "disk"}}, "data.source: unknown value 'disk'; did you mean 'disks'?"),
        ({"data": {"regions": "rough"}}, "data.regions: Input should be 'smooth', 'constant'"),
        ({"bases": {"sigmas": {"figure_55": 1}}}, "bases.sigmas: unknown value 'figure_55'"),
        ({"bases": {"sigmas": {"figure_5": 0}}}, "bases.sigmas.figure_5: Input should be greater"),
        (
            {"targets": ["figure_3"], "bases": {"images": 3000}},
            "bases.images: 3000 images are more than split.test = 2000",
        ),
        (
            {"targets": ["figure_3"], "bases": {"images": 3, "shown": 4}},
            "bases.shown: 4 images are more than bases.images = 3",
        ),
        ({"training": {"noise": "uniform"}}, "training.weight: power is infinite at sigma = 0"),
    ],
)
def test_wrong_settings_are_refused_in_one_line(settings, message):
    with pytest.raises(ConfigError) as caught:
        load_experiments(settings)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bf_cnn_takes_any_size():
    load([], {}, data={"size": 17}, denoiser={"kind": "bf-cnn"})
    with pytest.raises(ConfigError, match="not a multiple"):
        load([], {}, data={"size": 17})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("preset", "figures", "trained"),
    [("bases", 9, 17), ("paper-calpha", 5, 11), ("paper-manifolds", 3, 3)],
)
def test_presets_are_complete(preset, figures, trained, tmp_path):
    repository = Repository.create(tmp_path / "dry")
    planned = repository.planned("--configfile", f"workflow/presets/{preset}.yaml")
    assert planned["draw"] == figures
    assert planned["train"] == trained
    assert planned["judge_claims"] == 1
