"""The Jacobian of a denoiser at a noisy image, with or without its matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from gahb.types import Denoiser, Images

CHUNK_PIXELS = 2**15
"""Pixels of all images that pass through a network together: with 64 channels some 8 MB a
layer, which a backward pass keeps. More are no faster on a CPU."""


class LocalMap:
    """The Jacobian J of a denoiser at one noisy image, as a map of vectors.

    Parameters
    ----------
    denoiser : Denoiser
        Differentiable. A network is evaluated in evaluation mode, without gradients of
        its parameters, and is left exactly as it was.
    noisy : Images
        ``[1, channel, height, width]``; products are computed in its precision.
    sigma : float
        Noise level given to the denoiser.
    chunk : int, optional
        Vectors multiplied at a time; bounds memory. By default as many as together have
        `CHUNK_PIXELS` pixels.

    Notes
    -----
    A network whose only non-linearities are ReLUs is linear around an image as long as
    each ReLU keeps or blocks what it does there. For such a network, marked by
    ``piecewise_linear = True``, J v is a plain forward pass with those decisions frozen,
    several times faster than differentiation. Other denoisers are differentiated.

    Examples
    --------
    >>> import torch, gahb
    >>> local = gahb.LocalMap(gahb.UNet(1, 4).eval(), torch.rand(1, 1, 8, 8), 0.1)
    >>> local.times(torch.eye(64)[:, :3]).shape
    torch.Size([64, 3])
    """

    def __init__(
        self, denoiser: Denoiser, noisy: Images, sigma: float, chunk: int | None = None
    ) -> None:
        if len(noisy) != 1:
            raise ValueError(f"a Jacobian is taken at one image, got {len(noisy)}")
        self.denoiser, self.noisy, self.sigma = denoiser, noisy, sigma
        self.pixels = noisy.numel()
        self.chunk = chunk or max(1, CHUNK_PIXELS // self.pixels)
        self.masks: dict[nn.Module, Tensor] | None = None
        with _undisturbed(denoiser), torch.no_grad():
            if denoiser.piecewise_linear:
                assert isinstance(denoiser, nn.Module)  # it is made of layers
                self.masks = _active(denoiser, noisy, sigma)
            self.estimate = denoiser(noisy, sigma)

    def times(self, vectors: Tensor) -> Tensor:
        """Return ``J v`` for each column of ``vectors`` ``[pixels, vector]``."""
        with _undisturbed(self.denoiser), torch.no_grad():
            if self.masks is None:
                return self._in_chunks(vectors, torch.func.vmap(self._pushforward))
            with _frozen(self.masks):
                return self._in_chunks(vectors, self._forward)

    def transposed_times(self, vectors: Tensor) -> Tensor:
        """Return ``J^T v`` for each column of ``vectors`` ``[pixels, vector]``."""
        with _undisturbed(self.denoiser), torch.no_grad():
            if self.masks is None:
                pullback = torch.func.vjp(self._flat, self.noisy.flatten())[1]
                return self._in_chunks(vectors, torch.func.vmap(lambda row: pullback(row)[0]))
            with _frozen(self.masks):
                return self._in_chunks(vectors, self._backward)

    def symmetric_times(self, vectors: Tensor) -> Tensor:
        """Return ``(J + J^T) v / 2`` for each column of ``vectors``."""
        if self.masks is None:
            return (self.times(vectors) + self.transposed_times(vectors)) / 2
        with _undisturbed(self.denoiser), torch.no_grad(), _frozen(self.masks):
            return self._in_chunks(vectors, self._symmetric)

    def dense(self) -> Tensor:
        """Return J ``[pixels, pixels]``: row i is the gradient of output pixel i."""
        identity = torch.eye(self.pixels, dtype=self.noisy.dtype, device=self.noisy.device)
        if self.masks is None:
            return self.transposed_times(identity).T
        return self.times(identity)

    def _in_chunks(self, vectors: Tensor, product: Callable[[Tensor], Tensor]) -> Tensor:
        return torch.cat([product(rows) for rows in vectors.T.split(self.chunk)]).T

    def _flat(self, pixels: Tensor) -> Tensor:
        return self.denoiser(pixels.reshape(self.noisy.shape), self.sigma).flatten()

    def _pushforward(self, row: Tensor) -> Tensor:
        return torch.func.jvp(self._flat, (self.noisy.flatten(),), (row,))[1]

    def _forward(self, rows: Tensor) -> Tensor:
        images = rows.reshape(-1, *self.noisy.shape[1:])
        images = images.contiguous(memory_format=torch.channels_last)
        return self.denoiser(images, self.sigma).flatten(1)

    def _backward(self, rows: Tensor) -> Tensor:
        return self._both(rows)[1]

    def _symmetric(self, rows: Tensor) -> Tensor:
        forward, backward = self._both(rows)
        return (forward + backward) / 2

    def _both(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return ``J v`` and ``J^T v`` from one forward and one backward pass."""
        # The frozen map is linear: its gradient is the same at any point, v among them.
        with torch.enable_grad():
            point = rows.detach().clone().requires_grad_()
            forward = self._forward(point)
            (backward,) = torch.autograd.grad(forward, point, rows)
        return forward.detach(), backward


@contextmanager
def _undisturbed(denoiser: Denoiser) -> Iterator[None]:
    """Put a network into evaluation mode without gradients, and back into its own state."""
    if not isinstance(denoiser, nn.Module):
        yield
        return
    modes = {module: module.training for module in denoiser.modules()}
    flags = {parameter: parameter.requires_grad for parameter in denoiser.parameters()}
    try:
        denoiser.eval().requires_grad_(False)
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode
        for parameter, flag in flags.items():
            parameter.requires_grad_(flag)


def _active(network: nn.Module, noisy: Images, sigma: float) -> dict[nn.Module, Tensor]:
    """Return where each ReLU of a network lets its input pass at ``noisy``."""
    masks: dict[nn.Module, Tensor] = {}

    def record(module: nn.Module, inputs: tuple, output: Tensor) -> None:
        if module in masks:
            raise ValueError("a piecewise linear network must use each of its ReLUs once")
        masks[module] = (output > 0).to(output.dtype)

    hooks = [
        module.register_forward_hook(record)
        for module in network.modules()
        if isinstance(module, nn.ReLU)
    ]
    try:
        network(noisy, sigma)
    finally:
        for hook in hooks:
            hook.remove()
    return masks


@contextmanager
def _frozen(masks: dict[nn.Module, Tensor]) -> Iterator[None]:
    """Let each ReLU pass what it passes where ``masks`` were recorded."""
    try:
        for module, mask in masks.items():
            # On the instance: a hook would compute the ReLU first, for nothing.
            module.forward = mask.mul
        yield
    finally:
        for module in masks:
            vars(module).pop("forward", None)


def dense_jacobian(
    denoiser: Denoiser, noisy: Images, sigma: float, chunk: int | None = None
) -> Tensor:
    """Return the Jacobian ``[pixels, pixels]`` of a denoiser at one image, see `LocalMap`.

    Examples
    --------
    >>> import torch, gahb
    >>> halved = gahb.Clean(lambda noisy, sigma: noisy / 2)
    >>> gahb.dense_jacobian(halved, torch.rand(1, 1, 1, 2), 0.1)
    tensor([[0.5000, 0.0000],
            [0.0000, 0.5000]])
    """
    return LocalMap(denoiser, noisy, sigma, chunk).dense()


def subspace_overlap(left: Tensor, right: Tensor) -> Tensor:
    """Return the mean squared cosine of the principal angles of leading subspaces.

    Parameters
    ----------
    left, right : Tensor
        Orthonormal columns ``[pixels, mode]``, leading ones first.

    Returns
    -------
    Tensor
        ``[mode]``: for each k, |L_k^T R_k|_F^2 / k of the first k columns. 1 if they span
        the same space, k / pixels on average for random ones.
    """
    squares = (left.T @ right).square()
    sums = squares.cumsum(0).cumsum(1).diagonal()
    return sums / torch.arange(1, len(sums) + 1, dtype=sums.dtype, device=sums.device)
