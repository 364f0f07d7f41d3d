"""Settings of how figures look."""

from __future__ import annotations

from pydantic import Field

from gahb.settings.section import Section


class FigureSettings(Section):
    """Looks only; a change here redraws figures and nothing else."""

    colormap: str = Field("viridis", description="matplotlib colour map of swept parameters")
    dpi: int = Field(200, ge=30, le=1200, description="resolution of the PNG files")
    columns: int = Field(12, ge=1, le=40, description="samples shown side by side in figure 7")
