"""The same images with and without their pixels shuffled: denoising and bases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gahb.figures.panels import (
    chosen_modes,
    describe,
    of,
    read_bases,
    read_tables,
    show_bases,
    show_triple,
    spectrum_panel,
    stated,
)
from gahb.figures.style import band, own_style, page
from gahb.settings import FigureSettings

COLUMNS = 10
STYLES = ({"color": "#1f6f8b"}, {"color": "#c8553d"})


@own_style()
def draw(
    bases: Sequence[Path | str],
    curves: Sequence[Path | str],
    summary: Sequence[Path | str],
    figures: FigureSettings,
) -> Figure:
    """Draw Fig. 21 of Kadkhodaie et al."""
    table, numbers, all_arrays = read_tables(curves), read_tables(summary), read_bases(bases)
    names = list(table["experiment"].unique())
    figure = page(2.3 + 1.1 * len(names))
    top, *parts = figure.subfigures(
        1 + len(names), 1, squeeze=False, height_ratios=[2.3] + [1.1] * len(names)
    )[:, 0]
    left, right = top.subplots(1, 2)
    for name, arrays, style in zip(names, all_arrays, STYLES, strict=True):
        label = describe(of(table, name).iloc[0])
        rank = stated(of(numbers, name), "effective_rank", 1)
        spectrum_panel(left, arrays, label=f"{label}: tr $J$ = {rank}", **style)
        _curve(right, of(table, name), label, style)
    left.legend(fontsize=6)
    right.legend(fontsize=6)
    for part, name, arrays in zip(parts, names, all_arrays, strict=True):
        panels = part.subplots(1, COLUMNS)
        show_triple(panels[:3], arrays, 0)
        modes = chosen_modes(arrays["vectors"].shape[1], COLUMNS - 3)
        show_bases(panels[3:], arrays, modes, 0)
        part.suptitle(
            rf"{describe(of(table, name).iloc[0])}, $\sigma$ = {float(arrays['sigma']):g}",
            fontsize=7,
        )
    return figure


def _curve(axes: Axes, rows: pd.DataFrame, label: str, style: dict) -> None:
    """Draw the network's PSNR curve solid and the Gaussian denoiser's dotted."""
    for method, line in (("network", "-"), ("gaussian", ":")):
        part = rows[rows["method"] == method].sort_values("input_psnr_db")
        name = label if method == "network" else f"{label}, Gaussian denoiser"
        columns = ("input_psnr_db", "psnr_db", "psnr_low_db", "psnr_high_db")
        band(axes, *(part[column] for column in columns), linestyle=line, label=name, **style)
    axes.set_xlabel("input PSNR (dB)")
    axes.set_ylabel("output PSNR (dB)")
