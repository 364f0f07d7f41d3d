"""Read or draw, resize and describe the images."""

from pathlib import Path

from gahb.data.preprocess import image_hashes, manifest, write_images
from gahb.jobs.job import working
from gahb.settings import DataSettings
from gahb.storage import read_array, write_json

with working(snakemake, "prepare") as job:
    data, folder = DataSettings(**job.params.data), Path(job.input.folder)
    write_images(job.output.images, data, folder, job.params.seed, workers=job.threads)
    images = read_array(job.output.images)
    hashes = image_hashes(images)
    write_json(job.output.hashes, hashes)
    write_json(job.output.manifest, manifest(images, hashes, data))
