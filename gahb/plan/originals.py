"""Files that are not ours: weights that networks are taken from, and pictures."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from gahb.data.containers import fingerprint
from gahb.data.places import as_parameter, pictures_of
from gahb.data.sources import DATA_VARIABLE, source_key
from gahb.errors import ConfigError
from gahb.files import check_weights
from gahb.plan.experiments import load_families
from gahb.plan.plan import Plan, Wildcards
from gahb.settings import SUBSETS, DataSettings, Settings
from gahb.settings.home import expanded
from gahb.storage import file_hash

log = logging.getLogger(__name__)


def pictures(plan: Plan, of: Wildcards) -> list[Any] | None:
    """Return where the pictures of a data set are that nobody can verify, and a fingerprint."""
    return _pictures(of.source, plan.originals[of.source], os.environ.get(DATA_VARIABLE))


@cache
def _pictures(key: str, data: DataSettings, root: str | None) -> list[Any] | None:
    found, line = pictures_of(data, root, Path("results/sources") / key)
    if line:
        log.warning(line)
    return as_parameter(found)


def weights_file(plan: Plan, of: Wildcards) -> str:
    """Return the file, or folder, that a trained network is taken from."""
    return _weights(plan.settings(of.experiment), of.n, of.subset, of.repeat)


def weights_content(plan: Plan, of: Wildcards) -> str | list[Any]:
    """Return a hash of what a trained network is taken from: its age decides nothing."""
    return _content(weights_file(plan, of))


@cache
def _content(path: str) -> str | list[Any]:
    return file_hash(path) if Path(path).is_file() else list(fingerprint(Path(path)) or ())


def check_every_weights(plan: Plan) -> None:
    """Look at all weights before anything is planned: one line says what is wrong.

    What was taken from a disk that is not here now is still there.

    Raises
    ------
    ConfigError
        Naming the first file that cannot be used.
    """
    for name in plan.adopting:
        chosen = plan.experiments[name]
        for n, subset, repeat in product(chosen.sizes, SUBSETS, range(chosen.repeats)):
            path = _weights(chosen, n, subset, repeat)
            taken = Path(f"results/{name}/denoisers/n{n}_{subset}_r{repeat}.safetensors")
            if Path(path).exists() or not taken.exists():
                check_weights(path, of_ones_own=chosen.denoiser.python is not None)


def _weights(settings: Settings, n: int | str, subset: str, repeat: int | str) -> str:
    pattern = settings.denoiser.weights or ""
    weights = pattern.format(n=n, subset=subset, repeat=repeat)
    path = str(Path(expanded(weights, "denoiser.weights")))
    if "{" in path:
        raise ConfigError(
            f"config: denoiser.weights: {path}: Snakemake takes braces in the path of a file for a "
            "wildcard: move it, or put a link to it elsewhere"
        )
    return path


def data_of_source(raw: Mapping[str, Any], key: str) -> DataSettings:
    """Return what is known of the originals in ``results/sources/<key>``."""
    experiments = (chosen for family in load_families(raw) for chosen in family.values())
    return next(chosen.data for chosen in experiments if source_key(chosen.data) == key)
