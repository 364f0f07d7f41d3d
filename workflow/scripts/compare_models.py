"""Compare what networks and models draw from the same noise."""

from gahb.analysis.gaussian.samples import compare_models, without_distillates
from gahb.jobs.job import working
from gahb.storage import read_arrays, write_table

with working(snakemake, "compare models N={n}") as job:
    networks, models = read_arrays(job.input.networks), read_arrays(job.input.models)
    if job.wildcards.stage:
        # The distillate is that of the fully trained network, not of this earlier state.
        models = without_distillates(models)
    table = compare_models(networks, models)
    table.insert(0, "n", job.n)
    table.insert(1, "repeat", job.repeat)
    write_table(job.output.table, table)
