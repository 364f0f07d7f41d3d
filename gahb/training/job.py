"""Training to the end: resumable to the bit, on one process or several."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gahb.denoisers.contract import check_trainable
from gahb.denoisers.external import called
from gahb.denoisers.kinds import KINDS
from gahb.denoisers.registry import build, save
from gahb.errors import CheckpointError, ConfigError, Interrupted, TrainingError
from gahb.hardware import choose_cache, group_devices, log, prepare_device
from gahb.jobs.interruption import noticing_termination
from gahb.jobs.launching import launch
from gahb.metrics import psnr_db
from gahb.seeds import derive_seed
from gahb.settings import DenoiserSettings, RuntimeSettings, TrainingSettings
from gahb.storage import content_hash
from gahb.training.group import ALONE, Group
from gahb.training.order import learning_rate
from gahb.training.resume import Sidecar
from gahb.training.trainer import Trainer


@dataclass(frozen=True)
class Progress:
    """One line of the training log.

    Attributes
    ----------
    presentations, total : int
        Images shown so far, and in all.
    images_per_second : float
        Speed since the last line.
    remaining_seconds : float
        Estimate of the time left.
    loss : float
        Weighted sum of squared errors per image, averaged since the last line.
    psnr_db : float
        PSNR of the mean squared error, over the training law of noise levels.
    learning_rate : float
        Rate of the last step.
    """

    presentations: int
    total: int
    images_per_second: float
    remaining_seconds: float
    loss: float
    psnr_db: float
    learning_rate: float


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


@dataclass(frozen=True)
class TrainingJob:
    """One denoiser to be trained, from its configuration into a checkpoint.

    Attributes
    ----------
    checkpoint : Path
        Written when training is complete, with all that it depends on.
    images : ndarray
        uint8 ``[image, channel, height, width]``, the training set.
    denoiser, training, runtime : DenoiserSettings, TrainingSettings, RuntimeSettings
        Parts of the configuration.
    threads : int
        Threads on the CPU, of all processes together.
    stream : tuple
        Root seed, role and indices of this training's random stream.
    resume, progress : Path
        Sidecar checkpoint (deleted at the end) and CSV log of the progress.
    code : str
        Hash of the code; a sidecar of other code is not resumed.
    """

    checkpoint: Path
    images: np.ndarray
    denoiser: DenoiserSettings
    training: TrainingSettings
    runtime: RuntimeSettings
    threads: int
    stream: tuple[int, str, *tuple[int | str, ...]]
    resume: Path
    progress: Path
    code: str

    @property
    def description(self) -> dict[str, Any]:
        """What the result depends on, but the code."""
        return {
            "denoiser": self.denoiser.model_dump(),
            "channels": self.images.shape[1],
            "training": self.training.model_dump(),
            "stream": list(self.stream),
            "images": content_hash(self.images.tobytes()),
        }


def train_to_file(job: TrainingJob) -> None:
    """Do a training job, on as many processes as it asks for."""
    processes = job.training.processes
    if processes == 1:
        train_share(ALONE, job)
        return
    from gahb.training import process  # which imports this module

    devices, threads = group_devices(job.runtime, processes), _threads(job, processes)
    launch(process.__name__, devices, threads, process.packed(job))


def _threads(job: TrainingJob, processes: int) -> int:
    """Return the threads of each process of a training."""
    return max(1, job.threads // processes)


def train_share(group: Group, job: TrainingJob) -> None:
    """Do the part of a training job that falls to one process of a group."""
    device = prepare_device(job.runtime, _threads(job, group.size), group)
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
    _report(lines, [sidecar.curve, job.progress] if group.leads else [], trainer.presentations)
    if group.leads:
        save(job.checkpoint, network, description, trainer.snapshots)
        sidecar.remove()


def _report(lines: Iterable[Progress], paths: Sequence[Path], presentations: int) -> None:
    """Write progress to the terminal and, line by line, to CSV files, all the same.

    Lines of the first one up to the presentations that the training begins with are kept.
    """
    names = [field.name for field in fields(Progress)]
    earlier = _earlier(paths[0], presentations) if presentations and paths else []
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("w", newline="")) for path in paths]
        tables = [csv.writer(file) for file in files]
        for table in tables:
            table.writerows([names, *earlier])
        for line in lines:
            for table, file in zip(tables, files, strict=True):
                table.writerow(astuple(line))
                file.flush()
            minutes, seconds = divmod(round(line.remaining_seconds), 60)
            log.info(
                f"{line.presentations:,}/{line.total:,} images, {line.images_per_second:,.0f}/s, "
                f"{minutes}:{seconds:02d} left, loss {line.loss:.3g}, PSNR {line.psnr_db:.2f} dB"
            )


LARGEST_CURVE = 2**26
"""Bytes of a curve that is read: of a line every ten seconds, two months."""


def _earlier(path: Path, presentations: int) -> list[list[str]]:
    """Return the lines of a curve up to ``presentations``; damaged ones are left out, and said.

    It is there to be looked at, and must not keep a training from going on.
    """
    kept: list[list[str]] = []
    lines, damaged = [], False
    try:
        if path.stat().st_size <= LARGEST_CURVE:
            # What follows the last end of a line was being written when the process was killed.
            lines = path.read_text(encoding="ascii", errors="replace").split("\n")[1:-1]
    except OSError:
        pass
    for values in (line.strip().split(",") for line in lines):
        shown = _shown(values)
        if shown is None or (kept and shown <= int(kept[-1][0])):
            damaged = True
        elif shown <= presentations:
            kept.append(values)
    if damaged or not kept:
        log.warning("%s is damaged or gone: the curve so far has gaps", path)
    return kept


def _shown(values: list[str]) -> int | None:
    """Return the presentations of one line of a curve, or None if it is damaged."""
    try:
        numbers = [float(value) for value in values]
        return int(values[0]) if len(numbers) == len(fields(Progress)) else None
    except ValueError:
        return None
