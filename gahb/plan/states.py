"""States of networks that are compared with one another: over N, variants and training."""

from __future__ import annotations

from typing import Any, NamedTuple

from gahb.plan.plan import Plan, Wildcards
from gahb.settings import Settings
from gahb.training.snapshots import snapshot_times


class State(NamedTuple):
    """Which networks: experiment, N, and the part of a file's name for an earlier state."""

    experiment: str
    n: int
    stage: str = ""


def own_states(plan: Plan, experiment: str) -> list[State]:
    """Return an experiment's networks, fully trained."""
    return [State(experiment, n) for n in plan.settings(experiment).sizes]


def final_states(plan: Plan, experiment: str) -> list[State]:
    """Return an experiment's networks and its variants', fully trained.

    Only variants trained on the same images count: the others cannot be compared.
    """
    compared = [experiment]
    if experiment == plan.main_of(experiment):
        family = list(plan.family_of(experiment))
        compared += [name for name in family[1:] if plan.data_of(name) == experiment]
    return [state for name in compared for state in own_states(plan, name)]


def studied_states(plan: Plan, experiment: str) -> list[State]:
    """Return the final states and those kept along the training on few images."""
    chosen = plan.settings(experiment)
    times = snapshot_times(chosen.training)[:-1]
    few = [State(experiment, chosen.agreement.small_n, f"_p{time}") for time in times]
    return final_states(plan, experiment) + few


def expand_states(pattern: str, states: list[State], repeats: int) -> list[str]:
    """Return ``pattern``, a path below the experiment's folder, for all states and repeats."""
    return [
        f"results/{state.experiment}/{pattern}".format(n=state.n, repeat=repeat, stage=state.stage)
        for state in states
        for repeat in range(repeats)
    ]


def state_records(plan: Plan, of: Wildcards) -> list[dict[str, Any]]:
    """Return what is known of each of `studied_states`, in the same order."""
    experiment = of.experiment
    own = plan.settings(experiment)
    records = []
    for state in studied_states(plan, experiment):
        chosen = plan.settings(state.experiment)
        records.append(
            {
                "experiment": state.experiment,
                "kind": chosen.denoiser.kind,
                "width": chosen.denoiser.width,
                "n": state.n,
                "presentations": int(state.stage[2:] or chosen.training.presentations),
                "swept_width": _differ_in_width_only(chosen, own),
            }
        )
    return records


def _differ_in_width_only(one: Settings, other: Settings) -> bool:
    """Return whether all settings that results depend on are equal but for the width."""
    aside = {"experiment": True, "sizes": True, "targets": True, "variants": True}
    left, right = (chosen.model_dump(exclude=aside) for chosen in (one, other))
    left["denoiser"]["width"] = right["denoiser"]["width"]
    return left == right
