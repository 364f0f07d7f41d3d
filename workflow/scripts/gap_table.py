"""Summarise how much better training images are denoised, for each N."""

from gahb.analysis.transition.gap import gap_table
from gahb.analysis.transition.tables import read_evaluations
from gahb.jobs.job import working
from gahb.storage import write_table

chosen = snakemake.params.settings
with working(snakemake, "gap"):
    evaluations = read_evaluations(snakemake.input.errors, chosen["sizes"], chosen["repeats"])
    table = gap_table(evaluations, chosen["data"]["size"], chosen["bootstrap"], chosen["seed"])
    write_table(snakemake.output.gap, table)
