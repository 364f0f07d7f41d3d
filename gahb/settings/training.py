"""Settings of the training of networks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gahb.settings.section import Section
from gahb.settings.values import Count, Float


class TrainingSettings(Section):
    """Loss, optimiser and schedule; a change here retrains."""

    presentations: Count = Field(
        102_400, description="images shown to each network, the same for every N"
    )
    batch: Count = Field(64, description="images a step; divides presentations")
    learning_rate: Float = Field(0.003, gt=0, le=1, description="initial rate of Adam")
    halvings: int = Field(
        8,
        ge=1,
        le=100,
        description="the rate is halved after each of this many equal parts",
    )
    noise: Literal["quadratic", "uniform", "log-uniform", "edm"] = Field(
        "quadratic",
        description="law of the training noise level: u^2 or u on [0, 1], 0.005^(1 - u), or "
        "EDM's log-normal",
    )
    levels: Literal["independent", "stratified"] = Field(
        "independent",
        description="noise levels of a batch: drawn one by one, or one from each of as many equal "
        "parts of the law",
    )
    weight: Literal["equal", "inverse", "edm"] = Field(
        "equal",
        description="weight of a squared error: 1, 1/sigma, or EDM's 1/sigma^2 + 1/sigma_data^2",
    )
    snapshots: int = Field(
        0,
        ge=0,
        le=1000,
        description="states to keep, log-spaced in presentations, the last one too",
    )
    processes: int = Field(
        1, ge=1, le=64, description="processes of one machine that share each batch, a GPU each"
    )
    precision: Literal["auto", "bf16", "fp32"] = Field(
        "auto", description="bf16 autocast where the hardware has it (auto), always, or never"
    )
