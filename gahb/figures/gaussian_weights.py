"""The weights of linear distillates beside those of the Gaussian denoisers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.figures.curves import by_sigma, kinds_of, other_kinds, over_n, rank_note, shade_nonlinear
from gahb.figures.style import SweepColours, own_style, page
from gahb.settings import FigureSettings
from gahb.storage import read_arrays

TARGETS = (0.05, 0.2, 1.0)
"""Noise levels of the filters shown, or the nearest that were distilled."""


@own_style()
def draw(
    table: Path | str,
    maps: Sequence[Path | str],
    gaussians: Sequence[Path | str],
    figures: FigureSettings,
) -> Figure:
    """Draw the central pixel's filter at several noise levels, and the distance by N.

    ``maps`` and ``gaussians`` hold one file per N; filters are of network A.
    """
    rows = pd.read_csv(table)
    own, others = over_n(rows), other_kinds(rows)
    figure = page(3.0)
    left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=(1.35, 1))[0]
    shown = [0, len(maps) - 1] if len(maps) > 1 else [0]
    grid = left.subplots(2 * len(shown), len(TARGETS), squeeze=False)
    for line, position in enumerate(shown):
        rows_shown = grid[2 * line : 2 * line + 2]
        _filters(rows_shown, read_arrays(maps[position]), read_arrays(gaussians[position]))
    left.suptitle("what one central pixel is made of, network A", fontsize=8)
    axes = right.subplots()
    colours = SweepColours(own["n"].unique(), figures)
    by_sigma(axes, own, "weight_nmse", colours, "n")
    by_sigma(axes, others[others["n"].isin(own["n"])], "weight_nmse", colours, "n", linestyle="--")
    axes.set_yscale("log")
    axes.set_title(r"$\|W - J_G\|^2 / \|J_G\|^2$, linear distillate and Gaussian")
    shade_nonlinear(axes)
    remark = rank_note(own) + "\nbands: 95 % jackknife over folds"
    if len(others):
        remark += f"; dashed: {kinds_of(others)}"
    right.supxlabel(remark, fontsize=6, color="0.35")
    colours.bar(right, axes)
    return figure


def _filters(
    rows: np.ndarray, maps: Mapping[str, np.ndarray], model: Mapping[str, np.ndarray]
) -> None:
    """Show the filter of the linear distillate above that of the Gaussian denoiser."""
    channels, height, width = model["shape"]
    pixel = (height // 2) * width + width // 2
    for column, target in enumerate(TARGETS):
        level = int(np.abs(np.log(maps["sigmas"] / target)).argmin())
        sigma = maps["sigmas"][level]
        gaussian = GaussianDenoiser.from_arrays(model).jacobian(sigma)[pixel].numpy()
        pair = [maps["weight_A"][level][pixel], gaussian]
        limit = max(np.abs(filter_).max() for filter_ in pair)
        for axes, filter_ in zip(rows[:, column], pair, strict=True):
            image = filter_.reshape(channels, height, width)[0]
            axes.imshow(image, cmap="RdBu_r", vmin=-limit, vmax=limit)
            axes.set_xticks([])
            axes.set_yticks([])
        rows[0, column].set_title(rf"$\sigma$ = {sigma:.2g}", fontsize=6.5, pad=2)
    for axes, label in zip(rows[:, 0], ("linear", "Gaussian"), strict=True):
        axes.set_ylabel(
            f"{label}\n$N$ = {int(model['count']):,}",
            rotation=0,
            ha="right",
            va="center",
            fontsize=6.5,
        )
