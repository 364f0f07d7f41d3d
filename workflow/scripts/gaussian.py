"""Fit the Gaussian model of one training set."""

from gahb.data.splits import read_split
from gahb.denoisers.gaussian import GaussianDenoiser, moments
from gahb.jobs.job import working
from gahb.storage import read_array, write_arrays

with working(snakemake, "gaussian N={n} {subset}") as job:
    parts = read_split(job.input.split).of_repeat(job.repeat)
    training = parts.training(job.wildcards.subset, job.n)
    model = GaussianDenoiser(moments(read_array(job.input.images)[training]))
    job.log.info("rank %d of %d", model.rank, len(model.values))
    write_arrays(job.output.model, model.arrays())
