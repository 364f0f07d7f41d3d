"""Settings of how to compute."""

from __future__ import annotations

from pydantic import Field

from gahb.settings.section import Section
from gahb.settings.values import Count, Float


class RuntimeSettings(Section):
    """How to compute, not what: a change here re-runs nothing."""

    device: str = Field(
        "auto", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$", description="auto, cpu, cuda, cuda:1, mps"
    )
    compile: bool = Field(True, description="use torch.compile where it works")
    threads: Count = Field(1, description="threads of one training job")
    checkpoint_seconds: Float = Field(20.0, ge=0, description="time between resume checkpoints")
    report_seconds: Float = Field(10.0, ge=0, description="time between progress lines")
