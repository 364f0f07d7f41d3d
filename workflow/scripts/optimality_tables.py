"""Summarise how near to optimal a network is, each number with its interval."""

from gahb.analysis.bases.tables import curves_table, divergence_table, slopes_table
from gahb.jobs.job import working
from gahb.storage import read_arrays, write_table

record = snakemake.params.record
chosen = snakemake.params.settings
random = {"draws": chosen["bootstrap"], "seed": chosen["seed"]}
with working(snakemake, f"optimality tables {record['experiment']}"):
    errors = read_arrays(snakemake.input.errors)
    others = dict(zip(snakemake.params.peers, map(read_arrays, snakemake.input.peers), strict=True))
    write_table(snakemake.output.curves, curves_table(errors, record, **random))
    write_table(snakemake.output.slopes, slopes_table(errors, record, **random))
    write_table(snakemake.output.divergence, divergence_table(errors, others, record, **random))
