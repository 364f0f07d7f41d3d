"""Train one denoiser, resuming where a killed job stopped."""

from pathlib import Path

from gahb.data.splits import read_split
from gahb.jobs.job import working
from gahb.storage import read_array
from gahb.training.job import TrainingJob
from gahb.training.start import train_to_file

with working(snakemake, "train N={n} {subset}") as job:
    of = job.wildcards
    parts = read_split(job.input.split).of_repeat(job.repeat)
    training = TrainingJob(
        checkpoint=Path(job.output.checkpoint),
        images=read_array(job.input.images)[parts.training(of.subset, job.n)],
        denoiser=job.settings.denoiser,
        training=job.settings.training,
        runtime=job.runtime,
        threads=job.threads,
        stream=(job.settings.seed, "train", of.n, of.subset, of.repeat),
        resume=Path(job.params.resume),
        progress=Path(snakemake.log.progress),
        code=job.params.code,
    )
    train_to_file(training)
