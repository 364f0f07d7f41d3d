"""Slopes of PSNR curves for C^alpha images, denoised by a UNet, against the theory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from gahb.figures.slopes_page import draw_slopes
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
    """Draw Fig. 4 of Kadkhodaie et al."""
    return draw_slopes(bases, curves, slopes, figures)
