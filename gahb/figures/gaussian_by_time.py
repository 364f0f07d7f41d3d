"""Networks and the Gaussian model of few images, along the training."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from gahb.config import Figures
from gahb.figures.curves import main_experiment, small_n
from gahb.figures.style import own_style
from gahb.figures.sweep_page import Sweep, draw_sweep


@own_style()
def draw(
    by_sigma: Path | str,
    overall: Path | str,
    samples: Path | str,
    times: Path | str,
    figures: Figures,
) -> Figure:
    """Draw the sweep over training time, with tau_gen and tau_mem."""
    tables = [_over_time(pd.read_csv(path)) for path in (by_sigma, overall, samples)]
    label = f"image presentations ($N$ = {tables[0]['n'].iloc[0]:,})"
    figure, panels = draw_sweep(Sweep("presentations", label, *tables), figures)
    known = pd.read_csv(times).dropna(subset="value")
    for row in known.itertuples():
        for name in ("distance", "linearity", "psnr", "memory", "agreement"):
            panels[name].axvline(row.value, color="0.75", linewidth=0.8, zorder=0)
        generalising = row.time == "tau_gen"
        panels["psnr"].text(
            row.value,
            0.99,
            r"$\tau_{\rm gen}$ " if generalising else r" $\tau_{\rm mem}$",
            ha="right" if generalising else "left",
            va="top",
            transform=panels["psnr"].get_xaxis_transform(),
            fontsize=7,
        )
    return figure


def _over_time(table: pd.DataFrame) -> pd.DataFrame:
    own = table[table["experiment"] == main_experiment(table)]
    return own[own["n"] == small_n(table)]
