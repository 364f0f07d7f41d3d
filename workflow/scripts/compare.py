"""Compare the samples of networks A and B with each other and with their training images."""

from gahb.analysis.transition.comparison import compare_pairs
from gahb.data.splits import read_split
from gahb.jobs.job import working
from gahb.settings import SUBSETS
from gahb.storage import read_array, read_arrays, write_table

n, repeat = int(snakemake.wildcards.n), int(snakemake.wildcards.repeat)
with working(snakemake, f"compare N={n}"):
    images, parts = read_array(snakemake.input.images), read_split(snakemake.input.split)
    arrays = read_arrays(snakemake.input.samples)
    table = compare_pairs(
        {subset: arrays[f"images_{subset}"] for subset in SUBSETS},
        {subset: arrays[f"status_{subset}"] for subset in SUBSETS},
        {subset: images[parts.training(subset, n)] for subset in SUBSETS},
    )
    table.insert(0, "n", n)
    table.insert(1, "repeat", repeat)
    write_table(snakemake.output.pairs, table)
