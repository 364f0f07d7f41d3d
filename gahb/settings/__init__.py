"""Every key of the configuration, with its range, default and meaning.

What contradicts itself, and what figures need, is checked in `gahb.plan.checks`.
"""

from gahb.settings.images import SUBSETS, DataSettings, DedupSettings, SplitSettings
from gahb.settings.measures import (
    AgreementSettings,
    BasesSettings,
    EvaluationSettings,
    RestorationSettings,
    SamplingSettings,
)
from gahb.settings.networks import DenoiserSettings, TrainingSettings
from gahb.settings.section import Section
from gahb.settings.whole import FigureSettings, RuntimeSettings, Settings

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
