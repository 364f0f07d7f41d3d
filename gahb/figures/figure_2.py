"""Samples of networks A and B from the same noise, their nearest training images, by N."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gahb.analysis.transition.tables import by_network
from gahb.figures.style import own_style, page, show_image
from gahb.settings import FigureSettings
from gahb.storage import read_array, read_arrays, read_json

COLUMNS = 10
ROWS = ("closest in A", "sample of A", "sample of B", "closest in B")
HISTOGRAMS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("A and B, other noise", {"color": "0.6", "alpha": 0.6, "histtype": "stepfilled"}),
    ("A and B, same noise", {"color": "#c8553d"}),
    ("their Gaussian denoisers, same noise", {"color": "#e0a030", "linestyle": ":"}),
    ("sample and closest training image", {"color": "#1f6f8b"}),
    ("held-out image and closest training image", {"color": "#1f6f8b", "linestyle": ":"}),
)


@own_style()
def draw(
    samples: Sequence[Path | str],
    pairs: Sequence[Path | str],
    held_out: Sequence[Path | str],
    gaussian_pairs: Sequence[Path | str],
    images: Path | str,
    split: Path | str,
    figures: FigureSettings,
) -> Figure:
    """Draw Fig. 2 of Kadkhodaie et al., with controls.

    ``samples``, ``pairs``, ``held_out`` and ``gaussian_pairs`` hold one file per N, in the same
    order; the N stands in the files. The first samples are shown, whatever they are.
    """
    tables = [pd.read_csv(path) for path in pairs]
    pixels, halves = read_array(images), read_json(split)["halves"]
    figure = page(4.8)
    top, bottom = figure.subfigures(2, 1, squeeze=False, height_ratios=(2.6, 1.5))[:, 0]
    examples = min(max(2, COLUMNS // len(tables)), *map(len, tables), COLUMNS)
    grid = top.subplots(len(ROWS), examples * len(tables), squeeze=False)
    for position, (path, table) in enumerate(zip(samples, tables, strict=True)):
        columns = grid[:, examples * position : examples * (position + 1)]
        _examples(columns, read_arrays(path), table, pixels, halves)
        columns[0, 0].set_title(f"$N$ = {table['n'].iloc[0]:,}", loc="left", fontsize=8)
    for axes, label in zip(grid[:, 0], ROWS, strict=True):
        axes.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=7)
    panels = bottom.subplots(1, len(tables), sharex=True, sharey=True, squeeze=False)[0]
    controls = ([pd.read_csv(path) for path in paths] for paths in (held_out, gaussian_pairs))
    for axes, *of_n in zip(panels, tables, *controls, strict=True):
        _histograms(axes, *of_n)
    panels[0].set_ylabel("share")
    bottom.supxlabel("cosine of mean-removed images", fontsize=8)
    handles, labels = panels[0].get_legend_handles_labels()
    bottom.legend(handles, labels, loc="outside upper center", ncols=3, fontsize=6.5)
    return figure


def _examples(
    grid: np.ndarray,
    arrays: Mapping[str, np.ndarray],
    table: pd.DataFrame,
    pixels: np.ndarray,
    halves: Mapping[str, Sequence[int]],
) -> None:
    """Fill four rows of one N with the first samples and their nearest training images."""
    for column in range(grid.shape[1]):
        row = table.iloc[column]
        show_image(grid[1, column], arrays["images_A"][column])
        show_image(grid[2, column], arrays["images_B"][column])
        for line, subset in ((0, "A"), (3, "B")):
            index = row[f"nearest_index_{subset}"]
            blank = np.full(pixels.shape[1:], np.nan)
            known = pd.notna(index)
            show_image(grid[line, column], pixels[halves[subset][int(index)]] if known else blank)


def _histograms(
    axes: Axes, table: pd.DataFrame, held_out: pd.DataFrame, gaussian_pairs: pd.DataFrame
) -> None:
    columns = (
        table["mismatched_cosine"].dropna().to_numpy(float),
        table["pair_cosine"].dropna().to_numpy(float),
        gaussian_pairs["pair_cosine"].dropna().to_numpy(float),
        np.concatenate(by_network(table, "nearest_cosine")),
        np.concatenate(by_network(held_out, "nearest_cosine")),
    )
    # From 0, or from as far below as any value goes; samples may all have failed.
    lowest = min([0.0, *np.concatenate(columns)])
    bins = np.arange(np.floor(10 * lowest) / 10, 1.0 + 1e-9, 0.05)
    for (label, style), part in zip(HISTOGRAMS, columns, strict=True):
        weights = np.full(len(part), 1 / max(len(part), 1))
        axes.hist(part, bins.tolist(), weights=weights, label=label, **{"histtype": "step"} | style)
    # Pairs that did not converge, or are constant, have no cosine.
    known = len(columns[1])
    count = f"{known} of {len(table)}" if known < len(table) else f"{known}"
    axes.set_title(f"$N$ = {table['n'].iloc[0]:,}, {count} pairs", fontsize=7)
