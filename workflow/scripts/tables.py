"""Summarise errors and samples over all N."""

from gahb.analysis.transition.crossing import crossing_table
from gahb.analysis.transition.curves import read_evaluations
from gahb.analysis.transition.tables import (
    memorisation_table,
    psnr_table,
    read_pairs,
    transition_table,
)
from gahb.jobs.job import working
from gahb.storage import write_table

with working(snakemake, "tables") as job:
    chosen = job.settings
    networks, gaussians = (
        read_evaluations(paths, chosen.sizes, chosen.repeats)
        for paths in (job.input.errors, job.input.gaussian_errors)
    )
    pairs, held_out = read_pairs(job.input.pairs), read_pairs(job.input.held_out)
    random = {"draws": chosen.bootstrap, "seed": chosen.seed}
    memorisation = memorisation_table(pairs, held_out, **random)
    transition = transition_table(
        networks,
        gaussians,
        pairs,
        {"held_out": held_out, "gaussian_pairs": read_pairs(job.input.gaussian_pairs)},
        memorisation,
        chosen.evaluation.reference_sigma,
        **random,
    )
    write_table(job.output.psnr, psnr_table(networks, gaussians, **random))
    write_table(job.output.memorisation, memorisation)
    write_table(job.output.transition, transition)
    write_table(job.output.crossing, crossing_table(pairs, held_out, **random))
