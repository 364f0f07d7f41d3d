"""What all parts of the configuration have in common."""

from __future__ import annotations

from typing import Any, Literal, get_origin

from pydantic import BaseModel, ConfigDict, JsonValue, model_validator

from gahb.settings.values import parsed


class Section(BaseModel):
    """A closed, immutable part of the configuration."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _numbers_given_as_text(cls, values: Any) -> Any:
        """Accept 1e-3, text to YAML 1.1, and ``--config a='{b: 1}'``, text to Snakemake."""
        if not isinstance(values, dict):
            return values
        kept = {key for key, field in cls.model_fields.items() if _holds_text(field.annotation)}
        return {key: value if key in kept else parsed(value) for key, value in values.items()}


def _holds_text(kind: Any) -> bool:
    """Return whether values of a type are not numbers, or are sections with keys of their own."""
    if isinstance(kind, type) and issubclass(kind, Section):
        return True
    return kind in (str, str | None, dict[str, JsonValue]) or get_origin(kind) is Literal
