"""Find near-duplicates; keep the first of each."""

import pandas as pd

from gahb.data.dedup import find_duplicates
from gahb.data.shuffling import in_place
from gahb.jobs.job import working
from gahb.storage import read_array, write_array, write_json, write_table

with working(snakemake, "dedup") as job:
    # Duplicates are what looks alike before pixels are shuffled.
    images = in_place(read_array(job.input.images), job.params.shuffle_seed)
    found = find_duplicates(images, job.params.threshold, job.unhashed("dedup").block)
    job.log.info("%s of %s images kept", f"{len(found.kept):,}", f"{len(images):,}")
    write_array(job.output.kept, found.kept)
    columns = {"image": found.dropped, "witness": found.witness, "correlation": found.correlation}
    write_table(job.output.dropped, pd.DataFrame(columns))
    summary = {"images": len(images), "kept": len(found.kept)}
    write_json(job.output.summary, summary | {"threshold": job.params.threshold})
