"""Measure both denoisers of one N on their training images and on held-out ones."""

from gahb.data.splits import read_split
from gahb.denoisers.registry import load_pair
from gahb.evaluation import evaluate_pair
from gahb.hardware import prepare_device
from gahb.job import working
from gahb.sections import Denoiser, Evaluation, Runtime
from gahb.storage import read_array, write_arrays

chosen, n = snakemake.params.settings, int(snakemake.wildcards.n)
with working(snakemake, f"evaluate N={n}"):
    device = prepare_device(Runtime(**snakemake.config.get("runtime", {})), snakemake.threads)
    arrays = evaluate_pair(
        load_pair(snakemake.input.checkpoints, Denoiser(**chosen["denoiser"]), device),
        read_array(snakemake.input.images),
        read_split(snakemake.input.split),
        n,
        Evaluation(**chosen["evaluation"]),
        seed=chosen["seed"],
        device=device,
    )
    write_arrays(snakemake.output.errors, arrays)
