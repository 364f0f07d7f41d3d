"""Training to the end, resumable to the bit: what one process does of it."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator

import numpy as np
import torch

from gahb.denoisers.contract import check_trainable
from gahb.denoisers.external import called
from gahb.denoisers.kinds import KINDS
from gahb.denoisers.registry import build, save
from gahb.errors import CheckpointError, ConfigError, Interrupted, TrainingError
from gahb.hardware.compiler import choose_cache
from gahb.hardware.devices import prepare_device
from gahb.jobs.ending import noticing_termination
from gahb.metrics import psnr_db
from gahb.seeds import derive_seed
from gahb.settings import RuntimeSettings
from gahb.storage import content_hash
from gahb.training.group import Group
from gahb.training.job import TrainingJob
from gahb.training.order import learning_rate
from gahb.training.progress import Progress, report
from gahb.training.resume import Sidecar
from gahb.training.trainer import Trainer

log = logging.getLogger(__name__)


def train_share(group: Group, job: TrainingJob) -> None:
    """Do the part of a training job that falls to one process of a group."""
    device = prepare_device(job.runtime, threads_of_each(job, group.size), group.device)
    if job.runtime.compile:
        choose_cache()
    seed, description = derive_seed(*job.stream), job.description
    identity = content_hash(repr((description, job.code, torch.__version__)).encode())
    network = build(job.denoiser, derive_seed(seed, "initialise"), job.images.shape[1])
    python = job.denoiser.python
    if not any(parameter.requires_grad for parameter in network.parameters()):
        raise ConfigError(f"config: denoiser: {python or job.denoiser.kind} has no parameters")
    if KINDS[job.denoiser.kind].external:
        assert python is not None  # or the settings would not be there
        check_trainable(network.to(device), job.images.shape[1:], device, called(python))
    pixels = torch.from_numpy(np.ascontiguousarray(job.images)).to(device)
    compile = job.runtime.compile
    trainer = Trainer(network, pixels, job.training, seed=seed, compile=compile, group=group)
    sidecar = Sidecar(job.resume, identity)
    lines = train(trainer, job.runtime, sidecar)
    # Snakemake removes logs of earlier attempts: the curve is kept beside the state.
    report(lines, [sidecar.curve, job.progress] if group.leads else [], trainer.presentations)
    if group.leads:
        save(job.checkpoint, network, description, trainer.snapshots)
        sidecar.remove()


def threads_of_each(job: TrainingJob, processes: int) -> int:
    """Return the threads of each process of a training."""
    return max(1, job.threads // processes)


def train(trainer: Trainer, runtime: RuntimeSettings, sidecar: Sidecar) -> Iterator[Progress]:
    """Return the progress of a training to its end; one that was killed is taken up here.

    Parameters
    ----------
    trainer : Trainer
        Its denoiser is trained in place and left in evaluation mode.
    runtime : RuntimeSettings
        How often to report and to write the sidecar.
    sidecar : Sidecar
        Written every ``runtime.checkpoint_seconds``, and when the process is asked to end;
        removed by the caller once the result is safe.

    Notes
    -----
    Of several processes the first one reports to the user and writes.

    Raises
    ------
    TrainingError
        If the loss or the state is not finite. No such state is ever written.
    Interrupted
        When SIGTERM has come, and the state is written.
    CheckpointError
        If a state that is whole and of this training does not fit its network.
    """
    if found := sidecar.read():
        try:
            trainer.restore(*found)
            if trainer.step > trainer.steps:
                raise ValueError
        except (KeyError, ValueError, TypeError, RuntimeError, AttributeError):
            raise CheckpointError(
                f"{sidecar.path} is of another network than its description says; delete it, and "
                f"{sidecar.previous.name}, and run again"
            ) from None
        log.info("resuming after %s presentations", f"{trainer.presentations:,}")
    return _steps(trainer, runtime, sidecar)


def _steps(trainer: Trainer, runtime: RuntimeSettings, sidecar: Sidecar) -> Iterator[Progress]:
    """Show what is left of the images, yielding progress."""
    first, reported, saved = trainer.step, time.monotonic(), time.monotonic()
    with noticing_termination() as termination:
        while trainer.step < trainer.steps:
            trainer.advance()
            now, last = time.monotonic(), trainer.step == trainer.steps
            # The others of a group are ended with the one that leads it.
            asked = termination.requested and trainer.group.leads
            due = now - saved >= runtime.checkpoint_seconds and trainer.group.leads
            save = (asked or due) and not last
            if save or last or now - reported >= runtime.report_seconds:
                yield _progress(trainer, first, now - reported, sidecar)
                first, reported = trainer.step, now
            if save:
                sidecar.write(trainer.state(), trainer.step)
                saved = now
            if asked and not last:
                raise Interrupted(
                    f"asked to end after {trainer.presentations:,} presentations; the same command "
                    "goes on from there"
                )
    trainer.denoiser.eval()


def _progress(trainer: Trainer, first: int, seconds: float, sidecar: Sidecar) -> Progress:
    """Read the loss from the device (the only wait for it) and describe the progress."""
    batch, steps = trainer.training.batch, trainer.step - first
    loss, error = (trainer.sums / max(steps, 1)).tolist()
    error /= trainer.images[0].numel()
    trainer.sums.zero_()
    rate = learning_rate(trainer.step - 1, trainer.steps, trainer.training)
    if not (math.isfinite(loss) and trainer.is_finite()):
        what = "parameters" if math.isfinite(loss) else "loss"
        raise TrainingError(
            f"the {what} became {loss if what == 'loss' else 'infinite or nan'} between steps "
            f"{first:,} and {trainer.step:,} ({trainer.presentations:,} presentations) at learning "
            f"rate {rate:.2g}; {sidecar.describe()}; lower training.learning_rate"
        )
    speed = steps * batch / max(seconds, 1e-9)
    return Progress(
        presentations=trainer.presentations,
        total=trainer.training.presentations,
        images_per_second=speed,
        remaining_seconds=(trainer.steps - trainer.step) * batch / max(speed, 1e-9),
        loss=loss,
        psnr_db=float(psnr_db(torch.tensor(error))),
        learning_rate=rate,
    )
