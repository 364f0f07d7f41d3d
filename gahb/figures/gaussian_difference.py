"""How far networks, linear distillates, Gaussian and empirical denoisers are from each other."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from gahb.figures.curves import by_sigma, kinds_of, other_kinds, over_n, rank_note, shade_nonlinear
from gahb.figures.style import SweepColours, own_style, page
from gahb.settings import FigureSettings

PANELS = (
    ("network_gaussian", "network, Gaussian"),
    ("network_linear", "network, linear"),
    ("linear_gaussian", "linear, Gaussian"),
    ("network_empirical", "network, empirical"),
)


@own_style()
def draw(table: Path | str, figures: FigureSettings) -> Figure:
    """Draw root mean squared differences, plain and normalised, over noise levels, by N."""
    rows = pd.read_csv(table)
    own, others = over_n(rows), other_kinds(rows)
    others = others[others["n"].isin(own["n"])]
    sizes = sorted(own["n"].unique())
    colours = SweepColours(sizes, figures)
    figure = page(4.2)
    panels = figure.subplots(2, 4, sharex=True, sharey="row")
    for column, (pair, label) in zip(panels.T, PANELS, strict=True):
        for axes, kind in zip(column, ("rmse", "nrmse"), strict=True):
            by_sigma(axes, own, f"{kind}_{pair}", colours, "n")
            by_sigma(axes, others, f"{kind}_{pair}", colours, "n", linestyle="--")
            axes.set_yscale("log")
            axes.label_outer()
        column[0].set_title(label)
    for axes in panels.flat:
        axes.set_ylim(bottom=1e-3)
        shade_nonlinear(axes)
    panels[0, 0].set_ylabel("RMS difference per pixel")
    panels[1, 0].set_ylabel("RMS difference / RMS estimate")
    remark = rank_note(own).replace("\n", " ")
    if len(others):
        remark += f"; dashed: {kinds_of(others)}"
    figure.supxlabel(remark, fontsize=6, color="0.35")
    colours.bar(figure, panels)
    return figure
