"""How alike the two training subsets are: cosine of closest pairs across them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gahb.figures.style import own_style, page, show_image
from gahb.settings import FigureSettings
from gahb.storage import read_array, read_json

SHOWN = 6


@own_style()
def draw(
    closest: Path | str,
    dedup: Path | str,
    images: Path | str,
    split: Path | str,
    figures: FigureSettings,
) -> Figure:
    """Draw Fig. 6 of Kadkhodaie et al. from the table of `closest_across`."""
    everything, threshold = pd.read_csv(closest), read_json(dedup)["threshold"]
    table = everything.dropna().astype({"index_B": int})
    # A constant image has no cosine with any.
    left_out = f", {len(everything) - len(table)} constant" if len(table) < len(everything) else ""
    pixels, halves = read_array(images), read_json(split)["halves"]
    figure = page(2.3)
    left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=(1.15, 1))[0]
    axes = left.subplots()
    # Edges on whole hundredths: a bar ends at the threshold and does not straddle it.
    lowest = np.floor(20 * min([0.95, *table["cosine"]])) * 5
    axes.hist(table["cosine"], np.arange(lowest, 101) / 100, color="#1f6f8b")
    axes.axvline(threshold, color="0.2", linestyle="--", label=f"dedup threshold {threshold:g}")
    axes.legend(loc="upper left")
    axes.set_xlabel("cosine with the closest image of B, mean-removed")
    axes.set_ylabel("images of A")
    axes.set_title(
        f"{len(everything):,} images{left_out}; median {table['cosine'].median():.3f}, "
        f"highest {table['cosine'].max():.3f}"
    )
    best = table.nlargest(SHOWN, "cosine")
    if best.empty:
        return figure
    grid = right.subplots(2, len(best), squeeze=False)
    for column, row in zip(grid.T, best.itertuples(), strict=True):
        column[0].set_anchor("S")
        column[1].set_anchor("N")
        show_image(column[0], pixels[halves["A"][row.index_A]])
        show_image(column[1], pixels[halves["B"][row.index_B]])
        column[0].set_title(f"{row.cosine:.3f}", fontsize=7)
    grid[0, 0].set_ylabel("A", rotation=0, ha="right", va="center")
    grid[1, 0].set_ylabel("B", rotation=0, ha="right", va="center")
    right.suptitle("the closest pairs of all", fontsize=8)
    return figure
