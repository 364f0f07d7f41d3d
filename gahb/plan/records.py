"""What figures and claims are told of the experiments that they join."""

from __future__ import annotations

from typing import Any

from gahb.plan.experiments import peers
from gahb.plan.figure_record import Part
from gahb.plan.figures import FIGURES
from gahb.plan.plan import Plan, Wildcards


def described(plan: Plan, of: Wildcards) -> dict[str, Any]:
    """Return `describe` of the experiment of a job."""
    return describe(plan, of.experiment)


def describe(plan: Plan, experiment: str) -> dict[str, Any]:
    """Return what figures and claims on bases tell experiments apart by."""
    chosen = plan.settings(experiment)
    data = {"source", "shuffle", "contour_alpha", "background_alpha", "regions", "size"}
    return {
        "experiment": experiment,
        "kind": chosen.denoiser.kind,
        "n": chosen.sizes[-1],
        "presentations": chosen.training.presentations,
        **chosen.data.model_dump(include=data),
    }


def peers_of(plan: Plan, of: Wildcards) -> list[str]:
    """Return other experiments whose largest networks can be compared with that of one."""
    return peers(of.experiment, plan.family_of(of.experiment))


def base_records(plan: Plan, experiment: str) -> list[dict[str, Any]]:
    """Return figure, noise level and experiment of all that figures on bases are to show."""
    chosen, family = plan.settings(experiment), plan.family_of(experiment)
    return [
        {"figure": figure.name, "sigma": figure.sigma_in(chosen), **describe(plan, name)}
        for figure in (FIGURES[target] for target in chosen.targets)
        if figure.part == Part.BASES
        for name in figure.shown_in(family)
    ]


def resolution_records(plan: Plan, experiment: str) -> list[dict[str, Any]]:
    """Return size, N and repeats of the experiments that a figure on sizes is to show."""
    chosen, family = plan.settings(experiment), plan.family_of(experiment)
    names = [
        name
        for figure in (FIGURES[target] for target in chosen.targets)
        if figure.part == Part.SIZES
        for name in figure.shown_in(family)
    ]
    return [
        {"experiment": name, "size": plan.settings(name).data.size}
        | plan.settings(name).model_dump(include={"sizes", "repeats"})
        for name in names
    ]
