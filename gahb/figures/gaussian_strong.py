"""Which networks trained on disjoint images agree, beside what their Gaussian models do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gahb.denoisers.kinds import KINDS
from gahb.figures.curves import (
    MODEL_COLOURS,
    NETWORK_COLOUR,
    last_states,
    main_experiment,
)
from gahb.figures.style import own_style, page
from gahb.settings import FigureSettings

KEYS = ["experiment", "kind", "width", "n", "presentations"]

SAMPLES = (
    ("pair_cosine", "network A, network B", NETWORK_COLOUR, "o"),
    ("gaussian_A_gaussian_B", "Gaussian A, Gaussian B", MODEL_COLOURS["gaussian"], "s"),
    ("network_A_gaussian_A", "network A, its own Gaussian", "#7a5195", "^"),
    ("mismatched_cosine", "networks, other noise", "0.6", "x"),
)
DENOISERS = (
    ("nrmse_network_between", "network A, network B", NETWORK_COLOUR, "o"),
    ("nrmse_gaussian_between", "Gaussian A, Gaussian B", MODEL_COLOURS["gaussian"], "s"),
    ("nrmse_network_gaussian", "network, its own Gaussian", "#7a5195", "^"),
)


@own_style()
def draw(overall: Path | str, samples: Path | str, figures: FigureSettings, small_n: int) -> Figure:
    """Draw agreement for each N, and for few images with other widths and early stopping."""
    distances, drawn = pd.read_csv(overall), pd.read_csv(samples)
    cases = list(_cases(distances, small_n))
    figure = page(0.6 + 0.28 * len(cases))
    panels = figure.subplots(1, 2, sharey=True)
    _dots(panels[0], drawn, cases, SAMPLES)
    _dots(panels[1], distances, cases, DENOISERS)
    count = int(drawn["samples"].max())
    panels[0].set_xlabel(
        f"cosine of samples from the same noise\n(medians of {count}, mean removed)"
    )
    panels[1].set_xlabel("RMS difference / RMS estimate on test images\n(mean over noise levels)")
    panels[0].set_yticks(range(len(cases)), labels=[label for label, _ in cases])
    panels[0].invert_yaxis()
    for axes in panels:
        axes.legend(
            loc="lower center",
            bbox_to_anchor=(0.5, 1.0),
            ncols=2,
            fontsize=6,
            handletextpad=0.2,
            columnspacing=0.8,
        )
        axes.grid(axis="y", color="0.92", linewidth=0.6)
        axes.set_axisbelow(True)
    return figure


def _cases(table: pd.DataFrame, few: int) -> Iterator[tuple[str, dict]]:
    """Yield label and state of every network to show, in the order of the rows."""
    last, main = last_states(table), main_experiment(table)
    for kind in last["kind"].unique():
        for _, row in (
            last[last["kind"] == kind][KEYS].drop_duplicates().sort_values("n").iterrows()
        ):
            own_width = row["experiment"] == main or row["kind"] != table["kind"].iloc[0]
            if own_width:
                name = KINDS[kind].told
                yield f"$N$ = {row['n']:,}, {name}", dict(row)
    states = table[(table["experiment"] == main) & (table["n"] == few)]
    tests = states[states["measure"] == "psnr_network_test"].sort_values("presentations")
    if len(tests) > 1:
        best = tests.loc[tests["value"].idxmax()]
        yield f"$N$ = {few}, stopped at {best['presentations']:,}", dict(best[KEYS])
    widths = last[(last["n"] == few) & last["swept_width"]]
    for _, row in (
        widths[widths["experiment"] != main][KEYS].drop_duplicates().sort_values("width").iterrows()
    ):
        yield f"$N$ = {few}, width {row['width']}", dict(row)


def _dots(axes: Axes, table: pd.DataFrame, cases: list, columns: tuple) -> None:
    for measure, label, colour, marker in columns:
        rows = table[table["measure"] == measure]
        found = [_value(rows, state) for _, state in cases]
        values = np.array(found, float)
        axes.errorbar(
            values[:, 0],
            np.arange(len(cases)),
            xerr=np.abs(values[:, 1:] - values[:, :1]).T,
            fmt=marker,
            color=colour,
            label=label,
            markersize=4,
            elinewidth=0.9,
        )


def _value(rows: pd.DataFrame, state: dict) -> tuple[float, float, float]:
    """Return a measure of a state with its interval, NaN if it was not measured."""
    same = np.logical_and.reduce([rows[key] == value for key, value in state.items()])
    chosen = rows[same]
    if chosen.empty:
        return (np.nan,) * 3
    row = chosen.iloc[0]
    return row["value"], row["low"], row["high"]
