"""The configuration: typed, closed (an unknown key is an error) and self-describing.

Every key, its default and its meaning stand here once; the table in docs/configuration.md is
printed from here by ``python -m gahb.plan.load`` and a test keeps the two in step.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from gahb.errors import ConfigError
from gahb.plan.checks import inconsistencies
from gahb.settings import Section, Settings


def _section_at(path: Sequence[int | str]) -> type[Section]:
    """Return the section class in which the key ``path`` would stand."""
    section: type[Section] = Settings
    for part in path[:-1]:
        inside = section.model_fields[str(part)].annotation
        assert isinstance(inside, type)
        assert issubclass(inside, Section)
        section = inside
    return section


def _explain(error: ErrorDetails) -> str:
    """Turn one pydantic error into one line that names the key."""
    path = error["loc"]
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
    problem: str | None
    try:
        settings = Settings.model_validate(dict(raw))
    except ValidationError as error:
        problem = _explain(error.errors(include_url=False)[0])
    else:
        problem = next(inconsistencies(settings), None)
        if problem is None:
            return settings
    raise ConfigError(" ".join(f"config: {problem}".split()))


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
