"""Every figure that can be drawn, and which of them show what another one shows."""

from __future__ import annotations

from collections.abc import Iterable

FIGURES = (
    *(f"figure_{number}" for number in range(1, 22)),
    "gaussian_linearity",
    "gaussian_difference",
    "gaussian_samples",
    "gaussian_weights",
    "gaussian_by_n",
    "gaussian_by_width",
    "gaussian_by_time",
    "gaussian_strong",
    "gaussian_jacobian",
    "conditional",
)
"""Every figure that can be drawn."""

REPEATS = {
    "figure_9": "figure_1",
    "figure_10": "figure_2",
    "figure_11": "figure_1",
    "figure_12": "figure_2",
    "figure_13": "figure_7",
    "figure_14": "figure_2",
}
"""Figures of the paper that draw an earlier one again, for other images or networks."""


def drawn_as(figure: str) -> str:
    """Return the figure whose module draws ``figure``: itself, or the one that it repeats."""
    return REPEATS.get(figure, figure)


def shows(targets: Iterable[str], figure: str) -> bool:
    """Return whether ``figure``, or one that repeats it, is among ``targets``."""
    return any(drawn_as(target) == figure for target in targets)


def source_of(targets: Iterable[str], figure: str) -> str:
    """Return the paper and the figures in it that ``figure`` stands for in ``targets``."""
    numbers = [target.removeprefix("figure_") for target in targets if drawn_as(target) == figure]
    return f"Kadkhodaie et al. 2024, Fig. {', '.join(numbers)}"
