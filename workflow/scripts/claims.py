"""Judge the claims that the figures of an experiment show."""

from gahb.claims.bases import describe_experiments
from gahb.claims.groups import GROUPS, Asked
from gahb.claims.judging import judge
from gahb.claims.page import as_markdown, describe_run
from gahb.jobs.job import working
from gahb.storage import read_json, write_table, write_text

with working(snakemake, "claims") as job:
    asked = Asked(job.wildcards.experiment, **job.params.asked)
    claims = [claim for name in job.params.groups for claim in GROUPS[name](job.input, asked)]
    table = judge(claims, **asked.random)
    write_table(job.output.table, table)
    note = describe_run(read_json(job.input.manifest), asked.settings)
    note += describe_experiments(asked.bases)
    write_text(job.output.page, as_markdown(table, note))
