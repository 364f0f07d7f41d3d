"""Singular vectors of Jacobians against principal components of the training images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure, SubFigure

from gahb.figures.curves import interval_band, note
from gahb.figures.style import SweepColours, own_style, page
from gahb.settings import FigureSettings
from gahb.storage import read_arrays


@own_style()
def draw(table: Path | str, vectors: Sequence[Path | str], figures: FigureSettings) -> Figure:
    """Draw the overlap of leading subspaces by N, and |<u_i, v_j>| at the smallest and largest.

    ``vectors`` holds one file per N; the matrices are of network A at the first test image.
    """
    rows = pd.read_csv(table)
    sigmas, sizes = sorted(rows["sigma"].unique()), rows["n"].unique()
    colours = SweepColours(sizes, figures)
    figure = page(4.6)
    top, bottom = figure.subfigures(2, 1, squeeze=False, height_ratios=(1, 1.05))[:, 0]
    panels = top.subplots(1, len(sigmas), sharey=True, squeeze=False)[0]
    for axes, sigma in zip(panels, sigmas, strict=True):
        part = rows[rows["sigma"] == sigma]
        for size, curve in part.groupby("n"):
            interval_band(axes, curve, "modes", color=colours(size))
        chance = part.drop_duplicates("modes").sort_values("modes")
        axes.plot(chance["modes"], chance["chance"], ":", color="0.5")
        axes.set_title(rf"$\sigma$ = {sigma:g}")
        axes.set_xlabel("leading directions $k$")
    panels[0].set_ylabel("mean squared cosine of\nprincipal angles")
    count = int(rows["images"].iloc[0])
    note(
        panels[-1],
        f"bands: 95 % bootstrap over {count} images\ndotted: random directions",
        0.02,
        0.9,
    )
    panels[0].set_ylim(0, 1)
    colours.bar(top, panels)
    _matrices(bottom, vectors, sigmas)
    return figure


def _matrices(figure: SubFigure, vectors: Sequence[Path | str], sigmas: Sequence[float]) -> None:
    shown = [vectors[0], vectors[-1]] if len(vectors) > 1 else vectors
    level = len(sigmas) // 2
    panels = figure.subplots(1, len(shown), squeeze=False)[0]
    for axes, path in zip(panels, shown, strict=True):
        arrays = read_arrays(path)
        image = axes.imshow(arrays["cosines_A"][level], cmap="magma", vmin=0, vmax=1)
        axes.set_title(rf"$N$ = {int(arrays['n']):,}, $\sigma$ = {sigmas[level]:g}")
        axes.set_xlabel("principal component $j$ of its images")
    panels[0].set_ylabel("singular vector $i$ of\nnetwork A's Jacobian")
    figure.colorbar(image, ax=panels, label=r"$|\langle u_i, v_j\rangle|$", pad=0.02)
