"""Which claims an experiment's figures show, and what they are judged from."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gahb.plan import paths
from gahb.plan.figure_record import Part
from gahb.plan.figures import any_of_part, shows, source_of
from gahb.plan.paths import Paths
from gahb.plan.plan import Plan, Wildcards
from gahb.plan.records import base_records, resolution_records
from gahb.plan.states import expand_states, own_states
from gahb.settings import Settings


class Group(NamedTuple):
    """Claims that are judged from the same files: a function of `gahb.claims.groups`.

    Attributes
    ----------
    asked : callable
        Whether an experiment's figures show them.
    reads : callable
        Their files by name.
    """

    asked: Callable[[Settings], bool]
    reads: Callable[[Plan, Wildcards], Paths]


def _own(plan: Plan, of: Wildcards, pattern: str) -> list[str]:
    repeats = plan.settings(of.experiment).repeats
    return expand_states(pattern, own_states(plan, of.experiment), repeats)


def _of_models(plan: Plan, of: Wildcards) -> Paths:
    stage = "n{n}_r{repeat}{stage}"
    return {
        "agreement": paths.every_state(plan, of, f"agreement/{stage}.npz"),
        "sampled": paths.every_state(plan, of, f"tables/pairs/{stage}.csv"),
        "models": paths.every_state(plan, of, f"tables/models/{stage}.csv"),
        "held_out": paths.every_held_out(plan, of),
        "maps": paths.largest_distillates(plan, of),
    }


def _of_sizes(plan: Plan, of: Wildcards) -> Paths:
    files = [
        f"results/{record['experiment']}/evaluation/n{n}_r{repeat}.npz"
        for record in resolution_records(plan, of.experiment)
        for n in record["sizes"]
        for repeat in range(record["repeats"])
    ]
    return {"errors_by_size": files}


def _of_bases(plan: Plan, of: Wildcards) -> Paths:
    records = base_records(plan, of.experiment)
    pattern = "bases/n{largest}_sigma{sigma}.npz"
    found = [paths.at_largest(plan, one["experiment"], pattern, one["sigma"]) for one in records]
    names = [record["experiment"] for record in records]
    return {
        "errors_by_method": paths.of_each(plan, names, "optimality/n{largest}.npz"),
        "bases": found,
    }


GROUPS: dict[str, Group] = {
    "psnr": Group(
        lambda chosen: shows(chosen.targets, "figure_1"),
        lambda plan, of: {
            "errors": _own(plan, of, "evaluation/n{n}_r{repeat}.npz"),
            "gaussian_errors": _own(plan, of, "evaluation/gaussian/n{n}_r{repeat}.npz"),
        },
    ),
    "samples": Group(
        lambda chosen: shows(chosen.targets, "figure_2"),
        lambda plan, of: {
            name: _own(plan, of, f"tables/{name}/n{{n}}_r{{repeat}}.csv")
            for name in ("pairs", "held_out", "gaussian_pairs", "contrast", "variance")
        },
    ),
    "sizes": Group(lambda chosen: any_of_part(chosen.targets, Part.SIZES), _of_sizes),
    "restoration": Group(
        lambda chosen: any_of_part(chosen.targets, Part.RESTORATION),
        lambda plan, of: {"restored": f"results/{of.experiment}/tables/restoration.csv"},
    ),
    "models": Group(lambda chosen: any_of_part(chosen.targets, Part.GAUSSIAN), _of_models),
    "bases": Group(lambda chosen: any_of_part(chosen.targets, Part.BASES), _of_bases),
}
"""By the name of their function."""


def groups_of(plan: Plan, of: Wildcards) -> list[str]:
    """Return the groups of claims that the figures of an experiment show."""
    chosen = plan.settings(of.experiment)
    return [name for name, group in GROUPS.items() if group.asked(chosen)]


def claim_inputs(plan: Plan, of: Wildcards) -> Paths:
    """Return the named inputs of the claims of an experiment."""
    inputs: Paths = {"manifest": paths.data_file(plan, of, "manifest.json")}
    for name in groups_of(plan, of):
        inputs |= GROUPS[name].reads(plan, of)
    return inputs


def drawn_figures(plan: Plan, of: Wildcards) -> dict[str, tuple[str, str]]:
    """Return what is drawn as figures 1 and 2 in an experiment: its name, and the paper's."""
    targets = plan.settings(of.experiment).targets
    return {
        figure: (
            next(name for name in targets if shows([name], figure)),
            source_of(targets, figure),
        )
        for figure in ("figure_1", "figure_2")
        if shows(targets, figure)
    }


def with_transition(plan: Plan) -> list[str]:
    """Return the experiments whose figures show the whole transition."""
    return [
        name
        for name in plan.with_figures
        if all(shows(plan.experiments[name].targets, f"figure_{number}") for number in (1, 2))
    ]
