"""The state dictionaries in a file, however its writer wrapped them.

People save ``network.state_dict()``, or that of a network inside of DataParallel, torch.compile,
Lightning or an average over the training, alone or beside an optimiser. Every tensor has a full
name, all keys that lead to it joined by dots: ``ema.ema_model.model.encoder.0.0.weight``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from gahb.denoisers.pickled import Called, Named, Outside
from gahb.denoisers.stored import Names, Stored, Strange, TensorFile
from gahb.denoisers.tensor_files import open_tensor_file
from gahb.errors import CheckpointError
from gahb.messages import listed, quoted

WRAPPERS = ("module", "_orig_mod")
"""What DataParallel and torch.compile put in front of every name."""


def without_wrappers(names: Names) -> Names:
    """Return names without what DataParallel and torch.compile put in front of all of them."""
    while names and all(key.split(".", 1)[0] in WRAPPERS and "." in key for key in names):
        shorter = {key.split(".", 1)[1]: value for key, value in names.items()}
        if len(shorter) < len(names):
            break  # two would have one name
        names = shorter
    return names


def read_state(path: Path | str, key: str | None = None) -> dict[str, Tensor]:
    """Return the state dictionary in a file, for ``load_state_dict`` of a network of one's own.

    Parameters
    ----------
    path : Path or str
        A file of ``torch.save`` or of safetensors; nothing in it is run.
    key : str, optional
        The keys that lead to it, joined by dots, where a file holds several: ``"ema"``.

    Raises
    ------
    CheckpointError
        If it holds none, or several: which.

    Examples
    --------
    >>> import tempfile, torch, gahb
    >>> with tempfile.NamedTemporaryFile(suffix=".pt") as file:
    ...     torch.save({"state_dict": {"module.weight": torch.ones(2)}}, file.name)
    ...     gahb.read_state(file.name)
    {'weight': tensor([1., 1.])}
    """
    file = open_tensor_file(path)
    states = {
        place: without_wrappers(names)
        for place, names in file.states.items()
        if key is None or place == key
    }
    if len(states) != 1:
        raise CheckpointError(none_or_several(file, list(states), "key=", "state there"))
    (names,) = states.values()
    wanted: dict[str, Stored] = {}
    for name, value in names.items():
        if isinstance(value, Strange):
            raise CheckpointError(
                f"{path}: {quoted(name)} is {value.what}, expected a plain tensor"
            )
        wanted[name] = value
    return file.read(wanted)


def none_or_several(file: TensorFile, places: list[str], how: str, what: str) -> str:
    """Return why no one network could be chosen from a file, and how to choose one.

    ``what`` was looked for.
    """
    if places:
        return f"{file.path} holds {len(places)} networks: {listed(places)}; choose one with {how}"
    if names := [
        f"{place}.{name}" if place else name for place in file.states for name in file.states[place]
    ]:
        return f"{file.path} holds no {what}; its tensors are {listed(names)}"
    if whole := _whole_object(file.content):
        return (
            f"{file.path} holds a whole object ({quoted(whole)[1:-1]}), which would be code to "
            "run; save the weights alone: torch.save(network.state_dict(), path)"
        )
    keys = [str(key) for key in file.content] if isinstance(file.content, Mapping) else []
    return (
        f"{file.path} holds no state dictionary (names with a tensor each); its keys are "
        f"{listed(keys) or 'none'}"
    )


def _whole_object(content: Any) -> str | None:
    """Return the class of an object that stands for a network, at the top or one level below."""
    values = [content, *(content.values() if isinstance(content, dict) else ())]
    for value in values:
        made = value.function if isinstance(value, Called) else None
        if isinstance(made, Outside) and isinstance(made.identity, tuple):
            made = made.identity[1] if len(made.identity) > 1 else None  # before PyTorch 1.6
        if isinstance(made, Named):
            return str(made)
    return None
