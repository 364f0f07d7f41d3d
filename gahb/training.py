"""Training, resumable to the bit.

Every random number of a step is derived from the step's index, so that the state to
resume from is the step, the parameters and the optimiser's moments: there is no
generator state to lose.
"""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from gahb.denoisers.registry import build, flattened, save, separated
from gahb.errors import CheckpointError, TrainingError
from gahb.hardware import compiled, log, prepare_device, resolve_precision
from gahb.images import as_float
from gahb.metrics import psnr_db
from gahb.noise import LEVELS, LOSS_WEIGHTS, NOISE_LAWS, add_noise
from gahb.schedule import PresentationOrder, learning_rate
from gahb.sections import Denoiser, Runtime, Training
from gahb.seeds import derive_seed, torch_stream
from gahb.snapshots import snapshot_times
from gahb.storage import content_hash, read_checkpoint, write_checkpoint


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


class Trainer:
    """State and single step of training one denoiser on images resident on its device."""

    def __init__(
        self, denoiser: nn.Module, images: Tensor, training: Training, *, seed: int, compile: bool
    ) -> None:
        self.training, self.seed = training, seed
        self.device = images.device
        self.images = images
        self.steps = training.presentations // training.batch
        self.order = PresentationOrder(len(images), seed)
        self.precision = resolve_precision(training.precision, self.device)
        self.denoiser = denoiser.to(self.device, memory_format=torch.channels_last).train()
        self.forward = self.denoiser
        if compile:
            example = as_float(images[:1].expand(training.batch, -1, -1, -1), self.device)
            level = torch.ones(training.batch, device=self.device)
            self.forward = compiled(self.denoiser, (example, level), self.precision)
        self.optimiser = torch.optim.Adam(
            self.denoiser.parameters(),
            lr=training.learning_rate,
            fused=self.device.type in ("cpu", "cuda"),
        )
        self.step = 0
        self.times = frozenset(snapshot_times(training))
        self.snapshots: dict[int, dict[str, Tensor]] = {}
        self.loss_sum, self.error_sum = torch.zeros(2, device=self.device).unbind()

    @property
    def presentations(self) -> int:
        """Images shown so far."""
        return self.step * self.training.batch

    def advance(self) -> None:
        """Show one batch and update the parameters, without waiting for the device."""
        batch = self.training.batch
        chosen = self.order.indices(self.step * batch, (self.step + 1) * batch)
        clean = as_float(self.images[torch.from_numpy(chosen).to(self.device)], self.device)
        stream = torch_stream(self.seed, "noise", self.step, device=self.device)
        uniform = LEVELS[self.training.levels](batch, stream)
        sigma = NOISE_LAWS[self.training.noise](uniform)
        noisy = add_noise(clean, sigma, stream)
        # For what a network draws itself, as dropout does.
        torch.manual_seed(derive_seed(self.seed, "forward", self.step))
        with torch.autocast(
            self.device.type, self.precision, enabled=self.precision != torch.float32
        ):
            estimate = self.forward(noisy, sigma)
        # Sum over pixels, mean over the batch (Kadkhodaie et al., eq. 3).
        errors = (estimate - clean).square().flatten(1).sum(dim=1)
        loss = (LOSS_WEIGHTS[self.training.weight](sigma) * errors).sum() / batch
        self.optimiser.param_groups[0]["lr"] = learning_rate(self.step, self.steps, self.training)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        self.loss_sum += loss.detach()
        self.error_sum += errors.detach().sum() / batch
        self.step += 1
        if self.presentations in self.times:
            state = self.denoiser.state_dict()
            self.snapshots[self.presentations] = {
                name: value.cpu().clone() for name, value in state.items()
            }

    def save(self, path: Path, identity: str) -> None:
        """Write everything needed to go on from here."""
        tensors = {f"network.{k}": v for k, v in self.denoiser.state_dict().items()}
        names = [name for name, _ in self.denoiser.named_parameters()]
        for index, moments in self.optimiser.state_dict()["state"].items():
            tensors |= {f"adam.{names[index]}.{key}": value for key, value in moments.items()}
        tensors |= flattened(self.snapshots)
        write_checkpoint(path, tensors, {"identity": identity, "step": self.step})

    def restore(self, path: Path, identity: str) -> bool:
        """Go on from ``path`` if it is there and was written for ``identity``."""
        if not path.exists():
            return False
        try:
            tensors, description = read_checkpoint(path)
        except CheckpointError as error:
            log.warning("%s: starting this training afresh", error)
            return False
        if description.get("identity") != identity:
            log.warning("%s belongs to other settings, data or code: starting afresh", path)
            return False
        self.snapshots, tensors = separated(tensors)
        network = {k.removeprefix("network."): v for k, v in tensors.items() if k[:4] != "adam"}
        self.denoiser.load_state_dict(network)
        state = {}
        for index, (name, parameter) in enumerate(self.denoiser.named_parameters()):
            if f"adam.{name}.step" not in tensors:
                continue  # a parameter that no loss depends on
            # The fused optimiser walks memory: moments must be laid out like parameters.
            moments = {
                key: torch.empty_like(parameter).copy_(tensors[f"adam.{name}.{key}"])
                for key in ("exp_avg", "exp_avg_sq")
            }
            state[index] = {"step": tensors[f"adam.{name}.step"], **moments}
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": state, "param_groups": groups})
        self.step = description["step"]
        return True


def train(trainer: Trainer, runtime: Runtime, *, resume: Path, identity: str) -> Iterator[Progress]:
    """Train to the end, yielding progress; resume if killed before.

    Parameters
    ----------
    trainer : Trainer
        Its denoiser is trained in place and left in evaluation mode.
    runtime : Runtime
        How often to report and to write the sidecar.
    resume : Path
        Sidecar checkpoint, written every ``runtime.checkpoint_seconds`` and deleted by
        the caller once the result is safe.
    identity : str
        Hash of everything the result depends on; a sidecar of another one is ignored.

    Raises
    ------
    TrainingError
        If the loss is not finite.
    """
    if trainer.restore(resume, identity):
        log.info("resuming after %s presentations", f"{trainer.presentations:,}")
    first, reported, saved = trainer.step, time.monotonic(), time.monotonic()
    while trainer.step < trainer.steps:
        trainer.advance()
        now, last = time.monotonic(), trainer.step == trainer.steps
        if now - reported >= runtime.report_seconds or last:
            yield _progress(trainer, trainer.step - first, now - reported)
            first, reported = trainer.step, now
        if now - saved >= runtime.checkpoint_seconds and not last:
            trainer.save(resume, identity)
            saved = now
    trainer.denoiser.eval()


def _progress(trainer: Trainer, steps: int, seconds: float) -> Progress:
    """Read the loss from the device (the only wait for it) and describe the progress."""
    batch = trainer.training.batch
    loss = trainer.loss_sum.item() / max(steps, 1)
    error = trainer.error_sum.item() / max(steps, 1) / trainer.images[0].numel()
    trainer.loss_sum.zero_()
    trainer.error_sum.zero_()
    rate = learning_rate(trainer.step - 1, trainer.steps, trainer.training)
    if not math.isfinite(loss):
        raise TrainingError(
            f"the loss is {loss} after {trainer.presentations:,} presentations at learning rate "
            f"{rate:.2g}; lower training.learning_rate"
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


def train_to_file(
    checkpoint: Path,
    *,
    images: np.ndarray,
    denoiser: Denoiser,
    training: Training,
    runtime: Runtime,
    threads: int,
    stream: Sequence[int | str],
    resume: Path,
    progress: Path,
    code: str,
) -> None:
    """Train one denoiser from its configuration into a checkpoint.

    Parameters
    ----------
    checkpoint : Path
        Written when training is complete, with all that it depends on.
    images : ndarray
        uint8 ``[image, channel, height, width]``, the training set.
    denoiser, training, runtime : Denoiser, Training, Runtime
        Parts of the configuration.
    threads : int
        Threads of this process on the CPU.
    stream : sequence
        Root seed, role and indices of this training's random stream.
    resume, progress : Path
        Sidecar checkpoint (deleted at the end) and CSV log of the progress.
    code : str
        Hash of the code; a sidecar of other code is not resumed.
    """
    device = prepare_device(runtime, threads)
    seed = derive_seed(*stream)
    description = {
        "denoiser": denoiser.model_dump(),
        "channels": images.shape[1],
        "training": training.model_dump(),
        "stream": list(stream),
        "images": content_hash(images.tobytes()),
    }
    identity = content_hash(repr((description, code, torch.__version__)).encode())
    network = build(denoiser, derive_seed(seed, "initialise"), images.shape[1])
    pixels = torch.from_numpy(np.ascontiguousarray(images)).to(device)
    trainer = Trainer(network, pixels, training, seed=seed, compile=runtime.compile)
    _report(train(trainer, runtime, resume=resume, identity=identity), progress)
    save(checkpoint, network, description, trainer.snapshots)
    resume.unlink(missing_ok=True)


def _report(lines: Iterable[Progress], path: Path) -> None:
    """Write progress to the terminal and, line by line, to a CSV file."""
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, [field.name for field in fields(Progress)])
        table.writeheader()
        for line in lines:
            table.writerow(asdict(line))
            file.flush()
            minutes, seconds = divmod(round(line.remaining_seconds), 60)
            log.info(
                f"{line.presentations:,}/{line.total:,} images, {line.images_per_second:,.0f}/s, "
                f"{minutes}:{seconds:02d} left, loss {line.loss:.3g}, PSNR {line.psnr_db:.2f} dB"
            )
