"""Bring a data set's original files, verified."""

from pathlib import Path

from gahb.data.fetch import fetch
from gahb.data.places import RECORD
from gahb.data.sources import SOURCES
from gahb.jobs.job import working
from gahb.plan.originals import data_of_source
from gahb.storage import write_json

with working(snakemake, "fetch {source}") as job:
    # Not a parameter: the files are the same, verified, wherever they come from.
    data = data_of_source(snakemake.config, job.wildcards.source)
    folder = Path(job.output.folder)
    fetch(data.source, SOURCES[data.source], folder, data.directory, data.follow)
    if job.params.pictures:
        write_json(folder / RECORD, job.params.pictures)
