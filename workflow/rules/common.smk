"""What rules share: the plan of this run, and functions that look into it."""

from snakemake.logging import logger

from gahb.jobs.provenance import code_hash
from gahb.jobs.locks import RUN_VARIABLE, begin, check_writable
from gahb.jobs.seals import filled, seal_of, seals_beside
from gahb.plan import (
    claims as claims_asked,
    originals,
    parameters,
    paths,
    records,
    resources,
    states,
)
from gahb.plan.experiments import load_families
from gahb.plan.figures import FIGURES
from gahb.plan.plan import Plan
from gahb.settings import SUBSETS

# A job on this machine ends when the run that started it has been killed; one on a cluster
# goes on.
if workflow.is_main_process:
    for _line in checked(lambda: list(begin(Path(".snakemake"), Path("results")))):
        logger.info(_line)
elif workflow.remote_exec:
    os.environ.pop(RUN_VARIABLE, None)

PLAN = Plan(checked(load_families, config))
checked(lambda: PLAN.own_modules)
if workflow.is_main_process:
    checked(originals.check_every_weights, PLAN)


wildcard_constraints:
    # Not all their names: of 10,000 variants, that would be tried for each file in turn.
    experiment=r"(?!sources/)[A-Za-z0-9][A-Za-z0-9_-]*",
    figure="|".join(FIGURES),
    source="|".join(PLAN.originals),
    n=r"\d+",
    repeat=r"\d+",
    stage=r"(_p\d+)?",
    sigma=r"[\d.e-]+",
    subset="|".join(SUBSETS),


def of(function, *arguments, **keywords):
    """Return a function of wildcards: what ``function`` says of the plan and a job."""
    return lambda wildcards: checked(function, PLAN, wildcards, *arguments, **keywords)


def section(*names, **keys):
    """Return a params function: these parts of the settings, as plain values."""
    return of(parameters.section, *names, **keys)


def needs(function):
    """Return a resource function: what ``function`` says of the experiment's settings."""
    return lambda wildcards: function(checked(PLAN.settings, wildcards.experiment))


def growing(function):
    """Return a resource function: so many MB, and as many again at every further attempt."""
    return lambda wildcards, attempt: needs(function)(wildcards) * attempt


def code(script, modules=lambda plan, wildcards: ()):
    """Return a params function: the hash of the code that a script depends on.

    ``modules`` names those that the script imports by a computed name.
    """
    path = HERE / "workflow" / "scripts" / script
    return lambda wildcards: checked(lambda: code_hash(path, *modules(PLAN, wildcards)))


def with_seals(**files):
    """Return outputs by name, and the seals beside them."""
    return files | {"seals": [str(seal_of(path)) for path in files.values()]}


def sealed(*functions, **patterns):
    """Return an input function: files by name, and the seals beside them.

    The seals alone decide what runs again, whatever the age and the size of the files.

    ``functions`` give files by name themselves; a pattern is a path with wildcards, some of
    them, or an input function.
    """

    def inputs(wildcards):
        files = filled(functions, patterns, wildcards)
        return {name: ancient(found) for name, found in files.items()} | seals_beside(files)

    return unpack(inputs)


onstart:
    checked(check_writable, Path("results"))
    # Snakemake's limit of jobs a second looks for jobs again one second after each job has
    # ended, and each of those again, for ever: after 85 jobs 80 times a second.
    workflow.scheduler.job_rate_limiter = None
