"""The configuration: which files it comes from, and what they say together."""

import os
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from gahb.data.sources import DATA_VARIABLE
from gahb.errors import GahbError, printable
from gahb.settings.home import expanded
from gahb.plan.layers import DEFAULT, check_files, layered


def checked(function, *arguments, **keywords):
    """Call ``function``; an error for the user stops Snakemake with that one line."""
    try:
        return function(*arguments, **keywords)
    except GahbError as error:
        raise WorkflowError(str(error)) from None


# Not workflow.basedir: of a workflow that imports this one as a module, that is its own.
HERE = Path(str(workflow.current_basedir)).parent.parent
"""The repository, wherever results go."""
IMPORTED = workflow.modifier.skip_configfile
"""Whether another workflow imports this one and gives it a configuration."""
CONFIGURATION = DEFAULT if os.path.lexists(DEFAULT) else str(HERE / DEFAULT)
"""Of the folder that Snakemake runs in, or else the repository's."""

for _folder in (os.getcwd(), str(HERE)):
    if _folder != os.fsencode(_folder).decode(errors="replace"):
        raise WorkflowError(
            f"{printable(_folder)}: Snakemake cannot work in a folder whose name is no UTF-8: rename it"
        )
if "{" in os.getcwd():
    # Its lock is then looked for in all folders with a name that would match.
    raise WorkflowError(
        f"{printable(os.getcwd())}: in the path of the folder that it runs in Snakemake takes braces "
        "for a wildcard: rename it, or run with --directory and another folder for the results"
    )
# Snakemake looks for wildcards in the path of an environment: a folder may be called {so}.
ENVIRONMENT = str(HERE / "workflow/envs/gahb.yaml").replace("{", "{{").replace("}", "}}")
"""What jobs run in under ``--software-deployment-method conda``."""

# Snakemake puts the interpreter's path into commands as it is, spaces and quotes too.
if Path(sys.executable).exists():
    sys.executable = shlex.quote(sys.executable)
if DATA_VARIABLE in os.environ:
    os.environ[DATA_VARIABLE] = checked(expanded, os.environ[DATA_VARIABLE], DATA_VARIABLE)
if workflow.is_main_process and not IMPORTED:
    # Before Snakemake reads the first of them.
    checked(
        check_files,
        [CONFIGURATION, *workflow.overwrite_configfiles],
        workflow.config_settings.config_args or [],
    )


configfile: CONFIGURATION


config.update(checked(layered, config, HERE, {} if IMPORTED else workflow.config_settings.config))
