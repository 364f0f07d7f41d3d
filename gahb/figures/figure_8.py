"""Where two networks part: one-shot denoised images along the most different trajectory."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gahb.analysis.similarity import centred, cosine, flatten
from gahb.config import Figures
from gahb.figures.style import NETWORK_COLOURS, PAGE, show_image
from gahb.storage import read_arrays

COLUMNS = 10


def draw(trajectories: Path | str, figures: Figures) -> Figure:
    """Draw Fig. 8 of Kadkhodaie et al. from the arrays of `record_trajectories`."""
    arrays = read_arrays(trajectories)
    figure = plt.figure(figsize=(PAGE, 4.0))
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.0, 1.1))
    _pictures(top, arrays)
    axes = bottom.subplots()
    for pair, colour, label in (
        ("different", "#c8553d", "most different pair"),
        ("median", "0.45", "pair of median cosine"),
    ):
        left, right = (arrays[f"{pair}_estimates_{subset}"] for subset in "AB")
        length = min(len(left), len(right))
        values = cosine(centred(flatten(left[:length])), centred(flatten(right[:length])))
        number = int(arrays[f"{pair}_sample"])
        axes.plot(
            arrays[f"{pair}_sigma_A"][:length], values, color=colour,
            label=f"{label} (sample {number}, final cosine {values[-1]:.2f})",
        )  # fmt: skip
    axes.set_xscale("log")
    axes.invert_xaxis()
    axes.set_xlabel(r"noise level $\sigma_t$ of the trajectory of A, in [0, 1] pixel units")
    axes.set_ylabel("cosine of the two\ndenoised images")
    axes.legend(loc="lower left")
    return figure


def _pictures(figure, arrays: dict[str, np.ndarray]) -> None:
    """Show the most different pair at noise levels equally spaced in log sigma."""
    estimates = {subset: arrays[f"different_estimates_{subset}"] for subset in "AB"}
    length = min(map(len, estimates.values()))
    levels = np.log(arrays["different_sigma_A"][:length])
    wanted = np.linspace(levels[0], levels[-1], COLUMNS)
    steps = [int(np.abs(levels - level).argmin()) for level in wanted[:-1]] + [length - 1]
    grid = figure.subplots(2, COLUMNS, squeeze=False)
    for column, step in zip(grid.T, steps):
        for axes, subset in zip(column, "AB"):
            show_image(axes, estimates[subset][step])
        column[0].set_title(rf"$\sigma$ = {np.exp(levels[step]):.2f}", fontsize=7)
    for axes, subset in zip(grid[:, 0], "AB"):
        axes.set_ylabel(f"{subset}", rotation=0, ha="right", color=NETWORK_COLOURS[subset])
    figure.suptitle(
        f"$N$ = {int(arrays['n']):,}: denoised images on the way from the same noise", fontsize=8
    )
