"""Presets: each is valid, plans what it says, and gives the same files alone and with others."""

import json
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from gahb.errors import ConfigError
from gahb.plan.cost import cost_table
from gahb.plan.experiments import load_families
from gahb.plan.figures import FIGURES, shows, source_of
from gahb.plan.layers import layered, read_presets
from gahb.plan.schema import text
from repository import ROOT, Repository

PRESETS = sorted(path.stem for path in (ROOT / "workflow/presets").glob("*.yaml"))


def configuration(*presets: str) -> dict:
    (base,) = read_presets(["config.yaml"], ROOT)
    chosen = [f"workflow/presets/{preset}.yaml" for preset in presets]
    return base | {"presets": read_presets(chosen, ROOT)}


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Repository:
    return Repository.create(tmp_path_factory.mktemp("presets") / "repository")


@pytest.mark.parametrize("preset", PRESETS)
def test_dry_run_trains_what_the_cost_says(preset, repository):
    content = yaml.safe_load((ROOT / f"workflow/presets/{preset}.yaml").read_text())
    (base,) = read_presets(["config.yaml"], ROOT)
    merged = base | content
    merged["presets"] = read_presets(content.get("presets", [content]), ROOT)
    planned = repository.planned("--configfile", f"workflow/presets/{preset}.yaml")
    expected = cost_table({**base, "presets": merged["presets"]})
    assert planned["train"] == expected.loc["all", "networks"]


def stated_cost(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("# Training costs")]


@pytest.mark.parametrize("preset", [name for name in PRESETS if name.startswith("paper")])
def test_paper_presets_state_their_cost(preset):
    content = (ROOT / f"workflow/presets/{preset}.yaml").read_text()
    total = cost_table(configuration(preset)).loc["all"]
    assert stated_cost(content) == [
        f"# Training costs {total['networks']:.0f} networks, {total['presentations_million']:,.0f} "
        f"million presentations, {total['eflop']:.1f} EFLOP."
    ]
    assert f"# Takes: about {total['gpu_hours']:,.0f} hours of one GPU at 50 TFLOP/s." in content


SCHEMA = json.loads((ROOT / "config.schema.json").read_text())


def test_the_schema_is_that_of_the_settings():
    """Made by ``python -m gahb.plan.schema > config.schema.json``."""
    assert (ROOT / "config.schema.json").read_text() == text()
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", ["config.yaml", *(f"workflow/presets/{p}.yaml" for p in PRESETS)])
def test_presets_say_what_they_are_to_readers_and_to_editors(path):
    lines = (ROOT / path).read_text().splitlines()
    link = lines[0].removeprefix("# yaml-language-server: $schema=")
    assert (ROOT / path).parent.joinpath(link).resolve() == ROOT / "config.schema.json"
    head = [line for line in lines if line.startswith("# ")]
    for what in ("Command: ", "Takes: ", "Expect: "):
        assert sum(line.startswith(f"# {what}") for line in head) == 1
    (command,) = (line for line in head if line.startswith("# Command: "))
    assert path in command or path == "config.yaml"
    Draft202012Validator(SCHEMA).validate(yaml.safe_load((ROOT / path).read_text()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"seeds": 1},
        {"targets": ["figure_99"]},
        {"data": {"source": "x"}},
        {"sizes": [0]},
        {"variants": {"a": {"denoiser": {"depth": 3}}}},
        {"presets": [{"seed": -1}]},
    ],
)
def test_an_editor_marks_what_is_wrong(wrong):
    assert list(Draft202012Validator(SCHEMA).iter_errors(wrong))


def test_laptop_draws_every_figure():
    content = yaml.safe_load((ROOT / "workflow/presets/laptop.yaml").read_text())
    (base,) = read_presets(["config.yaml"], ROOT)
    families = load_families(base | {"presets": read_presets(content["presets"], ROOT)})
    drawn = {
        target for family in families for chosen in family.values() for target in chosen.targets
    }
    assert drawn == set(FIGURES)


def test_together_presets_plan_the_same_files_as_alone(repository):
    """What was made by one preset is there for a run of several, and the reverse."""
    both = repository.path / "both.yaml"
    names = ["smoke", "bases-smoke"]
    both.write_text(yaml.safe_dump({"presets": [f"workflow/presets/{n}.yaml" for n in names]}))
    together = files(repository, "both.yaml")
    alone = [files(repository, f"workflow/presets/{name}.yaml") for name in names]
    assert together == alone[0] | alone[1]
    shared = {"results/sources/faces", "results/sources/.faces.sha256"}
    assert not alone[0] & alone[1] - shared


def files(repository: Repository, preset: str) -> set[str]:
    """Return the outputs of every job that a dry run plans."""
    result = repository.snakemake("-n", "--configfile", preset)
    assert result.returncode == 0, result.stdout + result.stderr
    lines = (result.stdout + result.stderr).splitlines()
    outputs = [line.split(":", 1)[1] for line in lines if line.strip().startswith("output:")]
    return {name.strip() for line in outputs for name in line.split(",")}


def test_experiments_of_one_preset_do_not_see_those_of_another():
    one = {"experiment": "one", "targets": []}
    two = {"experiment": "two", "targets": [], "variants": {"x": {"targets": ["figure_1"]}}}
    families = load_families({"presets": [one, two]})
    assert [list(family) for family in families] == [["one"], ["two", "two-x"]]


def test_what_the_user_asks_for_holds_for_every_preset():
    (default,) = read_presets(["config.yaml"], ROOT)
    presets = ["config.yaml", {"experiment": "x", "bootstrap": 300, "denoiser": {"width": 8}}]
    raw = default | {
        "seed": 7,
        "presets": presets,
        "training": {**default["training"], "batch": 32},
    }
    families = load_families(layered(raw, ROOT))
    found = {name: chosen for family in families for name, chosen in family.items()}
    assert [chosen.seed for chosen in found.values()] == [7, 7]
    assert [chosen.training.batch for chosen in found.values()] == [32, 32]
    assert [chosen.bootstrap for chosen in found.values()] == [1000, 300]
    assert [chosen.denoiser.width for chosen in found.values()] == [24, 8]


def test_a_network_of_ones_own_and_ours_replace_one_another():
    (default,) = read_presets(["config.yaml"], ROOT)
    own = {"python": "mine:network", "arguments": {"width": "1e3"}}
    variants = {"ours": {"denoiser": {"kind": "unet"}, "targets": ["figure_1"]}}
    raw = default | {"denoiser": default["denoiser"] | own, "variants": variants}
    (family,) = load_families(layered(raw, ROOT))
    main, ours = family.values()
    assert (main.denoiser.kind, main.denoiser.arguments) == ("python", {"width": "1e3"})
    assert (ours.denoiser.kind, ours.denoiser.python) == ("unet", None)
    variants = {"mine": {"denoiser": own, "targets": ["figure_1"]}}
    (family,) = load_families(layered(default | {"variants": variants}, ROOT))
    assert [chosen.denoiser.kind for chosen in family.values()] == ["unet", "python"]
    both = {"kind": "bf-cnn", **own}
    with pytest.raises(ConfigError, match=r"bf-cnn and denoiser\.python = 'mine:network' are two"):
        load_families(layered(default | {"denoiser": both}, ROOT))


def test_how_to_compute_is_said_once_for_all():
    (family,) = load_families(
        {"runtime": {"threads": 3}, "presets": [{"runtime": {"threads": 1}, "seed": 5}]}
    )
    assert family["fashion"].runtime.threads == 3
    assert family["fashion"].seed == 5


@pytest.mark.parametrize(
    ("presets", "message"),
    [
        (["nowhere.yaml"], "presets: 'nowhere.yaml' cannot be read"),
        ([{"presets": ["config.yaml"]}], "must be a preset without presets"),
        ([3], "must be a preset"),
    ],
)
def test_bad_presets_are_named(presets, message, tmp_path):
    with pytest.raises(ConfigError, match=message) as caught:
        read_presets(presets, tmp_path)
    assert "\n" not in str(caught.value)


def test_two_presets_may_not_share_a_folder():
    with pytest.raises(ConfigError, match="two of them have the experiment 'fashion'"):
        load_families({"presets": [{}, {"seed": 1}]})


def test_figures_that_repeat_another_know_it():
    assert FIGURES["figure_13"].drawn_as == "figure_7"
    assert FIGURES["figure_5"].drawn_as == "figure_5"
    assert {figure.repeats for figure in FIGURES.values()} - {None} <= set(FIGURES)
    assert shows(["figure_9"], "figure_1")
    assert not shows(["figure_9"], "figure_2")
    assert source_of(["figure_1", "figure_10", "figure_9"], "figure_1").endswith("Fig. 1, 9")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"targets": ["figure_11"]}, "figure_11 shows BF-CNN"),
        (
            {"targets": ["figure_13"], "denoiser": {"kind": "bf-cnn"}},
            "without injected noise; set sampling.beta to 1",
        ),
        ({"targets": ["figure_15"]}, "figure_15 needs the same photographs at two values"),
    ],
)
def test_figures_say_what_they_need(settings, message):
    with pytest.raises(ConfigError, match=message):
        load_families(settings)


@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
def test_cost_of_presets_that_run_together(capsys, monkeypatch):
    import runpy

    monkeypatch.setattr(sys, "argv", ["cost", "workflow/presets/laptop.yaml"])
    runpy.run_module("gahb.plan.cost", run_name="__main__")
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("fashion ", "transition-bf_cnn ", "bases-ray "))
    monkeypatch.setattr(sys, "argv", ["cost", "nothing.yaml"])
    with pytest.raises(SystemExit, match=r"'nothing\.yaml' cannot be read"):
        runpy.run_module("gahb.plan.cost", run_name="__main__")


@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
def test_cost_of_a_preset_is_printed(capsys, monkeypatch):
    import runpy

    monkeypatch.setattr(sys, "argv", ["cost", str(Path("workflow/presets/paper-cifar10.yaml"))])
    monkeypatch.chdir(ROOT)
    runpy.run_module("gahb.plan.cost", run_name="__main__")
    shown = capsys.readouterr().out
    assert "50 TFLOP/s" in shown
    assert "cifar10" in shown
