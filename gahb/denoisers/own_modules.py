"""Python modules of one's own: where they are, and in one line what is wrong with them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from gahb.errors import ConfigError, GahbError
from gahb.messages import place_of, quoted, reason_of


def parsed(path: Path) -> ast.Module:
    """Return the statements of a file, in whatever encoding it declares (PEP 263).

    Raises
    ------
    ConfigError
        If it cannot be read, or is no Python.
    """
    try:
        return ast.parse(path.read_bytes(), filename=str(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConfigError(f"config: denoiser.python: {unreadable(path, error)}") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(f"config: denoiser.python: {path} cannot be read ({reason})") from None


def unreadable(path: Path | str, error: BaseException) -> str:
    """Return in one line why a file is no Python."""
    if isinstance(error, SyntaxError):
        line = f", line {error.lineno}" if error.lineno else ""
        return f"{error.filename or path}{line}: {quoted(error.msg, 160)[1:-1]}"
    if isinstance(error, RecursionError | MemoryError):
        return f"{path}: statements inside of each other, too deep for Python"
    return f"{path}: {reason_of(error)}"


def factory_file(python: str) -> Path:
    """Return the file of the function that ``"module:factory"`` names, without running it.

    Raises
    ------
    ConfigError
        If there is no such module, or nothing of that name in it.
    """
    module, _, name = python.partition(":")
    file = module_file(module)
    tree, known = parsed(file), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            known.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            known |= {(alias.asname or alias.name) for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            known.add(node.id)
    if name not in known and not known & {"*", "__getattr__"}:
        raise ConfigError(f"config: denoiser.python: {module} has no function {name!r}")
    return file


def module_file(module: str) -> Path:
    """Return the file of a module of one's own, without running it.

    It is looked for in the folder that Snakemake runs in, then among the installed packages.

    Raises
    ------
    ConfigError
        If there is none.
    """
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    # A package runs code of its own when it is looked into.
    with explained(module):
        try:
            found = find_spec(module)
        except (ModuleNotFoundError, ValueError) as error:
            missing = error.name if isinstance(error, ModuleNotFoundError) else module
            if place_of(error) or not f"{module}.".startswith(f"{missing}."):
                raise  # by a package above it, or something that one needs is missing
            found = None
    origin = "" if found is None else str(found.origin)
    if not origin.endswith(".py") or not Path(origin).is_file():
        raise ConfigError(
            f"config: denoiser.python: there is no module {module!r} in {here} or among the "
            "installed packages"
        )
    return Path(origin)


@contextmanager
def explained(python: str) -> Iterator[None]:
    """Make a ConfigError of whatever code of one's own does instead of returning.

    Parameters
    ----------
    python : str
        The module, or ``"module:factory"``, for messages.
    """
    prefix = f"config: denoiser.python: {python}"
    try:
        yield
    except GahbError:
        raise
    except SyntaxError as error:
        raise ConfigError(f"config: denoiser.python: {unreadable(python, error)}") from None
    except SystemExit as error:
        raise ConfigError(
            f"{prefix} ends the interpreter{place_of(error)}: what is to run alone stands under "
            "if __name__ == '__main__':"
        ) from None
    except Exception as error:
        raise ConfigError(f"{prefix} fails: {reason_of(error)}{place_of(error)}") from error
