"""Plane waves: the first two eigenvectors are two of them, and there are more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from gahb.figures.manifold_page import draw_manifold
from gahb.figures.style import own_style
from gahb.sections import Figures


@own_style()
def draw(
    bases: Sequence[Path | str],
    curves: Sequence[Path | str],
    slopes: Sequence[Path | str],
    summary: Sequence[Path | str],
    figures: Figures,
) -> Figure:
    """Draw Fig. 20 of Kadkhodaie et al."""
    return draw_manifold(bases, curves, slopes, summary, "plane waves", 2)
