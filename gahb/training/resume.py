"""What a training writes so that a killed one goes on: the newest state, and the one before."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from gahb.errors import CheckpointError
from gahb.storage import read_checkpoint, write_checkpoint

log = logging.getLogger(__name__)


class Sidecar:
    """Checkpoints beside the result of one training, deleted when that is safe.

    Parameters
    ----------
    path : Path
        The newest; the one before it is ``<path>.previous``, the training curve so far
        ``<path>.csv``.
    identity : str
        Hash of everything the result depends on; a state of another one is not used.
    """

    def __init__(self, path: Path, identity: str) -> None:
        self.path, self.identity = path, identity
        self.previous, self.next, self.rejected, self.curve = (
            path.with_name(f"{path.name}.{name}")
            for name in ("previous", "next", "rejected", "csv")
        )

    def write(self, tensors: Mapping[str, Tensor], step: int) -> None:
        """Write a state; the newest so far becomes the one before.

        The new one is whole before the others move: a kill at any moment, and a newest that is
        damaged, leave a good one.
        """
        write_checkpoint(self.next, tensors, {"identity": self.identity, "step": step})
        if self.path.exists():
            self.path.replace(self.previous)
        self.next.replace(self.path)

    def read(self) -> tuple[dict[str, Tensor], int] | None:
        """Return tensors and step of the newest state that is whole and of this training.

        What is wrong with a newer one is said; one of other settings, data or code is put aside.
        """
        for path in (self.path, self.previous):
            if not path.exists():
                continue
            try:
                tensors, description = read_checkpoint(path)
            except CheckpointError as error:
                reason = str(error).removesuffix("; delete it and run again")
            else:
                step = description.get("step")
                if description.get("identity") == self.identity and type(step) is int and step >= 0:
                    return tensors, step
                reason = f"{path} belongs to other settings, data or code"
                if path == self.path:
                    path.replace(self.rejected)
                    reason += f" and is kept as {self.rejected.name}"
            log.warning("%s: %s", reason, self._instead(path))
        return None

    def _instead(self, path: Path) -> str:
        earlier = path == self.path and self.previous.exists()
        return "looking at the one before" if earlier else "starting this training afresh"

    def describe(self) -> str:
        """Return where the last state is, for messages."""
        for path in (self.path, self.previous):
            if path.exists():
                return f"the last good checkpoint is {path}"
        return "there is no checkpoint yet"

    def remove(self) -> None:
        """Delete all but what was put aside."""
        for path in (self.path, self.previous, self.next, self.curve):
            path.unlink(missing_ok=True)
