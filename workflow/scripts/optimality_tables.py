"""Summarise how near to optimal a network is, each number with its interval."""

from gahb.analysis.bases.tables import curves_table, divergence_table, slopes_table
from gahb.jobs.job import working
from gahb.storage import read_arrays, write_table

with working(snakemake, "optimality tables {experiment}") as job:
    record, chosen = job.params.record, job.settings
    random = {"draws": chosen.bootstrap, "seed": chosen.seed}
    errors = read_arrays(job.input.errors)
    others = dict(zip(job.params.peers, map(read_arrays, job.input.peers), strict=True))
    write_table(job.output.curves, curves_table(errors, record, **random))
    write_table(job.output.slopes, slopes_table(errors, record, **random))
    write_table(job.output.divergence, divergence_table(errors, others, record, **random))
