"""Every key of the configuration, with its range, default and meaning.

What contradicts itself, and what figures need, is checked in `gahb.plan.checks`.
"""

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
from gahb.settings.split import SUBSETS, SplitSettings
from gahb.settings.training import TrainingSettings
from gahb.settings.whole import Settings

__all__ = [
    "SUBSETS",
    "AgreementSettings",
    "BasesSettings",
    "DataSettings",
    "DedupSettings",
    "DenoiserSettings",
    "EvaluationSettings",
    "FigureSettings",
    "RestorationSettings",
    "RuntimeSettings",
    "SamplingSettings",
    "Section",
    "Settings",
    "SplitSettings",
    "TrainingSettings",
]
