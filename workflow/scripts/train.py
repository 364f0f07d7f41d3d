"""Train one denoiser, resuming where a killed job stopped."""

from pathlib import Path

from gahb.data.splits import read_split
from gahb.job import working
from gahb.sections import Denoiser, Runtime, Training
from gahb.storage import read_array
from gahb.training import TrainingJob, train_to_file

wildcards, chosen = snakemake.wildcards, snakemake.params.settings
label = f"train N={wildcards.n} {wildcards.subset}"
with working(snakemake, label):
    parts = read_split(snakemake.input.split)
    job = TrainingJob(
        checkpoint=Path(snakemake.output.checkpoint),
        images=read_array(snakemake.input.images)[
            parts.training(wildcards.subset, int(wildcards.n))
        ],
        denoiser=Denoiser(**chosen["denoiser"]),
        training=Training(**chosen["training"]),
        runtime=Runtime(**snakemake.config.get("runtime", {})),
        threads=snakemake.threads,
        stream=(chosen["seed"], "train", wildcards.n, wildcards.subset, wildcards.repeat),
        resume=Path(snakemake.params.resume),
        progress=Path(snakemake.log.progress),
        code=snakemake.params.code,
    )
    train_to_file(job)
