"""Networks and the Gaussian model of few images, by the width of the network."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from gahb.config import Figures
from gahb.figures.curves import last_states, small_n
from gahb.figures.style import own_style
from gahb.figures.sweep_page import Sweep, draw_sweep


@own_style()
def draw(
    by_sigma: Path | str, overall: Path | str, samples: Path | str, figures: Figures
) -> Figure:
    """Draw the sweep over width, at the N that widths were swept at."""
    tables = [_over_width(pd.read_csv(path)) for path in (by_sigma, overall, samples)]
    label = f"width of the network ($N$ = {tables[0]['n'].iloc[0]:,})"
    figure, _ = draw_sweep(Sweep("width", label, *tables), figures)
    return figure


def _over_width(table: pd.DataFrame) -> pd.DataFrame:
    rows = last_states(table)
    return rows[rows["swept_width"] & (rows["n"] == small_n(table))]
