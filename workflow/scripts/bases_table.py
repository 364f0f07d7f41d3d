"""Summarise the bases of a network, each number with its interval."""

from gahb.analysis.bases.tables import bases_table
from gahb.jobs.job import working
from gahb.storage import read_arrays, write_table

with working(snakemake, "bases table {experiment}") as job:
    draws, seed = job.settings.bootstrap, job.settings.seed
    table = bases_table(read_arrays(job.input.bases), job.params.record, draws=draws, seed=seed)
    write_table(job.output.table, table)
