"""Deal the kept images out to test, A and B, and prove that they share none."""

from pathlib import Path

import numpy as np

from gahb.data.splitting import deal
from gahb.jobs.job import working
from gahb.plan.experiments import load_families, share_images
from gahb.settings import SUBSETS, SplitSettings
from gahb.storage import read_array, read_json, write_json

chosen = snakemake.params.settings
with working(snakemake, "split") as log:
    parts, counts = deal(
        SplitSettings(**chosen["split"]),
        np.asarray(read_array(snakemake.input.kept)),
        read_json(snakemake.input.hashes),
        source=chosen["data"]["source"],
        folder=Path(snakemake.input.folder),
        seed=chosen["seed"],
    )
    # The sizes are checked here, before any training, but do not change the split.
    name = snakemake.wildcards.experiment
    family = next(known for known in load_families(snakemake.config) if name in known)
    sharing = [other for other in family.values() if share_images(family[name], other)]
    for subset in SUBSETS:
        parts.training(subset, max(other.sizes[-1] for other in sharing))
    for kind, numbers in counts.items():
        shown = ", ".join(f"{part} {number:,}" for part, number in numbers.items())
        log.info("%s: %s; nothing in common", kind, shown)
    content = {"counts": counts, "content": read_json(snakemake.input.manifest)["content"]}
    write_json(snakemake.output.split, content | {"test": parts.test, "halves": parts.halves})
