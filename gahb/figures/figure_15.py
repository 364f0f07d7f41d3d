"""Gap between training and test PSNR against N, one curve per image size, and its networks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gahb.figures.style import SweepColours, band, own_style, page
from gahb.settings import FigureSettings

HEADER = ("size", "blocks", "width", "parameters", "receptive\nfield", "MFLOP\nan image")


@own_style()
def draw(
    gaps: Sequence[Path | str], architectures: Sequence[Path | str], figures: FigureSettings
) -> Figure:
    """Draw Fig. 15 and Table 1 of Kadkhodaie et al., one file per image size in each."""
    table = pd.concat([pd.read_csv(path) for path in gaps])
    networks = pd.concat([pd.read_csv(path) for path in architectures])
    colours = SweepColours(sorted(table["size"].unique()), figures, "pixels a side")
    figure = page(2.9)
    axes, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": (1, 1)})
    for size, curve in table.groupby("size"):
        style: dict[str, Any] = {
            "markersize": 3,
            "color": colours(size),
            "label": f"{size}x{size} pixels",
        }
        columns = ("n", "gap_db", "gap_low_db", "gap_high_db")
        band(axes, *(curve[name] for name in columns), marker="o", **style)
    axes.axhline(0, color="0.6", linestyle=":", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xticks(sorted(table["n"].unique()), [f"{n:,}" for n in sorted(table["n"].unique())])
    axes.minorticks_off()
    axes.legend()
    axes.set_xlabel("training images $N$")
    axes.set_ylabel("train less test PSNR (dB),\nmean over noise levels")
    axes.set_title(
        f"bands: 95 % bootstrap over {table['test_count'].max()} test and up to "
        f"{table['train_count'].max()}\ntraining images of both networks"
    )
    _show_networks(right, networks)
    return figure


def _show_networks(axes: Axes, networks: pd.DataFrame) -> None:
    """Show the networks as a table."""
    axes.axis("off")
    axes.set_title("networks (receptive field measured)")
    cells = [
        (
            f"{row.size}x{row.size}",
            str(row.blocks),
            str(row.width),
            f"{row.parameters:,}",
            f"{row.receptive_field} to {row.receptive_field_most}"
            if row.receptive_field_most > row.receptive_field
            else str(row.receptive_field),
            f"{1000 * row.forward_gflop:,.3g}",
        )
        for row in networks.itertuples(index=False)
    ]
    table = axes.table(cells, colLabels=HEADER, loc="center", cellLoc="center", edges="horizontal")
    table.auto_set_font_size(False)
    table.set_fontsize(7)
    table.scale(1.1, 1.5)
    for column in range(len(HEADER)):
        table[0, column].set_height(2 * table[1, column].get_height())
