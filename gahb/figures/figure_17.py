"""Bases at contours of several regularities between smooth regions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from gahb.figures.contours_page import draw_contours
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
    """Draw Fig. 17 of Kadkhodaie et al."""
    return draw_contours(bases, summary, figures, images=1)
