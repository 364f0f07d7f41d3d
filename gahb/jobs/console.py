"""What a user sees of a running rule: short lines in the terminal and in its log file."""

from __future__ import annotations

import fcntl
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gahb.errors import GahbError, printable
from gahb.jobs.ending import end_when_told, end_with_the_run

log = logging.getLogger("gahb")


_CURRENT: list[tuple[str, str]] = []


def console() -> tuple[str, str]:
    """Return file and label of the innermost `reporting`, for processes that join in."""
    return _CURRENT[-1] if _CURRENT else (os.devnull, "gahb")


class PrintableFormatter(logging.Formatter):
    """Formats records so that nothing that they quote steers a terminal or makes a line."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: D102
        record.message = printable(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: D102
        return "\n".join(map(printable, super().formatException(ei).split("\n")))


@contextmanager
def reporting(path: Path | str, label: str) -> Iterator[logging.Logger]:
    """Log to the terminal, with ``label`` in front, and to the file ``path``.

    An error that the user can mend ends the process with one line; any other leaves its
    traceback in the file and one line in the terminal. The file is held: the same job of a run
    that was killed, still going on elsewhere, is waited for.
    """
    with joining(path, label), _held(Path(path)):
        Path(path).write_text("")
        yield log


@contextmanager
def joining(path: Path | str, label: str) -> Iterator[logging.Logger]:
    """Do as `reporting` does, in a process that joins in."""
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setFormatter(PrintableFormatter("[%(label)s] %(message)s", defaults={"label": label}))
    log.handlers, log.propagate = [terminal], False
    log.setLevel(logging.INFO)
    logging.raiseExceptions = False  # a disk that is full must not hide what is said of it
    end_when_told()
    end_with_the_run()
    _CURRENT.append((str(path), label))
    file = None
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        file = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
        file.setFormatter(PrintableFormatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(file)
        yield log
    except Exception as error:
        _explain(error, path, label)
        sys.exit(1)
    finally:
        _CURRENT.pop()
        if file:
            log.removeHandler(file)
            file.close()


@contextmanager
def _held(log_file: Path) -> Iterator[None]:
    """Hold a file beside a job's log for as long as the process works on it.

    Not the log: Snakemake deletes that before it starts a job, and the file that takes its
    place is held by nobody.
    """
    with log_file.with_name(f".{log_file.name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.warning("the same job of an earlier run still goes on: waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError as error:
            log.warning("files cannot be locked here (%s): end jobs of killed runs", error.strerror)
        yield


OUT_OF_MEMORY = ("MemoryError", "_ArrayMemoryError", "OutOfMemoryError")
"""Python's, NumPy's and PyTorch's, by name: jobs without PyTorch do not import it for this."""


def _explain(error: Exception, path: Path | str, label: str) -> None:
    """Say in one line what went wrong; what is not expected leaves its traceback in the log."""
    if isinstance(error, GahbError):
        first, *further = str(error).split("\n")
        log.error("error: %s", first)
        for line in further:
            log.error("%s", line)
    elif isinstance(error, OSError) and error.errno is not None:
        log.error("error: %s: %s", error.strerror, error.filename or "while reading or writing")
    elif type(error).__name__ in OUT_OF_MEMORY:
        log.error("error: out of memory: let fewer jobs run at a time (--cores), or lower batches")
    else:
        log.handlers = log.handlers[1:]
        log.exception("unexpected error", exc_info=error)
        reason = printable((str(error).splitlines() or [""])[0])
        print(
            f"[{label}] unexpected {type(error).__name__}: {reason}; traceback in {path}",
            file=sys.stderr,
        )
