"""The look shared by all figures, and how they are saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure, SubFigure
from numpy.typing import ArrayLike

from gahb.errors import ConfigError
from gahb.settings import FigureSettings
from gahb.storage import atomic_path

PAGE = 7.0  # width of a page in inches

NETWORK_COLOURS = {"A": "#1f6f8b", "B": "#c8553d"}
SUBSET_STYLES = {"A": "-", "B": "--"}

STYLE = {
    # Comes with matplotlib; another one in its place would have glyphs of other widths.
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "legend.fontsize": 7,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.2,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "pdf.fonttype": 42,
    "image.interpolation": "nearest",
}
"""Where it differs from matplotlib's own."""


@contextmanager
def own_style() -> Iterator[None]:
    """Draw, or save, in the style of these figures whatever settings the user has.

    Also a decorator. Settings are as before at the end: a notebook keeps its own.
    """
    with matplotlib.rc_context():
        # Not through matplotlib.style, which reads the style files of the user.
        default = {k: v for k, v in matplotlib.rcParamsDefault.items() if k != "backend"}
        matplotlib.rcParams.update(default | STYLE)
        yield


class Page(Figure):
    """A figure that looks the same wherever it is shown or saved.

    It belongs to no window and to no notebook: nothing has to be chosen, or closed.
    """

    def draw(self, renderer: RendererBase) -> None:
        """Draw in the style of these figures."""
        with own_style():
            super().draw(renderer)

    def savefig(self, *arguments: Any, **keywords: Any) -> None:
        """Save in the style of these figures."""
        with own_style():
            super().savefig(*arguments, **keywords)


def page(height: float) -> Page:
    """Return an empty figure of the width of a page and a height in inches."""
    return Page(figsize=(PAGE, height))


def say_runs(figure: Figure, runs: int) -> None:
    """Write into a corner of how many trainings a figure is: intervals know no more of them."""
    number = "one run" if runs == 1 else f"{runs} runs"
    figure.text(0.003, 0.003, number, ha="left", va="bottom", fontsize=5, color="0.5")


class SweepColours:
    """A continuous colour map over the logarithm of a swept parameter.

    Parameters
    ----------
    values : sequence of int
        Values of the parameter.
    figures : FigureSettings
        Names the colour map.
    label : str
        Of the colour bar.
    """

    def __init__(
        self, values: Sequence[int], figures: FigureSettings, label: str = "training images $N$"
    ) -> None:
        if figures.colormap not in matplotlib.colormaps:
            raise ConfigError(
                f"config: figures.colormap: matplotlib has no {figures.colormap!r}; try viridis"
            )
        low, high = min(values), max(values)
        # The brightest end of most maps is hard to see on white.
        top = high * (high / low) ** 0.12 if high > low else 2 * low
        self.norm = LogNorm(low, top)
        self.map = matplotlib.colormaps[figures.colormap]
        self.values, self.label = sorted(set(values)), label

    def __call__(self, value: int) -> tuple[float, float, float, float]:
        """Return the colour of one value."""
        return self.map(self.norm(value))

    def bar(self, figure: Figure | SubFigure, axes: Axes | Iterable[Axes]) -> None:
        """Add the colour bar, with a tick at each value."""
        bar = figure.colorbar(
            ScalarMappable(self.norm, self.map), ax=axes, label=self.label, pad=0.02
        )
        bar.ax.set_ylim(self.values[0] * 0.999, self.values[-1] * 1.001)
        bar.ax.minorticks_off()
        bar.set_ticks(self.values, labels=[f"{value:,}" for value in self.values])


def band(
    axes: Axes,
    abscissa: ArrayLike,
    values: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    **style: Any,
) -> None:
    """Draw a curve with its interval as a band of the same colour."""
    axes.plot(abscissa, values, **style)
    axes.fill_between(abscissa, low, high, color=style.get("color"), alpha=0.25, linewidth=0)


def show_image(axes: Axes, image: np.ndarray) -> None:
    """Show one image ``[channel, height, width]``, black at 0 and white at its maximum.

    A blind bias-free denoiser leaves the intensity of its samples open, so each image
    has its own scale. An image of NaN (a sample that did not converge) is crossed out.
    """
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    if not np.isfinite(image).all():
        axes.text(0.5, 0.5, "×", ha="center", va="center", transform=axes.transAxes)
        return
    pixels = image[0] if len(image) == 1 else np.moveaxis(image, 0, -1)
    top = max(float(pixels.max()), 1e-6)
    axes.imshow(np.clip(pixels / top, 0, 1), cmap="gray", vmin=0, vmax=1)


def save(figure: Figure, paths: Sequence[Path | str], figures: FigureSettings) -> None:
    """Write a figure in the formats of ``paths``, without dates, so that bytes repeat."""
    for path in map(Path, paths):
        metadata = {"CreationDate": None} if path.suffix == ".pdf" else {"Software": None}
        with atomic_path(path) as temporary:
            figure.savefig(temporary, dpi=figures.dpi, metadata=metadata)
