"""Released networks through the workflow: they are adopted instead of trained."""

import os

import pytest
import torch

from released import TheirUNet
from repository import Repository

pytestmark = pytest.mark.slow


def test_workflow_adopts_instead_of_training(tmp_path):
    repository = Repository.create(tmp_path / "repository")
    for subset in "AB":
        state = TheirUNet(1, 8, 1).state_dict()
        average = {f"module.{name}": value for name, value in state.items()}
        torch.save({"model": state, "ema": average}, repository.path / f"{subset}.pt")
    preset = ["--configfile", "workflow/presets/smoke.yaml", "--config", "sizes=[32]"]
    chosen = "denoiser={{blocks: 1, width: 8, weights_key: ema, weights: '{}'}}"
    planned = repository.planned(*preset, chosen.format("{subset}.pt"))
    assert planned["adopt"] == 2
    assert "train" not in planned
    one = repository.snakemake("-n", *preset, chosen.format("A.pt"))
    assert "A.pt has no {subset}, so that 2 networks would be one" in one.stdout + one.stderr
    missing = repository.snakemake("-n", *preset, chosen.format("no_{subset}.pt"))
    assert "denoiser.weights: no_A.pt does not exist" in missing.stdout + missing.stderr
    os.mkfifo(repository.path / "pipe_A.pt")
    (repository.path / "page_A.pt").write_text("<!doctype html>")
    for name, message in {"pipe": "is a pipe, a device or a socket", "page": "a web page"}.items():
        refused = repository.snakemake("-n", *preset, chosen.format(f"{name}_{{subset}}.pt"))
        assert message in refused.stdout + refused.stderr
        assert "Traceback" not in refused.stdout + refused.stderr
    files = ("figure_1", "results/smoke/claims.md")
    done = repository.snakemake(*files, *preset, chosen.format("{subset}.pt"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "taken from files" in (repository.path / "results/smoke/claims.md").read_text()
    assert (repository.path / "results/smoke/figures/figure_1.png").exists()
