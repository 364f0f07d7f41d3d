"""What the rules give their scripts beside files: narrow parts of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gahb.data.sources import is_drawn
from gahb.denoisers.kinds import KINDS
from gahb.plan.claims import drawn_figures
from gahb.plan.figure_record import Networks
from gahb.plan.figures import FIGURES
from gahb.plan.plan import Plan, Wildcards
from gahb.plan.records import base_records, resolution_records
from gahb.plan.states import state_records

IMAGES = (
    "source",
    "size",
    "channels",
    "shuffle",
    "count",
    "contour_alpha",
    "background_alpha",
    "regions",
)
"""What images are, wherever their files come from."""
WITHOUT_REASON = {"runtime", "figures", "presets"}
"""Settings for whose sake nothing is computed again."""


def section(plan: Plan, of: Wildcards, *names: str, **keys: tuple[str, ...]) -> dict[str, Any]:
    """Return parts of the settings as plain values.

    A name given with keys stands for those keys of that part only.
    """
    wanted: dict[str, Any] = dict.fromkeys(names, True)
    wanted |= {name: set(some) for name, some in keys.items()}
    return plan.settings(of.experiment).model_dump(include=wanted)


def training(plan: Plan, of: Wildcards) -> dict[str, Any]:
    """Return the settings of one training; states are kept only where they are studied."""
    chosen = section(plan, of, "seed", "denoiser", "training")
    if int(of.n) != plan.settings(of.experiment).agreement.small_n:
        chosen["training"]["snapshots"] = 0
    return chosen


def prepared(plan: Plan, of: Wildcards) -> dict[str, Any]:
    """Return how images are prepared, wherever their files lie."""
    return plan.settings(of.experiment).data.model_dump(exclude={"directory"})


def image_seed(plan: Plan, of: Wildcards) -> int | None:
    """Return the seed of the images of an experiment, None where nothing is random in them."""
    chosen = plan.settings(of.experiment)
    return chosen.seed if is_drawn(chosen.data) or chosen.data.shuffle else None


def shuffle_seed(plan: Plan, of: Wildcards) -> int | None:
    """Return the seed of the order of shuffled pixels, None where they are in place."""
    chosen = plan.settings(of.experiment)
    return chosen.seed if chosen.data.shuffle else None


def dedup_threshold(plan: Plan, of: Wildcards) -> float:
    """Return the absolute correlation above which images are duplicates."""
    return plan.settings(of.experiment).dedup.threshold


def largest_n(plan: Plan, of: Wildcards) -> int:
    """Return the largest training set size of an experiment."""
    return plan.settings(of.experiment).sizes[-1]


def figure(plan: Plan, of: Wildcards) -> dict[str, Any]:
    """Return how a figure is drawn: function, arguments and looks."""
    chosen, record = plan.settings(of.experiment), FIGURES[of.figure]
    return {
        "draw": record.draw,
        "arguments": record.arguments_in(chosen),
        "figures": chosen.figures.model_dump(),
        "runs": _runs(plan, of),
    }


def _runs(plan: Plan, of: Wildcards) -> int:
    """Return how many training runs of each network a figure shows, at least."""
    record, family = FIGURES[of.figure], plan.family_of(of.experiment)
    shown = record.shown_in(family) if record.shows else [of.experiment]
    return 1 if record.networks != Networks.ALL else min(family[name].repeats for name in shown)


def figure_modules(plan: Plan, of: Wildcards) -> tuple[str, ...]:
    """Return the module that draws a figure."""
    return (FIGURES[of.figure].module,)


def caption(plan: Plan, of: Wildcards) -> str:
    """Return what stands under a figure in the report."""
    return FIGURES[of.figure].text


def asked(plan: Plan, of: Wildcards) -> dict[str, Any]:
    """Return what claims are judged with, see `gahb.claims.groups.Asked`."""
    names = ("seed", "sizes", "repeats", "bootstrap", "denoiser", "evaluation", "training")
    return {
        "settings": section(plan, of, *names, "agreement"),
        "figures": drawn_figures(plan, of),
        "states": state_records(plan, of),
        "bases": base_records(plan, of.experiment),
        "resolutions": resolution_records(plan, of.experiment),
    }


def reasons(plan: Plan, of: Wildcards) -> dict[str, Any]:
    """Return all settings that results depend on."""
    return plan.settings(of.experiment).model_dump(exclude=WITHOUT_REASON)


def denoiser_modules(plan: Plan, of: Wildcards) -> tuple[str | Path, ...]:
    """Return the module of the experiment's denoiser, and the file of one of one's own."""
    own = plan.own_modules.get(of.experiment)
    kind = KINDS[plan.settings(of.experiment).denoiser.kind]
    return (kind.module, *([own] if own else []))
