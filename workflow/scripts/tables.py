"""Summarise errors and samples over all N."""

from gahb.analysis.transition.tables import (
    memorisation_table,
    psnr_table,
    read_evaluations,
    read_pairs,
    transition_table,
)
from gahb.jobs.job import working
from gahb.storage import write_table

chosen = snakemake.params.settings
with working(snakemake, "tables"):
    evaluations = read_evaluations(snakemake.input.errors, chosen["sizes"], chosen["repeats"])
    pairs = read_pairs(snakemake.input.pairs)
    draws, seed = chosen["bootstrap"], chosen["seed"]
    memorisation = memorisation_table(pairs, draws, seed)
    sigma = chosen["evaluation"]["reference_sigma"]
    write_table(snakemake.output.psnr, psnr_table(evaluations, draws, seed))
    write_table(snakemake.output.memorisation, memorisation)
    write_table(
        snakemake.output.transition,
        transition_table(evaluations, pairs, memorisation, sigma, draws, seed),
    )
