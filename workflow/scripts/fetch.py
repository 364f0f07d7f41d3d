"""Bring a data set's original files, verified."""

from pathlib import Path

from gahb.console import reporting
from gahb.data.fetch import fetch
from gahb.data.sources import SOURCES

name = snakemake.wildcards.source
with reporting(snakemake.log[0], f"fetch {name}"):
    fetch(name, SOURCES[name], Path(snakemake.output.folder), snakemake.params.directory)
