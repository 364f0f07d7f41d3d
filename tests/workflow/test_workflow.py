"""The workflow as a user meets it: complete runs, what re-runs, resuming, messages."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import time

import numpy as np
import pandas as pd
import pytest

SMOKE = ("--configfile", "workflow/presets/smoke.yaml")
FIGURES = ("figure_1", "figure_2", "figure_6", "figure_7", "figure_8")


def results(repository):
    return repository.path / "results" / "smoke"


def test_smoke_preset_ends_with_every_figure_table_and_verdict(smoke_run):
    folder = results(smoke_run)
    for name in FIGURES:
        assert (folder / f"figures/{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (folder / f"figures/{name}.pdf").read_bytes().startswith(b"%PDF")
    transition = pd.read_csv(folder / "tables/transition.csv")
    assert transition["n"].tolist() == [1, 4, 32]
    assert transition.loc[0, ["memorised_fraction", "memorised_low"]].isna().all()
    # Of one image there is no second, and nothing to say how others would do.
    unknown = [name for name in transition if "memorised" in name or name[-4:] in ("_low", "high")]
    assert np.isfinite(transition.drop(columns=unknown).to_numpy()).all()
    assert np.isfinite(transition.iloc[1:].to_numpy()).all()
    claims = pd.read_csv(folder / "claims.csv")
    assert set(claims["verdict"]) <= {"reproduced", "not reproduced", "inconclusive"}
    assert len(claims) == 13  # those of small N and of trends
    assert "| claim |" in (folder / "claims.md").read_text()
    split = json.loads((folder / "data/split.json").read_text())
    parts = [set(split["test"]), *map(set, split["halves"].values())]
    assert len(set.union(*parts)) == sum(map(len, parts)), "parts overlap"


def test_no_sidecar_or_temporary_file_is_left(smoke_run):
    left = [path.name for path in results(smoke_run).rglob(".*") if path.is_file()]
    assert {name.rpartition(".")[2] for name in left} == {"sha256", "lock"}


def test_progress_is_in_the_log(smoke_run):
    log = pd.read_csv(results(smoke_run) / "logs/train/n4_B_r0.csv")
    assert log["presentations"].iloc[-1] == log["total"].iloc[-1] == 6400


def test_second_run_has_nothing_to_do_and_is_quick(smoke_run):
    start = time.monotonic()
    result = smoke_run.snakemake(*SMOKE)
    assert result.returncode == 0
    assert "Nothing to be done" in result.stdout + result.stderr
    # 10 s is the promise; the machine may be running other tests beside this one.
    assert time.monotonic() - start < 20


def test_touching_every_source_re_runs_nothing(finished):
    for name in ("gahb", "workflow"):
        for path in (finished.path / name).rglob("*"):
            path.touch()
    (finished.path / "Snakefile").touch()
    (finished.path / "config.yaml").touch()
    assert finished.planned(*SMOKE) == {}


def test_fresh_clone_with_results_copied_in_re_runs_nothing(smoke_run, tmp_path):
    clone = type(smoke_run).create(tmp_path / "clone")  # its files are newer than the results
    shutil.copytree(smoke_run.path / "results", clone.path / "results", dirs_exist_ok=True)
    assert clone.planned(*SMOKE) == {}


def test_comments_re_run_nothing(finished):
    finished.edit("gahb/training/one_process.py", "import torch\n", "import torch  # a comment\n")
    assert finished.planned(*SMOKE) == {}


def test_editing_a_figure_module_redraws_that_figure_only(finished):
    finished.edit("gahb/figures/figure_1.py", "output PSNR (dB)", "PSNR after (dB)")
    assert finished.planned(*SMOKE) == {"draw": 1}
    before = (results(finished) / "figures/figure_1.png").read_bytes()
    result = finished.snakemake(*SMOKE)
    assert result.returncode == 0, result.stdout + result.stderr
    assert (results(finished) / "figures/figure_1.png").read_bytes() != before
    assert finished.planned(*SMOKE) == {}


def test_editing_the_shared_style_redraws_all_figures_and_nothing_else(finished):
    finished.edit("gahb/figures/style.py", '"font.size": 8', '"font.size": 9')
    assert finished.planned(*SMOKE) == {"draw": len(FIGURES)}


def test_a_figure_key_redraws_figures_only(finished):
    assert finished.planned(*SMOKE, "--config", "figures={dpi: 100}") == {"draw": len(FIGURES)}


def test_runtime_keys_re_run_nothing(finished):
    assert finished.planned(*SMOKE, "--config", "runtime={report_seconds: 99.0}") == {}


def test_editing_training_retrains_everything_but_no_data(finished):
    plan = finished.planned(*SMOKE, "--config", "training={learning_rate: 0.002}")
    assert plan["train"] == 6
    assert not {"fetch", "prepare", "dedup", "split", "closest_across"} & set(plan)


def test_another_size_trains_its_two_networks_only(finished):
    plan = finished.planned(*SMOKE, "--config", "sizes=[1, 4, 16, 32]")
    assert plan["train"] == 2
    assert plan["sample"] == plan["evaluate"] == plan["compare"] == 1
    assert not {"fetch", "prepare", "dedup", "split"} & set(plan)


def test_editing_the_sampler_resamples_and_does_not_retrain(finished):
    finished.edit("gahb/sampling/ascent.py", "DIVERGED_TIMES = 10", "DIVERGED_TIMES = 9")
    plan = finished.planned(*SMOKE)
    assert plan["sample"] == 3
    assert "train" not in plan
    assert "evaluate" not in plan


def test_editing_the_network_retrains(finished):
    finished.edit("gahb/denoisers/layers.py", "epsilon = 1e-5", "epsilon = 1e-6")
    assert finished.planned(*SMOKE)["train"] == 6


def test_a_killed_training_job_resumes_to_the_same_bytes(finished):
    target = "results/smoke/denoisers/n4_A_r0.safetensors"
    whole = (finished.path / target).read_bytes()
    (finished.path / target).unlink()
    sidecar = finished.path / "results/smoke/denoisers/.n4_A_r0.resume.safetensors"
    arguments = (target, *SMOKE, "--config", "runtime={checkpoint_seconds: 0.0}")
    process = subprocess.Popen(
        finished.command(*arguments), cwd=finished.path, env=finished.environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not sidecar.exists():
        assert process.poll() is None, "the job ended before it could be killed"
        time.sleep(0.01)
    jobs = scripts_running_in(finished.path)
    assert jobs
    for pid in jobs:
        os.kill(pid, signal.SIGKILL)
    assert process.wait(60) != 0
    assert not (finished.path / target).exists()
    # Between two states only the one before is there.
    assert sidecar.exists() or sidecar.with_name(f"{sidecar.name}.previous").exists()
    result = finished.snakemake(*arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "resuming after" in result.stdout + result.stderr
    assert (finished.path / target).read_bytes() == whole
    assert not sidecar.exists()


def scripts_running_in(folder) -> list[int]:
    """Return the processes whose command line names a Snakemake script below ``folder``."""
    listed = subprocess.run(["ps", "-wweo", "pid,args"], capture_output=True, text=True, check=True)
    marker = f"{folder}/.snakemake/scripts/"
    lines = (line.split(None, 1) for line in listed.stdout.splitlines())
    return [int(pid) for pid, command in lines if marker in command and "python" in command]


@pytest.fixture
def fresh(tmp_path):
    from repository import Repository

    return Repository.create(tmp_path / "fresh")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("traning={}", "unknown key 'traning'; did you mean 'training'?"),
        ("sizes=[0]", "sizes.0: Input should be greater than or equal to 1, got 0"),
        ("sizes=[1, 90]", "N = 90 is too large"),
        ("sampling={sigma_end: -1.0}", "sampling.sigma_end"),
        ("data={source: fases, pad: 0}", "did you mean 'faces'?"),
    ],
)
def test_bad_configuration_stops_before_anything_is_written(fresh, config, message):
    result = fresh.snakemake(*SMOKE, "--config", config)
    output = result.stdout + result.stderr
    assert result.returncode != 0
    assert message in output
    assert "Traceback" not in output
    assert not (fresh.path / "results/smoke").exists()


def test_too_large_after_dedup_says_the_largest(fresh):
    # 100 faces, a few of them near-duplicates, 20 for testing.
    settings = ("--config", "sizes=[1, 40]", "dedup={threshold: 0.8}")
    result = fresh.snakemake("results/smoke/data/split.json", *SMOKE, *settings)
    output = result.stdout + result.stderr
    assert result.returncode != 0
    assert "N = 40 is too large" in output
    assert "the largest possible N" in output
    assert "Traceback" not in output
    assert not (fresh.path / "results/smoke/data/split.json").exists()


@pytest.mark.parametrize("content", ["truncated", "altered", "nothing"])
def test_damaged_data_is_named_and_nothing_is_left(fresh, content):
    folder = fresh.path / "mine"
    folder.mkdir()
    packed = gzip.compress(bytes(1000))
    if content != "nothing":
        body = packed[:20] if content == "truncated" else packed
        (folder / "train-images-idx3-ubyte.gz").write_bytes(body)
    result = fresh.snakemake("results/sources/fashion-mnist", "--config", "data={directory: mine}")
    output = result.stdout + result.stderr
    assert result.returncode != 0
    assert "mine/train-images-idx3-ubyte.gz" in output or "mine has no train-images" in output
    assert "Traceback" not in output
    assert not (fresh.path / "results/sources/fashion-mnist").exists()


def test_another_network_in_the_place_of_a_checkpoint_is_refused(finished):
    from gahb.denoisers.registry import build, save
    from gahb.settings import DenoiserSettings

    wide = DenoiserSettings(blocks=1, width=8)
    other = finished.path / "results/smoke/denoisers/n4_A_r0.safetensors"
    save(other, build(wide, 0), {"denoiser": wide.model_dump()}, {})
    assert finished.planned(*SMOKE) == {}
    (finished.path / "results/smoke/evaluation/n4_r0.npz").unlink()
    result = finished.snakemake("results/smoke/evaluation/n4_r0.npz", *SMOKE)
    output = result.stdout + result.stderr
    assert result.returncode != 0
    assert "n4_A_r0.safetensors is not what was written" in output
    assert "Traceback" not in output
