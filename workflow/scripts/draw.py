"""Draw one figure."""

import importlib

from gahb.figures.plain import without_settings
from gahb.job import working
from gahb.sections import Figures

name = snakemake.params.drawn_as
with working(snakemake, snakemake.wildcards.figure):
    with without_settings():
        from gahb.figures.style import save
    figures = Figures(**snakemake.params.settings["figures"])
    read = {key: path for key, path in snakemake.input.items() if key != "seals"}
    figure = importlib.import_module(f"gahb.figures.{name}").draw(**read, figures=figures)
    save(figure, snakemake.output, figures)
