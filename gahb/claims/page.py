"""The page of claims that people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gahb.analysis.fractions import NORMAL
from gahb.analysis.observations import LEAST
from gahb.claims.judging import INCONCLUSIVE


def describe_run(manifest: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Return what the claims were judged on: data, training, intervals, seed."""
    height, width = manifest["shape"][-2:]
    trained = f"Each network saw {settings['training']['presentations']:,} presentations. "
    if weights := settings["denoiser"]["weights"]:
        trained = (
            f"The networks were taken from files ({weights}). What is said of training and of test "
            "images holds if they were trained on the training images of this split, and not on "
            "its test images, which this run cannot know. "
        )
    return (
        f"Data: {manifest['title']}, at {height}x{width} pixels. "
        f"{trained}"
        f"Intervals: 95 % bootstrap, {settings['bootstrap']:,} draws, seed "
        f"{settings['seed']}, over {_runs(settings['repeats'])} Of fewer than "
        f"{LEAST} images, or pairs of them that samples copy, too little is known for a verdict."
    )


def _runs(repeats: int) -> str:
    """Return what intervals vary, and what they do not."""
    if repeats > 1:
        return (
            f"{repeats} training runs with other training images and other seeds, then over images "
            "or over what samples copy."
        )
    return (
        "images, or over what samples copy, of one training run: what another choice of training "
        "images and another seed would change is not in them (`repeats` adds runs)."
    )


HOLM_LEVEL = 0.05


def holm(table: pd.DataFrame) -> str:
    """Return one line on how many verdicts stand if all claims of a page are taken together.

    The distance of each value from the nearest end of its range is set against half the width of
    its interval, as if normal; the probabilities are compared with Holm's (Scandinavian Journal
    of Statistics 6, 1979) falling thresholds.
    """
    if not len(table):
        return ""
    decided = table[table["verdict"] != INCONCLUSIVE]
    distance = decided["margin"].abs()
    width = (decided["high"] - decided["low"]) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.where(distance > 0, distance / width * NORMAL, 0.0)
    chances = np.sort(2 * stats.norm.sf(errors))
    allowed = HOLM_LEVEL / (len(table) - np.arange(len(chances)))
    failed = np.flatnonzero(chances > allowed)
    standing = int(failed[0]) if len(failed) else len(chances)
    return (
        f"Taken together, at a chance of {HOLM_LEVEL:.0%} that any is wrong (Holm), {standing} of "
        f"the {len(chances)} verdicts that were reached stand."
    )


def as_markdown(table: pd.DataFrame, note: str) -> str:
    """Return the claims as a readable Markdown page, with ``note`` on what was run."""
    counts = table["verdict"].value_counts()
    summary = ", ".join(f"{count} {name}" for name, count in counts.items()) or "No claims"
    lines = ["# Claims", "", note, "", f"{summary}. {holm(table)}", ""]
    lines += ["| claim | source | statistic | value [95 % interval] | expected | verdict |"]
    lines += ["| --- | --- | --- | --- | --- | --- |"]
    for row in table.itertuples():
        value = f"{row.value:.3f} [{row.low:.3f}, {row.high:.3f}]"
        cells = [row.claim, row.source, row.statistic, value, row.expected, f"**{row.verdict}**"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
