"""One row of an audit's table."""

from __future__ import annotations

from typing import Any

import numpy as np

SAMPLES, TRAINING, HELD_OUT = "samples", "training", "held out"
"""What a row is of; and of differences:"""
LESS_HELD_OUT = "samples less held out"
LESS_CLEAN = "samples less held out that repeat nothing"
LESS_TRAINING = "samples less training"
LESS_AGAIN = "samples less training that are there again"
GAP = "training less held out"


def row(
    measure: str,
    of: str,
    interval: tuple[float, float, float],
    count: int,
    sigma: float = np.nan,
) -> dict[str, Any]:
    """Return a row: a value, its 95 % interval, and how many images the interval rests on."""
    value, low, high = interval
    found = {"measure": measure, "of": of, "sigma": sigma, "value": value}
    return found | {"low": low, "high": high, "count": int(count)}
