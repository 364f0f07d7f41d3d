"""Curves with bands, shared by the figures on the models of a training set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gahb.analysis.gaussian.sweeps import NONLINEAR
from gahb.denoisers.kinds import KINDS
from gahb.figures.style import SweepColours, band

MODEL_COLOURS = {"gaussian": "#c8553d", "empirical": "#5b5b5b", "linear": "#e0a030"}
NETWORK_COLOUR = "#1f6f8b"


def last_states(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of fully trained networks."""
    last = table.groupby("experiment")["presentations"].transform("max")
    return table[table["presentations"] == last]


def main_experiment(table: pd.DataFrame) -> str:
    """Return the experiment itself, which stands before its variants."""
    return table["experiment"].iloc[0]


def own_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the experiment itself."""
    return table[table["experiment"] == main_experiment(table)]


def over_n(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the experiment's own fully trained networks."""
    last = last_states(table)
    return last[last["experiment"] == main_experiment(table)]


def other_kinds(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of fully trained networks of another architecture."""
    last = last_states(table)
    return last[last["kind"] != table["kind"].iloc[0]]


def kinds_of(table: pd.DataFrame) -> str:
    """Return what legends call the architectures in a table."""
    kinds = (KINDS[kind] for kind in table["kind"].unique())
    return " or ".join(f"{kind.label}, {kind.told}" for kind in kinds)


def interval_band(axes: Axes, rows: pd.DataFrame, abscissa: str, **style: Any) -> None:
    """Draw the column ``value`` of a table with its 95 % interval as a band."""
    rows = rows.sort_values(abscissa)
    low, high = (rows[name].to_numpy(float) for name in ("low", "high"))
    band(axes, rows[abscissa], rows["value"], low, high, **style)


def by_sigma(
    axes: Axes, table: pd.DataFrame, measure: str, colours: SweepColours, swept: str, **style: Any
) -> None:
    """Draw a measure over sigma, one curve per value of the swept parameter."""
    rows = table[table["measure"] == measure]
    for value, curve in rows.groupby(swept):
        interval_band(axes, curve, "sigma", color=colours(value), **style)
    axes.set_xscale("log")
    axes.set_xlabel(r"noise level $\sigma$")


def shade_nonlinear(axes: Axes, label: bool = False) -> None:
    """Shade where the paper finds the denoiser least linear, within what is drawn."""
    left, right = axes.get_xlim()
    axes.axvspan(
        max(left, NONLINEAR[0]), min(right, NONLINEAR[1]), color="0.94", zorder=0, linewidth=0
    )
    axes.set_xlim(left, right)
    if label:
        axes.text(
            np.sqrt(max(left, NONLINEAR[0]) * min(right, NONLINEAR[1])),
            0.01,
            r"$\sigma$ in [0.05, 10]",
            transform=axes.get_xaxis_transform(),
            ha="center",
            va="bottom",
            fontsize=6,
            color="0.45",
        )


def legend(axes: Axes) -> None:
    """Add a legend that stays readable where it covers a curve."""
    axes.legend(
        loc="best", frameon=True, framealpha=0.85, edgecolor="none", fontsize=6, borderpad=0.2
    )


def note(axes: Axes, text: str, x: float = 0.02, y: float = 0.02, **style: Any) -> None:
    """Write a small remark inside a panel."""
    axes.text(
        x,
        y,
        text,
        transform=axes.transAxes,
        fontsize=6,
        color="0.35",
        **{"ha": "left", "va": "bottom", **style},
    )


def rank_note(table: pd.DataFrame) -> str:
    """Return what to say of the covariances of the Gaussian models in a table."""
    pixels = int(table["pixels"].dropna().iloc[0])
    deficient = [f"{size:,}" for size in sorted(table["n"].unique()) if size <= pixels]
    text = "Gaussian: mean and covariance (1/N)\nof each network's own training images"
    if deficient:
        text += f";\nsingular at N = {', '.join(deficient)} $\\leq$ d = {pixels}"
    return text
