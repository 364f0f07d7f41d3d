"""Write down what the results of an experiment depend on."""

from pathlib import Path

from gahb.job import working
from gahb.sections import Figures, Runtime
from gahb.storage import write_json
from gahb.versions import versions

with working(snakemake, "versions"):
    others = {
        name: section(**snakemake.config.get(name, {})).model_dump()
        for name, section in (("figures", Figures), ("runtime", Runtime))
    }
    folder = Path(snakemake.scriptdir)
    write_json(snakemake.output.versions, versions(snakemake.params.settings | others, folder))
