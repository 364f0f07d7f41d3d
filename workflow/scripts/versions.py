"""Write down what the results of an experiment depend on."""

from pathlib import Path

from gahb.jobs.job import working
from gahb.jobs.versions import versions
from gahb.storage import write_json

with working(snakemake, "versions") as job:
    others = {name: job.unhashed(name).model_dump() for name in ("figures", "runtime")}
    folder = Path(snakemake.scriptdir)
    write_json(job.output.versions, versions(job.params.settings | others, folder))
