"""The configuration: typed, closed (an unknown key is an error) and self-describing.

Every key, its default and its meaning stand here once; the table in docs/configuration.md is
printed from here by ``python -m gahb.config`` and a test keeps the two in step.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError, model_validator
from pydantic.fields import FieldInfo

from gahb.consistency import inconsistencies
from gahb.errors import ConfigError
from gahb.sections import (
    Agreement,
    Bases,
    Conditional,
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


class Settings(Section):
    """The whole configuration."""

    experiment: str = Field(
        "fashion",
        # Beside it, names of files have up to 100 characters more; 255 are usual at most.
        max_length=100,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$",
        description="folder under results/, with a variant's name at most 100 characters",
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
    presets: list[str | dict[str, Any]] = Field(
        default=[],
        description="presets to run together, each in folders of its own; `config.yaml` is one",
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
    bases: Bases = Bases()
    conditional: Conditional = Conditional()
    figures: Figures = Figures()
    runtime: Runtime = Runtime()

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        for problem in inconsistencies(self):
            raise ValueError(problem)
        return self


def _section_at(path: tuple) -> type[Section]:
    """Return the section class in which the key ``path`` would stand."""
    section: type[Section] = Settings
    for part in path[:-1]:
        section = section.model_fields[part].annotation
    return section


def _explain(error: dict[str, Any]) -> str:
    """Turn one pydantic error into one line that names the key."""
    path = tuple(error["loc"])
    key = ".".join(str(part)[:60] for part in path)
    if error["type"] == "extra_forbidden":
        known = list(_section_at(path).model_fields)
        nearest = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.4)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"known here: {', '.join(known)}"
        return f"unknown key {key!r}; {hint}"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    return f"{key or 'the configuration'}: {error['msg']}, got {_brief(error['input'])}"


def _brief(value: Any) -> str:
    """Return what a value looks like, or begins with."""
    try:
        shown = repr(value)
    except ValueError:  # a number of more digits than Python writes out
        return "a number too long to be shown"
    return shown if len(shown) <= 60 else shown[:57] + "..."


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
        return {True: "true", False: "false", None: "null"}[default]
    return str(default)


if __name__ == "__main__":
    print(documentation())
