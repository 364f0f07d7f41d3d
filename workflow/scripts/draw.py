"""Draw one figure."""

import importlib

from gahb.console import reporting
from gahb.figures.plain import without_settings
from gahb.sections import Figures

name = snakemake.params.drawn_as
with reporting(snakemake.log[0], snakemake.wildcards.figure):
    with without_settings():
        from gahb.figures.style import save
    figures = Figures(**snakemake.params.settings["figures"])
    figure = importlib.import_module(f"gahb.figures.{name}").draw(
        **dict(snakemake.input.items()), figures=figures
    )
    save(figure, snakemake.output, figures)
