"""Describe the network of an experiment: parameters, receptive field, operations."""

import pandas as pd

from gahb.analysis.transition.architecture import describe_architecture
from gahb.jobs.job import working
from gahb.storage import write_table

with working(snakemake, "architecture") as job:
    chosen = job.settings
    row = describe_architecture(
        chosen.denoiser, chosen.training, chosen.data.channels, chosen.data.size
    )
    write_table(job.output.table, pd.DataFrame([row]))
