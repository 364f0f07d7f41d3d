"""What networks and the models of their data draw from the same noise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from gahb.figures.style import own_style, page, show_image
from gahb.settings import FigureSettings
from gahb.storage import read_arrays

EXAMPLES = 4
ROWS = (
    ("network A", "network_A"),
    ("network B", "network_B"),
    ("linear A", "linear_A"),
    ("Gaussian A", "gaussian_A"),
    ("Gaussian B", "gaussian_B"),
    ("empirical A", "empirical_A"),
    ("empirical B", "empirical_B"),
)


@own_style()
def draw(
    samples: Sequence[Path | str],
    models: Sequence[Path | str],
    figures: FigureSettings,
) -> Figure:
    """Draw the first samples of each N, one row per model, one column per noise.

    ``samples`` and ``models`` hold one file per N, in the same order.
    """
    figure = page(2.6)
    grid = figure.subplots(len(ROWS), EXAMPLES * len(samples), squeeze=False)
    for position, (drawn, modelled) in enumerate(zip(samples, models, strict=True)):
        networks, others = read_arrays(drawn), read_arrays(modelled)
        columns = grid[:, EXAMPLES * position : EXAMPLES * (position + 1)]
        for line, (_, name) in zip(columns, ROWS, strict=True):
            kind, subset = name.split("_")
            images = (
                networks[f"images_{subset}"] if kind == "network" else others.get(f"images_{name}")
            )
            for axes, index in zip(line, range(EXAMPLES), strict=True):
                blank = np.full_like(networks["images_A"][index], np.nan)
                show_image(axes, blank if images is None else images[index])
        columns[0, 0].set_title(f"$N$ = {int(others['n']):,}", loc="left", fontsize=8)
    for axes, (label, _) in zip(grid[:, 0], ROWS, strict=True):
        axes.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=7)
    return figure
