"""Networks of one's own, by the name of a function that returns one.

``denoiser.python: "module:factory"`` imports ``module`` from the folder that Snakemake runs
in, or from the installed packages, and calls ``factory`` with ``denoiser.arguments``. What it
returns is a ``torch.nn.Module`` under the contract of `gahb.types.Denoiser`; what predicts
something else is wrapped by it in `gahb.denoisers.adapters`.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from gahb.denoisers.contract import checked_output
from gahb.denoisers.own_modules import explained, module_file
from gahb.errors import ConfigError
from gahb.noise import as_batch
from gahb.types import Denoiser, Images, Sigma


class External(nn.Module, Denoiser):
    """A network of one's own that is told the noise level.

    Parameters
    ----------
    python : str
        ``"module:factory"``.
    arguments : mapping
        Keywords of the factory.
    channels : int
        Of the images; the factory is not told it.

    Raises
    ------
    ConfigError
        If there is no such factory, or it returns no module.
    """

    def __init__(self, python: str, arguments: Mapping[str, Any], channels: int = 1) -> None:
        super().__init__()
        network = _made(find_factory(python), python, arguments)
        if not isinstance(network, nn.Module):
            raise ConfigError(
                f"config: denoiser.python: {python} returned a {type(network).__name__}, "
                "expected a torch.nn.Module"
            )
        self.python, self.network = python, network

    def forward(self, noisy: Images, sigma: Sigma) -> Images:
        """Return the clean estimate; a result that is none is a NetworkError."""
        output = self.network(noisy, as_batch(sigma, noisy))
        return checked_output(output, noisy, called(self.python))


class BlindExternal(External):
    """A network of one's own that is not told the noise level."""

    blind = True

    def forward(self, noisy: Images, sigma: Sigma | None = None) -> Images:
        """Return the clean estimate; ``sigma`` is accepted and ignored."""
        return checked_output(self.network(noisy), noisy, called(self.python))


def called(python: str) -> str:
    """Return how messages call a network of one's own."""
    return f"config: denoiser.python: {python}"


def _made(factory: Callable[..., nn.Module], python: str, arguments: Mapping) -> nn.Module:
    """Call a factory; whatever keeps it from returning is a ConfigError."""
    try:
        inspect.signature(factory).bind(**arguments)
    except TypeError as error:
        raise ConfigError(f"config: denoiser.arguments: {python}: {error}") from None
    except ValueError:
        pass  # written in C, without a signature: it checks its arguments itself
    with explained(python):
        return factory(**arguments)


def find_factory(python: str) -> Callable[..., nn.Module]:
    """Return the function that ``"module:factory"`` names."""
    module, _, name = python.partition(":")
    module_file(module)
    with explained(python):
        factory = getattr(importlib.import_module(module), name, None)
    if not callable(factory):
        raise ConfigError(f"config: denoiser.python: {module} has no function {name!r}")
    return factory
