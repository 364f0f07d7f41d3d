"""One page on a sweep: distances by noise level, then everything against the parameter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gahb.analysis.gaussian.sweeps import INTERMEDIATE
from gahb.analysis.memorisation import GENERALISING_GL
from gahb.denoisers.kinds import KINDS
from gahb.figures.curves import (
    MODEL_COLOURS,
    NETWORK_COLOUR,
    by_sigma,
    interval_band,
    last_states,
    legend,
    note,
    over_n,
    own_rows,
    rank_note,
    shade_nonlinear,
)
from gahb.figures.style import SweepColours, own_style, page
from gahb.settings import FigureSettings


@dataclass(frozen=True)
class Sweep:
    """What is swept, and the tables of it.

    Attributes
    ----------
    column, label : str
        Column of the swept parameter, and how axes call it.
    by_sigma, overall, samples : DataFrame
        Rows of the tables of `gahb.analysis.gaussian.sweeps` and `gahb.analysis.gaussian.samples`.
    """

    column: str
    label: str
    by_sigma: pd.DataFrame
    overall: pd.DataFrame
    samples: pd.DataFrame


@own_style()
def draw_over_n(
    by_sigma: Path | str, overall: Path | str, samples: Path | str, figures: FigureSettings
) -> Figure:
    """Draw networks and the Gaussian models of their data, by the number of training images."""
    tables = [over_n(pd.read_csv(path)) for path in (by_sigma, overall, samples)]
    figure, _ = _draw(Sweep("n", "training images $N$", *tables), figures)
    return figure


@own_style()
def draw_over_width(
    by_sigma: Path | str,
    overall: Path | str,
    samples: Path | str,
    figures: FigureSettings,
    small_n: int,
) -> Figure:
    """Draw networks and the Gaussian model of few images, by the width of the network."""
    tables = [last_states(pd.read_csv(path)) for path in (by_sigma, overall, samples)]
    tables = [rows[rows["swept_width"] & (rows["n"] == small_n)] for rows in tables]
    figure, _ = _draw(Sweep("width", f"width of the network ($N$ = {small_n:,})", *tables), figures)
    return figure


@own_style()
def draw_over_time(
    by_sigma: Path | str,
    overall: Path | str,
    samples: Path | str,
    times: Path | str,
    figures: FigureSettings,
    small_n: int,
) -> Figure:
    """Draw networks and the Gaussian model of few images, along the training."""
    tables = [own_rows(pd.read_csv(path)) for path in (by_sigma, overall, samples)]
    tables = [rows[rows["n"] == small_n] for rows in tables]
    label = f"image presentations ($N$ = {small_n:,})"
    figure, panels = _draw(Sweep("presentations", label, *tables), figures)
    for row in pd.read_csv(times).dropna(subset="value").itertuples():
        _mark_time(panels, row.value, row.time == "tau_gen")
    return figure


def _mark_time(panels: dict[str, Axes], time: float, generalising: bool) -> None:
    """Draw a line at tau_gen, or at tau_mem."""
    for name in ("distance", "linearity", "psnr", "memory", "agreement"):
        panels[name].axvline(time, color="0.75", linewidth=0.8, zorder=0)
    panels["psnr"].text(
        time,
        0.99,
        r"$\tau_{\rm gen}$ " if generalising else r" $\tau_{\rm mem}$",
        ha="right" if generalising else "left",
        va="top",
        transform=panels["psnr"].get_xaxis_transform(),
        fontsize=7,
    )


def _draw(sweep: Sweep, figures: FigureSettings) -> tuple[Figure, dict[str, Axes]]:
    """Draw six panels; the caller may add to them by name."""
    values = sorted(int(value) for value in sweep.by_sigma[sweep.column].unique())
    colours = SweepColours(values, figures, "")
    figure = page(5.2)
    panels: dict[str, Axes] = figure.subplot_mosaic(
        [["sigma", "distance", "linearity"], ["psnr", "memory", "agreement"]],
    )
    by_sigma(panels["sigma"], sweep.by_sigma, "nrmse_network_gaussian", colours, sweep.column)
    panels["sigma"].set_title("network, Gaussian: RMS ratio")
    panels["sigma"].set_yscale("log")
    shade_nonlinear(panels["sigma"])
    note(panels["sigma"], rank_note(sweep.by_sigma))
    _distances(panels["distance"], sweep)
    _linearity(panels["linearity"], sweep)
    _psnr(panels["psnr"], sweep)
    _memory(panels["memory"], sweep)
    _agreement(panels["agreement"], sweep)
    for name, axes in panels.items():
        if name != "sigma":
            axes.set_xscale("log")
            axes.set_xlabel(sweep.label)
            if sweep.column != "presentations":
                axes.set_xticks(values, labels=[f"{value:,}" for value in values])
                axes.minorticks_off()
    colours.bar(figure, panels["sigma"])
    return figure, panels


def _curve(axes: Axes, table: pd.DataFrame, measure: str, sweep: Sweep, **style: Any) -> None:
    rows = table[table["measure"] == measure].dropna(subset="value")
    interval_band(axes, rows, sweep.column, marker="o", markersize=2.5, **style)


def _distances(axes: Axes, sweep: Sweep) -> None:
    gaussian = MODEL_COLOURS["gaussian"]
    for pair, label, style in (
        ("network_gaussian", "network, Gaussian", {"color": gaussian}),
        ("network_reference", "network, that of largest $N$", {"color": gaussian, "ls": "--"}),
        ("linear_gaussian", "linear, Gaussian", {"color": MODEL_COLOURS["linear"]}),
        ("network_empirical", "network, empirical", {"color": MODEL_COLOURS["empirical"]}),
        ("network_between", "network A, network B", {"color": NETWORK_COLOUR}),
    ):
        _curve(axes, sweep.overall, f"intermediate_nrmse_{pair}", sweep, label=label, **style)
    if sweep.column == "n":
        fixed = "intermediate_nrmse_fixed_gaussian"
        _curve(
            axes, sweep.overall, fixed, sweep, color=gaussian, linestyle=":",
            label="the last network, Gaussian",
        )  # fmt: skip
    low, high = INTERMEDIATE
    axes.set_title(rf"RMS ratios, mean over $\sigma$ in [{low:g}, {high:g}]")
    axes.set_ylim(0, 1.6 * axes.get_ylim()[1])
    legend(axes)


def _linearity(axes: Axes, sweep: Sweep) -> None:
    _curve(axes, sweep.overall, "score", sweep, color=NETWORK_COLOUR, label="of $D$")
    _curve(
        axes, sweep.overall, "gaussian_score", sweep, color=MODEL_COLOURS["gaussian"],
        label="of the Gaussian",
    )  # fmt: skip
    _curve(
        axes, sweep.overall, "residual_score", sweep, color="0.45", linestyle="--",
        label="of $y - D$",
    )  # fmt: skip
    axes.set_title(r"linearity, mean over $\sigma$")
    legend(axes)


def _psnr(axes: Axes, sweep: Sweep) -> None:
    for measure, label, style in (
        ("psnr_network_train", "network, training images", {"linestyle": "--"}),
        ("psnr_network_test", "network, test images", {}),
        ("psnr_gaussian_test", "Gaussian, test images", {"color": MODEL_COLOURS["gaussian"]}),
    ):
        _curve(
            axes, sweep.overall, measure, sweep, label=label, **({"color": NETWORK_COLOUR} | style)
        )
    axes.set_title(r"PSNR (dB), mean over $\sigma$")
    low, high = axes.get_ylim()
    axes.set_ylim(low - 0.5 * (high - low), high)
    legend(axes)


def _memory(axes: Axes, sweep: Sweep) -> None:
    scale = KINDS[sweep.samples["kind"].iloc[0]].distance_scale
    _curve(
        axes, sweep.samples, f"memorised_{scale}", sweep, color=NETWORK_COLOUR,
        label="memorised fraction",
    )  # fmt: skip
    _curve(axes, sweep.samples, f"gl_{scale}", sweep, color="0.45", label="GL score")
    _curve(
        axes, sweep.samples, f"held_out_gl_{scale}", sweep, color="0.45", linestyle="--",
        label="GL score of held-out images",
    )  # fmt: skip
    axes.axhline(GENERALISING_GL, color="0.45", linestyle=":", linewidth=0.8)
    axes.set_ylim(-0.03, 1.35)
    note(axes, f"GL above {GENERALISING_GL:g}: novel, on faces", 0.98, 0.64 / 1.38, ha="right")
    axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    axes.set_title("samples, training images")
    legend(axes)


def _agreement(axes: Axes, sweep: Sweep) -> None:
    for measure, label, style in (
        ("pair_cosine", "network A, network B", {"color": NETWORK_COLOUR}),
        ("gaussian_A_gaussian_B", "Gaussian A, Gaussian B", {"color": MODEL_COLOURS["gaussian"]}),
        ("network_A_gaussian_A", "network A, its Gaussian", {"color": "#7a5195"}),
        ("mismatched_cosine", "networks, other noise", {"color": "0.6", "linestyle": "--"}),
    ):
        _curve(axes, sweep.samples, measure, sweep, label=label, **style)
    count = int(sweep.samples["samples"].max())
    axes.set_title(f"cosine of samples ({count} pairs)")
    axes.set_ylim(axes.get_ylim()[0] - 0.45, 1.02)
    legend(axes)
