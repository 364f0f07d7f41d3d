"""What CONTRIBUTING says of adding things is followed to the letter, and what was added runs."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pandas as pd
import yaml

from gahb.storage import checkpoint_header
from repository import ROOT, Repository

STEP = re.compile(
    r"^\d\. `(?P<path>[^`]+)`, (?P<how>a new file|after `(?P<after>[^`]+)`"
    r"|instead of `(?P<instead>[^`]+)`):\n\n```(?:python)?\n(?P<code>.*?)```",
    re.MULTILINE | re.DOTALL,
)
SMALL = {
    "experiment": "small",
    "sizes": [4],
    "targets": ["counts", "figure_2"],
    "data": {"source": "stripes", "size": 8, "count": 60},
    "dedup": {"threshold": 1.0},
    "bootstrap": 100,
    "split": {"test": 20},
    "denoiser": {"kind": "pointwise", "width": 4},
    "training": {"presentations": 64, "batch": 32, "schedule": "linear"},
    "evaluation": {"input_psnr_db": [10, 20, 30], "images": 8},
    "sampling": {"samples": 4, "batch": 4, "step": 0.2, "max_steps": 50},
    "runtime": {"compile": False},
}
"""Little work with every step."""


def chapters() -> dict[str, str]:
    """Return what CONTRIBUTING says under each heading of how to add something."""
    text = (ROOT / "CONTRIBUTING.md").read_text().split("\n## How to add\n")[1].split("\n## ")[0]
    titles = list(re.finditer(r"^### (.+)$", text, re.MULTILINE))
    ends = [*(title.start() for title in titles), len(text)]
    return {
        title.group(1): text[start:end]
        for title, (start, end) in zip(titles, pairwise(ends), strict=True)
    }


def follow(repository: Repository, chapter: str) -> None:
    """Do the steps of a chapter."""
    steps = list(STEP.finditer(chapters()[chapter]))
    assert len(steps) == len(re.findall(r"^\d\. ", chapters()[chapter], re.MULTILINE))
    for step in steps:
        path, code = step["path"], step["code"]
        if step["how"] == "a new file":
            assert not (repository.path / path).exists()
            (repository.path / path).write_text(code)
        elif step["after"]:
            repository.edit(path, step["after"] + "\n", f"{step['after']}\n{code}")
        else:
            repository.edit(path, step["instead"], code.strip())


def test_every_chapter_has_at_most_three_steps():
    for title, text in chapters().items():
        assert 1 <= len(list(STEP.finditer(text))) <= 3, title


def test_what_was_added_runs(tmp_path):
    """Images, a network, a figure and a claim, all of them in one run."""
    repository = Repository.create(tmp_path / "run")
    for title in chapters():
        follow(repository, title)
    (repository.path / "small.yaml").write_text(yaml.safe_dump(SMALL))
    result = repository.snakemake("counts", "claims", "--configfile", "small.yaml")
    assert result.returncode == 0, result.stdout + result.stderr
    results = repository.path / "results/small"
    images = np.load(results / "data/images.npy")
    assert images.shape == (60, 1, 8, 8)
    assert images.min() >= 0
    assert np.ptp(images, axis=3).max() == 0, "stripes lie down"
    description, _ = checkpoint_header(results / "denoisers/n4_A_r0.safetensors")
    assert description["denoiser"]["kind"] == "pointwise"
    claims = pd.read_csv(results / "claims.csv")
    added = claims[claims["claim"] == "nearly all pairs of samples converge"]
    assert added["figure"].tolist() == ["figure_2"]
    assert (results / "figures/counts.png").read_bytes().startswith(b"\x89PNG")
