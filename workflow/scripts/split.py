"""Deal the kept images out to test, A and B, and prove that they share none."""

from pathlib import Path

import numpy as np

from gahb.data.splitting import deal, said, written
from gahb.jobs.job import working
from gahb.plan.experiments import largest_n_of_all
from gahb.settings import SUBSETS
from gahb.storage import read_array, read_json, write_json

with working(snakemake, "split") as job:
    parts, counts = deal(
        job.settings.split,
        np.asarray(read_array(job.input.kept)),
        read_json(job.input.hashes),
        source=job.settings.data.source,
        folder=Path(job.input.folder),
        seed=job.settings.seed,
    )
    # The sizes are checked here, before any training, but do not change the split.
    largest = largest_n_of_all(snakemake.config, job.wildcards.experiment)
    for subset in SUBSETS:
        parts.training(subset, largest)
    for line in said(counts):
        job.log.info(line)
    write_json(job.output.split, written(parts, counts, read_json(job.input.manifest)["content"]))
