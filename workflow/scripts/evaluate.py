"""Measure both denoisers of one N on their training images and on held-out ones."""

from gahb.analysis.transition.evaluation import evaluate_pair
from gahb.data.splits import read_split
from gahb.denoisers.registry import load_pair
from gahb.hardware.devices import prepare_device
from gahb.jobs.job import working
from gahb.storage import read_array, write_arrays

with working(snakemake, "evaluate N={n}") as job:
    device = prepare_device(job.runtime, job.threads)
    arrays = evaluate_pair(
        load_pair(job.input.checkpoints, job.settings.denoiser, device),
        read_array(job.input.images),
        read_split(job.input.split).of_repeat(job.repeat),
        job.n,
        job.settings.evaluation,
        seed=job.settings.seed,
        device=device,
    )
    write_arrays(job.output.errors, arrays)
