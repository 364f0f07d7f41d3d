"""Where results lie: what the rules read and write."""

from __future__ import annotations

from collections.abc import Iterable

from gahb.data.sources import source_key
from gahb.errors import ConfigError
from gahb.plan.figures import FIGURES
from gahb.plan.plan import Plan, Wildcards
from gahb.plan.records import peers_of
from gahb.plan.states import State, expand_states, final_states, studied_states
from gahb.settings import SUBSETS

Paths = dict[str, str | list[str]]
"""Inputs of a rule by name."""
SHARED = ("data/", "gaussian/")
"""Folders that experiments with the same images share."""


def originals(plan: Plan, of: Wildcards) -> str:
    """Return the folder of an experiment's original files."""
    return f"results/sources/{source_key(plan.settings(of.experiment).data)}"


def data_file(plan: Plan, of: Wildcards, name: str) -> str:
    """Return a file of the images' folder, which experiments may share."""
    return f"results/{plan.data_of(of.experiment)}/data/{name}"


def networks(plan: Plan, of: Wildcards) -> list[str]:
    """Return networks A and B of one N and repeat."""
    return _networks(of.experiment, of.n, of.repeat)


def first_networks(plan: Plan, of: Wildcards) -> list[str]:
    """Return networks A and B of one N, the first repeat."""
    return _networks(of.experiment, of.n, 0)


def first_network(plan: Plan, of: Wildcards) -> str:
    """Return the network that is looked into: A, the first repeat."""
    return first_networks(plan, of)[0]


def largest_networks(plan: Plan, of: Wildcards) -> list[str]:
    """Return networks A and B of the largest N, the first repeat."""
    return _networks(of.experiment, plan.settings(of.experiment).sizes[-1], 0)


def fixed_networks(plan: Plan, of: Wildcards) -> list[str]:
    """Return networks A and B of the largest N, which stay the same where N changes.

    Earlier states of a training are of one N, and need none.
    """
    largest = plan.settings(of.experiment).sizes[-1]
    return [] if of.stage else _networks(of.experiment, largest, of.repeat)


def _networks(experiment: str, n: int | str, repeat: int | str) -> list[str]:
    folder = f"results/{experiment}/denoisers"
    return [f"{folder}/n{n}_{subset}_r{repeat}.safetensors" for subset in SUBSETS]


def gaussian_models(plan: Plan, of: Wildcards) -> list[str]:
    """Return the Gaussian models of both training sets; experiments may share them."""
    return _gaussians(plan, of, of.n, of.repeat)


def reference_gaussians(plan: Plan, of: Wildcards) -> list[str]:
    """Return the Gaussian models of the largest training sets of whose images these are.

    A variant that has few images only is compared with those of the experiment itself.
    """
    largest = plan.settings(plan.data_of(of.experiment)).sizes[-1]
    return _gaussians(plan, of, largest, of.repeat)


def _gaussians(plan: Plan, of: Wildcards, n: int | str, repeat: int | str) -> list[str]:
    folder = f"results/{plan.data_of(of.experiment)}/gaussian"
    return [f"{folder}/n{n}_{subset}_r{repeat}.npz" for subset in SUBSETS]


def gaussian_model(plan: Plan, of: Wildcards) -> str:
    """Return the Gaussian model of the training set of A, the first repeat."""
    return first_gaussians(plan, of)[0]


def first_gaussians(plan: Plan, of: Wildcards) -> list[str]:
    """Return the Gaussian models of both training sets, the first repeat."""
    return _gaussians(plan, of, of.n, 0)


def linear_models(plan: Plan, of: Wildcards) -> str | list[str]:
    """Return the linear distillates of a network; earlier states of it are not distilled."""
    return [] if of.stage else f"results/{of.experiment}/distilled/n{of.n}_r{of.repeat}.npz"


def every(plan: Plan, of: Wildcards, pattern: str) -> list[str]:
    """Return ``pattern``, below the folder, for every N and repeat of the experiment."""
    chosen = plan.settings(of.experiment)
    return [
        f"results/{of.experiment}/{pattern}".format(n=n, repeat=repeat)
        for n in chosen.sizes
        for repeat in range(chosen.repeats)
    ]


def every_state(plan: Plan, of: Wildcards, pattern: str) -> list[str]:
    """Return ``pattern`` for every state and repeat that is studied."""
    repeats = plan.settings(of.experiment).repeats
    return expand_states(pattern, studied_states(plan, of.experiment), repeats)


def every_final(plan: Plan, of: Wildcards, pattern: str) -> list[str]:
    """Return ``pattern`` for every fully trained network and repeat."""
    repeats = plan.settings(of.experiment).repeats
    return expand_states(pattern, final_states(plan, of.experiment), repeats)


def every_held_out(plan: Plan, of: Wildcards) -> list[str]:
    """Return how near held-out images are to N training images, for every N that is compared.

    Experiments with the same images share it: one of them is asked for each N.
    """
    first = {state.n: state for state in reversed(final_states(plan, of.experiment))}
    repeats = plan.settings(of.experiment).repeats
    pattern = "tables/held_out/n{n}_r{repeat}.csv"
    return expand_states(pattern, list(first.values()), repeats)


def largest_distillates(plan: Plan, of: Wildcards) -> list[str]:
    """Return the linear distillates of the networks of the largest N, repeat by repeat."""
    own = plan.settings(of.experiment)
    largest = [State(of.experiment, own.sizes[-1])]
    return expand_states("distilled/n{n}_r{repeat}.npz", largest, own.repeats)


def at_largest(plan: Plan, experiment: str, pattern: str, sigma: float | str | None = None) -> str:
    """Return ``pattern``, a path below the folder, for the largest N of an experiment."""
    largest = plan.settings(experiment).sizes[-1]
    return f"results/{experiment}/{pattern}".format(largest=largest, sigma=sigma)


def of_each(
    plan: Plan, experiments: Iterable[str], pattern: str, sigma: float | None = None
) -> list[str]:
    """Return `at_largest` of each experiment."""
    return [at_largest(plan, name, pattern, sigma) for name in experiments]


def largest(plan: Plan, of: Wildcards, pattern: str) -> str:
    """Return ``pattern``, below the folder, for the largest N of the experiment."""
    return at_largest(plan, of.experiment, pattern)


def largest_bases(plan: Plan, of: Wildcards) -> str:
    """Return the bases at the largest N and one noise level."""
    return at_largest(plan, of.experiment, "bases/n{largest}_sigma{sigma}.npz", of.sigma)


def optimality_of_peers(plan: Plan, of: Wildcards) -> list[str]:
    """Return the errors of other experiments that can be compared with one."""
    return of_each(plan, peers_of(plan, of), "optimality/n{largest}.npz")


def figure_files(plan: Plan) -> list[str]:
    """Return the files of every figure that is to be drawn."""
    return [file for name in FIGURES for file in _files_of(name, _listed(plan, name))]


def one_figure(plan: Plan, of: object, figure: str) -> list[str]:
    """Return the files of a figure wherever it is listed, else in the first experiment."""
    experiments, drawn_as = _listed(plan, figure), FIGURES[figure].drawn_as
    if not experiments and drawn_as != figure:
        raise ConfigError(
            f"config: targets: {figure} is {drawn_as} for other images or another network: list "
            "it in the targets of the experiment or variant that has them"
        )
    return _files_of(figure, experiments or [next(iter(plan.experiments))])


def _listed(plan: Plan, figure: str) -> list[str]:
    return [name for name in plan.with_figures if figure in plan.experiments[name].targets]


def _files_of(figure: str, experiments: Iterable[str]) -> list[str]:
    return [
        f"results/{experiment}/figures/{figure}.{kind}"
        for experiment in experiments
        for kind in ("png", "pdf")
    ]


def figure_inputs(plan: Plan, of: Wildcards) -> Paths:
    """Return the named inputs of one figure.

    Raises
    ------
    ConfigError
        If it cannot be drawn with these settings.
    """
    figure, chosen = FIGURES[of.figure], plan.settings(of.experiment)
    for problem in figure.unfit(chosen):
        raise ConfigError(f"config: {problem}")
    if figure.shows:
        shown, sigma = figure.shown_in(plan.family_of(of.experiment)), figure.sigma_in(chosen)
        return {name: of_each(plan, shown, path, sigma) for name, path in figure.reads.items()}
    inputs: Paths = {}
    for name, pattern in figure.reads.items():
        shared = pattern.startswith(SHARED)
        path = f"results/{plan.data_of(of.experiment) if shared else of.experiment}/{pattern}"
        several = [path.format(n=n) for n in chosen.sizes] if "{n}" in pattern else []
        inputs[name] = several or path.format(largest=chosen.sizes[-1])
    return inputs
