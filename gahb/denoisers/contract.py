"""What a network that somebody else wrote returns, and whether it keeps the one contract.

`checked_output` looks at every result where it leaves their code; `validate` calls a whole
denoiser before hours are spent on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from gahb.errors import GahbError, NetworkError
from gahb.messages import place_of, quoted, reason_of
from gahb.noise import add_noise
from gahb.types import Denoiser, Images

ADAPTERS = "see the adapters in docs/your-own.md, such as WholeSteps"
TRAITS = ("blind", "precision", "piecewise_linear")
"""What a denoiser says of itself."""
LEVELS = (0.1, 0.3, 1.0)
"""Noise levels at which a denoiser is tried, in [0, 1] units."""
TOLERANCE, COARSE_TOLERANCE = 1e-2, 1e-1
"""Of the largest value: in other batches other kernels round elsewhere. Of networks in 16 bits,
whose numbers have three digits, the second."""


def unwrapped(output: Any, name: str) -> Tensor:
    """Return the tensor that a network returned, if there is one that it can only be.

    Parameters
    ----------
    output : Any
        A tensor; a tuple or list of one; or an object or mapping with one as ``sample``, as those
        of diffusers.
    name : str
        Of the network, for messages.

    Raises
    ------
    NetworkError
        If it is something else: what.
    """
    found = output
    if isinstance(found, tuple | list) and len(found) == 1:
        found = found[0]
    if not isinstance(found, Tensor):
        inside = found.get("sample") if isinstance(found, Mapping) else None
        found = getattr(found, "sample", inside)
    if isinstance(found, Tensor):
        return found
    raise NetworkError(
        f"{name} returned {_kind(output)}, expected a tensor of images, a tuple of one, or an "
        "object with one as sample; return the right one from a module around it"
    )


def _kind(output: Any) -> str:
    if isinstance(output, tuple | list):
        kinds = ", ".join(
            str(tuple(value.shape)) if isinstance(value, Tensor) else type(value).__name__
            for value in output[:4]
        )
        return f"a {type(output).__name__} of {len(output)} ({kinds})"
    if isinstance(output, Mapping):
        return f"a {type(output).__name__} of {', '.join(quoted(key) for key in list(output)[:4])}"
    return "nothing (None)" if output is None else f"a {type(output).__name__}"


def checked_output(output: Any, noisy: Images, name: str) -> Images:
    """Return what a network made of ``noisy``: a tensor of the same shape and type.

    Raises
    ------
    NetworkError
        If it is no tensor, not of numbers with a fraction, on another device, or of another shape:
        what it is, and what could be meant.
    """
    estimate = unwrapped(output, name)
    if not estimate.is_floating_point() or estimate.layout != torch.strided:
        raise NetworkError(
            f"{name} returned a tensor of {estimate.dtype} ({estimate.layout}), expected "
            "floating-point numbers"
        )
    if estimate.device != noisy.device:
        raise NetworkError(
            f"{name} returned images on {estimate.device} for images on {noisy.device}: what it "
            "holds beside parameters has to be registered as buffers"
        )
    if estimate.shape != noisy.shape:
        raise NetworkError(f"{name} returned images of {_shapes(estimate, noisy)}")
    return estimate.to(noisy.dtype)


def _shapes(estimate: Tensor, noisy: Images) -> str:
    """Return in words how two shapes differ, and what may be the reason."""
    shapes = f"shape {tuple(estimate.shape)} for images of shape {tuple(noisy.shape)}"
    if estimate.ndim != noisy.ndim or estimate.shape[0] != noisy.shape[0]:
        return shapes
    if estimate.shape[2:] != noisy.shape[2:]:
        return f"{shapes}: it keeps height and width of other sizes only"
    if estimate.shape[1] == 2 * noisy.shape[1]:
        return (
            f"{shapes}, two channels for each: a network with a learned variance returns "
            "prediction and variance; wrap it in gahb.denoisers.adapters.LearnedVariance"
        )
    return f"{shapes}: it was made for data.channels: {estimate.shape[1]}"


def name_of(network: Any) -> str:
    """Return what to call a network in messages: the innermost one of adapters."""
    while isinstance(network, nn.Module) and hasattr(network, "network"):
        network = network.network
    return getattr(network, "__name__", type(network).__name__)


@torch.no_grad()
def validate(
    denoiser: Denoiser | nn.Module,
    shape: Sequence[int],
    device: torch.device | str = "cpu",
    name: str = "",
) -> None:
    """Try a denoiser on a few noisy images, as everything here calls it.

    Parameters
    ----------
    denoiser : Denoiser or Module
        On ``device``. It is left in the mode that it is in, and tried in evaluation mode.
    shape : sequence of int
        ``channel, height, width`` of the images.
    name : str, optional
        What to call it in messages.

    Raises
    ------
    NetworkError
        If it fails; if its result is not of the shape, type and device of the images, or not
        finite; if it changes its input; if two calls differ, or a batch from its images one by
        one.

    Examples
    --------
    >>> import gahb
    >>> gahb.validate(gahb.UNet(blocks=1, width=4), (1, 8, 8))
    >>> gahb.validate(gahb.UNet(blocks=2, width=4, channels=3), (1, 8, 8), name="mine")
    Traceback (most recent call last):
    gahb.errors.NetworkError: mine fails on images of shape (3, 1, 8, 8): RuntimeError: ...
    """
    name = name or name_of(denoiser)
    if missing := [trait for trait in TRAITS if not hasattr(denoiser, trait)]:
        raise NetworkError(
            f"{name} does not say whether it is told the noise level, or how exactly it is to be "
            f"called (it lacks {', '.join(missing)}): inherit from gahb.types.Denoiser, with "
            f"blind = True if it is not told, or wrap it in an adapter; {ADAPTERS}"
        )
    stream = torch.Generator().manual_seed(0)
    levels = torch.tensor(LEVELS)
    clean = torch.rand(len(LEVELS), *shape, generator=stream)
    noisy = add_noise(clean, levels, stream).to(device)
    levels, given = levels.to(device), noisy.clone()
    with _evaluating(denoiser):
        whole = _called(denoiser, given, levels, name)
        if not torch.equal(given, noisy):
            raise NetworkError(f"{name} changes the images that it is given: work on a copy")
        again = _called(denoiser, noisy.clone(), levels, name)
        single = zip(noisy.clone().split(1), LEVELS, strict=True)
        each = torch.cat([_called(denoiser, image, level, name) for image, level in single])
    tolerance = (COARSE_TOLERANCE if _is_coarse(denoiser) else TOLERANCE) * whole.abs().max()
    if (again - whole).abs().max() > tolerance:
        raise NetworkError(
            f"{name} gives two results for the same images: it draws numbers itself in evaluation "
            "mode, or changes with every call"
        )
    if (each - whole).abs().max() > tolerance:
        raise NetworkError(
            f"{name} gives one result for a batch and another for its images one by one, each with "
            "its noise level as a float: its normalisation mixes images, or it reads one level only"
        )


def _called(
    denoiser: Denoiser | nn.Module, noisy: Images, sigma: float | Tensor, name: str
) -> Images:
    """Call a denoiser and look at what it returns."""
    try:
        output = denoiser(noisy, sigma)
    except NetworkError as error:
        known = "" if str(error).startswith(name) else f"{name}: "
        raise NetworkError(f"{known}{error}") from None
    except GahbError:
        raise
    except Exception as error:
        raise NetworkError(
            f"{name} fails on images of shape {tuple(noisy.shape)}: {reason_of(error)}"
            f"{place_of(error)}; {ADAPTERS}"
        ) from error
    if not isinstance(output, Tensor):
        raise NetworkError(
            f"{name} returned {_kind(output)}, expected a tensor: wrap it in an adapter, such as "
            "gahb.denoisers.adapters.Clean; see docs/your-own.md"
        )
    estimate = checked_output(output, noisy, name)
    if output.dtype != noisy.dtype:
        raise NetworkError(f"{name} returned {output.dtype} for images of {noisy.dtype}")
    if not torch.isfinite(estimate).all():
        raise NetworkError(f"{name} returned values that are not finite at noise levels {LEVELS}")
    return estimate


@contextmanager
def _evaluating(denoiser: Denoiser | nn.Module) -> Iterator[None]:
    """Put a module into evaluation mode, and each part of it back; numbers it draws count not."""
    modules = list(denoiser.modules()) if isinstance(denoiser, nn.Module) else []
    before = [module.training for module in modules]
    with torch.random.fork_rng():
        for module in modules:
            module.training = False
        try:
            yield
        finally:
            for module, mode in zip(modules, before, strict=True):
                module.training = mode


def _is_coarse(denoiser: Denoiser | nn.Module) -> bool:
    values = denoiser.parameters() if isinstance(denoiser, nn.Module) else ()
    return any(value.dtype in (torch.float16, torch.bfloat16) for value in values)


def check_state(network: nn.Module, name: str) -> None:
    """Raise a NetworkError unless the state of a network can be written and read again."""
    for key, value in network.state_dict().items():
        if not isinstance(value, Tensor):
            what = _kind(value)
        elif isinstance(value, nn.UninitializedParameter | nn.UninitializedBuffer):
            what = "a tensor without a shape, until it is called"
        elif value.is_nested or value.layout != torch.strided:
            what = "a sparse or nested tensor"
        elif value.is_quantized or value.is_meta:
            what = "a quantised tensor, or one without values"
        else:
            continue
        raise NetworkError(f"{name} keeps {quoted(key)} in its state, {what}: plain tensors only")


def check_trainable(
    network: nn.Module, shape: Sequence[int], device: torch.device | str, name: str
) -> None:
    """Raise a NetworkError unless a network is a denoiser that can be trained and written.

    Parameters are those of `validate`.
    """
    check_state(network, name)
    validate(network, shape, device, name)
    with _evaluating(network), torch.enable_grad():
        estimate = network(torch.rand(1, *shape, device=device), LEVELS[0])
    if not estimate.requires_grad:
        raise NetworkError(
            f"{name} passes no gradient on: take torch.no_grad and detach out of its forward"
        )
