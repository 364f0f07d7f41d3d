"""Summarise the comparison of networks with the models of their data."""

from gahb.analysis.gaussian.tables import agreement_tables
from gahb.jobs.job import working
from gahb.storage import write_table

with working(snakemake, "agreement tables") as job:
    tables = agreement_tables(
        job.input, job.params.states, job.wildcards.experiment, **vars(job.settings)
    )
    for name, table in tables.items():
        write_table(job.output[name], table)
