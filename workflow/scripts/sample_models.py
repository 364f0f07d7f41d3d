"""Draw samples of the linear, Gaussian and empirical models from the networks' noise."""

import numpy as np

from gahb.analysis.gaussian.models import load_models
from gahb.data.splits import read_split
from gahb.hardware.devices import precise_device, prepare_device
from gahb.jobs.job import working
from gahb.sampling.models import sample_models
from gahb.sampling.paired import sample_seeds
from gahb.storage import read_array, write_arrays

with working(snakemake, "sample models N={n}") as job:
    device = precise_device(prepare_device(job.runtime, job.threads))
    images = read_array(job.input.images)
    parts = read_split(job.input.split).of_repeat(job.repeat)
    sampling = job.settings.sampling
    # Affine maps exist at the levels of the ODE's schedule; the ascent asks for any level.
    maps = None if sampling.method == "ascent" else job.input.maps
    arrays = sample_models(
        load_models(job.input.gaussians, maps, images, parts, job.n, device),
        images.shape[1:],
        sampling,
        sample_seeds(job.settings.seed, job.repeat, range(sampling.samples)),
        device,
    )
    write_arrays(job.output.samples, arrays | {"n": np.array(job.n)})
