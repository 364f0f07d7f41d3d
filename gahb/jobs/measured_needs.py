"""What jobs have needed, for a cluster's profile.

    python -m gahb.jobs.measured_needs results/fashion

Snakemake measures every job; this prints memory and time by rule with a margin, as the
``set-resources`` of a profile. They are of the images and networks of that run: measure yours.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

MEMORY_MARGIN, TIME_MARGIN = 1.5, 3.0
RESUMED = ("train",)
"""Rules that go on at the next attempt: what was measured is the last one only."""
LEAST_MB, LEAST_MINUTES = 1000, 5


def measured(folders: Iterable[Path | str]) -> dict[str, dict[str, float]]:
    """Return the largest memory in MB and time in minutes by rule, over some experiments.

    A rule is known by the name of its folder, or file, among the benchmarks.
    """
    found: dict[str, dict[str, float]] = defaultdict(lambda: {"mem_mb": 0.0, "runtime": 0.0})
    for folder in map(Path, folders):
        for path in sorted((folder / "benchmarks").rglob("*.tsv")):
            rule = path.relative_to(folder / "benchmarks").parts[0].removesuffix(".tsv")
            table = pd.read_csv(path, sep="\t", na_values="-")
            found[rule]["mem_mb"] = max(found[rule]["mem_mb"], table["max_rss"].max())
            found[rule]["runtime"] = max(found[rule]["runtime"], table["s"].max() / 60)
    return dict(found)


def set_resources(needs: dict[str, dict[str, float]]) -> str:
    """Return measured needs as YAML, with a margin that grows with every attempt."""
    lines = ["set-resources:"]
    for rule, need in sorted(needs.items()):
        memory = max(LEAST_MB, round(MEMORY_MARGIN * need["mem_mb"], -2))
        minutes = max(LEAST_MINUTES, round(TIME_MARGIN * need["runtime"]))
        lines += [f"  {rule}:", f"    mem_mb: {memory:.0f} * attempt"]
        if rule not in RESUMED:
            lines += [f"    runtime: {minutes:.0f} * attempt"]
    return "\n".join(lines)


if __name__ == "__main__":
    needs = measured(sys.argv[1:])
    if not needs:
        sys.exit(
            f"no benchmarks in {' '.join(sys.argv[1:]) or 'no folder'}; run the experiment, then: "
            "python -m gahb.jobs.measured_needs results/EXPERIMENT"
        )
    print(set_resources(needs))
