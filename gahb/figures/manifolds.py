"""One page on images that fill a manifold of a few dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure, SubFigure

from gahb.figures.panels import (
    curves_panel,
    of,
    read_bases,
    read_tables,
    show_bases,
    show_triple,
    spectrum_panel,
    stated,
)
from gahb.figures.style import own_style, page
from gahb.settings import FigureSettings

COLUMNS = 8


@own_style()
def draw(
    bases: Sequence[Path | str],
    curves: Sequence[Path | str],
    slopes: Sequence[Path | str],
    summary: Sequence[Path | str],
    figures: FigureSettings,
    title: str,
    dimension: int,
) -> Figure:
    """Draw Figs. 5, 19 and 20 of Kadkhodaie et al. from the first experiment."""
    arrays = read_bases(bases)[0]
    table, numbers = read_tables(curves), read_tables(summary)
    name = table["experiment"].iloc[0]
    table, numbers, fits = of(table, name), of(numbers, name), of(read_tables(slopes), name)
    shown = len(arrays["clean"])
    figure = page(2.9 + 2.0 * shown)
    heights = [2.7] + [2.0] * shown
    parts = figure.subfigures(1 + shown, 1, squeeze=False, height_ratios=heights)[:, 0]
    left, right = parts[0].subplots(1, 2)
    spectrum_panel(left, arrays, color="#1f6f8b")
    left.axvline(dimension, color="0.5", linestyle=":", linewidth=0.8)
    left.set_title(
        f"tr $J$ = {stated(numbers, 'effective_rank', 1)}, dotted: dimension {dimension}",
        fontsize=7,
    )
    curves_panel(right, table, fits)
    right.set_ylabel("output PSNR (dB)")
    right.legend(fontsize=5.5, loc="upper left")
    right.set_title(_slope_text(fits), fontsize=7)
    record = numbers.iloc[0]
    parts[0].suptitle(
        rf"{title}, $\sigma$ = {record['sigma']:g}, $N$ = {record['n']:,}; leading eigenvectors "
        f"and tangent space:\nmean squared cosine of {dimension} principal angle(s) "
        f"{stated(numbers, 'tangent_overlap', 3)}, of principal components "
        f"{stated(numbers, 'tangent_overlap_pca', 3)}, {record['images']} images",
        fontsize=7,
    )
    for image, part in enumerate(parts[1:]):
        _image_rows(part, arrays, image)
    return figure


def _slope_text(fits: pd.DataFrame) -> str:
    own = fits[fits["method"] == "network"]
    if own.empty:
        return "dashed: slope 1"
    row = own.iloc[0]
    return (
        f"slope {row['slope']:.2f} [{row['low']:.2f}, {row['high']:.2f}] over "
        f"{row['from_db']:.0f} to {row['to_db']:.0f} dB; dashed: 1"
    )


def _image_rows(part: SubFigure, arrays: Mapping[str, np.ndarray], image: int) -> None:
    """Show one image's triple and its first 2 x 8 - 3 eigenvectors."""
    panels = list(part.subplots(2, COLUMNS, squeeze=False).flat)
    show_triple(panels[:3], arrays, image)
    rest = panels[3:]
    count = min(len(rest), arrays["vectors"].shape[1])
    show_bases(rest, arrays, range(count), image)
    for axes in rest[count:]:
        axes.axis("off")
