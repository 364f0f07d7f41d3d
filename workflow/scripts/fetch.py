"""Bring a data set's original files, verified."""

from pathlib import Path

from gahb.data.fetch import fetch
from gahb.data.places import RECORD
from gahb.data.sources import SOURCES, source_key
from gahb.jobs.job import working
from gahb.plan.experiments import load_families
from gahb.storage import write_json

name = snakemake.wildcards.source
with working(snakemake, f"fetch {name}"):
    # Not a parameter: the files are the same, verified, wherever they come from.
    experiments = [one for family in load_families(snakemake.config) for one in family.values()]
    data = next(one.data for one in experiments if source_key(one.data) == name)
    folder = Path(snakemake.output.folder)
    fetch(data.source, SOURCES[data.source], folder, data.directory, data.follow)
    if snakemake.params.pictures:
        write_json(folder / RECORD, snakemake.params.pictures)
