"""Output PSNR against input PSNR on training and on test images, one curve per N."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gahb.figures.style import SUBSET_STYLES, SweepColours, band, own_style, page
from gahb.settings import FigureSettings


@own_style()
def draw(psnr: Path | str, figures: FigureSettings) -> Figure:
    """Draw Fig. 1 of Kadkhodaie et al. from the table of `psnr_table`."""
    table = pd.read_csv(psnr)
    colours = SweepColours(sorted(table["n"].unique()), figures)
    figure = page(3.1)
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    for axes, images in zip(panels, ("train", "test"), strict=True):
        _panel(axes, table[table["images"] == images], colours)
        axes.set_title(f"{images} images")
        axes.set_xlabel("input PSNR (dB)")
    panels[0].set_ylabel("output PSNR (dB)")
    handles = [
        Line2D([], [], color="0.3", linestyle=style, label=f"network {subset}")
        for subset, style in SUBSET_STYLES.items()
    ]
    handles.append(Line2D([], [], color="0.6", linestyle=":", label="output = input"))
    panels[1].legend(handles=handles, loc="upper left")
    counts = table["count"]
    number = f"{counts.min()}" if counts.nunique() == 1 else f"{counts.min()} to {counts.max()}"
    panels[0].text(
        0.98,
        0.02,
        f"bands: 95 % bootstrap over\n{number} noisy images a point",
        ha="right",
        va="bottom",
        fontsize=6.5,
        color="0.35",
        transform=panels[0].transAxes,
    )
    colours.bar(figure, panels)
    return figure


def _panel(axes: Axes, table: pd.DataFrame, colours: SweepColours) -> None:
    inputs = table["input_psnr_db"]
    axes.plot([inputs.min(), inputs.max()], [inputs.min(), inputs.max()], ":", color="0.6")
    for (size, subset), curve in table.groupby(["n", "subset"]):
        curve = curve.sort_values("input_psnr_db")
        outputs = ("output_psnr_db", "output_psnr_low_db", "output_psnr_high_db")
        columns = (curve[name] for name in ("input_psnr_db", *outputs))
        band(axes, *columns, linestyle=SUBSET_STYLES[subset], color=colours(size))
