"""Settings of deduplication."""

from __future__ import annotations

from pydantic import Field

from gahb.settings.section import Section
from gahb.settings.values import Float


class DedupSettings(Section):
    """Removal of near-duplicates."""

    threshold: Float = Field(
        0.95, gt=0, le=1, description="drop an image whose |correlation| with a kept one exceeds it"
    )
    block: int = Field(
        2048, ge=1, le=65536, description="images compared at a time; bounds memory only"
    )
