"""All tables on networks and the models of their data, from the files of the workflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gahb.analysis.gaussian.matrices import jacobian_table, weight_table
from gahb.analysis.gaussian.samples import memorised_counts, samples_table
from gahb.analysis.gaussian.sweeps import (
    along_training,
    by_sigma_table,
    iterate_pairs,
    overall_table,
    read_measures,
    times_table,
)
from gahb.analysis.transition.tables import read_pairs
from gahb.denoisers.kinds import KINDS
from gahb.settings import AgreementSettings, DenoiserSettings


def agreement_tables(
    files: Any,
    records: Sequence[Mapping[str, Any]],
    experiment: str,
    *,
    seed: int,
    bootstrap: int,
    repeats: int,
    denoiser: DenoiserSettings,
    agreement: AgreementSettings,
) -> dict[str, pd.DataFrame]:
    """Return the tables by name.

    Parameters
    ----------
    files : namespace
        ``agreement``, ``pairs``, ``models``: paths, ``repeats`` of them for each of
        ``records``, in their order; ``maps``, those of fully trained networks, which come
        first; ``vectors``, those of this experiment; ``held_out``, one for each N and repeat.
    records : sequence of mapping
        Fields of `gahb.analysis.gaussian.sweeps.State`, one a state of a training.
    experiment : str
        Whose tables they are; the others are its variants.
    seed, bootstrap, repeats, denoiser, agreement
        Settings.
    """
    random = {"draws": bootstrap, "seed": seed}
    finals = records[: len(files.maps) // repeats]
    sizes = [record["n"] for record in finals if record["experiment"] == experiment]
    found = read_measures(files.agreement, records, repeats, **random)
    pairs = list(iterate_pairs(files.pairs, records, repeats))
    models = iterate_pairs(files.models, records, repeats)
    weights = weight_table(files.maps, finals, repeats)
    training = along_training(found, experiment, agreement.small_n)
    copies = memorised_counts(pairs, KINDS[denoiser.kind].distance_scale)
    return {
        "by_sigma": pd.concat([by_sigma_table(found), weights]),
        "overall": overall_table(found),
        "samples": samples_table(pairs, models, read_pairs(files.held_out), **random),
        "times": times_table(found, training, copies),
        "jacobian": jacobian_table(files.vectors, sizes, repeats, **random),
    }
