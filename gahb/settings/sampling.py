"""Settings of how images are drawn from denoisers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gahb.settings.section import Section
from gahb.settings.values import Count, Float, Level


class SamplingSettings(Section):
    """Drawing images: stochastic ascent of the log-density, or the probability-flow ODE.

    Examples
    --------
    >>> import gahb
    >>> gahb.SamplingSettings(method="heun").levels
    18
    """

    method: Literal["ascent", "euler", "heun"] = Field(
        "ascent", description="Algorithm 1 of Kadkhodaie et al., or a solver of the ODE"
    )
    samples: int = Field(256, ge=3, le=10**6, description="samples per network")
    batch: Count = Field(256, description="samples computed at a time")
    step: Float = Field(
        0.003, gt=0, le=1, description="ascent: step size h (h0 of the growing law)"
    )
    step_law: Literal["growing", "fixed"] = Field(
        "growing", description="ascent: h_t = h0 t / (1 + h0 (t - 1)), or h_t = h"
    )
    beta: Float = Field(
        0.5, gt=0, le=1, description="ascent: 1 injects no noise, smaller injects more"
    )
    mean: Float = Field(0.3, ge=0, le=1, description="mean pixel value of the initial noise")
    sigma_start: Level = Field(3.0, description="initial noise level")
    sigma_end: Level = Field(
        0.02,
        description="ascent: stop below this estimated noise level; ODE: last level before 0",
    )
    max_steps: Count = Field(
        2_000, description="ascent: a sample that needs more is marked unfinished"
    )
    levels: int = Field(18, ge=2, le=10_000, description="ODE: noise levels of the EDM schedule")
    rho: Float = Field(
        7.0, ge=0.1, le=1000, description="ODE: larger puts more levels at small noise"
    )
