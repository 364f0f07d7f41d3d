"""The experiments of a run: the configured one and its variants, by name."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from gahb.errors import ConfigError
from gahb.plan.figure_record import Part
from gahb.plan.figures import FIGURES, any_of_part
from gahb.plan.layers import merged
from gahb.plan.load import load_settings
from gahb.settings import Settings

UNFIT_FOR_VARIANTS = frozenset({"experiment", "variants", "presets", "runtime", "figures"})


def share_images(one: Settings, other: Settings) -> bool:
    """Return whether two experiments prepare, clean and split the same images alike."""
    return _images(one) == _images(other)


def image_owners(experiments: Mapping[str, Settings]) -> dict[str, str]:
    """Return, for each experiment, the first that prepares and splits the same images."""
    first: dict[Hashable, str] = {}
    return {name: first.setdefault(_images(chosen), name) for name, chosen in experiments.items()}


def _images(settings: Settings) -> tuple[Hashable, ...]:
    """Return all that the images of an experiment depend on."""
    return settings.seed, settings.data, settings.dedup, settings.split


def peers(name: str, experiments: Mapping[str, Settings]) -> list[str]:
    """Return other experiments whose largest networks can be compared with that of one.

    They are of the same images, as many, and measured alike.
    """
    own = experiments[name]
    return [
        other
        for other, chosen in experiments.items()
        if other != name
        and share_images(own, chosen)
        and own.sizes[-1] == chosen.sizes[-1]
        and own.evaluation == chosen.evaluation
    ]


def load_experiments(raw: Mapping[str, Any]) -> dict[str, Settings]:
    """Return the settings of the experiment and of each of its variants, by name.

    A variant has all settings of the experiment but those that it changes, and draws
    only the figures that it asks for itself.

    Raises
    ------
    ConfigError
        As `load_settings`; a key of a variant is named with the variant.
    """
    settings = load_settings(raw)
    experiments = {settings.experiment: settings}
    for name, changes in settings.variants.items():
        prefix = f"config: variants.{name}: "
        if unfit := UNFIT_FOR_VARIANTS & set(changes):
            raise ConfigError(
                f"{prefix}{min(unfit)} is the same for all; set it outside of variants"
            )
        layers = merged({**raw, "targets": []}, changes)
        layers |= {"experiment": f"{settings.experiment}-{name}", "variants": {}}
        try:
            variant = load_settings(layers)
        except ConfigError as error:
            raise ConfigError(prefix + str(error).removeprefix("config: ")) from None
        experiments[variant.experiment] = variant
    _refuse_unused(settings, experiments)
    return experiments


def load_families(raw: Mapping[str, Any]) -> list[dict[str, Settings]]:
    """Return the experiments of each preset that is run, or of the configuration itself.

    Figures and comparisons look at the experiments of their own family only, so that a
    preset gives the same files whether it runs alone or together with others.

    Parameters
    ----------
    raw : mapping
        The parsed configuration; ``presets`` as `gahb.plan.layers.layered` returns them. Each
        preset overrides the rest of ``raw``, except for how to compute (``runtime``).

    Raises
    ------
    ConfigError
        As `load_experiments`, or if two presets would write into the same folder.
    """
    base = {key: value for key, value in raw.items() if key != "presets"}
    families: list[dict[str, Settings]] = []
    for preset in raw.get("presets") or [{}]:
        chosen = merged(base, preset)
        if "runtime" in base:
            chosen["runtime"] = base["runtime"]
        family = load_experiments(chosen)
        for name in family:
            if any(name in other for other in families):
                raise ConfigError(f"config: presets: two of them have the experiment {name!r}")
        families.append(family)
    return families


def _refuse_unused(settings: Settings, experiments: Mapping[str, Settings]) -> None:
    """Raise a ConfigError for a figure without its experiments, or one without a figure."""
    drawn = set()
    for figure in (FIGURES[target] for target in settings.targets):
        if figure.shows:
            shown = figure.shown_in(experiments)
            drawn |= set(shown).union(*(peers(name, experiments) for name in shown))
    compared = any_of_part(settings.targets, Part.GAUSSIAN)
    for name, variant in zip(settings.variants, list(experiments.values())[1:], strict=True):
        used = compared and share_images(settings, variant)
        if not (variant.targets or used or variant.experiment in drawn):
            raise ConfigError(
                f"config: variants.{name}: no figure in targets shows it (each shows the first "
                "experiment that fits, or those of one network, N and size); give it targets of "
                "its own, such as [figure_1], or take it out; for one figure of a preset run "
                "snakemake with its name"
            )


def largest_n_of_all(raw: Mapping[str, Any], experiment: str) -> int:
    """Return the largest N of the experiments that prepare and split the same images as one."""
    family = next(known for known in load_families(raw) if experiment in known)
    own = family[experiment]
    return max(other.sizes[-1] for other in family.values() if share_images(own, other))
