"""The whole configuration."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from gahb.settings.dedup import DedupSettings
from gahb.settings.denoiser import DenoiserSettings
from gahb.settings.images import DataSettings
from gahb.settings.looks import FigureSettings
from gahb.settings.measures import (
    AgreementSettings,
    BasesSettings,
    EvaluationSettings,
    RestorationSettings,
)
from gahb.settings.runtime import RuntimeSettings
from gahb.settings.sampling import SamplingSettings
from gahb.settings.section import Section
from gahb.settings.split import SplitSettings
from gahb.settings.training import TrainingSettings
from gahb.settings.values import Count


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
    data: DataSettings = DataSettings()
    dedup: DedupSettings = DedupSettings()
    split: SplitSettings = SplitSettings()
    denoiser: DenoiserSettings = DenoiserSettings()
    training: TrainingSettings = TrainingSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    sampling: SamplingSettings = SamplingSettings()
    agreement: AgreementSettings = AgreementSettings()
    bases: BasesSettings = BasesSettings()
    conditional: RestorationSettings = RestorationSettings()
    figures: FigureSettings = FigureSettings()
    runtime: RuntimeSettings = RuntimeSettings()
