"""Bring a data set's original files, verified."""

from pathlib import Path

from gahb.console import reporting
from gahb.data.fetch import fetch
from gahb.data.sources import SOURCES, source_key
from gahb.experiments import load_families

name = snakemake.wildcards.source
with reporting(snakemake.log[0], f"fetch {name}"):
    # Not a parameter: the files are the same, verified, wherever they come from.
    experiments = [one for family in load_families(snakemake.config) for one in family.values()]
    data = next(one.data for one in experiments if source_key(one.data) == name)
    source, folder = SOURCES[data.source], Path(snakemake.output.folder)
    fetch(data.source, source, folder, data.directory, data.follow)
