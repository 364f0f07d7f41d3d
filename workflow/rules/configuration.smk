"""The configuration: which files it comes from, and what they say together."""

import os
from pathlib import Path

from snakemake.exceptions import WorkflowError

from gahb.errors import GahbError
from gahb.plan.folders import environment, prepare_folders
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

checked(prepare_folders, HERE)
ENVIRONMENT = environment(HERE)
if workflow.is_main_process and not IMPORTED:
    # Before Snakemake reads the first of them.
    checked(
        check_files,
        [CONFIGURATION, *workflow.overwrite_configfiles],
        workflow.config_settings.config_args or [],
    )


configfile: CONFIGURATION


config.update(checked(layered, config, HERE, {} if IMPORTED else workflow.config_settings.config))
