"""Measure both denoisers of one N on their training images and on held-out ones."""

from gahb.analysis.transition.evaluation import evaluate_pair
from gahb.data.splits import read_split
from gahb.denoisers.registry import load_pair
from gahb.hardware import prepare_device
from gahb.jobs.job import working
from gahb.settings import DenoiserSettings, EvaluationSettings, RuntimeSettings
from gahb.storage import read_array, write_arrays

chosen, n = snakemake.params.settings, int(snakemake.wildcards.n)
with working(snakemake, f"evaluate N={n}"):
    device = prepare_device(
        RuntimeSettings(**snakemake.config.get("runtime", {})), snakemake.threads
    )
    arrays = evaluate_pair(
        load_pair(snakemake.input.checkpoints, DenoiserSettings(**chosen["denoiser"]), device),
        read_array(snakemake.input.images),
        read_split(snakemake.input.split),
        n,
        EvaluationSettings(**chosen["evaluation"]),
        seed=chosen["seed"],
        device=device,
    )
    write_arrays(snakemake.output.errors, arrays)
