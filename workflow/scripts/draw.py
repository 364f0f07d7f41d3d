"""Draw one figure."""

import importlib

from gahb.figures.plain import without_settings
from gahb.jobs.job import working
from gahb.settings import FigureSettings

with working(snakemake, "{figure}") as job:
    with without_settings():
        from gahb.figures.style import save, say_runs
    chosen = job.params.figure
    looks = FigureSettings(**chosen["figures"])
    read = {name: paths for name, paths in job.input.items() if name != "seals"}
    module, _, function = chosen["draw"].partition(":")
    draw = getattr(importlib.import_module(f"gahb.figures.{module}"), function)
    figure = draw(**read, **chosen["arguments"], figures=looks)
    say_runs(figure, chosen["runs"])
    save(figure, job.output, looks)
