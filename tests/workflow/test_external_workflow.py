"""Networks of one's own through the workflow, and the example that audits one."""

import subprocess
import sys

import pytest
import torch

from own_network import MODULE
from repository import ROOT, Repository

SMOKE = ("--configfile", "workflow/presets/smoke.yaml")


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Repository:
    """The smoke preset with a network of one's own, trained and evaluated."""
    repository = Repository.create(tmp_path_factory.mktemp("external") / "run")
    (repository.path / "mine.py").write_text(MODULE)
    (repository.path / "own.yaml").write_text(
        "experiment: own\nsizes: [1, 4]\ndata: {source: faces, pad: 0, size: 16}\n"
        "split: {test: 20}\ntargets: [figure_1, figure_3]\nbootstrap: 100\n"
        "bases: {images: 2, modes: 8, shown: 1}\nruntime: {compile: false}\n"
        "denoiser: {python: 'mine:told', arguments: {width: 4}}\n"
        "training: {presentations: 640, batch: 16}\n"
        "evaluation: {images: 8, input_psnr_db: [0, 10, 20]}\n"
    )
    result = repository.snakemake("--configfile", "own.yaml")
    assert result.returncode == 0, result.stdout + result.stderr
    return repository


def test_the_workflow_trains_and_looks_into_ones_own_network(run):
    folder = run.path / "results/own"
    assert (folder / "figures/figure_1.png").is_file()
    assert (folder / "figures/figure_3.png").is_file()
    assert "| claim |" in (folder / "claims.md").read_text()
    assert run.planned("--configfile", "own.yaml") == {}


def test_editing_ones_own_module_retrains_and_a_comment_does_not(run):
    text = (run.path / "mine.py").read_text()
    try:
        (run.path / "mine.py").write_text("# a comment\n" + text)
        assert run.planned("--configfile", "own.yaml") == {}
        (run.path / "mine.py").write_text(text.replace("nn.ReLU", "nn.GELU"))
        assert run.planned("--configfile", "own.yaml")["train"] == 4
    finally:
        (run.path / "mine.py").write_text(text)


def test_a_missing_factory_and_wrong_arguments_are_one_line(run):
    own = ("--configfile", "own.yaml", "--config")
    for given, message in {
        "denoiser={python: 'mine:gone'}": "denoiser.python: mine has no function 'gone'",
        "denoiser={arguments: {wdith: 4}}": "denoiser.arguments: mine:told: got an unexpected",
    }.items():
        result = run.snakemake(*own, given, "experiment=other", "--until", "train")
        assert result.returncode != 0
        assert message in result.stdout + result.stderr
        assert "Traceback" not in result.stdout + result.stderr
        assert "unexpected TypeError" not in result.stdout + result.stderr


def test_a_missing_module_is_one_line(run):
    result = run.snakemake("--configfile", "own.yaml", "--config", "denoiser={python: 'gone:x'}")
    assert result.returncode != 0
    assert "there is no module 'gone'" in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr


def test_the_example_audits_a_folder_of_pictures(tmp_path):
    import numpy as np
    from PIL import Image

    stream = np.random.default_rng(0)
    for name in ("training", "held"):
        (tmp_path / name).mkdir()
        for index, pixels in enumerate(stream.integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)):
            Image.fromarray(pixels).save(tmp_path / name / f"{index}.png")
    (tmp_path / "my_model.py").write_text(
        "from torch import nn\n\n"
        "class Network(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.layer = nn.Conv2d(3, 3, 1, bias=False)\n"
        "    def forward(self, noisy, step):\n"
        "        assert noisy.shape[0] == step.shape[0]\n"
        "        return self.layer(noisy)\n"
    )
    # Predicts the noise of images that are all grey: x_t itself, nearly, at large sigma.
    torch.save({"layer.weight": torch.eye(3).reshape(3, 3, 1, 1)}, tmp_path / "weights.pt")
    result = subprocess.run(
        [sys.executable, ROOT / "docs/examples/audit.py", "weights.pt", "training", "held", "8"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": "", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "memorised_fraction" in result.stdout
    # One grey for all images is worse than a little noise.
    assert "cannot be judged: " in result.stdout
    assert "training images come out no better than the noisy ones" in result.stdout
    assert (tmp_path / "audit.png").read_bytes().startswith(b"\x89PNG")
