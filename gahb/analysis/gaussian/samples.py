"""Compare what networks and the models of their data draw from the same noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from gahb.analysis.gaussian.sweeps import State
from gahb.analysis.similarity import centred, cosine, flatten
from gahb.analysis.statistics import bootstrap
from gahb.analysis.transition.tables import by_network, memorised_by_network
from gahb.settings import SUBSETS

NETWORK = "network"


def compare_models(
    networks: Mapping[str, np.ndarray], models: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Return mean-removed cosines between samples of networks and models.

    Parameters
    ----------
    networks : mapping
        Arrays of `gahb.sampling.paired.sample_pairs`.
    models : mapping
        Arrays of `gahb.sampling.models.sample_models`, from the same noise.

    Returns
    -------
    DataFrame
        One row a sample and comparison: ``sample``, ``left``, ``right`` (such as
        ``network_A`` and ``gaussian_A``), ``cosine`` (same noise) and ``mismatched_cosine``
        (left's sample i with right's sample i + 1). Each model's A is compared with its B,
        and within a subset the network with every model and the models with each other.
        Blank where a sample did not converge, or is a constant image.
    """
    images = {f"{NETWORK}_{subset}": networks[f"images_{subset}"] for subset in SUBSETS}
    images |= {
        key.removeprefix("images_"): value
        for key, value in models.items()
        if key.startswith("images_")
    }
    vectors = {name: centred(flatten(value)) for name, value in images.items()}
    names = [name.removesuffix("_A") for name in vectors if name.endswith("_A")]
    compared = [(f"{name}_A", f"{name}_B") for name in names]
    compared += [
        (f"{one}_{subset}", f"{other}_{subset}")
        for subset in SUBSETS
        for one, other in combinations(names, 2)
    ]
    parts = []
    for left, right in compared:
        shifted = np.roll(vectors[right], -1, axis=0)
        columns = {
            "sample": np.arange(len(shifted)),
            "left": left,
            "right": right,
            "cosine": cosine(vectors[left], vectors[right]),
            "mismatched_cosine": cosine(vectors[left], shifted),
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def gl_scores(pairs: pd.DataFrame, scale: str) -> np.ndarray:
    """Return the GL score of each pair of samples, the mean of those of A and B."""
    return np.mean(by_network(pairs, f"gl_distance_{scale}"), axis=0)


def held_out_gl(held_out: pd.DataFrame, scale: str) -> np.ndarray:
    """Return the GL score of each held-out image as if it were a sample.

    It counts once, with the mean over the training images of A and B and over repeats.
    """
    columns = [f"gl_distance_{scale}_{subset}" for subset in SUBSETS]
    means = held_out.groupby("image")[columns].mean().mean(axis=1, skipna=False)
    return means.dropna().to_numpy()


def without_distillates(models: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return arrays of `gahb.sampling.models.sample_models` but for those of linear models."""
    return {name: array for name, array in models.items() if "_linear_" not in name}


def samples_table(
    pairs: Iterable[tuple[State, pd.DataFrame]],
    models: Iterable[tuple[State, pd.DataFrame]],
    held_out: Mapping[int, pd.DataFrame],
    *,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Return one row per state and measure of samples, with a 95 % interval over samples.

    Of the networks' samples: ``pair_cosine`` and ``mismatched_cosine`` (medians), ``gl_raw``,
    ``gl_unit`` (means), ``memorised_raw``, ``memorised_unit`` (shares; blank at N = 1). Of
    held-out images, by N, in their place: ``held_out_gl_raw``, ``held_out_gl_unit``. Of samples
    of networks and models: ``gaussian_A_gaussian_B`` and so on, medians of the
    cosine, and ``mismatched_gaussian_A_gaussian_B``.
    """
    rows: list[tuple[State, str, np.ndarray, Callable[..., np.ndarray]]] = []
    for state, table in pairs:
        for column in ("pair_cosine", "mismatched_cosine"):
            rows.append((state, column, table[column].dropna().to_numpy(), np.median))
        for scale in ("raw", "unit"):
            rows.append((state, f"gl_{scale}", gl_scores(table, scale), np.mean))
            real = held_out_gl(held_out[state.n], scale)
            rows.append((state, f"held_out_gl_{scale}", real, np.mean))
            copied = np.asarray(memorised_by_network(table, scale))
            rows.append((state, f"memorised_{scale}", copied.mean(axis=0), np.mean))
    for state, table in models:
        for (left, right), part in table.groupby(["left", "right"]):
            name = f"{left}_{right}"
            rows.append((state, name, part["cosine"].dropna().to_numpy(), np.median))
            mismatched = part["mismatched_cosine"].dropna().to_numpy()
            rows.append((state, f"mismatched_{name}", mismatched, np.median))
    found = []
    for state, measure, values, reduce in rows:
        value, low, high = bootstrap(values, reduce, draws=draws, seed=seed)
        columns = {"measure": measure, "value": value, "low": low, "high": high}
        found.append(state.columns() | columns | {"samples": len(values)})
    return pd.DataFrame(found)


def memorised_counts(
    pairs: Iterable[tuple[State, pd.DataFrame]], scale: str
) -> dict[State, tuple[int, int]]:
    """Return, per state, how many pairs have a memorised sample, and how many pairs there are."""
    counts = {}
    for state, table in pairs:
        copied = memorised_by_network(table, scale)
        either = np.maximum(*copied) if len(copied[0]) else np.empty(0)
        counts[state] = int(either.sum()), len(either)
    return counts
