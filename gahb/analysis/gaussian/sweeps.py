"""Tables over N, width and training time, from observations kept image by image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gahb.analysis.fractions import share_of
from gahb.analysis.statistics import percentile_interval, resampled_means
from gahb.metrics import psnr_db
from gahb.settings import SUBSETS
from gahb.storage import read_arrays

NONLINEAR = (0.05, 10.0)
"""Where Li, Dai & Qu find denoisers least linear: sigma 0.1 to 20 for images on [-1, 1]."""

INTERMEDIATE = (0.058, 10.0)
"""Where they compare networks of other widths and times: sigma .116 to 20 on [-1, 1].

Distances to Gaussian denoisers are judged here. Below, all that denoise return what they are
given, but for Gaussians of fewer images than pixels (their appendix D).
"""

MEMORISING = 0.01
"""A network memorises once more of its samples than this repeat training images."""

MODELS = ("network", "linear", "gaussian", "empirical", "reference", "fixed")


@dataclass(frozen=True)
class State:
    """A network as it was at some time of its training.

    Attributes
    ----------
    experiment, kind : str
        Experiment, and architecture of its networks.
    width, n, presentations : int
        Channels of the first block, training images, images shown so far.
    swept_width : bool
        Whether all settings but the width are those of the main experiment.
    """

    experiment: str
    kind: str
    width: int
    n: int
    presentations: int
    swept_width: bool

    def columns(self) -> dict[str, Any]:
        """Return what identifies the state, as the first columns of a table."""
        return dict(vars(self))


@dataclass(frozen=True)
class Measures:
    """What was measured of one state, with bootstrap draws over test images.

    Attributes
    ----------
    sigmas : ndarray
        ``[level]``, increasing.
    draws : dict
        Measure to ``[1 + draws, level]``, see `resampled_means`. All states that were
        measured at the same test images were resampled alike, so that their differences
        may be taken draw by draw.
    images, pixels : int
        Test images, and pixels of an image.
    """

    sigmas: np.ndarray
    draws: dict[str, np.ndarray]
    images: int
    pixels: int

    def overall(self, measure: str) -> np.ndarray:
        """Return the mean of a measure over the noise levels, ``[1 + draws]``."""
        return self.draws[measure].mean(axis=1)

    def within(self, measure: str, levels: tuple[float, float]) -> np.ndarray:
        """Return the mean of a measure over noise levels from one to another, ``[1 + draws]``.

        NaN where none is between them.
        """
        inside = (self.sigmas >= levels[0]) & (self.sigmas <= levels[1])
        if not inside.any():
            return np.full(len(self.draws[measure]), np.nan)
        return self.draws[measure][:, inside].mean(axis=1)


def observations(repeats: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return what `measure` of `gahb.analysis.gaussian.measure` found, over subsets and repeats.

    A test image counts once, however many networks saw it: ``[image, level]`` each.
    """
    names = {key.removesuffix("_A") for key in repeats[0] if key.endswith("_A")}
    names |= {key for key in repeats[0] if key.endswith("_between")}
    averaged = {}
    for name in sorted(names):
        keys = [name] if name.endswith("_between") else [f"{name}_{subset}" for subset in SUBSETS]
        averaged[name] = np.mean([arrays[key] for arrays in repeats for key in keys], axis=0).T
    return averaged


def measures(repeats: Sequence[Mapping[str, np.ndarray]], *, draws: int, seed: int) -> Measures:
    """Return all measures of one state with their bootstrap draws.

    Linearity: ``score``, ``residual_score``, ``nmse``, and ``gaussian_score`` and so on.
    Distances, the root outside of the expectation: ``rmse_network_gaussian`` and so on,
    and ``nrmse_network_gaussian``, divided by the root mean square of the first one's
    estimate; ``nrmse_network_between`` and so on, of A and B; see
    `gahb.analysis.gaussian.measure.Models` for what is compared. In dB: ``psnr_network_test``,
    ``psnr_network_train`` and ``psnr_gaussian_test``.
    """
    observed = observations(repeats)
    means = resampled_means(observed, draws=draws, seed=seed)
    linear = ("score", "residual_score", "nmse")
    found = {name: means[name] for name in (*linear, *(f"gaussian_{name}" for name in linear))}
    for left in MODELS:
        for right in (*MODELS, "between"):
            if (key := f"{left}_{right}") in means:
                found[f"rmse_{key}"] = np.sqrt(means[key])
                found[f"nrmse_{key}"] = np.sqrt(means[key] / means[left])
    for key in ("network_test", "network_train", "gaussian_test"):
        found[f"psnr_{key}"] = psnr_db(means[key])
    images, pixels = len(observed["score"]), int(repeats[0]["pixels"])
    return Measures(repeats[0]["sigmas"], found, images, pixels)


def read_measures(
    paths: Sequence[Path | str],
    records: Sequence[Mapping[str, Any]],
    repeats: int,
    *,
    draws: int,
    seed: int,
) -> dict[State, Measures]:
    """Return the measures of every state; the files are given repeat by repeat."""
    arrays = [read_arrays(path) for path in paths]
    return {
        State(**record): measures(
            arrays[position * repeats : (position + 1) * repeats], draws=draws, seed=seed
        )
        for position, record in enumerate(records)
    }


def _row(state: State, measure: str, values: np.ndarray, **more: Any) -> dict[str, Any]:
    value, low, high = percentile_interval(values)
    return state.columns() | more | {"measure": measure, "value": value, "low": low, "high": high}


def by_sigma_table(found: Mapping[State, Measures]) -> pd.DataFrame:
    """Return one row per state, noise level and measure, with a 95 % interval."""
    return pd.DataFrame(
        _row(
            state, measure, draws[:, level], sigma=sigma, pixels=values.pixels, images=values.images
        )
        for state, values in found.items()
        for measure, draws in values.draws.items()
        for level, sigma in enumerate(values.sigmas)
    )


def overall_table(found: Mapping[State, Measures]) -> pd.DataFrame:
    """Return one row per state and measure: the mean over noise levels, with an interval.

    Of relative distances, ``nrmse_network_gaussian`` and so on, also that over the levels of
    `INTERMEDIATE`, as ``intermediate_nrmse_network_gaussian``.
    """
    rows = []
    for state, values in found.items():
        for measure in values.draws:
            rows.append(_row(state, measure, values.overall(measure), images=values.images))
            if measure.startswith("nrmse_"):
                between = values.within(measure, INTERMEDIATE)
                rows.append(_row(state, f"intermediate_{measure}", between, images=values.images))
    return pd.DataFrame(rows)


def along_training(found: Mapping[State, Measures], experiment: str, size: int) -> list[State]:
    """Return the states of one training, in order of time."""
    chosen = [state for state in found if state.experiment == experiment and state.n == size]
    return sorted(chosen, key=lambda state: state.presentations)


def over_sizes(found: Mapping[State, Measures], experiment: str) -> list[State]:
    """Return the fully trained states of one experiment, in order of N."""
    chosen = [state for state in found if state.experiment == experiment]
    last = max((state.presentations for state in chosen), default=0)
    return sorted((s for s in chosen if s.presentations == last), key=lambda state: state.n)


def over_widths(found: Mapping[State, Measures], experiment: str, size: int) -> list[State]:
    """Return states that differ from an experiment's network in width only, in this order."""
    own = [state for state in over_sizes(found, experiment) if state.n == size]
    others = [
        state
        for state in found
        if state.n == size and state.swept_width and state.experiment != experiment
    ]
    return sorted(own + others, key=lambda state: state.width) if own else []


def best_times(
    found: Mapping[State, Measures], states: Sequence[State], measure: str, best: str
) -> np.ndarray:
    """Return after how many presentations a measure was best, for every draw, ``[1 + draws]``."""
    values = np.stack([found[state].overall(measure) for state in states])
    position = values.argmax(axis=0) if best == "largest" else values.argmin(axis=0)
    return np.array([state.presentations for state in states])[position]


def times_table(
    found: Mapping[State, Measures],
    states: Sequence[State],
    memorised: Mapping[State, tuple[int, int]],
) -> pd.DataFrame:
    """Return tau_gen and tau_mem of one training, in presentations, with intervals.

    Bonnaire et al. (arXiv 2505.17638). ``tau_gen``: when the PSNR on test images, averaged
    over noise levels, was largest. ``tau_mem``: the first state from which on the exact
    95 % interval of the share of pairs with a memorised sample stays above 1 %; blank if
    there is none. Its interval begins at the state before: nothing is known between them.
    """
    rows: list[dict[str, str | float | np.ndarray]] = []
    if states:
        gen = best_times(found, states, "psnr_network_test", "largest")
        value, low, high = percentile_interval(gen)
        rows.append({"time": "tau_gen", "value": value, "low": low, "high": high})
        rows.append({"time": "tau_mem", **_first_memorised(states, memorised)})
    table = pd.DataFrame(rows, columns=["time", "value", "low", "high"])
    return table.assign(states=len(states))


def _first_memorised(
    states: Sequence[State], memorised: Mapping[State, tuple[int, int]]
) -> dict[str, float]:
    above = [share_of(*memorised[state])[1] > MEMORISING for state in states]
    first = len(above)
    while first and above[first - 1]:
        first -= 1
    if first == len(above):
        return {"value": np.nan, "low": np.nan, "high": np.nan}
    before = states[first - 1].presentations if first else 0
    return {
        "value": states[first].presentations,
        "low": before,
        "high": states[first].presentations,
    }


def iterate_pairs(
    paths: Sequence[Path | str], records: Sequence[Mapping[str, Any]], repeats: int
) -> Iterator[tuple[State, pd.DataFrame]]:
    """Yield each state with its tables, those of all repeats together."""
    for position, record in enumerate(records):
        tables = [
            pd.read_csv(path) for path in paths[position * repeats : (position + 1) * repeats]
        ]
        yield State(**record), pd.concat(tables, ignore_index=True)
