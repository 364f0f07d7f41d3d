"""Eigenvalues, coefficients and eigenvectors of the Jacobian at noisy images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from gahb.figures.panels import (
    chosen_modes,
    coefficients_panel,
    describe,
    energy_panel,
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
    figure = page(4.2 * len(all_arrays))
    parts = figure.subfigures(len(all_arrays), 1, squeeze=False)[:, 0]
    for part, name, arrays in zip(parts, table["experiment"].unique(), all_arrays, strict=True):
        draw_part(part, arrays, of(table, name))
    return figure


def draw_part(
    part: SubFigure, arrays: Mapping[str, np.ndarray], rows: pd.DataFrame, image: int = 0
) -> None:
    """Draw one image's triple, the spectra of all images, and one image's eigenvectors."""
    top, middle, bottom = part.subfigures(3, 1, squeeze=False, height_ratios=(1.2, 1.9, 1))[:, 0]
    show_triple(top.subplots(1, 3), arrays, image)
    spectrum, coefficients, energy = middle.subplots(1, 3)
    spectrum_panel(spectrum, arrays, color="#1f6f8b")
    _mark_rank(spectrum, value(rows, "effective_rank")["value"])
    coefficients_panel(coefficients, arrays)
    energy_panel(energy, arrays)
    _mark_rank(energy, value(rows, "effective_rank")["value"])
    record = rows.iloc[0]
    top.suptitle(
        rf"{describe(record)}: $\sigma$ = {record['sigma']:g}, $N$ = {record['n']:,}, "
        f"{record['images']} images; antisymmetric share of the energy of what is kept "
        f"{stated(rows, 'antisymmetric_leading', 3)};\nenergy in tr $J$ eigenvectors "
        f"{stated(rows, 'energy_kept', 3)}, in as many principal components "
        f"{stated(rows, 'energy_kept_pca', 3)}",
        fontsize=7,
    )
    modes = chosen_modes(arrays["vectors"].shape[1], COLUMNS)
    show_bases(bottom.subplots(1, COLUMNS), arrays, modes, image)


def _mark_rank(axes: Axes, rank: float) -> None:
    """Draw a dotted line at the number of directions that are kept."""
    axes.axvline(rank, color="0.5", linestyle=":", linewidth=0.8)
    axes.text(
        rank,
        0.98,
        rf"tr $J$ = {rank:.0f} ",
        fontsize=6,
        va="top",
        ha="right",
        transform=axes.get_xaxis_transform(),
        rotation=90,
    )
