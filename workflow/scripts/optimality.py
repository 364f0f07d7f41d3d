"""Measure a network beside the denoisers that its optimality is judged by."""

import torch

from gahb.analysis.slopes import measure_errors
from gahb.data.splits import read_split
from gahb.denoisers.gaussian import GaussianDenoiser
from gahb.denoisers.registry import load
from gahb.evaluation import noise_levels
from gahb.hardware import precise_device, prepare_device
from gahb.job import working
from gahb.sections import Data, Denoiser, Evaluation, Runtime
from gahb.storage import read_array, read_arrays, write_arrays

chosen = snakemake.params.settings
evaluation = Evaluation(**chosen["evaluation"])
with working(snakemake, f"optimality {snakemake.wildcards.experiment}"):
    device = prepare_device(Runtime(**snakemake.config.get("runtime", {})), snakemake.threads)
    test = read_split(snakemake.input.split).test[: evaluation.images]
    arrays = measure_errors(
        load(snakemake.input.checkpoint, Denoiser(**chosen["denoiser"]), device),
        GaussianDenoiser.from_arrays(read_arrays(snakemake.input.gaussian), precise_device(device)),
        torch.from_numpy(read_array(snakemake.input.images)[test]).to(device),
        Data(**chosen["data"]),
        noise_levels(evaluation),
        chosen["seed"],
    )
    write_arrays(snakemake.output.errors, arrays)
