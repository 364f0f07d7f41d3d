"""The look shared by all figures, and how they are saved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from gahb.config import Figures
from gahb.errors import ConfigError
from gahb.storage import atomic_path

PAGE = 7.0  # width of a page in inches

NETWORK_COLOURS = {"A": "#1f6f8b", "B": "#c8553d"}
SUBSET_STYLES = {"A": "-", "B": "--"}

plt.rcParams.update(
    {
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
)


class SizeColours:
    """A continuous colour map over log N."""

    def __init__(self, sizes: Sequence[int], figures: Figures) -> None:
        if figures.colormap not in matplotlib.colormaps:
            raise ConfigError(
                f"config: figures.colormap: matplotlib has no {figures.colormap!r}; try viridis"
            )
        # The brightest end of most maps is hard to see on white.
        top = max(sizes) * (max(sizes) / min(sizes)) ** 0.12 if len(sizes) > 1 else 2 * sizes[0]
        self.norm = LogNorm(min(sizes), top)
        self.map = matplotlib.colormaps[figures.colormap]
        self.sizes = list(sizes)

    def __call__(self, size: int):
        """Return the colour of one N."""
        return self.map(self.norm(size))

    def bar(self, figure: Figure, axes) -> None:
        """Add the colour bar, with a tick at each N."""
        bar = figure.colorbar(
            ScalarMappable(self.norm, self.map), ax=axes, label="training images $N$", pad=0.02
        )
        bar.ax.set_ylim(min(self.sizes) * 0.999, max(self.sizes) * 1.001)
        bar.ax.minorticks_off()
        bar.set_ticks(self.sizes, labels=[f"{size:,}" for size in self.sizes])


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


def save(figure: Figure, paths: Sequence[Path | str], figures: Figures) -> None:
    """Write a figure in the formats of ``paths``, without dates, so that bytes repeat."""
    for path in map(Path, paths):
        metadata = {"CreationDate": None} if path.suffix == ".pdf" else {"Software": None}
        with atomic_path(path) as temporary:
            figure.savefig(temporary, dpi=figures.dpi, metadata=metadata)
    plt.close(figure)
