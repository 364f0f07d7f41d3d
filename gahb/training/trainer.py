"""The state of a training and its single step.

Every random number of a step is derived from the step's index, so that the state to
resume from is the step, the parameters and the optimiser's moments: there is no
generator state to lose.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gahb.denoisers.registry import flattened, separated
from gahb.hardware.compiler import compiled
from gahb.hardware.precision import resolve_precision
from gahb.images import as_float
from gahb.noise import LEVELS, LOSS_WEIGHTS, NOISE_LAWS, as_column, standard_normal
from gahb.seeds import derive_seed, torch_stream
from gahb.settings import TrainingSettings
from gahb.training.group import ALONE, Group
from gahb.training.order import PresentationOrder, learning_rate
from gahb.training.snapshots import snapshot_times


class Trainer:
    """State and single step of training one denoiser on images resident on its device.

    Parameters
    ----------
    denoiser : nn.Module
        Trained in place.
    images : Tensor
        Stored images ``[image, channel, height, width]`` on the device to train on.
    training : TrainingSettings
        Loss, optimiser and schedule.
    seed : int
        Of all random streams of this training.
    compile : bool
        Whether to use torch.compile where it works.
    group : Group
        The processes that share each batch.
    """

    def __init__(
        self,
        denoiser: nn.Module,
        images: Tensor,
        training: TrainingSettings,
        *,
        seed: int,
        compile: bool,
        group: Group = ALONE,
    ) -> None:
        self.training, self.seed, self.group = training, seed, group
        self.device = images.device
        self.images = images
        self.steps = training.presentations // training.batch
        self.order = PresentationOrder(len(images), seed)
        self.precision = resolve_precision(training.precision, self.device)
        # The stub does not know memory_format.
        self.denoiser: nn.Module = denoiser.to(  # type: ignore[call-overload]
            self.device,
            memory_format=torch.channels_last,
        ).train()
        forward = self.denoiser
        if compile:
            count = training.batch // group.size
            example = as_float(images[:1].expand(count, -1, -1, -1), self.device)
            level = torch.ones(count, device=self.device)
            forward = compiled(self.denoiser, (example, level), self.precision)
        self.forward = group.wrap(forward)
        self.optimiser = torch.optim.Adam(
            self.denoiser.parameters(),
            lr=training.learning_rate,
            betas=(0.9, training.beta2),
            fused=self.device.type in ("cpu", "cuda"),
        )
        self.step = 0
        self.times = frozenset(snapshot_times(training))
        self.snapshots: dict[int, dict[str, Tensor]] = {}
        # Of loss and squared error since they were last looked at.
        self.sums = torch.zeros(2, device=self.device)

    @property
    def presentations(self) -> int:
        """Images shown so far."""
        return self.step * self.training.batch

    def advance(self) -> None:
        """Show one batch and update the parameters, without waiting for the device."""
        batch, share = self.training.batch, self.group.share
        chosen = share(
            torch.from_numpy(self.order.indices(self.step * batch, (self.step + 1) * batch))
        )
        clean = as_float(self.images[chosen.to(self.device)], self.device)
        stream = torch_stream(self.seed, "noise", self.step, device=self.device)
        # Drawn for the whole batch, so that the share of a process is what one would see.
        uniform = LEVELS[self.training.levels](batch, stream)
        sigma = share(NOISE_LAWS[self.training.noise](uniform, self.training.sigma_max))
        noise = share(standard_normal((batch, *clean.shape[1:]), stream))
        noisy = clean + as_column(sigma, clean) * noise
        # For what a network draws itself, as dropout does.
        torch.manual_seed(derive_seed(self.seed, "forward", self.step, self.group.rank))
        with torch.autocast(
            self.device.type, self.precision, enabled=self.precision != torch.float32
        ):
            estimate = self.forward(noisy, sigma)
        # Sum over pixels, mean over the batch (Kadkhodaie et al., eq. 3).
        errors = (estimate - clean).square().flatten(1).sum(dim=1)
        weights = LOSS_WEIGHTS[self.training.weight](sigma, self.training.power)
        loss = (weights * errors).sum() / batch
        self.optimiser.param_groups[0]["lr"] = learning_rate(self.step, self.steps, self.training)
        self.optimiser.zero_grad(set_to_none=True)
        # Gradients are averaged over processes; their losses are to be added.
        (loss * self.group.size).backward()
        self.optimiser.step()
        sums = torch.stack([loss.detach(), errors.detach().sum() / batch])
        self.sums += self.group.total(sums)
        self.step += 1
        if self.presentations in self.times:
            state = self.denoiser.state_dict()
            self.snapshots[self.presentations] = {
                name: value.cpu().clone() for name, value in state.items()
            }

    def is_finite(self) -> bool:
        """Whether all parameters and moments are finite; waits for the device.

        Statistics and other buffers are numbers, or infinite, as masks of attention are.
        """
        moments = (value for found in self.optimiser.state.values() for value in found.values())
        finite = (torch.isfinite(value) for value in (*self.denoiser.parameters(), *moments))
        numbers = (~torch.isnan(value) for value in self.denoiser.buffers())
        return all(bool(good.all()) for good in (*finite, *numbers))

    def state(self) -> dict[str, Tensor]:
        """Return everything needed to go on from here, but the step."""
        tensors = {f"network.{k}": v for k, v in self.denoiser.state_dict().items()}
        names = [name for name, _ in self.denoiser.named_parameters()]
        for index, moments in self.optimiser.state_dict()["state"].items():
            tensors |= {f"adam.{names[index]}.{key}": value for key, value in moments.items()}
        return tensors | flattened(self.snapshots)

    def restore(self, tensors: dict[str, Tensor], step: int) -> None:
        """Go on from what `state` returned at ``step``."""
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
        self.step = step
