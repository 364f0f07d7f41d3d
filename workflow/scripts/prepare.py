"""Read, resize and describe the images."""

from pathlib import Path

import numpy as np

from gahb.console import reporting
from gahb.data.preprocess import image_hashes, manifest, prepare
from gahb.data.readers import read_blocks
from gahb.data.sources import SOURCES
from gahb.sections import Data
from gahb.storage import write_array, write_json

data = Data(**snakemake.params.data)
with reporting(snakemake.log[0], "prepare"):
    source = SOURCES[data.source]
    blocks = read_blocks(source, Path(snakemake.input.folder))
    images = np.concatenate([prepare(block, data) for block in blocks])
    hashes = image_hashes(images)
    write_array(snakemake.output.images, images)
    write_json(snakemake.output.hashes, hashes)
    write_json(snakemake.output.manifest, manifest(images, hashes, data, data.source, source))
