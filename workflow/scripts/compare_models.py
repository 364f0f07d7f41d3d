"""Compare what networks and models draw from the same noise."""

from gahb.analysis.gaussian.samples import compare_models
from gahb.jobs.job import working
from gahb.storage import read_arrays, write_table

n, repeat = int(snakemake.wildcards.n), int(snakemake.wildcards.repeat)
with working(snakemake, f"compare models N={n}"):
    models = read_arrays(snakemake.input.models)
    if snakemake.wildcards.stage:
        # The distillate is that of the fully trained network, not of this earlier state.
        models = {name: array for name, array in models.items() if "_linear_" not in name}
    table = compare_models(read_arrays(snakemake.input.networks), models)
    table.insert(0, "n", n)
    table.insert(1, "repeat", repeat)
    write_table(snakemake.output.table, table)
