"""Every random stream of the project, derived from (root seed, role, indices).

Streams are named, not consumed in order: adding a model, a sample or a noise level
never changes the random numbers of another one, and nothing depends on job order.
"""

from __future__ import annotations

import hashlib

import numpy as np
import torch


def derive_seed(root: int, role: str, *indices: int | str) -> int:
    """Return the seed, in [0, 2**63), of one named random stream.

    Parameters
    ----------
    root : int
        Root seed of the experiment.
    role : str
        What the stream is for, such as ``"noise"`` or ``"split"``.
    *indices : int or str
        Which of the streams of that role, such as the training step.
    """
    name = "/".join(str(part) for part in (root, role, *indices))
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def numpy_stream(root: int, role: str, *indices: int | str) -> np.random.Generator:
    """Return a fresh NumPy generator for one named stream."""
    return np.random.default_rng(derive_seed(root, role, *indices))


def torch_stream(
    root: int, role: str, *indices: int | str, device: torch.device | str = "cpu"
) -> torch.Generator:
    """Return a fresh torch generator on ``device`` for one named stream."""
    return torch.Generator(device=device).manual_seed(derive_seed(root, role, *indices))
