"""The configuration: typed, closed (an unknown key is an error) and self-describing.

Every key, its default and its meaning stand here once; the table in README.md is
printed from here by ``python -m gahb.config`` and a test keeps the two in step.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field, ValidationError, model_validator
from pydantic.fields import FieldInfo

from gahb.data.sources import SOURCES
from gahb.errors import ConfigError
from gahb.sections import (
    Agreement,
    Count,
    Data,
    Dedup,
    Denoiser,
    Evaluation,
    Figures,
    Runtime,
    Sampling,
    Section,
    Split,
    Training,
)

FIGURES = (
    "figure_1",
    "figure_2",
    "figure_6",
    "figure_7",
    "figure_8",
    "gaussian_linearity",
    "gaussian_difference",
    "gaussian_samples",
    "gaussian_weights",
    "gaussian_by_n",
    "gaussian_by_width",
    "gaussian_by_time",
    "gaussian_strong",
    "gaussian_jacobian",
)
"""Every figure that can be drawn."""


class Settings(Section):
    """The whole configuration."""

    experiment: str = Field(
        "fashion", pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", description="folder under results/"
    )
    seed: int = Field(0, ge=0, le=2**63 - 1, description="root of all random streams")
    sizes: list[Count] = Field(
        default=[1, 10, 100, 1000, 10000], min_length=1, description="training set sizes N"
    )
    repeats: int = Field(
        1, ge=1, le=1000, description="independent trainings and samplings of every (N, subset)"
    )
    targets: list[str] = Field(
        default=["figure_1", "figure_2", "figure_6", "figure_7", "figure_8"],
        description="figures to draw; the claims that they show are judged",
    )
    variants: dict[str, dict[str, Any]] = Field(
        default={},
        description="further experiments `<experiment>-<name>`, by what each changes",
    )
    bootstrap: int = Field(1000, ge=100, le=10**6, description="bootstrap draws of the intervals")
    data: Data = Data()
    dedup: Dedup = Dedup()
    split: Split = Split()
    denoiser: Denoiser = Denoiser()
    training: Training = Training()
    evaluation: Evaluation = Evaluation()
    sampling: Sampling = Sampling()
    agreement: Agreement = Agreement()
    figures: Figures = Figures()
    runtime: Runtime = Runtime()

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        for problem in _inconsistencies(self):
            raise ValueError(problem)
        return self


def _inconsistencies(settings: Settings) -> Iterator[str]:
    """Yield what the single keys cannot know, each naming its key."""
    for target in settings.targets:
        if target not in FIGURES:
            yield _unknown_value("targets", target, FIGURES)
        yield from unfit_for(target, settings)
    source = SOURCES.get(settings.data.source)
    if source is None:
        yield _unknown_value("data.source", settings.data.source, SOURCES)
        return
    if settings.experiment == "sources":
        yield "experiment: 'sources' is where original files are kept; choose another name"
    if settings.data.channels > source.channels:
        yield f"data.channels: {settings.data.source} has grey images; set data.channels to 1"
    if settings.sizes != sorted(set(settings.sizes)):
        yield f"sizes: {settings.sizes} must increase strictly"
    largest = (source.count - settings.split.test) // 2
    if settings.sizes[-1] > largest:
        yield (
            f"sizes: N = {settings.sizes[-1]} is too large; {settings.data.source} has "
            f"{source.count} images, less {settings.split.test} for testing: a half has at most "
            f"{max(largest, 0)}, and fewer after dedup"
        )
    if settings.training.weight == "edm" and settings.training.noise != "edm":
        yield (
            f"training.weight: edm is infinite at sigma = 0, which training.noise: "
            f"{settings.training.noise} comes near; set training.noise to edm"
        )
    if settings.training.presentations % settings.training.batch:
        yield (
            f"training.presentations: {settings.training.presentations} is not a multiple of "
            f"training.batch = {settings.training.batch}"
        )
    if settings.data.size % 2**settings.denoiser.blocks:
        yield (
            f"data.size: {settings.data.size} is not a multiple of "
            f"2**denoiser.blocks = {2**settings.denoiser.blocks}"
        )
    if settings.agreement.sigma_min >= settings.agreement.sigma_max:
        yield (
            f"agreement.sigma_min: {settings.agreement.sigma_min} must be below "
            f"agreement.sigma_max = {settings.agreement.sigma_max}"
        )
    if settings.sampling.sigma_end >= settings.sampling.sigma_start:
        yield (
            f"sampling.sigma_end: {settings.sampling.sigma_end} must be below "
            f"sampling.sigma_start = {settings.sampling.sigma_start}"
        )


def unfit_for(figure: str, settings: Settings) -> Iterator[str]:
    """Yield what in otherwise correct settings keeps a figure from being drawn."""
    agreement = settings.agreement
    if figure == "figure_8" and settings.sampling.method != "ascent":
        yield "targets: figure_8 shows the ascent; it needs sampling.method: ascent"
    if not figure.startswith("gaussian"):
        return
    if settings.training.snapshots > 1 and agreement.small_n not in settings.sizes:
        yield (
            f"agreement.small_n: {agreement.small_n} is not among sizes = {settings.sizes}; "
            "choose one of them"
        )
    test, pixels = settings.split.test, settings.data.channels * settings.data.size**2
    if test < 2 * agreement.images:
        yield (
            f"agreement.images: {agreement.images} pairs of images are more than "
            f"split.test = {test}; lower it, or raise split.test"
        )
    # What is left for a distillate when one fold is left out.
    fewest = (test - agreement.images) * agreement.distil_draws * (1 - 1 / agreement.folds)
    if fewest <= pixels and not agreement.ridge:
        yield (
            f"agreement.distil_draws: {fewest:.0f} noisy images do not fix an affine map of "
            f"{pixels} pixels; raise it or split.test, or set agreement.ridge"
        )


def share_images(one: Settings, other: Settings) -> bool:
    """Return whether two experiments prepare, clean and split the same images alike."""
    parts = ("seed", "data", "dedup", "split")
    return all(getattr(one, name) == getattr(other, name) for name in parts)


def _unknown_value(key: str, value: str, known: Any) -> str:
    nearest = difflib.get_close_matches(str(value), known, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"known: {', '.join(sorted(known))}"
    return f"{key}: unknown value {value!r}; {hint}"


def _section_at(path: tuple) -> type[Section]:
    """Return the section class in which the key ``path`` would stand."""
    section: type[Section] = Settings
    for part in path[:-1]:
        section = section.model_fields[part].annotation
    return section


def _explain(error: dict[str, Any]) -> str:
    """Turn one pydantic error into one line that names the key."""
    path = tuple(error["loc"])
    key = ".".join(str(part) for part in path)
    if error["type"] == "extra_forbidden":
        known = list(_section_at(path).model_fields)
        nearest = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.4)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"known here: {', '.join(known)}"
        return f"unknown key {key!r}; {hint}"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    shown = repr(error["input"])
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return f"{key or 'the configuration'}: {error['msg']}, got {shown}"


def load_settings(raw: Mapping[str, Any]) -> Settings:
    """Check a raw configuration and fill in the defaults.

    Parameters
    ----------
    raw : mapping
        The parsed YAML, presets and command line already merged.

    Raises
    ------
    ConfigError
        One line naming the first wrong key and, for a misspelling, the nearest valid one.
    """
    try:
        return Settings.model_validate(dict(raw))
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise ConfigError(" ".join(f"config: {_explain(problem)}".split())) from None


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
        merged = _merged({**raw, "targets": []}, changes)
        merged |= {"experiment": f"{settings.experiment}-{name}", "variants": {}}
        try:
            variant = load_settings(merged)
        except ConfigError as error:
            raise ConfigError(prefix + str(error).removeprefix("config: ")) from None
        compared = any(figure.startswith("gaussian") for figure in settings.targets)
        if not variant.targets and not (compared and share_images(settings, variant)):
            raise ConfigError(f"{prefix}nothing is made of it; give it targets, such as [figure_1]")
        experiments[variant.experiment] = variant
    return experiments


UNFIT_FOR_VARIANTS = frozenset({"experiment", "variants", "runtime", "figures"})


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``below`` with the values of ``above``, section by section."""
    merged = dict(below)
    for key, value in above.items():
        inside = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(inside, Mapping)
        merged[key] = _merged(inside, value) if both else value
    return merged


def documentation() -> str:
    """Return the Markdown table of all keys, defaults and meanings."""
    rows = ["| key | default | meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            rows += [
                f"| `{name}.{key}` | `{_shown(inner.default)}` | {_cell(inner)} |"
                for key, inner in field.annotation.model_fields.items()
            ]
        else:
            rows.append(f"| `{name}` | `{_shown(field.default)}` | {_cell(field)} |")
    return "\n".join(rows)


def _cell(field: FieldInfo) -> str:
    """Return a description as a table cell, in which a bar would end the cell."""
    return str(field.description).replace("|", r"\|")


def _shown(default: Any) -> str:
    if isinstance(default, bool) or default is None:
        return {True: "true", False: "false", None: "none"}[default]
    return str(default)


if __name__ == "__main__":
    print(documentation())
