"""Measure the restorations of networks A and B."""

from gahb.analysis.restoration import restoration_rows, restoration_summary
from gahb.jobs.job import working
from gahb.sampling.measurements import measurements
from gahb.storage import read_arrays, write_table

with working(snakemake, "restoration table") as job:
    arrays, chosen = read_arrays(job.input.restored), job.settings
    projections = measurements(arrays["clean"].shape[1:], chosen.conditional.factor, chosen.seed)
    rows = restoration_rows(arrays, projections, job.params.n)
    write_table(job.output.rows, rows)
    write_table(job.output.summary, restoration_summary(rows, chosen.bootstrap, chosen.seed))
