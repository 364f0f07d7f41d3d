"""Train one denoiser, resuming where a killed job stopped."""

from pathlib import Path

from gahb.data.splits import read_split
from gahb.jobs.job import working
from gahb.settings import DenoiserSettings, RuntimeSettings, TrainingSettings
from gahb.storage import read_array
from gahb.training.job import TrainingJob, train_to_file

wildcards, chosen = snakemake.wildcards, snakemake.params.settings
label = f"train N={wildcards.n} {wildcards.subset}"
with working(snakemake, label):
    parts = read_split(snakemake.input.split)
    job = TrainingJob(
        checkpoint=Path(snakemake.output.checkpoint),
        images=read_array(snakemake.input.images)[
            parts.training(wildcards.subset, int(wildcards.n))
        ],
        denoiser=DenoiserSettings(**chosen["denoiser"]),
        training=TrainingSettings(**chosen["training"]),
        runtime=RuntimeSettings(**snakemake.config.get("runtime", {})),
        threads=snakemake.threads,
        stream=(chosen["seed"], "train", wildcards.n, wildcards.subset, wildcards.repeat),
        resume=Path(snakemake.params.resume),
        progress=Path(snakemake.log.progress),
        code=snakemake.params.code,
    )
    train_to_file(job)
