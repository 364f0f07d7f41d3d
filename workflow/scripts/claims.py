"""Judge the claims that the figures of an experiment show."""

from gahb.claims.bases import describe_experiments
from gahb.claims.groups import GROUPS, Asked
from gahb.claims.judging import as_markdown, describe_run, judge
from gahb.jobs.job import working
from gahb.storage import read_json, write_table, write_text

asked = Asked(snakemake.wildcards.experiment, **snakemake.params.asked)
with working(snakemake, "claims"):
    claims = [
        claim for name in snakemake.params.groups for claim in GROUPS[name](snakemake.input, asked)
    ]
    table = judge(claims, **asked.random)
    write_table(snakemake.output.table, table)
    note = describe_run(read_json(snakemake.input.manifest), asked.settings)
    note += describe_experiments(asked.bases)
    write_text(snakemake.output.page, as_markdown(table, note))
