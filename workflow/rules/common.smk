"""Settings and small helpers shared by all rules."""

import os
from functools import cache, partial
from itertools import product
from pathlib import Path

from snakemake.logging import logger

from gahb.catalogue import FIGURES as ALL_FIGURES, drawn_as, shows, source_of
from gahb.consistency import unfit_for
from gahb.experiments import image_owners, load_families, peers
from gahb.families import is_about_bases, joins_experiments, shown_by, sigma_of
from gahb.data.decoding import decoding_bytes
from gahb.data.containers import fingerprint
from gahb.data.places import as_parameter, pictures_of
from gahb.data.sources import DATA_VARIABLE, SOURCES, image_count, is_drawn, source_key
from gahb.sections import SUBSETS
from gahb.denoisers.kinds import KINDS
from gahb.files import check_weights
from gahb.runs import RUN_VARIABLE, check_writable, register, settle_times
from gahb.provenance import code_hash, factory_file
from gahb.seals import seal_of
from gahb.storage import file_hash
from gahb.snapshots import snapshot_times

# A job on this machine ends when the run that started it has been killed; one on a cluster
# goes on.
if workflow.is_main_process:
    if register(Path(".snakemake")):
        logger.info("The last run here was killed: its lock is removed.")
    if settle_times(Path("results")):
        logger.info("The clock was set back: results of the future count as made just now.")
elif workflow.remote_exec:
    os.environ.pop(RUN_VARIABLE, None)

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


_FAMILY = {name: family for family in FAMILIES for name in family}
_OWNER = {name: owner for family in FAMILIES for name, owner in image_owners(family).items()}


def known(experiment):
    """Return the name of an experiment, if there is one."""
    if experiment not in EXPERIMENTS:
        few = ", ".join(list(EXPERIMENTS)[:10])
        more = " and others" if len(EXPERIMENTS) > 10 else ""
        raise WorkflowError(
            f"results/{experiment}: this configuration has no such experiment, but {few}{more}"
        )
    return experiment


def family_of(experiment):
    """Return the experiments that come from the same preset, this one among them."""
    return _FAMILY[known(experiment)]


def main_of(experiment):
    """Return the experiment that the others of the family are variants of."""
    return next(iter(family_of(experiment)))


def data_of(experiment):
    """Return the first experiment of the family that prepares and splits the same images."""
    return _OWNER[known(experiment)]


wildcard_constraints:
    # Not all their names: of 10,000 variants, that would be tried for each file in turn.
    experiment=r"(?!sources/)[A-Za-z0-9][A-Za-z0-9_-]*",
    figure="|".join(ALL_FIGURES),
    source="|".join(ORIGINALS),
    n=r"\d+",
    repeat=r"\d+",
    stage=r"(_p\d+)?",
    sigma=r"[\d.e-]+",
    subset="|".join(SUBSETS),


def settings(wildcards):
    """Return the settings of the experiment that a job belongs to."""
    return EXPERIMENTS[known(wildcards.experiment)]


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
    path = HERE / "workflow" / "scripts" / script
    return lambda wildcards: code_hash(path, *modules(wildcards))


def with_seals(**files):
    """Return outputs by name, and the seals beside them."""
    return files | {"seals": [str(seal_of(path)) for path in files.values()]}


def sealed(*functions, **patterns):
    """Return an input function: files by name, and the seals beside them.

    The seals alone decide what runs again, whatever the age and the size of the files.

    ``functions`` give files by name themselves; a pattern is a path with wildcards, some of
    them, or an input function.
    """

    def filled(pattern, wildcards):
        if callable(pattern):
            return pattern(wildcards)
        if isinstance(pattern, str):
            return pattern.format(**dict(wildcards))
        return [filled(each, wildcards) for each in pattern]

    def inputs(wildcards):
        files = {name: filled(pattern, wildcards) for name, pattern in patterns.items()}
        for function in functions:
            files |= function(wildcards)
        listed = [
            path
            for found in files.values()
            for path in ([found] if isinstance(found, str) else found)
        ]
        seals = dict.fromkeys(str(seal_of(path)) for path in listed)
        return {name: ancient(found) for name, found in files.items()} | {"seals": list(seals)}

    return unpack(inputs)


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
    root, folder = os.environ.get(DATA_VARIABLE), Path("results/sources") / key
    found, line = pictures_of(ORIGINALS[key], root, folder)
    if line and workflow.is_main_process:
        logger.warning(line)
    return as_parameter(found)


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
    return (KINDS[settings(wildcards).denoiser.kind].module, *([own] if own else []))


def any_of(names):
    """Return a pattern that matches any of some experiments, and nothing if there is none."""
    return "|".join(names) or "(?!)"


def none_of(names):
    """Return a pattern that matches any experiment but some."""
    return f"(?!(?:{any_of(names)})/)[A-Za-z0-9][A-Za-z0-9_-]*"


def weights_path(chosen, **wildcards):
    """Return the file, or folder, that a trained network is taken from."""
    weights = chosen.denoiser.weights.format(**wildcards)
    path = str(Path(checked(expanded, weights, "denoiser.weights")))
    if "{" in path:
        raise WorkflowError(
            f"config: denoiser.weights: {path}: Snakemake takes braces in the path of a file for a "
            "wildcard: move it, or put a link to it elsewhere"
        )
    return path


def weights_file(wildcards):
    """Return `weights_path` of one trained network."""
    return weights_path(settings(wildcards), **dict(wildcards))


def check_every_weights(name, chosen):
    """Look at all weights of an experiment before anything is planned: one line says what is wrong.

    What was taken from a disk that is not here now is still there.
    """
    for n, subset, repeat in product(chosen.sizes, SUBSETS, range(chosen.repeats)):
        path = weights_path(chosen, n=n, subset=subset, repeat=repeat)
        taken = Path(f"results/{name}/denoisers/n{n}_{subset}_r{repeat}.safetensors")
        if Path(path).exists() or not taken.exists():
            own = chosen.denoiser.python is not None
            checked(partial(check_weights, of_ones_own=own), path)


for _name, _chosen in EXPERIMENTS.items() if workflow.is_main_process else ():
    if _chosen.denoiser.weights:
        check_every_weights(_name, _chosen)


@cache
def _content(path):
    found = file_hash(path) if Path(path).is_file() else fingerprint(Path(path))
    return found if isinstance(found, str) else list(found or ())


def weights_content(wildcards):
    """Return a hash of what a trained network is taken from: its age decides nothing."""
    return _content(weights_file(wildcards))


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
