"""How much better training images are denoised than others, at all noise levels together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gahb.analysis.observations import interval
from gahb.analysis.transition.curves import IMAGE_SETS, PsnrCurves, read_evaluations


def gap(train: np.ndarray, test: np.ndarray, axis: int) -> np.ndarray:
    """Return the mean PSNR of training images less that of test images."""
    return np.mean(train, axis=axis) - np.mean(test, axis=axis)


def gap_table(
    evaluations: Mapping[int, PsnrCurves], size: int, draws: int, seed: int
) -> pd.DataFrame:
    """Return the gap between training and test PSNR, one row per N.

    Parameters
    ----------
    evaluations : mapping
        N to the errors of both of its networks.
    size : int
        Height and width of the images, for the table.
    draws, seed : int
        Of the bootstrap, over runs, training and test images.
    """
    rows = []
    for n, evaluation in evaluations.items():
        both = [evaluation.mean(images) for images in IMAGE_SETS]
        value, low, high = interval(both, gap, draws=draws, seed=seed)
        row = {"n": n, "size": size, "gap_db": value, "gap_low_db": low, "gap_high_db": high}
        counts = {"train_count": both[0].count, "test_count": both[1].count}
        rows.append(row | counts | {"runs": both[0].run_count})
    return pd.DataFrame(rows)


def read_resolutions(
    paths: Sequence[Path | str], records: Sequence[Mapping[str, Any]]
) -> dict[int, dict[int, PsnrCurves]]:
    """Read stored errors by image size, then by N, in the order of ``records``.

    Each record holds ``size``, ``sizes`` (every N) and ``repeats`` of one experiment.
    """
    waiting, found = list(paths), {}
    for record in records:
        count = len(record["sizes"]) * record["repeats"]
        own, waiting = waiting[:count], waiting[count:]
        found[record["size"]] = read_evaluations(own, record["sizes"], record["repeats"])
    return found
