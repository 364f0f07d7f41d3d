"""Judge every claim."""

from itertools import chain

from gahb.analysis.transition import read_evaluations, read_pairs
from gahb.claims import as_markdown, describe_run, judge, psnr_claims, sample_claims
from gahb.console import reporting
from gahb.storage import atomic_path, read_json, write_table

chosen = snakemake.params.settings
with reporting(snakemake.log[0], "claims"):
    evaluations = read_evaluations(snakemake.input.errors, chosen["sizes"], chosen["repeats"])
    claims = chain(
        psnr_claims(evaluations, chosen["evaluation"]["reference_sigma"]),
        sample_claims(read_pairs(snakemake.input.pairs)),
    )
    table = judge(claims, chosen["bootstrap"], chosen["seed"])
    write_table(snakemake.output.table, table)
    note = describe_run(read_json(snakemake.input.manifest), chosen)
    with atomic_path(snakemake.output.page) as temporary:
        temporary.write_text(as_markdown(table, note))
