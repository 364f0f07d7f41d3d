"""Draw the most different pair of samples again, keeping every step."""

import numpy as np
import pandas as pd

from gahb.denoisers.registry import load_pair
from gahb.hardware import prepare_device
from gahb.jobs.job import working
from gahb.sampling.paired import record_trajectories, sample_seeds
from gahb.settings import DenoiserSettings, RuntimeSettings, SamplingSettings
from gahb.storage import read_json, write_arrays

chosen = snakemake.params.settings
settings = SamplingSettings(**chosen["sampling"])
with working(snakemake, "trajectories"):
    device = prepare_device(
        RuntimeSettings(**snakemake.config.get("runtime", {})), snakemake.threads
    )
    pairs = pd.read_csv(snakemake.input.pairs)
    arrays = record_trajectories(
        load_pair(snakemake.input.checkpoints, DenoiserSettings(**chosen["denoiser"]), device),
        read_json(snakemake.input.manifest)["shape"][1:],
        pairs,
        settings,
        sample_seeds(chosen["seed"], 0, range(settings.samples)),
        device,
    )
    write_arrays(snakemake.output.trajectories, arrays | {"n": np.array(pairs["n"][0])})
