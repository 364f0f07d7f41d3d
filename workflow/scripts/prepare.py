"""Read or draw, resize and describe the images."""

from pathlib import Path

from gahb.console import reporting
from gahb.data.preprocess import image_hashes, manifest, write_images
from gahb.sections import Data
from gahb.storage import read_array, write_json

data = Data(**snakemake.params.data)
with reporting(snakemake.log[0], "prepare"):
    folder = Path(snakemake.input.folder)
    write_images(
        snakemake.output.images, data, folder, snakemake.params.seed, workers=snakemake.threads
    )
    images = read_array(snakemake.output.images)
    hashes = image_hashes(images)
    write_json(snakemake.output.hashes, hashes)
    write_json(snakemake.output.manifest, manifest(images, hashes, data))
