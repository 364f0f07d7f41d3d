"""Bring a data set's original files, verified."""

from pathlib import Path

from gahb.config import Data
from gahb.console import reporting
from gahb.data.fetch import fetch
from gahb.data.sources import SOURCES

name = snakemake.wildcards.source
with reporting(snakemake.log[0], f"fetch {name}"):
    # Not a parameter: the files are the same, verified, wherever they come from.
    directory = Data(**snakemake.config.get("data", {})).directory
    fetch(name, SOURCES[name], Path(snakemake.output.folder), directory)
