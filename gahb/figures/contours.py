"""One page on where eigenvectors live and how fast they oscillate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure, SubFigure

from gahb.figures.panels import (
    chosen_modes,
    describe,
    measure_panel,
    of,
    read_bases,
    read_tables,
    show_bases,
    stated,
)
from gahb.figures.style import own_style, page, show_image
from gahb.settings import FigureSettings

COLUMNS = 8


@own_style()
def draw(
    bases: Sequence[Path | str], summary: Sequence[Path | str], figures: FigureSettings, images: int
) -> Figure:
    """Draw Figs. 17 and 18 of Kadkhodaie et al.: eigenvectors at ``images`` images of each set."""
    table, all_arrays = read_tables(summary), read_bases(bases)
    names = list(table["experiment"].unique())
    rows = [min(images, len(arrays["clean"])) for arrays in all_arrays]
    heights = [1.5 + 0.9 * count for count in rows]
    figure = page(sum(heights))
    parts = figure.subfigures(len(names), 1, height_ratios=heights, squeeze=False)[:, 0]
    for part, name, arrays, count in zip(parts, names, all_arrays, rows, strict=True):
        _part(part, arrays, of(table, name), count)
    return figure


def _part(
    part: SubFigure, arrays: Mapping[str, np.ndarray], rows: pd.DataFrame, images: int
) -> None:
    top, bottom = part.subfigures(2, 1, squeeze=False, height_ratios=(0.9 * images, 1.4))[:, 0]
    grid = top.subplots(images, COLUMNS + 1, squeeze=False)
    for image, panels in enumerate(grid):
        show_image(panels[0], arrays["clean"][image])
        show_bases(panels[1:], arrays, chosen_modes(arrays["vectors"].shape[1], COLUMNS), image)
    record = rows.iloc[0]
    top.suptitle(rf"{describe(record)}, $\sigma$ = {record['sigma']:g}", fontsize=7)
    left, right = bottom.subplots(1, 2)
    measure_panel(left, arrays, "contour", "energy at contours\n(1: spread evenly)")
    left.set_title(f"over tr $J$ modes: {stated(rows, 'contour_energy')}", fontsize=6)
    measure_panel(right, arrays, "frequency", "mean frequency\n(cycles per pixel)")
    right.set_title(
        f"rank correlation over tr $J$ modes: {stated(rows, 'frequency_trend')}; "
        f"{record['images']} images",
        fontsize=6,
    )
    left.set_ylim(top=1.25 * left.get_ylim()[1])  # room for the legend in one row
    left.legend(fontsize=6, loc="upper right", ncols=3, columnspacing=1, handlelength=1.2)
