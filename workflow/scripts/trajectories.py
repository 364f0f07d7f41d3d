"""Draw the most different pair of samples again, keeping every step."""

import numpy as np
import pandas as pd

from gahb.denoisers.registry import load_pair
from gahb.hardware.devices import prepare_device
from gahb.jobs.job import working
from gahb.sampling.paired import record_trajectories, sample_seeds
from gahb.storage import read_json, write_arrays

with working(snakemake, "trajectories") as job:
    device, chosen = prepare_device(job.runtime, job.threads), job.settings
    pairs = pd.read_csv(job.input.pairs)
    arrays = record_trajectories(
        load_pair(job.input.checkpoints, chosen.denoiser, device),
        read_json(job.input.manifest)["shape"][1:],
        pairs,
        chosen.sampling,
        sample_seeds(chosen.seed, 0, range(chosen.sampling.samples)),
        device,
    )
    write_arrays(job.output.trajectories, arrays | {"n": np.array(pairs["n"][0])})
