"""Measure a network beside the denoisers that its optimality is judged by."""

import torch

from gahb.analysis.bases.slopes import measure_errors
from gahb.analysis.transition.evaluation import noise_levels
from gahb.data.splits import read_split
from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.denoisers.registry import load
from gahb.hardware import precise_device, prepare_device
from gahb.jobs.job import working
from gahb.settings import DataSettings, DenoiserSettings, EvaluationSettings, RuntimeSettings
from gahb.storage import read_array, read_arrays, write_arrays

chosen = snakemake.params.settings
evaluation = EvaluationSettings(**chosen["evaluation"])
with working(snakemake, f"optimality {snakemake.wildcards.experiment}"):
    device = prepare_device(
        RuntimeSettings(**snakemake.config.get("runtime", {})), snakemake.threads
    )
    test = read_split(snakemake.input.split).test[: evaluation.images]
    arrays = measure_errors(
        load(snakemake.input.checkpoint, DenoiserSettings(**chosen["denoiser"]), device),
        GaussianDenoiser.from_arrays(read_arrays(snakemake.input.gaussian), precise_device(device)),
        torch.from_numpy(read_array(snakemake.input.images)[test]).to(device),
        DataSettings(**chosen["data"]),
        noise_levels(evaluation),
        chosen["seed"],
    )
    write_arrays(snakemake.output.errors, arrays)
