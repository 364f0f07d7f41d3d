"""Settings and small helpers shared by all rules."""

import os
from functools import cache, partial
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

from gahb.catalogue import FIGURES as ALL_FIGURES, drawn_as, shows, source_of
from gahb.consistency import unfit_for
from gahb.experiments import load_families, peers, share_images
from gahb.families import is_about_bases, joins_experiments, shown_by, sigma_of
from gahb.data.containers import fingerprint
from gahb.data.decoding import GROUP_BYTES
from gahb.data.sources import DATA_VARIABLE, SOURCES, image_count, is_drawn, source_key
from gahb.layering import layered
from gahb.sections import SUBSETS
from gahb.denoisers.kinds import module_of
from gahb.errors import GahbError
from gahb.files import check_weights
from gahb.runs import RUN_VARIABLE, check_writable, register, settle_times
from gahb.provenance import code_hash, factory_file
from gahb.snapshots import snapshot_times


def checked(function, *arguments):
    """Call ``function``; an error for the user stops Snakemake with that one line."""
    try:
        return function(*arguments)
    except GahbError as error:
        raise WorkflowError(str(error)) from None


# A job on this machine ends when the run that started it has been killed; one on a cluster
# goes on.
if workflow.is_main_process:
    if register(Path(".snakemake")):
        logger.info("The last run here was killed: its lock is removed.")
    if settle_times(Path("results")):
        logger.info("The clock was set back: results of the future count as made just now.")
elif workflow.remote_exec:
    os.environ.pop(RUN_VARIABLE, None)

config.update(checked(layered, config, workflow.basedir, workflow.config_settings.config))
FAMILIES = checked(load_families, config)
"""One for each preset that is run: settings by experiment, the configured one first."""
EXPERIMENTS = {name: chosen for family in FAMILIES for name, chosen in family.items()}
"""Settings by experiment, the folder under results/."""
OWN_MODULES = {
    name: checked(factory_file, chosen.denoiser.python)
    for name, chosen in EXPERIMENTS.items()
    if chosen.denoiser.python
}
"""Files of networks of one's own, by experiment."""
ORIGINALS = {source_key(chosen.data): chosen.data for chosen in EXPERIMENTS.values()}
"""What is known of original files, by their folder under results/sources/."""
WITH_FIGURES = [name for name, chosen in EXPERIMENTS.items() if chosen.targets]


def family_of(experiment):
    """Return the experiments that come from the same preset, this one among them."""
    return next(family for family in FAMILIES if experiment in family)


def main_of(experiment):
    """Return the experiment that the others of the family are variants of."""
    return next(iter(family_of(experiment)))


def data_of(experiment):
    """Return the first experiment of the family that prepares and splits the same images."""
    family, own = family_of(experiment), EXPERIMENTS[experiment]
    return next(name for name, chosen in family.items() if share_images(chosen, own))


wildcard_constraints:
    experiment="|".join(EXPERIMENTS),
    figure="|".join(ALL_FIGURES),
    source="|".join(ORIGINALS),
    n=r"\d+",
    repeat=r"\d+",
    stage=r"(_p\d+)?",
    sigma=r"[\d.e-]+",
    subset="|".join(SUBSETS),


def settings(wildcards):
    """Return the settings of the experiment that a job belongs to."""
    return EXPERIMENTS[wildcards.experiment]


def section(*names, **keys):
    """Return a params function: these parts of the settings, as plain values.

    A name given with keys stands for those keys of that part only.
    """

    def values(wildcards):
        wanted = dict.fromkeys(names, True) | {name: set(keys[name]) for name in keys}
        return settings(wildcards).model_dump(include=wanted)

    return values


def code(script, modules=lambda wildcards: ()):
    """Return a params function: the hash of the code that a script depends on.

    ``modules`` names those that the script imports by a computed name.
    """
    path = Path(workflow.basedir) / "workflow" / "scripts" / script
    return lambda wildcards: code_hash(path, *modules(wildcards))


def training_settings(wildcards):
    """Return the settings of one training; states are kept only where they are studied."""
    chosen = section("seed", "denoiser", "training")(wildcards)
    if int(wildcards.n) != settings(wildcards).agreement.small_n:
        chosen["training"]["snapshots"] = 0
    return chosen


def originals(wildcards):
    """Return the folder of an experiment's original files."""
    return f"results/sources/{source_key(settings(wildcards).data)}"


@cache
def _pictures(key):
    data = ORIGINALS[key]
    if SOURCES[data.source].drop_in is None:
        return None
    root = os.environ.get(DATA_VARIABLE)
    place = data.directory or (f"{root}/{data.source}" if root else None)
    return place and [place, fingerprint(Path(place).expanduser())]


def pictures(wildcards):
    """Return where the pictures of a data set are that nobody can verify, and a fingerprint."""
    return _pictures(wildcards.source)


def image_seed(wildcards):
    """Return the seed of the images of an experiment, None where nothing is random in them."""
    chosen = settings(wildcards)
    return chosen.seed if is_drawn(chosen.data) or chosen.data.shuffle else None


def shuffle_seed(wildcards):
    """Return the seed of the order of shuffled pixels, None where they are in place."""
    chosen = settings(wildcards)
    return chosen.seed if chosen.data.shuffle else None


def denoiser_module(wildcards):
    """Return the module of the experiment's denoiser, and the file of one of one's own."""
    own = OWN_MODULES.get(wildcards.experiment)
    return (module_of(settings(wildcards).denoiser.kind), *([own] if own else []))


def any_of(names):
    """Return a pattern that matches any of some experiments, and nothing if there is none."""
    return "|".join(names) or "(?!)"


def every_weights(chosen):
    """Return the files that all trained networks of an experiment are taken from."""
    names = expand(
        chosen.denoiser.weights, n=chosen.sizes, subset=SUBSETS, repeat=range(chosen.repeats)
    )
    return dict.fromkeys(str(Path(name)) for name in names)


def weights_file(wildcards):
    """Return the file that a trained network is taken from."""
    return str(Path(settings(wildcards).denoiser.weights.format(**dict(wildcards))))


# Before anything is planned, so that what is wrong is one line.
for _chosen in EXPERIMENTS.values() if workflow.is_main_process else ():
    if _chosen.denoiser.weights:
        for _path in every_weights(_chosen):
            checked(partial(check_weights, of_ones_own=_chosen.denoiser.python is not None), _path)


def data(name):
    """Return an input function: a file of the images' folder, which experiments may share."""
    return lambda wildcards: f"results/{data_of(wildcards.experiment)}/data/{name}"


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


def gaussian_models(wildcards):
    """Return the Gaussian models of both training sets of N; experiments may share them."""
    owner = data_of(wildcards.experiment)
    return [f"results/{owner}/gaussian/n{wildcards.n}_{subset}.npz" for subset in SUBSETS]


def linear_models(wildcards):
    """Return the linear distillates of a network; earlier states of it are not distilled."""
    if wildcards.stage:
        return []
    return f"results/{wildcards.experiment}/distilled/n{wildcards.n}_r{wildcards.repeat}.npz"


def claim_inputs(wildcards):
    """Return the named inputs of the claims that the figures of an experiment show."""
    chosen, name = settings(wildcards), wildcards.experiment
    states = [(name, n, "") for n in chosen.sizes]
    inputs = {"manifest": data("manifest.json")(wildcards)}
    if shows(chosen.targets, "figure_1"):
        pattern = "evaluation/n{n}_r{repeat}.npz"
        inputs["errors"] = expand_states(pattern, states, chosen.repeats)
    if shows(chosen.targets, "figure_2"):
        pattern = "tables/pairs/n{n}_r{repeat}.csv"
        inputs["pairs"] = expand_states(pattern, states, chosen.repeats)
    if any(target.startswith("gaussian") for target in chosen.targets):
        inputs["agreement"] = every_state("agreement/n{n}_r{repeat}{stage}.npz")(wildcards)
        inputs["sampled"] = every_state("tables/pairs/n{n}_r{repeat}{stage}.csv")(wildcards)
        inputs["models"] = every_state("tables/models/n{n}_r{repeat}{stage}.csv")(wildcards)
    if "conditional" in chosen.targets:
        inputs["restored"] = f"results/{name}/tables/restoration.csv"
    if records := resolution_records(wildcards):
        inputs["errors_by_size"] = [
            f"results/{record['experiment']}/evaluation/n{n}_r{repeat}.npz"
            for record in records
            for n in record["sizes"]
            for repeat in range(record["repeats"])
        ]
    if shown := base_records(wildcards):
        names = [record["experiment"] for record in shown]
        inputs["errors_by_method"] = of_each(names, "optimality/n{largest}.npz")
        inputs["bases"] = [
            at_largest(record["experiment"], "bases/n{largest}_sigma{sigma}.npz", record["sigma"])
            for record in shown
        ]
    return inputs


onstart:
    checked(check_writable, Path("results"))
    # Snakemake's limit of jobs a second looks for jobs again one second after each job has
    # ended, and each of those again, for ever: after 85 jobs 80 times a second.
    workflow.scheduler.job_rate_limiter = None
