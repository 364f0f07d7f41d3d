"""Deal the kept images out to test, A and B, and prove that they share none."""

import numpy as np

from gahb.console import reporting
from gahb.data.splits import audit, split
from gahb.experiments import load_families, share_images
from gahb.sections import SUBSETS
from gahb.storage import read_array, read_json, write_json

with reporting(snakemake.log[0], "split") as log:
    kept = np.asarray(read_array(snakemake.input.kept))
    parts = split(kept, snakemake.params.test, snakemake.params.seed)
    # The sizes are checked here, before any training, but do not change the split.
    name = snakemake.wildcards.experiment
    family = next(known for known in load_families(snakemake.config) if name in known)
    sharing = [other for other in family.values() if share_images(family[name], other)]
    for subset in SUBSETS:
        parts.training(subset, max(other.sizes[-1] for other in sharing))
    counts = audit(parts, read_json(snakemake.input.hashes))
    log.info("no image in common: %s", counts)
    content = {"counts": counts, "content": read_json(snakemake.input.manifest)["content"]}
    write_json(snakemake.output.split, content | {"test": parts.test, "halves": parts.halves})
