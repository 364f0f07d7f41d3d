"""Draw one figure."""

import importlib

from gahb.figures.plain import without_settings
from gahb.jobs.job import working
from gahb.settings import FigureSettings

chosen = snakemake.params.figure
with working(snakemake, snakemake.wildcards.figure):
    with without_settings():
        from gahb.figures.style import save
    looks = FigureSettings(**chosen["figures"])
    read = {name: paths for name, paths in snakemake.input.items() if name != "seals"}
    module, _, function = chosen["draw"].partition(":")
    draw = getattr(importlib.import_module(f"gahb.figures.{module}"), function)
    save(draw(**read, **chosen["arguments"], figures=looks), snakemake.output, looks)
