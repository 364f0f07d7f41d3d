"""Eigenvalues, coefficients and eigenvectors of the Jacobian at noisy images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure, SubFigure

from gahb.figures.panels import (
    chosen_modes,
    coefficients_panel,
    describe,
    of,
    read_bases,
    read_tables,
    show_bases,
    show_triple,
    spectrum_panel,
    stated,
    value,
)
from gahb.figures.style import own_style, page
from gahb.settings import FigureSettings

COLUMNS = 10


@own_style()
def draw(
    bases: Sequence[Path | str],
    summary: Sequence[Path | str],
    figures: FigureSettings,
) -> Figure:
    """Draw Fig. 3 of Kadkhodaie et al., one part for each set of images."""
    table, all_arrays = read_tables(summary), read_bases(bases)
    figure = page(2.6 * len(all_arrays))
    parts = figure.subfigures(len(all_arrays), 1, squeeze=False)[:, 0]
    for part, name, arrays in zip(parts, table["experiment"].unique(), all_arrays, strict=True):
        draw_part(part, arrays, of(table, name))
    return figure


def draw_part(
    part: SubFigure, arrays: Mapping[str, np.ndarray], rows: pd.DataFrame, image: int = 0
) -> None:
    """Draw one image's triple, the spectra of all images, and one image's eigenvectors."""
    top, bottom = part.subfigures(2, 1, squeeze=False, height_ratios=(1.75, 1))[:, 0]
    grid = top.add_gridspec(1, 5, width_ratios=(1, 1, 1, 1.5, 1.5))
    panels = [top.add_subplot(cell) for cell in grid]
    show_triple(panels[:3], arrays, image)
    spectrum_panel(panels[3], arrays, color="#1f6f8b")
    rank = value(rows, "effective_rank")["value"]
    panels[3].axvline(rank, color="0.5", linestyle=":", linewidth=0.8)
    panels[3].text(
        rank,
        0.98,
        rf"tr $J$ = {rank:.0f} ",
        fontsize=6,
        va="top",
        ha="right",
        transform=panels[3].get_xaxis_transform(),
        rotation=90,
    )
    coefficients_panel(panels[4], arrays)
    record = rows.iloc[0]
    top.suptitle(
        rf"{describe(record)}: $\sigma$ = {record['sigma']:g}, $N$ = {record['n']:,}; "
        f"asymmetry {stated(rows, 'asymmetry')}, energy in tr $J$ coefficients "
        f"{stated(rows, 'energy_kept', 3)}, {record['images']} images",
        fontsize=7,
    )
    modes = chosen_modes(arrays["vectors"].shape[1], COLUMNS)
    show_bases(bottom.subplots(1, COLUMNS), arrays, modes, image)
