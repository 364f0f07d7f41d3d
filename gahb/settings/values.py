"""Kinds of values in a configuration: which numbers are one."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import Annotated, Any

from pydantic import AfterValidator, Field, JsonValue


def parsed(value: Any) -> Any:
    """Return the number or truth value that ``value`` spells, or ``value`` itself."""
    if isinstance(value, list):
        return [parsed(item) for item in value]
    if isinstance(value, dict):
        return {key: parsed(item) for key, item in value.items()}
    if isinstance(value, str):
        with suppress(ValueError, RecursionError):
            number = json.loads(value)
            return number if isinstance(number, int | float) else value
    return value


def _all_finite(values: Any) -> Any:
    """Return ``values`` unless a number somewhere in them is not finite, which JSON does not have.

    It would be a network's, which is trained for hours and cannot be written or read again.
    """
    waiting = [values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"denoiser.arguments: {value} is not a finite number")
        waiting += value.values() if isinstance(value, dict) else ()
        waiting += value if isinstance(value, list) else ()
    return values


Float = Annotated[float, Field(allow_inf_nan=False)]
Arguments = Annotated[dict[str, JsonValue], AfterValidator(_all_finite)]
Level = Annotated[Float, Field(ge=1e-6, le=1000)]
"""A noise level; of a smaller one float32 sees nothing in images, or 0."""
Decibel = Annotated[Float, Field(ge=-60, le=120)]
"""An input PSNR: of noise levels as `Level`."""
Count = Annotated[int, Field(ge=1, le=10**12)]
