"""Find near-duplicates; keep the first of each."""

import pandas as pd

from gahb.data.dedup import find_duplicates
from gahb.data.synthetic import in_place
from gahb.jobs.job import working
from gahb.settings import DedupSettings
from gahb.storage import read_array, write_array, write_json, write_table

with working(snakemake, "dedup") as log:
    # Duplicates are what looks alike before pixels are shuffled.
    images = in_place(read_array(snakemake.input.images), snakemake.params.shuffle_seed)
    block = DedupSettings(**snakemake.config.get("dedup", {})).block
    found = find_duplicates(images, snakemake.params.threshold, block)
    log.info("%s of %s images kept", f"{len(found.kept):,}", f"{len(images):,}")
    write_array(snakemake.output.kept, found.kept)
    columns = {"image": found.dropped, "witness": found.witness, "correlation": found.correlation}
    write_table(snakemake.output.dropped, pd.DataFrame(columns))
    summary = {"images": len(images), "kept": len(found.kept)}
    write_json(snakemake.output.summary, summary | {"threshold": snakemake.params.threshold})
