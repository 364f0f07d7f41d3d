"""Output PSNR against input PSNR on training and on test images, one curve per N."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gahb.figures.style import SUBSET_STYLES, SweepColours, band, own_style, page
from gahb.settings import FigureSettings

GAUSSIAN: dict[str, Any] = {"color": "0.1", "linestyle": (0, (1, 1)), "linewidth": 1.2}
BOUND: dict[str, Any] = {"color": "#c8553d", "linestyle": "-.", "linewidth": 0.8}


def resampled(table: pd.DataFrame) -> str:
    """Return what the intervals of a table of `psnr_table` resample."""
    counts, runs = table["count"], table["runs"].max()
    number = f"{counts.min()}" if counts.nunique() == 1 else f"{counts.min()} to {counts.max()}"
    return f"{number} images a point, " + ("one run" if runs == 1 else f"{runs} runs")


@own_style()
def draw(psnr: Path | str, size: int, channels: int, figures: FigureSettings) -> Figure:
    """Draw Fig. 1 of Kadkhodaie et al. from the table of `psnr_table`.

    Beside the networks stand the Gaussian denoiser of the largest training set, and what a
    homogeneous denoiser of one image reaches at best: it errs by sigma^2 in all, so that its
    output PSNR is the input's plus 10 log10 d in d = channels size^2 dimensions.
    """
    table = pd.read_csv(psnr)
    colours = SweepColours(sorted(table["n"].unique()), figures)
    figure = page(3.1)
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    for axes, images in zip(panels, ("train", "test"), strict=True):
        _panel(axes, table[table["images"] == images], colours)
        axes.set_title(f"{images} images")
        axes.set_xlabel("input PSNR (dB)")
    panels[0].set_ylabel("output PSNR (dB)")
    largest = table["n"].max()
    bound = np.sort(table["input_psnr_db"].unique())
    panels[0].plot(bound, bound + 10 * np.log10(channels * size**2), **BOUND)
    handles = [
        Line2D([], [], color="0.3", linestyle=style, label=f"network {subset}")
        for subset, style in SUBSET_STYLES.items()
    ]
    handles.append(Line2D([], [], label=f"Gaussian denoiser, N = {largest:,}", **GAUSSIAN))
    handles.append(Line2D([], [], label="bound at N = 1", **BOUND))
    handles.append(Line2D([], [], color="0.6", linestyle=":", label="output = input"))
    panels[1].legend(handles=handles, loc="upper left", fontsize=6.5)
    panels[0].text(
        0.98,
        0.02,
        f"bands: 95 % bootstrap over\n{resampled(table)}",
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
    of_gaussians = table[table["n"] == table["n"].max()].groupby("input_psnr_db")
    mean = of_gaussians["gaussian_psnr_db"].mean()
    axes.plot(mean.index, mean, **GAUSSIAN)
    for (size, subset), curve in table.groupby(["n", "subset"]):
        curve = curve.sort_values("input_psnr_db")
        outputs = ("output_psnr_db", "output_psnr_low_db", "output_psnr_high_db")
        columns = (curve[name] for name in ("input_psnr_db", *outputs))
        band(axes, *columns, linestyle=SUBSET_STYLES[subset], color=colours(size))
