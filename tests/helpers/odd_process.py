"""Run by tests in the place of gahb.training.process: it does what $ODD says, in a group."""

import logging
import os
import signal
import sys
import time
from pathlib import Path

from gahb.errors import TrainingError
from gahb.jobs.console import joining, log
from gahb.jobs.launching import Start, end_with, started
from gahb.training import process as training_process
from gahb.training import trainer
from gahb.training.group import Group, joined

HOW, _, WHERE = os.environ["ODD"].partition(" ")


def stop_training_at(step: int) -> None:
    """Let the training of the leading process fail."""
    original = trainer.Trainer.advance

    def advance(self):
        if self.step == step and self.group.leads:
            raise TrainingError("stopped by the test")
        original(self)

    trainer.Trainer.advance = advance
    training_process.main()


def listening() -> list[str]:
    """Return the addresses, as Linux writes them, at which this process waits for others."""
    own = {os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()}
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return [row[1].split(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in own]


def work(start: Start) -> None:
    """Do as $ODD says, having met the others."""
    log.info("met")
    place = Path(WHERE)
    (place / f"pid{start.rank}").write_text(str(os.getpid()))
    (place / f"listening{start.rank}").write_text(" ".join(listening()))
    if HOW == "killed" and start.rank == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if HOW in ("killed", "deaf"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)


def main() -> None:
    """Do what is said, as one of the group."""
    if HOW == "stop":
        stop_training_at(int(WHERE))
        return
    start = started()
    if HOW == "blind":  # it never reads what it is sent
        time.sleep(600)
    end_with(start.pipe)
    secrets = [bytes(32), bytes(32)] if HOW == "stranger" and start.rank else start.secrets
    with joining(*start.console):
        group = Group(start.rank, start.size, start.device)
        if not group.leads:
            log.setLevel(logging.ERROR)
        with joined(group, start.meeting, secrets):
            work(start)


if __name__ == "__main__":
    sys.exit(main())
