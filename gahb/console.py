"""What a user sees of a running rule: short lines in the terminal and in its log file."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gahb.errors import GahbError
from gahb.interruption import end_when_told, end_with_the_run

log = logging.getLogger("gahb")


_CURRENT: list[tuple[str, str]] = []


def console() -> tuple[str, str]:
    """Return file and label of the innermost `reporting`, for processes that join in."""
    return _CURRENT[-1] if _CURRENT else (os.devnull, "gahb")


@contextmanager
def reporting(path: Path | str, label: str, mode: str = "w") -> Iterator[logging.Logger]:
    """Log to the terminal, with ``label`` in front, and to the file ``path``.

    An error that the user can mend ends the process with one line; any other leaves its
    traceback in the file and one line in the terminal.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    terminal, file = (
        logging.StreamHandler(sys.stderr),
        logging.FileHandler(path, mode=mode, encoding="utf-8", errors="backslashreplace"),
    )
    terminal.setFormatter(logging.Formatter(f"[{label}] %(message)s"))
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.handlers, log.propagate = [terminal, file], False
    log.setLevel(logging.INFO)
    logging.raiseExceptions = False  # a disk that is full must not hide what is said of it
    end_when_told()
    end_with_the_run()
    _CURRENT.append((str(path), label))
    try:
        yield log
    except GahbError as error:
        log.error("error: %s", error)
        sys.exit(1)
    except OSError as error:
        if error.errno is None:
            raise
        log.error("error: %s: %s", error.strerror, error.filename or "while writing")
        sys.exit(1)
    except Exception as error:
        log.removeHandler(terminal)
        log.exception("unexpected error")
        print(
            f"[{label}] unexpected {type(error).__name__}: {error}; traceback in {path}",
            file=sys.stderr,
        )
        sys.exit(1)
