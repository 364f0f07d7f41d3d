"""What a training writes so that a killed one goes on: the newest state, and the one before."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from gahb.errors import CheckpointError
from gahb.storage import read_checkpoint, write_checkpoint

log = logging.getLogger("gahb")


class Sidecar:
    """Checkpoints beside the result of one training, deleted when that is safe.

    Parameters
    ----------
    path : Path
        The newest; the one before it is ``<path>.previous``.
    identity : str
        Hash of everything the result depends on; a state of another one is not used.
    """

    def __init__(self, path: Path, identity: str) -> None:
        self.path, self.identity = path, identity
        self.previous = path.with_name(f"{path.name}.previous")

    def write(self, tensors: Mapping[str, Tensor], step: int) -> None:
        """Write a state; the newest so far becomes the one before."""
        if self.path.exists():
            self.path.replace(self.previous)
        write_checkpoint(self.path, tensors, {"identity": self.identity, "step": step})

    def read(self) -> tuple[dict[str, Tensor], int] | None:
        """Return tensors and step of the newest state that is whole and of this training.

        What is wrong with a newer one is said.
        """
        for path in (self.path, self.previous):
            if not path.exists():
                continue
            try:
                tensors, description = read_checkpoint(path)
            except CheckpointError as error:
                reason = str(error).removesuffix("; delete it and run again")
            else:
                if description.get("identity") == self.identity:
                    return tensors, description["step"]
                reason = f"{path} belongs to other settings, data or code"
            log.warning("%s: %s", reason, self._instead(path))
        return None

    def _instead(self, path: Path) -> str:
        earlier = path == self.path and self.previous.exists()
        return "looking at the one before" if earlier else "starting this training afresh"

    def describe(self) -> str:
        """Return where the last state is, for messages."""
        if not self.path.exists():
            return "there is no checkpoint yet"
        return f"the last good checkpoint is {self.path}"

    def remove(self) -> None:
        """Delete both."""
        for path in (self.path, self.previous):
            path.unlink(missing_ok=True)
