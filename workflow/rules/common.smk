"""Settings and small helpers shared by all rules."""

from pathlib import Path

from snakemake.exceptions import WorkflowError

from gahb.config import load_settings
from gahb.config import SUBSETS
from gahb.denoisers.kinds import module_of
from gahb.errors import GahbError
from gahb.provenance import code_hash


def checked(function, *arguments):
    """Call ``function``; an error for the user stops Snakemake with that one line."""
    try:
        return function(*arguments)
    except GahbError as error:
        raise WorkflowError(str(error)) from None


SETTINGS = checked(load_settings, config)
EXPERIMENTS = {SETTINGS.experiment: SETTINGS}
"""Settings by experiment, the folder under results/."""

# What each figure reads, as paths below the experiment's folder: one path, or, with {n},
# one for every N.
FIGURES = {
    "figure_1": {"psnr": "tables/psnr.csv"},
    "figure_2": {
        "samples": "samples/n{n}_r0.npz",
        "pairs": "tables/pairs/n{n}_r0.csv",
        "images": "data/images.npy",
        "split": "data/split.json",
    },
    "figure_6": {
        "closest": "tables/closest_across.csv",
        "dedup": "data/dedup.json",
        "images": "data/images.npy",
        "split": "data/split.json",
    },
    "figure_7": {
        "samples": "samples/n{largest}_r0.npz",
        "pairs": "tables/pairs/n{largest}_r0.csv",
    },
    "figure_8": {"trajectories": "samples/trajectories.npz"},
}


wildcard_constraints:
    experiment="|".join(EXPERIMENTS),
    figure="|".join(FIGURES),
    n=r"\d+",
    repeat=r"\d+",
    subset="|".join(SUBSETS),


def settings(wildcards):
    """Return the settings of the experiment that a job belongs to."""
    return EXPERIMENTS[wildcards.experiment]


def section(*names):
    """Return a params function: these parts of the settings, as plain values."""

    def values(wildcards):
        return {name: settings(wildcards).model_dump(include={name})[name] for name in names}

    return values


def code(script, modules=lambda wildcards: ()):
    """Return a params function: the hash of the code that a script depends on.

    ``modules`` names those that the script imports by a computed name.
    """
    path = Path(workflow.basedir) / "workflow" / "scripts" / script
    return lambda wildcards: code_hash(path, *modules(wildcards))


def denoiser_module(wildcards):
    """Return the module of the experiment's denoiser."""
    return (module_of(settings(wildcards).denoiser.kind),)


def largest(wildcards):
    """Return the largest training set size of an experiment."""
    return settings(wildcards).sizes[-1]


def every(pattern):
    """Return an input function: ``pattern`` for every N and repeat of the experiment."""

    def paths(wildcards):
        chosen = settings(wildcards)
        return expand(
            pattern, experiment=wildcards.experiment, n=chosen.sizes, repeat=range(chosen.repeats)
        )

    return paths


def figure_inputs(wildcards):
    """Return the named inputs of one figure."""
    sizes, inputs = settings(wildcards).sizes, {}
    for name, pattern in FIGURES[wildcards.figure].items():
        path = f"results/{wildcards.experiment}/{pattern}"
        if "{n}" in pattern:
            inputs[name] = expand(path, n=sizes)
        else:
            inputs[name] = path.format(largest=sizes[-1])
    return inputs


def caption(wildcards):
    """Return the text under a figure in the report."""
    return (Path(workflow.basedir) / f"workflow/report/{wildcards.figure}.rst").read_text()
