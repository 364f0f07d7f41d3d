"""Measure networks A and B of one N against the models of their data and of the largest N."""

from gahb.analysis.gaussian.measure import measure_networks
from gahb.analysis.gaussian.models import load_gaussians, load_models
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
    precise = precise_device(device)
    models = load_models(job.input.gaussians, job.input.maps, images, parts, job.n, precise)
    models["reference"] = load_gaussians(job.input.references, precise)
    if job.input.fixed:
        models["fixed"] = load_pair(job.input.fixed, chosen.denoiser, device)
    arrays = measure_networks(
        load_pair(job.input.checkpoints, chosen.denoiser, device, state),
        models,
        images,
        parts,
        job.n,
        chosen.agreement,
        chosen.seed,
        device,
    )
    write_arrays(job.output.agreement, arrays)
