import pytest
import yaml

from gahb.errors import ConfigError
from gahb.plan.layers import layered
from gahb.plan.load import documentation, load_settings
from repository import ROOT

DEFAULT = yaml.safe_load((ROOT / "config.yaml").read_text())
SMALL = {"sizes": [1], "split": {"test": 20}}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"traning": {}}, ["'traning'", "'training'"]),
        ({"training": {"learning_rat": 1}}, ["'training.learning_rat'", "'learning_rate'"]),
        ({"sizes": [0]}, ["sizes", "got 0"]),
        ({"sizes": []}, ["sizes"]),
        ({"sizes": [10, 1]}, ["sizes", "increase"]),
        ({"sizes": [1, 50_000]}, ["sizes", "50000", "at most 34000"]),
        ({"sizes": "many"}, ["sizes", "'many'"]),
        ({"targets": ["figure_3x"]}, ["targets", "'figure_3x'", "'figure_"]),
        ({"sampling": {"method": "euler"}}, ["targets", "figure_8", "sampling.method: ascent"]),
        ({"training": {"noise": "quadratic"}}, ["training.weight", "training.power to 0"]),
        ({"training": {"noise": "uniform", "weight": "edm"}}, ["edm is infinite"]),
        ({"data": {"channels": 3}}, ["data.channels", "grey"]),
        (
            {"data": {"source": "faces", "directory": "x"}},
            ["data.directory", "data.source to folder"],
        ),
        ({"data": {"source": "faces"}}, ["split.test, sizes: N = 10000", "less 2000 for testing"]),
        ({"figures": {"colormap": "viridiss"}}, ["figures.colormap", "'viridis'"]),
        (
            {
                "targets": ["gaussian_strong"],
                "training": {"snapshots": 3},
                "agreement": {"small_n": 77},
            },
            ["agreement.small_n", "77", "not among sizes"],
        ),
        (
            {"targets": ["gaussian_strong"], "agreement": {"images": 2000}},
            ["agreement.images", "2000", "more than split.test"],
        ),
        (
            {"targets": ["gaussian_strong"], "split": {"test": 520}},
            ["agreement.distil_draws", "231 noisy images", "256 pixels"],
        ),
        (
            {"agreement": {"sigma_min": 2.0, "sigma_max": 1.0}},
            ["agreement.sigma_min", "agreement.sigma_max"],
        ),
        ({"sampling": {"sigma_end": -0.1}}, ["sampling.sigma_end", "-0.1"]),
        ({"sampling": {"sigma_end": 4.0}}, ["sampling.sigma_end", "sigma_start"]),
        ({"evaluation": {"reference_sigma": float("nan")}}, ["evaluation.reference_sigma"]),
        ({"data": {"source": "fashon-mnist"}}, ["data.source", "'fashion-mnist'"]),
        ({"data": {"source": "imagenet"}}, ["data.source", "faces"]),
        ({"data": {"size": 18}}, ["data.size", "denoiser.blocks"]),
        ({"training": {"presentations": 1000}}, ["training.presentations", "training.batch"]),
        ({"training": None}, ["training"]),
        ({"seed": True}, ["seed", "True"]),
        ({"experiment": "../elsewhere"}, ["experiment"]),
        ({"split": {"test": 0}}, ["split.test", "got 0"]),
    ],
)
def test_bad_configuration_is_one_line_naming_the_key(raw, words):
    with pytest.raises(ConfigError) as error:
        load_settings(raw)
    assert "\n" not in str(error.value)
    for word in words:
        assert word in str(error.value)


def test_numbers_that_arrive_as_text_are_numbers():
    # Snakemake's --config "training={batch: 32}" gives nested values as text.
    raw = {"training": {"batch": "32", "learning_rate": "0.01"}, "runtime": {"compile": "false"}}
    raw["evaluation"] = {"input_psnr_db": ["0", "10"]}
    raw["experiment"] = "7"
    chosen = load_settings(raw)
    assert (chosen.training.batch, chosen.training.learning_rate) == (32, 0.01)
    assert chosen.runtime.compile is False
    assert chosen.evaluation.input_psnr_db == [0, 10]
    assert chosen.experiment == "7"


GIVEN = """\
data: {source: folder, directory: pictures, size: 32, channels: 3, count: null}
sizes: [1, 4]
denoiser: {python: "mine:network", arguments: {width: 8, attention: false, name: a, rate: 0.5}}
sampling: {samples: 16}
"""


def test_the_command_line_means_what_a_file_does():
    """Snakemake leaves everything inside a mapping or a list as text."""
    as_file = yaml.safe_load(GIVEN)
    as_text = yaml.load(GIVEN, Loader=yaml.BaseLoader)
    assert as_text != as_file
    found = layered(DEFAULT | as_text, ROOT, as_text)
    assert found == layered(DEFAULT | as_file, ROOT)
    settings = load_settings(found)
    assert settings.denoiser.arguments == as_file["denoiser"]["arguments"]
    assert settings.data.channels == 3
    assert settings.data.count is None


def test_only_the_default_images_are_padded_by_default():
    assert load_settings({}).data.pad == 2
    for source in ("faces", "patches", "c-alpha"):
        assert load_settings({"data": {"source": source}, **SMALL}).data.pad == 0
    assert load_settings({"data": {"source": "faces", "pad": 1}, **SMALL}).data.pad == 1


def test_numbers_in_scientific_notation_are_numbers():
    # PyYAML reads 1e-3 as a string.
    assert load_settings(yaml.safe_load("training: {learning_rate: 1e-3}")).training.learning_rate


@pytest.mark.parametrize("preset", sorted((ROOT / "workflow/presets").glob("*.yaml")))
def test_presets_are_valid_on_top_of_the_default(preset):
    default = yaml.safe_load((ROOT / "config.yaml").read_text())
    changes = yaml.safe_load(preset.read_text())
    merged = {
        key: {**default.get(key, {}), **changes[key]}
        if isinstance(changes.get(key), dict)
        else changes.get(key, default.get(key))
        for key in default | changes
    }
    assert load_settings(merged).experiment == merged["experiment"]


def test_every_key_is_documented():
    assert documentation() in (ROOT / "docs/configuration.md").read_text()


def test_config_file_holds_the_documented_defaults():
    assert load_settings(yaml.safe_load((ROOT / "config.yaml").read_text())) == load_settings({})
