"""Compare what stands beside samples: held-out images, Gaussian samples, how images vary."""

from gahb.analysis.contrast import cosines_by_contrast
from gahb.analysis.transition.controls import (
    compare_gaussians,
    compare_held_out,
    compare_variance,
)
from gahb.data.splits import read_split
from gahb.jobs.job import working
from gahb.settings import SUBSETS
from gahb.storage import read_array, read_arrays, write_table

with working(snakemake, "compare controls N={n}") as job:
    images = read_array(job.input.images)
    parts = read_split(job.input.split).of_repeat(job.repeat)
    samples, gaussians = read_arrays(job.input.samples), read_arrays(job.input.gaussians)
    drawn = {
        f"{what}_{subset}": arrays[f"images_{subset}"]
        for what, arrays in (("network", samples), ("gaussian", gaussians))
        for subset in SUBSETS
    }
    random = {"draws": job.settings.bootstrap, "seed": job.settings.seed}
    tables = {
        "held_out": compare_held_out(images, parts, job.n),
        "gaussian_pairs": compare_gaussians(gaussians, samples, images, parts, job.n),
        "contrast": cosines_by_contrast(*(samples[f"images_{s}"] for s in SUBSETS), **random),
        "variance": compare_variance(drawn, images, parts, **random),
    }
    for name, table in tables.items():
        table.insert(0, "n", job.n)
        table.insert(1, "repeat", job.repeat)
        write_table(job.output[name], table)
