"""Fit the Gaussian model of one training set."""

from gahb.data.splits import read_split
from gahb.denoisers.gaussian import GaussianDenoiser, moments
from gahb.jobs.job import working
from gahb.storage import read_array, write_arrays

n, subset = int(snakemake.wildcards.n), snakemake.wildcards.subset
with working(snakemake, f"gaussian N={n} {subset}") as log:
    chosen = read_split(snakemake.input.split).training(subset, n)
    model = GaussianDenoiser(moments(read_array(snakemake.input.images)[chosen]))
    log.info("rank %d of %d", model.rank, len(model.values))
    write_arrays(snakemake.output.model, model.arrays())
