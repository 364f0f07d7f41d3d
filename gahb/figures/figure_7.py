"""Many pairs of samples from the same noise, at the largest N."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from gahb.figures.style import NETWORK_COLOURS, PAGE, own_style, page, show_image
from gahb.settings import FigureSettings
from gahb.storage import read_arrays

LINES = 4


@own_style()
def draw(samples: Path | str, pairs: Path | str, figures: FigureSettings) -> Figure:
    """Draw Fig. 7 of Kadkhodaie et al.: A above B, in the order of the samples' seeds."""
    arrays, table = read_arrays(samples), pd.read_csv(pairs)
    columns = figures.columns
    lines = min(LINES, math.ceil(len(table) / columns))
    size = PAGE / columns
    figure = page(lines * (2 * size + 0.14) + 0.3)
    blocks = figure.subfigures(lines, 1, squeeze=False)[:, 0]
    for line, block in enumerate(blocks):
        grid = block.subplots(2, columns, squeeze=False)
        for column in range(columns):
            sample = line * columns + column
            if sample >= len(table):
                grid[0, column].axis("off")
                grid[1, column].axis("off")
                continue
            grid[0, column].set_anchor("S")
            grid[1, column].set_anchor("N")
            show_image(grid[0, column], arrays["images_A"][sample])
            show_image(grid[1, column], arrays["images_B"][sample])
            grid[0, column].set_title(f"{table['pair_cosine'][sample]:.2f}", fontsize=6, pad=2)
        for axes, subset in zip(grid[:, 0], "AB", strict=True):
            axes.set_ylabel(
                subset, rotation=0, ha="right", va="center", color=NETWORK_COLOURS[subset]
            )
    cosine = table["pair_cosine"].dropna()
    count = f"{len(cosine)} of {len(table)}" if len(cosine) < len(table) else f"all {len(cosine)}"
    figure.suptitle(
        f"$N$ = {table['n'].iloc[0]:,}: samples of networks A and B from the same noise; above "
        f"each pair its cosine (median of {count}: {cosine.median():.3f})",
        fontsize=8,
    )
    return figure
