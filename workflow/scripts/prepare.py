"""Read or draw, resize and describe the images."""

from pathlib import Path

from gahb.console import reporting
from gahb.data.preprocess import image_hashes, make_images, manifest
from gahb.sections import Data
from gahb.storage import write_array, write_json

data = Data(**snakemake.params.data)
with reporting(snakemake.log[0], "prepare"):
    images = make_images(data, Path(snakemake.input.folder), snakemake.params.seed)
    hashes = image_hashes(images)
    write_array(snakemake.output.images, images)
    write_json(snakemake.output.hashes, hashes)
    write_json(snakemake.output.manifest, manifest(images, hashes, data))
