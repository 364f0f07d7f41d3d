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

with working(snakemake, "tables") as job:
    chosen = job.settings
    evaluations = read_evaluations(job.input.errors, chosen.sizes, chosen.repeats)
    pairs = read_pairs(job.input.pairs)
    draws, seed = chosen.bootstrap, chosen.seed
    memorisation = memorisation_table(pairs, draws, seed)
    sigma = chosen.evaluation.reference_sigma
    transition = transition_table(evaluations, pairs, memorisation, sigma, draws, seed)
    write_table(job.output.psnr, psnr_table(evaluations, draws, seed))
    write_table(job.output.memorisation, memorisation)
    write_table(job.output.transition, transition)
