"""Where two networks part: one-shot denoised images along the most different trajectory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure, SubFigure

from gahb.analysis.similarity import centred, cosine, flatten
from gahb.figures.style import NETWORK_COLOURS, own_style, page, show_image
from gahb.settings import FigureSettings
from gahb.storage import read_arrays

COLUMNS = 10
PAIRS = (
    ("different", "#c8553d", "most different pair"),
    ("median", "0.45", "pair of median cosine"),
)


@own_style()
def draw(trajectories: Path | str, figures: FigureSettings) -> Figure:
    """Draw Fig. 8 of Kadkhodaie et al. from the arrays of `record_trajectories`."""
    arrays = read_arrays(trajectories)
    figure = page(3.8)
    if "different_sample" not in arrays:
        figure.text(0.5, 0.5, "no pair of samples converged", ha="center")
        return figure
    top, bottom = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.0, 1.1))[:, 0]
    _pictures(top, arrays)
    axes = bottom.subplots()
    for pair, colour, label in PAIRS:
        left, right, _ = _aligned(arrays, pair)
        values = cosine(centred(flatten(left)), centred(flatten(right)))
        label = f"{label} (sample {int(arrays[f'{pair}_sample'])}, at the end {values[-1]:.2f})"
        axes.plot(np.arange(1, len(values) + 1), values, color=colour, label=label)
    axes.set_xlabel("step of the ascent")
    axes.set_ylabel("cosine of the two\ndenoised images")
    axes.legend(loc="best")
    return figure


def _aligned(arrays: dict[str, np.ndarray], pair: str) -> tuple[np.ndarray, ...]:
    """Return the estimates of A and of B and A's noise levels, as long as the longer.

    A trajectory that has ended stays at its last image.
    """
    parts = [
        arrays[f"{pair}_estimates_A"],
        arrays[f"{pair}_estimates_B"],
        arrays[f"{pair}_sigma_A"],
    ]
    length = max(map(len, parts))
    return tuple(part[np.minimum(np.arange(length), len(part) - 1)] for part in parts)


def _pictures(figure: SubFigure, arrays: dict[str, np.ndarray]) -> None:
    """Show the most different pair at noise levels equally spaced in log sigma."""
    left, right, sigma = _aligned(arrays, "different")
    levels = np.log(sigma)
    wanted = np.linspace(levels[0], levels[-1], COLUMNS)
    steps = [int(np.abs(levels - level).argmin()) for level in wanted[:-1]] + [len(levels) - 1]
    grid = figure.subplots(2, COLUMNS, squeeze=False)
    for column, step in zip(grid.T, steps, strict=True):
        column[0].set_anchor("S")
        column[1].set_anchor("N")
        show_image(column[0], left[step])
        show_image(column[1], right[step])
        column[0].set_title(rf"$\sigma$ = {sigma[step]:.2f}", fontsize=7)
    for axes, subset in zip(grid[:, 0], "AB", strict=True):
        axes.set_ylabel(subset, rotation=0, ha="right", va="center", color=NETWORK_COLOURS[subset])
    figure.suptitle(
        f"$N$ = {int(arrays['n']):,}: denoised images on the way from the same noise", fontsize=8
    )
