"""N* against the parameters of the network and the pixels of the image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from gahb.figures.style import own_style, page
from gahb.settings import FigureSettings

FORM_STYLES: dict[str, dict[str, Any]] = {
    "plain": {"color": "#1f6f8b", "marker": "o", "label": "as in Fig. 2"},
    "excess": {"color": "#c8553d", "marker": "s", "label": "beyond controls"},
}
AXES = (("parameters", "parameters of a network"), ("pixels", "pixels of an image"))


@own_style()
def draw(
    crossings: Sequence[Path | str], architectures: Sequence[Path | str], figures: FigureSettings
) -> Figure:
    """Draw N* of several experiments, one file of each kind per experiment."""
    tables = []
    for path, network in zip(crossings, architectures, strict=True):
        row = pd.read_csv(network).iloc[0]
        pixels = int(row["size"]) ** 2
        known = {"parameters": row["parameters"], "presentations": row["presentations"]}
        tables.append(pd.read_csv(path).assign(pixels=pixels, **known))
    table = pd.concat(tables, ignore_index=True)
    figure = page(2.9)
    panels = figure.subplots(1, len(AXES), sharey=True)
    for axes, (column, label) in zip(panels, AXES, strict=True):
        for position, (form, style) in enumerate(FORM_STYLES.items()):
            _points(axes, table[table["form"] == form], column, 1 + 0.06 * position, **style)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel(label)
        values = sorted(table[column].unique())
        axes.set_xlim(values[0] / 2, values[-1] * 2)
        axes.set_xticks(values, [f"{value:,}" for value in values])
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.minorticks_off()
    panels[0].set_ylabel("$N^*$: networks agree more than they copy")
    panels[0].legend(loc="best")
    runs = table["runs"].min()
    panels[1].set_title(
        f"95 % bootstrap, {'one run' if runs == 1 else f'{runs} runs or more'} of each\n"
        "arrows: beyond the N that were tried",
        fontsize=7,
    )
    return figure


def _points(axes: Axes, table: pd.DataFrame, column: str, aside: float, **style: Any) -> None:
    """Draw one form of N*, its interval cut at the N that were tried; labels say how long."""
    inside = table[["smallest_n", "largest_n"]].to_numpy(float).T
    value, low, high = (np.clip(table[name], *inside) for name in ("n_star", "low", "high"))
    abscissa = aside * table[column]
    axes.errorbar(
        abscissa, value, [value - low, high - value], linestyle="", capsize=2, markersize=4, **style
    )
    for position, (x, y) in enumerate(zip(abscissa, value, strict=True)):
        row = table.iloc[position]
        arrow = {"inf": " \u2191", "0.0": " \u2193"}.get(str(float(row["n_star"])), "")
        text = f"{row['presentations'] / 1000:,.0f}k{arrow}"
        axes.annotate(text, (x, y), (4, 2), textcoords="offset points", fontsize=5.5, color="0.4")
