"""Write down what the results of an experiment depend on."""

from pathlib import Path

from gahb.jobs.job import working
from gahb.jobs.versions import versions
from gahb.settings import FigureSettings, RuntimeSettings
from gahb.storage import write_json

with working(snakemake, "versions"):
    others = {
        name: section(**snakemake.config.get(name, {})).model_dump()
        for name, section in (("figures", FigureSettings), ("runtime", RuntimeSettings))
    }
    folder = Path(snakemake.scriptdir)
    write_json(snakemake.output.versions, versions(snakemake.params.settings | others, folder))
