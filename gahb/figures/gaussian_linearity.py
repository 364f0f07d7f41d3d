"""How linear the denoisers are, over noise levels, for each N."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gahb.denoisers.kinds import KINDS
from gahb.figures.curves import by_sigma, kinds_of, note, other_kinds, over_n, shade_nonlinear
from gahb.figures.style import SweepColours, own_style, page
from gahb.settings import FigureSettings

PANELS = (
    ("score", "linearity score of $D$"),
    ("residual_score", "linearity score of $y - D$"),
    ("nmse", r"relative error of $D(ay_1 + ay_2)$"),
)


@own_style()
def draw(table: Path | str, figures: FigureSettings) -> Figure:
    """Draw the linearity scores of Li, Dai & Qu, of the denoiser and of its residual."""
    rows = pd.read_csv(table)
    own, others = over_n(rows), other_kinds(rows)
    colours = SweepColours(own["n"].unique(), figures)
    figure = page(2.6)
    panels = figure.subplots(1, 3)
    for axes, (measure, label) in zip(panels, PANELS, strict=True):
        by_sigma(axes, own, measure, colours, "n")
        by_sigma(axes, own, f"gaussian_{measure}", colours, "n", linestyle=":", linewidth=0.8)
        by_sigma(axes, others[others["n"].isin(own["n"])], measure, colours, "n", linestyle="--")
        shade_nonlinear(axes, label=measure == "score")
        axes.set_title(label)
    handles = [
        Line2D([], [], color="0.3", label=KINDS[own["kind"].iloc[0]].told),
        Line2D([], [], color="0.3", linestyle=":", label="Gaussian"),
    ]
    if len(others):
        handles.append(Line2D([], [], color="0.3", linestyle="--", label=kinds_of(others)))
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    images = int(own["images"].dropna().iloc[0])
    note(panels[2], f"bands: 95 % bootstrap\nover {images} pairs of\ntest images", 0.98, ha="right")
    colours.bar(figure, panels)
    return figure
