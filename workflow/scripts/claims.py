"""Judge the claims that the figures of an experiment show."""

from pandas import read_csv

from gahb.analysis.gap import read_resolutions
from gahb.analysis.sweeps import iterate_pairs, read_measures
from gahb.analysis.transition import read_evaluations, read_pairs
from gahb.claims.bases import basis_claims, describe_experiments
from gahb.claims.gap import gap_claims
from gahb.claims.gaussian import denoiser_claims, sampling_claims
from gahb.claims.judging import as_markdown, describe_run, judge
from gahb.claims.restoration import restoration_claims
from gahb.claims.transition import psnr_claims, sample_claims
from gahb.job import working
from gahb.storage import atomic_path, read_arrays, read_json, write_table

chosen, inputs = snakemake.params.settings, snakemake.input
sources = snakemake.params.sources
sizes, repeats = chosen["sizes"], chosen["repeats"]
random = {"draws": chosen["bootstrap"], "seed": chosen["seed"]}
with working(snakemake, "claims"):
    claims = []
    if errors := inputs.get("errors"):
        evaluations = read_evaluations(errors, sizes, repeats)
        sigma = chosen["evaluation"]["reference_sigma"]
        claims += psnr_claims(evaluations, sigma, sources["figure_1"])
    if pairs := inputs.get("pairs"):
        claims += sample_claims(read_pairs(pairs), sources["figure_2"])
    if errors := inputs.get("errors_by_size"):
        claims += gap_claims(read_resolutions(errors, snakemake.params.resolutions))
    if restored := inputs.get("restored"):
        claims += restoration_claims(read_csv(restored), **random)
    if agreement := inputs.get("agreement"):
        records, name = snakemake.params.states, snakemake.wildcards.experiment
        few = chosen["agreement"]["small_n"]
        found = read_measures(agreement, records, repeats, **random)
        sampled = dict(iterate_pairs(inputs.sampled, records, repeats))
        models = dict(iterate_pairs(inputs.models, records, repeats))
        claims += denoiser_claims(found, name, few)
        claims += sampling_claims(sampled, models, found, name, few, **random)
    if shown := snakemake.params.bases:
        errors = [read_arrays(path) for path in inputs.errors_by_method]
        bases = [read_arrays(path) for path in inputs.bases]
        claims += basis_claims(shown, errors, bases, **random)
    table = judge(claims, **random)
    write_table(snakemake.output.table, table)
    note = describe_run(read_json(inputs.manifest), chosen)
    if shown:
        note += "\n\n" + describe_experiments(shown)
    with atomic_path(snakemake.output.page) as temporary:
        temporary.write_text(as_markdown(table, note), encoding="utf-8")
