"""The cluster's profile, and what measured jobs say about it."""

import pandas as pd
import yaml

from gahb.jobs.measured_needs import measured, set_resources
from repository import ROOT


def test_every_rule_of_the_profile_is_one_of_ours():
    profile = yaml.safe_load((ROOT / "workflow/profiles/slurm/config.yaml").read_text())
    rules = {
        line.split()[1].removesuffix(":")
        for path in (ROOT / "workflow/rules").glob("*.smk")
        for line in path.read_text().splitlines()
        if line.startswith("rule ")
    }
    assert set(profile["set-resources"]) <= rules
    assert set(profile["slurm-array-jobs"].split(", ")) <= rules


def test_measured_needs_become_resources_with_a_margin(tmp_path):
    columns = ["s", "h:m:s", "max_rss", "cpu_time"]
    for name, rows in {
        "train/n1_A_r0": [[60, "0:01:00", 500.0, 50]],
        "train/n1_B_r0": [[600, "0:10:00", 2345.0, 500]],
        "dedup": [[1, "0:00:01", "-", 1]],
    }.items():
        path = tmp_path / f"x/benchmarks/{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(rows, columns=columns).to_csv(path, sep="\t", index=False)
    needs = measured([tmp_path / "x"])
    assert needs["train"] == {"mem_mb": 2345.0, "runtime": 10.0}
    profile = yaml.safe_load(set_resources(needs))["set-resources"]
    # A training goes on at the next attempt: its time is not known.
    assert profile["train"] == {"mem_mb": "3500 * attempt"}
    # Too short to be measured: the least.
    assert profile["dedup"] == {"mem_mb": "1000 * attempt", "runtime": "5 * attempt"}
