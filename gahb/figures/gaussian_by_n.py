"""Networks and the Gaussian models of their data, by the number of training images."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from gahb.config import Figures
from gahb.figures.curves import over_n
from gahb.figures.style import own_style
from gahb.figures.sweep_page import Sweep, draw_sweep


@own_style()
def draw(
    by_sigma: Path | str, overall: Path | str, samples: Path | str, figures: Figures
) -> Figure:
    """Draw the sweep over N."""
    tables = [over_n(pd.read_csv(path)) for path in (by_sigma, overall, samples)]
    figure, _ = draw_sweep(Sweep("n", "training images $N$", *tables), figures)
    return figure
