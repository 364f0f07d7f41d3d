"""Summarise the bases of a network, each number with its interval."""

from gahb.analysis.bases.tables import bases_table
from gahb.jobs.job import working
from gahb.storage import read_arrays, write_table

record = snakemake.params.record
chosen = snakemake.params.settings
random = {"draws": chosen["bootstrap"], "seed": chosen["seed"]}
with working(snakemake, f"bases table {record['experiment']}"):
    bases = read_arrays(snakemake.input.bases)
    write_table(snakemake.output.table, bases_table(bases, record, **random))
