"""Take a trained network from a file, if it is the one configured."""

from pathlib import Path

from gahb.denoisers.pretrained import adopt_to_file
from gahb.jobs.job import working

with working(snakemake, "adopt N={n} {subset}") as job:
    adopt_to_file(
        Path(job.output.checkpoint),
        Path(job.input.weights),
        job.settings.denoiser,
        job.settings.data.channels,
        job.settings.data.size,
    )
