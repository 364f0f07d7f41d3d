"""Find the most similar images across the two training subsets of the largest N."""

from gahb.analysis.transition.comparison import closest_across
from gahb.data.splits import read_split
from gahb.jobs.job import working
from gahb.settings import SUBSETS
from gahb.storage import read_array, write_table

with working(snakemake, "closest across") as job:
    images, parts = read_array(job.input.images), read_split(job.input.split)
    left, right = (images[parts.training(subset, job.params.n)] for subset in SUBSETS)
    write_table(job.output.closest, closest_across(left, right))
