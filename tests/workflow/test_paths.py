"""Wherever the repository, the results and the home folder are, and whatever they are called."""

import logging
import os
import sys
from pathlib import Path

import pytest
import torch

from gahb.errors import ConfigError
from gahb.hardware.compiler import compilation_cache, compiled
from gahb.plan.experiments import image_owners, load_experiments, share_images
from gahb.plan.layers import read_presets
from gahb.plan.load import load_settings
from repository import Repository

FACES = """\
experiment: faces
sizes: [1]
split: {test: 10}
targets: [figure_1]
data: {source: faces, size: 8}
denoiser: {blocks: 1, width: 4}
training: {presentations: 64, batch: 32}
runtime: {compile: false}
"""
SPLIT = "results/faces/data/split.json"
SMALL = {"sizes": [1], "split": {"test": 20}, "targets": ["figure_1"]}


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Repository:
    """A copy of the repository that is not changed."""
    return Repository.create(tmp_path_factory.mktemp("repository"))


def elsewhere(repository: Repository, folder: Path) -> Repository:
    """Return a folder to run in, with nothing of the repository in it."""
    folder.mkdir(exist_ok=True)
    found = Repository(folder)
    found.environment["PYTHONPATH"] = str(repository.path)
    return found


def test_a_folder_called_anything(tmp_path):
    """Its interpreter too, as of a virtual environment in it; jobs are started through a shell."""
    folder = tmp_path / "a b'c\"d\\e$HOME`f`%s#é*?[x];&|~\n漢 "
    repository = Repository.create(folder)
    (folder / "venv").symlink_to(sys.prefix)
    (folder / "faces.yaml").write_text(FACES)
    python = folder / "venv/bin/python"
    repository.command = lambda *words: [str(python), "-m", "snakemake", "--cores", "1", *words]
    result = repository.snakemake("--configfile", "faces.yaml", "--", SPLIT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert (folder / SPLIT).exists()
    assert repository.planned("--configfile", "faces.yaml", "--", SPLIT) == {}


def test_braces_in_the_folder_of_the_repository(tmp_path):
    repository = Repository.create(tmp_path / "x{n}{{y}")
    (repository.path / "faces.yaml").write_text(FACES)
    result = repository.snakemake("-n", "--configfile", "faces.yaml")
    assert result.returncode == 1
    assert "takes braces for a wildcard: rename it" in result.stdout + result.stderr
    arguments = ("--configfile", "faces.yaml", "--directory", str(tmp_path / "results here"))
    result = repository.snakemake(*arguments, "--", SPLIT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert (tmp_path / "results here" / SPLIT).exists()


@pytest.mark.skipif(sys.platform == "darwin", reason="names there are always UTF-8")
def test_a_folder_whose_name_is_no_text(tmp_path):
    repository = Repository.create(tmp_path / os.fsdecode(b"x\xe9"))
    result = repository.snakemake("-n")
    assert r"x\udce9: Snakemake cannot work in a folder whose name is no UTF-8" in result.stdout


def test_run_from_another_folder(repository, tmp_path):
    """The default is the repository's, or a config.yaml there; results go where it runs."""
    run, snakefile = elsewhere(repository, tmp_path), str(repository.path / "Snakefile")
    result = run.snakemake("-n", "--snakefile", snakefile)
    assert "results/fashion/claims.csv" in result.stdout
    (tmp_path / "config.yaml").write_text(FACES)
    result = run.snakemake("--snakefile", snakefile, "--", SPLIT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert (tmp_path / SPLIT).exists()
    assert not (repository.path / SPLIT).exists()
    assert run.planned("--snakefile", snakefile, "--", SPLIT) == {}


def test_imported_into_another_workflow(repository, tmp_path):
    run = elsewhere(repository, tmp_path)
    inside = "".join(f"  {line}\n" for line in FACES.splitlines())
    (tmp_path / "config.yaml").write_text(f"other: 3\nmemorisation:\n{inside}")
    (tmp_path / "Snakefile").write_text(f"""
configfile: "config.yaml"
module gahb:
    snakefile: {str(repository.path / "Snakefile")!r}
    config: config["memorisation"]
use rule * from gahb as gahb_*
rule mine:
    default_target: True
    input: rules.gahb_all.input, {SPLIT!r}
    output: "mine.txt"
    shell: "echo {{config[other]}} > {{output}}"
""")
    planned = run.planned("--config", "other=4")
    assert planned["mine"] == planned["gahb_prepare"] == planned["gahb_judge_claims"] == 1
    result = run.snakemake("--", SPLIT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert (tmp_path / SPLIT).exists()


def test_a_tilde_is_the_home_folder_in_every_path(repository, tmp_path):
    run, home = elsewhere(repository, tmp_path / "run"), tmp_path / "my home"
    (home / "pictures").mkdir(parents=True)
    (home / "n1_A.pt").touch()
    run.environment |= {"HOME": str(home), "GAHB_DATA": "~/given"}
    (home / "preset.yaml").write_text(
        FACES.replace("faces, size: 8", "folder, size: 8, directory: ~/pictures").replace(
            "width: 4", "width: 4, weights: '~/n{n}_{subset}.pt'"
        )
    )
    words = ("--snakefile", str(repository.path / "Snakefile"), "--config")
    result = run.snakemake("-n", *words, "presets=['~/preset.yaml']")
    assert f"{home}/n1_B.pt does not exist" in result.stdout
    (home / "n1_B.pt").touch()
    assert run.planned(*words, "presets=['~/preset.yaml']")["adopt"] == 2
    (home / "{a}").mkdir()
    (home / "preset.yaml").write_text(
        (home / "preset.yaml").read_text().replace("~/n{n}", "~/{{a}}/n{n}")
    )
    result = run.snakemake("-n", *words, "presets=['~/preset.yaml']")
    assert "{a}/n1_A.pt: Snakemake takes braces in the path of a file" in result.stdout
    result = run.snakemake(*words, "data={source: ffhq}", "--", "results/sources/ffhq")
    assert f"{home}/given/ffhq does not exist" in result.stdout + result.stderr


def test_a_home_folder_that_is_not_known():
    for raw in (
        {"data": {"source": "folder", "directory": "~nobody-of-this-name/x"}},
        {"denoiser": {"weights": "~nobody-of-this-name/{n}{subset}"}},
    ):
        with pytest.raises(ConfigError, match="a home folder that is not known here"):
            load_settings(SMALL | raw)
    with pytest.raises(ConfigError, match="presets: ~nobody-of-this-name/x starts with"):
        read_presets(["~nobody-of-this-name/x"], Path())
    for path in ("./~x", "a~", "/~"):
        chosen = load_settings(SMALL | {"data": {"source": "folder", "directory": path}})
        assert chosen.data.directory == path


@pytest.mark.parametrize("home", ["file/home", None])
def test_without_a_home_folder(repository, tmp_path, home):
    run = elsewhere(repository, tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "config.yaml").write_text(FACES)
    run.environment.pop("XDG_CACHE_HOME", None)
    run.environment.pop("HOME")
    if home:
        run.environment["HOME"] = str(tmp_path / home)
    result = run.snakemake("--snakefile", str(repository.path / "Snakefile"), "--", SPLIT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_another_locale_time_zone_mask_and_hash_seed(finished):
    """A finished run stays finished, and text that is no ASCII is read and shown."""
    preset = (finished.path / "workflow/presets/smoke.yaml").read_text(encoding="utf-8")
    (finished.path / "smoke.yaml").write_text(f"# é漢\n{preset}", encoding="utf-8")
    finished.environment |= {
        "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0",
        "TZ": "Pacific/Apia", "PYTHONHASHSEED": "4711",
    }  # fmt: skip
    before = os.umask(0o077)
    try:
        assert finished.planned("--config", "presets=[smoke.yaml]") == {}
        (finished.path / "results/smoke/claims.md").unlink()
        result = finished.snakemake("--config", "presets=[smoke.yaml]", "--", "claims")
    finally:
        os.umask(before)
    assert result.returncode == 0, result.stdout + result.stderr
    (finished.path / "smoke.yaml").write_text("experiment: é漢", encoding="utf-8")
    result = finished.snakemake("-n", "--config", "presets=[smoke.yaml]")
    assert r"\u6f22" in result.stdout + result.stderr


@pytest.mark.slow
def test_names_of_experiments_fit_into_names_of_files(tmp_path):
    first, second = "x" * 59 + "1", "y" * 20 + "z" * 19
    longest = f"{first}-{second}"
    raw = SMALL | {"experiment": first, "data": {"source": "faces"}}
    found = load_experiments(raw | {"variants": {second: {"targets": ["figure_1"]}}})
    assert list(found) == [first, longest]
    with pytest.raises(ConfigError, match=r"variants\.y\S*: experiment: .* 100 characters"):
        load_experiments(raw | {"variants": {"y" + second: {"targets": ["figure_1"]}}})
    with pytest.raises(ConfigError, match=r"config: experiment: .* at most 100 characters"):
        load_settings({"experiment": "x" * 101})
    for repeated in ("ab" * 20, "x" * 20):
        with pytest.raises(ConfigError, match=r"ends with 20 times the same"):
            load_settings(raw | {"experiment": repeated})
    repository = Repository.create(tmp_path)
    (tmp_path / "long.yaml").write_text(FACES.replace("faces\n", f"{longest}\n", 1))
    target = f"results/{longest}/denoisers/n1_A_r0.safetensors"
    result = repository.snakemake("--configfile", "long.yaml", "--", target)
    assert result.returncode == 0, result.stdout + result.stderr
    result = repository.snakemake("-n", "--configfile", "long.yaml", "--", "results/xx/claims.csv")
    assert "results/xx: this configuration has no such experiment, but xxx" in result.stdout


def test_the_compiler_is_told_a_folder_that_it_can_take(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(logging.getLogger("gahb"), "propagate", True)
    assert compilation_cache(tmp_path / "é漢#$%") == tmp_path / "é漢#$%/.cache/compiled"
    assert not caplog.records
    for name in ("a b", "a'b", 'a"b', "a\\b", "a\nb", "a "):
        assert compilation_cache(tmp_path / name) == tmp_path / "cache/gahb/compiled"
        assert "compiled code is kept in" in caplog.records[-1].getMessage()
    assert (tmp_path / "cache/gahb/compiled").stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").touch()
    for cache in ("file", "x y"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / cache))
        folder = compilation_cache(tmp_path / "a b")
        assert folder.stat().st_mode & 0o777 == 0o700
        folder.rmdir()


def test_why_compilation_fails_beside_a_path_that_it_cannot_take(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(logging.getLogger("gahb"), "propagate", True)
    monkeypatch.setattr(torch, "__file__", str(tmp_path / "a b/torch/__init__.py"))

    def fail(*_):
        raise RuntimeError("C++ compile error")

    monkeypatch.setattr(torch, "compile", lambda network: fail)
    network = torch.nn.Conv2d(1, 1, 3)
    assert compiled(network, (torch.zeros(1, 1, 8, 8),), torch.float32) is network
    assert "cannot take the path" in caplog.text
    assert "make VENV=/another/folder" in caplog.text


def test_owners_of_images_are_the_first_that_share_them():
    changes = [{"seed": 1}, {"training": {"batch": 32}}, {"seed": 1, "sizes": [2]}, {"seed": 2}]
    changes += [{"dedup": {"threshold": 0.5}}, {"split": {"test": 21}}, {"dedup": {"threshold": 1}}]
    variants = {f"v{i}": change | {"targets": ["figure_1"]} for i, change in enumerate(changes)}
    experiments = load_experiments(SMALL | {"data": {"source": "faces"}, "variants": variants})
    for name, owner in image_owners(experiments).items():
        first = next(o for o, c in experiments.items() if share_images(c, experiments[name]))
        assert owner == first
