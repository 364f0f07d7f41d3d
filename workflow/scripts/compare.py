"""Compare the samples of networks A and B with each other and with their training images."""

from gahb.analysis.transition.comparison import compare_samples
from gahb.data.splits import read_split
from gahb.jobs.job import working
from gahb.storage import read_array, read_arrays, write_table

with working(snakemake, "compare N={n}") as job:
    parts = read_split(job.input.split).of_repeat(job.repeat)
    samples, images = read_arrays(job.input.samples), read_array(job.input.images)
    table = compare_samples(samples, images, parts, job.n)
    table.insert(0, "n", job.n)
    table.insert(1, "repeat", job.repeat)
    write_table(job.output.pairs, table)
