"""Measure both Gaussian denoisers of one N as the networks are measured, and sample them so."""

from gahb.analysis.gaussian.models import load_gaussians
from gahb.analysis.transition.evaluation import evaluate_pair
from gahb.data.splits import read_split
from gahb.hardware.devices import precise_device, prepare_device
from gahb.jobs.job import working
from gahb.sampling.paired import sample_pairs, sample_seeds, summarise
from gahb.storage import read_array, write_arrays

with working(snakemake, "Gaussian controls N={n}") as job:
    device, chosen = precise_device(prepare_device(job.runtime, job.threads)), job.settings
    gaussians, images = load_gaussians(job.input.gaussians, device), read_array(job.input.images)
    parts = read_split(job.input.split).of_repeat(job.repeat)
    random = {"seed": chosen.seed, "device": device}
    errors = evaluate_pair(gaussians, images, parts, job.n, chosen.evaluation, **random)
    seeds = sample_seeds(chosen.seed, job.repeat, range(chosen.sampling.samples))
    samples = sample_pairs(gaussians, images.shape[1:], chosen.sampling, seeds, device)
    job.log.info(summarise(samples))
    write_arrays(job.output.errors, errors)
    write_arrays(job.output.samples, samples)
