"""Restorations by networks A and B from the same measurements and the same noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gahb.figures.style import NETWORK_COLOURS, own_style, page
from gahb.settings import FigureSettings
from gahb.storage import read_arrays

COLUMNS = ("image", "measured", "sample of A", "sample of B", "mean of A", "Gaussian")
SHOWN = 2
METHODS = {
    "measured": ("measured only", "0.85"),
    "gaussian": ("Gaussian, exact mean", "0.3"),
    "gaussian_mean": ("Gaussian, mean of samples", "0.6"),
    "sample": ("one sample", "#d8a48f"),
    "mean": ("mean of samples", NETWORK_COLOURS["B"]),
}


@own_style()
def draw(restored: Path | str, summary: Path | str, figures: FigureSettings) -> Figure:
    """Draw images, what was measured of them, and what networks and a Gaussian made of it.

    ``restored`` holds the arrays of the rule that restores, ``summary`` the table of means.
    The first test images are shown, whatever they are; black is 0, white the maximum of each.
    """
    arrays, table = read_arrays(restored), pd.read_csv(summary)
    names = list(dict.fromkeys(table["measurement"]))
    shown = min(SHOWN, len(arrays["clean"]))
    figure = page(0.54 * len(names) + 2.8)
    top, bottom = figure.subfigures(
        2, 1, squeeze=False, height_ratios=(0.54 * len(names) + 0.3, 2.5)
    )[:, 0]
    # A narrow empty column between the images.
    widths = ([1] * len(COLUMNS) + [0.3]) * shown
    grid = top.subplots(len(names), len(widths) - 1, squeeze=False, width_ratios=widths[:-1])
    for line, name in zip(grid, names, strict=True):
        share = table.loc[table["measurement"] == name, "measured_share"].iloc[0]
        label = f"{name.replace('_', ' ')}\n{100 * share:.0f} % known"
        line[0].set_ylabel(label, rotation=0, ha="right", va="center", fontsize=6)
        for image in range(shown):
            start = image * (len(COLUMNS) + 1)
            top = float(arrays["clean"][image].max())
            panels = line[start : start + len(COLUMNS)]
            for axes, pixels in zip(panels, _shown(arrays, name, image), strict=True):
                _show(axes, pixels, top)
            if image:
                line[start - 1].axis("off")
    for axes, label in zip(grid[0], ((*COLUMNS, "") * shown)[:-1], strict=True):
        axes.set_title(label.replace(" ", "\n", 1), fontsize=6, pad=3)
    for half, panel in zip(
        bottom.subfigures(1, 3, squeeze=False, width_ratios=(3, 2.2, 2.2))[0],
        (_psnr, _calibration, _agreement),
        strict=True,
    ):
        axes = half.subplots()
        panel(axes, table, names)
        half.legend(
            *axes.get_legend_handles_labels(),
            loc="outside lower center",
            ncols=2,
            fontsize=6,
            columnspacing=0.8,
            handlelength=1,
        )
    return figure


def _shown(arrays: dict, name: str, image: int) -> list[np.ndarray]:
    """Return the pictures of one image, in the order of `COLUMNS`."""
    restored = {subset: arrays[f"restored_{name}_{subset}"][image] for subset in "AB"}
    return [
        arrays["clean"][image],
        arrays[f"measured_{name}"][image],
        restored["A"][0],
        restored["B"][0],
        np.nanmean(restored["A"], axis=0),
        arrays[f"gaussian_{name}_A"][image],
    ]


def _show(axes: Axes, image: np.ndarray, top: float) -> None:
    """Show ``[channel, height, width]`` on the scale of 0 to ``top``: intensity is measured."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    if not np.isfinite(image).all():
        axes.text(0.5, 0.5, "×", ha="center", va="center", transform=axes.transAxes)
        return
    pixels = image[0] if len(image) == 1 else np.moveaxis(image, 0, -1)
    axes.imshow(np.clip(pixels / max(top, 1e-6), 0, 1), cmap="gray", vmin=0, vmax=1)


def _psnr(axes: Axes, table: pd.DataFrame, names: list[str]) -> None:
    """Show the mean PSNR of each method, networks side by side."""
    width = 0.8 / (2 * len(METHODS))
    for position, (method, (label, colour)) in enumerate(METHODS.items()):
        for side, subset in enumerate("AB"):
            chosen = (table["quantity"] == method) & (table["subset"] == subset)
            rows = table[chosen].set_index("measurement").loc[names]
            place = np.arange(len(names)) - 0.4 + width * (2 * position + side + 0.5)
            errors = [rows["value"] - rows["low"], rows["high"] - rows["value"]]
            axes.bar(
                place,
                rows["value"],
                0.9 * width,
                yerr=errors,
                color=colour,
                label=label if side == 0 else None,
                error_kw={"linewidth": 0.6},
            )
    axes.set_xticks(range(len(names)), [name.replace("_", "\n") for name in names], fontsize=5.5)
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("PSNR (dB)")
    axes.set_ylim(bottom=0)
    images, n = table["images"].max(), table["n"].iloc[0]
    axes.set_title(
        f"A and B side by side, $N$ = {n:,}; {images} test images, 95 % bootstrap",
        fontsize=6,
    )


def _calibration(axes: Axes, table: pd.DataFrame, names: list[str]) -> None:
    """Show how much samples spread over what their mean errs: networks, and the control."""
    axes.axvspan(-1, 1, color="0.93", linewidth=0)
    axes.axvline(0, color="0.7", linewidth=0.6)
    for step, (quantity, subset, label, colour) in enumerate(
        (
            ("calibration", "A", "network A", NETWORK_COLOURS["A"]),
            ("calibration", "B", "network B", NETWORK_COLOURS["B"]),
            ("gaussian_calibration", "A", "Gaussian", "0.6"),
        )
    ):
        _intervals(axes, table, names, (quantity, subset, label, colour), 0.2 * (1 - step))
    axes.set_xlabel("spread over error of mean (dB)", fontsize=7)


def _agreement(axes: Axes, table: pd.DataFrame, names: list[str]) -> None:
    """Show how alike A and B are in what was not measured, beside what is trivial."""
    compared = (
        ("pair", "A, B, same noise", NETWORK_COLOURS["B"]),
        ("gaussian_pair", "Gaussians, the same", "0.3"),
        ("mismatched", "A, B, other noise", "0.6"),
        ("other_image", "other image", "0.8"),
        ("clean_A", "A, image", NETWORK_COLOURS["A"]),
    )
    for step, (quantity, label, colour) in enumerate(compared):
        _intervals(axes, table, names, (quantity, "", label, colour), 0.13 * (2 - step))
    axes.set_xlim(right=1.02)
    axes.set_xlabel("cosine of the unmeasured", fontsize=7)


def _intervals(
    axes: Axes,
    table: pd.DataFrame,
    names: list[str],
    shown: tuple[str, str, str, str],
    shift: float = 0,
) -> None:
    """Show a quantity of each measurement, one below the other, with its intervals.

    ``shown`` is the quantity, its subset (blank if of both), a label and a colour.
    """
    quantity, subset, label, colour = shown
    of_both = table["subset"].isna()
    chosen = (table["quantity"] == quantity) & ((table["subset"] == subset) if subset else of_both)
    rows = table[chosen].set_index("measurement").loc[names]
    errors = [rows["value"] - rows["low"], rows["high"] - rows["value"]]
    place = shift - np.arange(len(names))
    axes.errorbar(
        rows["value"], place, xerr=errors, fmt="o", markersize=3, color=colour, label=label
    )
    axes.set_yticks(-np.arange(len(names)), [name.replace("_", "\n") for name in names])
    axes.set_ylim(-len(names) + 0.5, 0.5)
    axes.tick_params(axis="y", labelsize=6)
