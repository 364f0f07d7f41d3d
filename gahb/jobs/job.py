"""What every job of the workflow does around its work."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gahb.jobs.console import reporting
from gahb.jobs.seals import check_seals, write_seals


@contextmanager
def working(job: Any, label: str) -> Iterator[logging.Logger]:
    """Report as `gahb.jobs.console.reporting` does; look at what is read, seal what is written.

    Parameters
    ----------
    job : Snakemake
        The object ``snakemake`` of a script. Of its inputs and outputs those named ``seals``
        are seals.
    label : str
        What stands in front of its lines in the terminal.
    """
    with reporting(job.log[0], label) as log:
        check_seals(job.input.get("seals", ()))
        yield log
        write_seals(job.output.get("seals", ()))
