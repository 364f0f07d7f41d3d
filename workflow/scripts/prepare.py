"""Read, resize and describe the images."""

from pathlib import Path

from gahb.config import Data
from gahb.console import reporting
from gahb.data.preprocess import image_hashes, manifest, prepare
from gahb.data.readers import read_source
from gahb.data.sources import SOURCES
from gahb.storage import write_array, write_json

data = Data(**snakemake.params.data)
with reporting(snakemake.log[0], "prepare"):
    source = SOURCES[data.source]
    images = prepare(read_source(source, Path(snakemake.input.folder)), data)
    hashes = image_hashes(images)
    write_array(snakemake.output.images, images)
    write_json(snakemake.output.hashes, hashes)
    write_json(snakemake.output.manifest, manifest(images, hashes, data, data.source, source))
