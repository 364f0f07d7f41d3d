"""One page on slopes: PSNR curves for every alpha, fitted slopes, and the bases behind them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gahb.figures.panels import (
    METHOD_STYLES,
    chosen_modes,
    curves_panel,
    describe,
    of,
    read_bases,
    read_tables,
    show_bases,
)
from gahb.figures.style import own_style, page, show_image
from gahb.settings import FigureSettings

COLUMNS = 7


@own_style()
def draw(
    bases: Sequence[Path | str],
    curves: Sequence[Path | str],
    slopes: Sequence[Path | str],
    figures: FigureSettings,
) -> Figure:
    """Draw Figs. 4 and 16 of Kadkhodaie et al.: C^alpha images, by rising alpha."""
    table, fits, all_arrays = read_tables(curves), read_tables(slopes), read_bases(bases)
    names = list(table["experiment"].unique())
    figure = page(4.3 + 0.95 * len(names))
    top, middle, bottom = figure.subfigures(
        3, 1, squeeze=False, height_ratios=(2.2, 2.1, 0.95 * len(names))
    )[:, 0]
    panels = top.subplots(1, len(names), sharex=True, sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        rows = of(table, name)
        curves_panel(axes, rows, of(fits, name))
        axes.set_title(describe(rows.iloc[0]))
    panels[0].set_ylabel("output PSNR (dB)")
    panels[0].legend(fontsize=5.5, loc="upper left", handlelength=1.2)
    left, right = middle.subplots(1, 2)
    _fitted(left, table, fits, names)
    _against_alpha(right, fits)
    grid = bottom.subplots(len(names), COLUMNS + 1, squeeze=False)
    for row, name, arrays in zip(grid, names, all_arrays, strict=True):
        show_image(row[0], arrays["clean"][0])
        row[0].set_title(describe(of(table, name).iloc[0]), fontsize=6, pad=2)
        show_bases(row[1:], arrays, chosen_modes(arrays["vectors"].shape[1], COLUMNS), 0)
    sigma = float(all_arrays[0]["sigma"])
    bottom.suptitle(rf"eigenvectors at one noisy image of each, $\sigma$ = {sigma:g}", fontsize=7)
    return figure


def _fitted(axes: Axes, table: pd.DataFrame, fits: pd.DataFrame, names: list[str]) -> None:
    """Draw what the network gains, its fitted points, and the theory as dashed lines."""
    colours = colormaps["viridis"](np.linspace(0, 0.85, len(names)))
    for colour, name in zip(colours, names, strict=True):
        rows = of(table, name)
        rows = rows[rows["method"] == "network"].sort_values("input_psnr_db")
        inputs, outputs = rows["input_psnr_db"].to_numpy(), rows["psnr_db"].to_numpy()
        axes.plot(inputs, outputs, color=colour, linewidth=0.9, label=describe(rows.iloc[0]))
        inside = rows["fitted"].to_numpy(bool)
        axes.plot(inputs[inside], outputs[inside], "o", color=colour, markersize=3)
        theory = of(fits, name)["theory"].dropna()
        if inside.any() and len(theory):
            line = theory.iloc[0] * (inputs - inputs[inside].mean()) + outputs[inside].mean()
            near = (inputs >= inputs[inside].min() - 3) & (inputs <= inputs[inside].max() + 3)
            axes.plot(inputs[near], line[near], "--", color=colour, linewidth=0.8)
    axes.set_xlabel("input PSNR (dB)")
    axes.set_ylabel("output PSNR (dB)")
    axes.legend(fontsize=6, title="network; dots: fitted\ndashed: theory", title_fontsize=6)


def _against_alpha(axes: Axes, fits: pd.DataFrame) -> None:
    """Draw slopes with intervals over alpha, and alpha / (alpha + 1) dashed."""
    regularity = np.linspace(0.8 * fits["contour_alpha"].min(), 1.05 * fits["contour_alpha"].max())
    axes.plot(
        regularity, regularity / (regularity + 1), "k--", linewidth=0.9,
        label=r"$\alpha/(\alpha+1)$",
    )  # fmt: skip
    for method, style in METHOD_STYLES.items():
        rows = fits[fits["method"] == method].sort_values("contour_alpha")
        if rows.empty:
            continue
        errors = np.stack([rows["slope"] - rows["low"], rows["high"] - rows["slope"]])
        axes.errorbar(
            rows["contour_alpha"], rows["slope"], yerr=errors, marker="o", markersize=3, **style
        )
    axes.set_xlabel(r"regularity $\alpha$")
    axes.set_ylabel("fitted slope")
    images = int(fits["images"].iloc[0]) if len(fits) else 0
    axes.legend(
        fontsize=5.5, loc="best", title=f"95 % bootstrap, {images} images", title_fontsize=5.5
    )
