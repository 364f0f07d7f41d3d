"""A training, on as many processes as it asks for."""

from __future__ import annotations

from gahb.jobs.launching import launch
from gahb.training import process
from gahb.training.group import ALONE, group_devices
from gahb.training.job import TrainingJob
from gahb.training.one_process import threads_of_each, train_share


def train_to_file(job: TrainingJob) -> None:
    """Do a training job, on as many processes as it asks for."""
    processes = job.training.processes
    if processes == 1:
        train_share(ALONE, job)
        return
    devices, threads = group_devices(job.runtime, processes), threads_of_each(job, processes)
    launch(process.__name__, devices, threads, process.packed(job))
