"""Settings of the training of networks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gahb.settings.section import Section
from gahb.settings.values import Count, Float


class TrainingSettings(Section):
    """Loss, optimiser and schedule; a change here retrains."""

    presentations: Count = Field(
        160_000, description="images shown to each network, the same for every N"
    )
    batch: Count = Field(32, description="images a step; divides presentations")
    learning_rate: Float = Field(0.01, gt=0, le=1, description="highest rate of Adam")
    beta2: Float = Field(
        0.99, ge=0, lt=1, description="share of their mean that Adam keeps of squared gradients"
    )
    schedule: Literal["linear", "cosine", "halvings"] = Field(
        "linear",
        description="how the rate falls: on a line or half a cosine to 0, or halved step by step",
    )
    warmup: Float = Field(
        0.02, ge=0, le=0.5, description="share of training in which the rate rises from 0"
    )
    halvings: int = Field(
        8,
        ge=1,
        le=100,
        description="halvings: the rate is halved after each of this many equal parts",
    )
    noise: Literal["quadratic", "uniform", "log-uniform", "edm"] = Field(
        "log-uniform",
        description="law of the training noise level: sigma_max u^2, sigma_max u, uniform in its "
        "logarithm from 0.005 to sigma_max, or EDM's log-normal",
    )
    sigma_max: Float = Field(
        1.4, ge=0.01, le=1000, description="largest training noise level (not of EDM's law)"
    )
    levels: Literal["independent", "stratified"] = Field(
        "stratified",
        description="noise levels of a batch: drawn one by one, or one from each of as many equal "
        "parts of the law",
    )
    weight: Literal["power", "edm"] = Field(
        "power",
        description="weight of a squared error: sigma^-power, or EDM's 1/sigma^2 + 1/sigma_data^2",
    )
    power: Float = Field(1.0, ge=0, le=2, description="power: 0 weighs all noise levels alike")
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
