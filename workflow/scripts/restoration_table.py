"""Measure the restorations of networks A and B."""

from gahb.analysis.restoration import restoration_rows, restoration_summary
from gahb.jobs.job import working
from gahb.sampling.measurements import measurements
from gahb.storage import read_arrays, write_table

chosen = snakemake.params.settings
with working(snakemake, "restoration table"):
    arrays = read_arrays(snakemake.input.restored)
    factor = chosen["conditional"]["factor"]
    projections = measurements(arrays["clean"].shape[1:], factor, chosen["seed"])
    rows = restoration_rows(arrays, projections, snakemake.params.n)
    write_table(snakemake.output.rows, rows)
    summary = restoration_summary(rows, chosen["bootstrap"], chosen["seed"])
    write_table(snakemake.output.summary, summary)
