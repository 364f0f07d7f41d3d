"""Read or draw, resize and describe the images."""

from pathlib import Path

from gahb.data.preprocess import image_hashes, manifest, write_images
from gahb.jobs.job import working
from gahb.settings import DataSettings
from gahb.storage import read_array, write_json

data = DataSettings(**snakemake.params.data)
with working(snakemake, "prepare"):
    folder = Path(snakemake.input.folder)
    write_images(
        snakemake.output.images, data, folder, snakemake.params.seed, workers=snakemake.threads
    )
    images = read_array(snakemake.output.images)
    hashes = image_hashes(images)
    write_json(snakemake.output.hashes, hashes)
    write_json(snakemake.output.manifest, manifest(images, hashes, data))
