"""Summarise the comparison of networks with the models of their data."""

import pandas as pd

from gahb.analysis.gaussian.matrices import jacobian_table, weight_table
from gahb.analysis.gaussian.samples import memorised_counts, samples_table
from gahb.analysis.gaussian.sweeps import (
    along_training,
    by_sigma_table,
    iterate_pairs,
    overall_table,
    read_measures,
    times_table,
)
from gahb.denoisers.kinds import KINDS
from gahb.jobs.job import working
from gahb.storage import write_table

chosen, records = snakemake.params.settings, snakemake.params.states
repeats, experiment = chosen["repeats"], snakemake.wildcards.experiment
random = {"draws": chosen["bootstrap"], "seed": chosen["seed"]}
with working(snakemake, "agreement tables"):
    finals = records[: len(snakemake.input.maps) // repeats]
    sizes = [record["n"] for record in finals if record["experiment"] == experiment]
    found = read_measures(snakemake.input.agreement, records, repeats, **random)
    pairs = list(iterate_pairs(snakemake.input.pairs, records, repeats))
    models = iterate_pairs(snakemake.input.models, records, repeats)
    weights = weight_table(snakemake.input.maps, finals, repeats)
    write_table(snakemake.output.by_sigma, pd.concat([by_sigma_table(found), weights]))
    write_table(snakemake.output.overall, overall_table(found))
    write_table(snakemake.output.samples, samples_table(pairs, models, **random))
    training = along_training(found, experiment, chosen["agreement"]["small_n"])
    scale = KINDS[chosen["denoiser"]["kind"]].distance_scale
    write_table(
        snakemake.output.times, times_table(found, training, memorised_counts(pairs, scale))
    )
    write_table(
        snakemake.output.jacobian, jacobian_table(snakemake.input.vectors, sizes, repeats, **random)
    )
