"""Verdicts on the hidden Gaussian structure, by key, and measures to judge."""

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import numpy as np

from gahb.analysis.gaussian.sweeps import Measures, State
from gahb.claims.expected.gaussian import GAUSSIAN as EXPECTED
from gahb.claims.judging import judge


def verdicts(claims: Iterable) -> dict[str, str]:
    """Return the verdicts by key."""
    claims = list(claims)
    keys = {id(expected): key for key, expected in EXPECTED.items()}
    table = judge(claims, draws=200, seed=0)
    return {
        keys[id(claim.expected)]: row for claim, row in zip(claims, table["verdict"], strict=True)
    }


def state(n: int, presentations: int = 500, width: int = 8, experiment: str = "x") -> State:
    """Return a state of a network."""
    return State(experiment, "edm", width, n, presentations, swept_width=True)


def keys_of(module: ModuleType) -> set[str]:
    """Return the keys of what a module of claims judges."""
    text = Path(str(module.__file__)).read_text()
    return {key for key in EXPECTED if f'"{key}"' in text}


LEVELS = np.array([0.01, 0.1, 1.0, 40.0])


def measures_of(seed: int = 0, **values: float | np.ndarray) -> Measures:
    """Measures at 20 images, with a little noise so that intervals have a width."""
    usual = {
        "psnr_network_test": 20.0,
        "nrmse_network_gaussian": 0.2,
        "nrmse_network_reference": 0.2,
        "nrmse_fixed_gaussian": 0.2,
        "nrmse_linear_gaussian": 0.05,
        "rmse_linear_gaussian": 0.01,
        "nrmse_network_empirical": 0.8,
        "score": np.array([0.95, 0.95, 0.9, 0.95]),
        "residual_score": 0.9,
    }
    rng = np.random.default_rng(seed)
    draws = {
        name: value + rng.normal(0, 1e-3, (201, 4)) for name, value in (usual | values).items()
    }
    return Measures(LEVELS, draws, 20, 256)
