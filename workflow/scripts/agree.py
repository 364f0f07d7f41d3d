"""Measure networks A and B of one N against the linear, Gaussian and empirical models."""

from gahb.analysis.gaussian.measure import measure_networks
from gahb.analysis.gaussian.models import load_models
from gahb.data.splits import read_split
from gahb.denoisers.registry import load_pair
from gahb.hardware.devices import precise_device, prepare_device
from gahb.jobs.job import working
from gahb.storage import read_array, write_arrays
from gahb.training.snapshots import presentations_of

with working(snakemake, "agree N={n}{stage}") as job:
    device, chosen = prepare_device(job.runtime, job.threads), job.settings
    images = read_array(job.input.images)
    parts = read_split(job.input.split).of_repeat(job.repeat)
    state = presentations_of(job.wildcards.stage)
    arrays = measure_networks(
        load_pair(job.input.checkpoints, chosen.denoiser, device, state),
        load_models(
            job.input.gaussians, job.input.maps, images, parts, job.n, precise_device(device)
        ),
        images,
        parts,
        job.n,
        chosen.agreement,
        chosen.seed,
        device,
    )
    write_arrays(job.output.agreement, arrays)
