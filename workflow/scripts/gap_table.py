"""Summarise how much better training images are denoised, for each N."""

from gahb.analysis.transition.gap import gap_table
from gahb.analysis.transition.tables import read_evaluations
from gahb.jobs.job import working
from gahb.storage import write_table

with working(snakemake, "gap") as job:
    chosen = job.settings
    evaluations = read_evaluations(job.input.errors, chosen.sizes, chosen.repeats)
    table = gap_table(evaluations, chosen.data.size, chosen.bootstrap, chosen.seed)
    write_table(job.output.gap, table)
