"""What somebody else wrote, made fit for a message of one line."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path


def quoted(text: object, longest: int = 60) -> str:
    """Return a name in quotes: control characters escaped, the end of a long one left out."""
    text = str(text)
    return repr(text) if len(text) <= longest else repr(text[:longest]) + "..."


def listed(names: list[str] | set[str], most: int = 4) -> str:
    """Return the first of some names in quotes, and how many more there are."""
    shown = ", ".join(quoted(name) for name in sorted(names)[:most])
    return shown + (f" and {len(names) - most:,} more" if len(names) > most else "")


def reason_of(error: BaseException, longest: int = 160) -> str:
    """Return the kind of an error and the first line of what it says.

    PyTorch's readers advise to run whatever a file holds (``weights_only=False``): that is
    never passed on.
    """
    line = next((line for line in str(error).splitlines() if line.strip()), "").strip()
    if not line or "weights_only" in line or "Weights only" in line:
        return type(error).__name__
    line = "".join(sign if sign.isprintable() else "?" for sign in line[:longest])
    return f"{type(error).__name__}: {line}"


def place_of(error: BaseException) -> str:
    """Return file and line, in parentheses, of the last code of one's own that ran.

    Code of installed packages, and of this one, is passed over.
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _is_installed(frame.filename)]
    return f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""


def _is_installed(filename: str) -> bool:
    path, package = Path(filename), Path(__file__).parent
    inside = {"site-packages", "dist-packages", ".snakemake"} & set(path.parts)
    library = sysconfig.get_paths()["stdlib"]
    return (
        bool(inside)
        or filename.startswith("<")
        or path.is_relative_to(package)
        or path.is_relative_to(library)
    )
