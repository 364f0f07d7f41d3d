"""What code a rule depends on, found by reading imports, told apart by content.

Snakemake does not look into imported packages, and compares scripts by modification
time. A hash from here among a rule's parameters makes content decide: a comment, a
docstring, ``touch``, ``git checkout`` or a fresh clone changes nothing; a changed
statement in any module that the script imports, directly or not, does.
"""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from gahb.denoisers.own_modules import parsed, unreadable
from gahb.errors import ConfigError

PACKAGE = Path(__file__).parent.parent

# The configuration's values are among a rule's parameters; how they are checked, what is said
# and how a job ends changes no result.
WITHOUT_RESULT = ("plan", "jobs", "settings", "errors.py", "messages.py", "files.py")
"""Folders and modules of the package that decide no result."""


def decides(file: Path) -> bool:
    """Return whether a result may depend on what a file holds."""
    inside = file.relative_to(PACKAGE).parts if file.is_relative_to(PACKAGE) else ("",)
    return inside[0] not in WITHOUT_RESULT


@cache
def _parse(path: Path) -> ast.Module:
    """Return the statements of a file, without its docstrings."""
    tree = parsed(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [statement for statement in node.body if not _is_text(statement)]
    return tree


def _is_text(statement: ast.stmt) -> bool:
    """Return whether a statement is a docstring, of whatever it stands under."""
    return isinstance(statement, ast.Expr) and _text_of(statement.value) is not None


def _text_of(part: ast.expr) -> str | None:
    """Return the text that an expression is; None if it is none, or has yet to be computed."""
    constant = part.value if isinstance(part, ast.Constant) else None
    return constant if isinstance(constant, str) else None


@cache
def _statements(path: Path) -> str:
    """Return what a file runs, as text."""
    try:
        return _written(_parse(path))
    except RecursionError as error:
        raise ConfigError(f"config: denoiser.python: {unreadable(path, error)}") from None


def _written(node: Any) -> str:
    """Return a syntax tree, or a part of it, as text, whatever version of Python has read it.

    Newer versions add fields to old statements, such as the type parameters of a function: empty
    ones are left out, and all are in order of their names. Versions also differ in how many
    pieces they make of the text in a formatted string, and in which letters they show as they are.
    """
    if isinstance(node, list):
        return f"[{', '.join(map(_written, node))}]"
    if isinstance(node, ast.Constant):
        value = node.value
        return f"Constant({hex(value) if type(value) is int else ascii(value)})"
    if not isinstance(node, ast.AST):
        return ascii(node)
    fields = {name: getattr(node, name, None) for name in sorted(node._fields)}
    if isinstance(node, ast.JoinedStr):
        fields["values"] = _in_one_piece(node.values)
    inside = (f"{name}={_written(value)}" for name, value in fields.items() if value not in EMPTY)
    return f"{type(node).__name__}({', '.join(inside)})"


EMPTY: tuple[None, list[object]] = (None, [])


def _in_one_piece(values: list[ast.expr]) -> list[ast.expr]:
    """Return the parts of a formatted string, text between two values in one piece."""
    found: list[ast.expr] = []
    for value in values:
        text, before = _text_of(value), _text_of(found[-1]) if found else None
        if text is not None and before is not None:
            found[-1] = ast.Constant(before + text)
        elif text != "":
            found.append(value)
    return found


def _module_file(name: str) -> Path | None:
    """Return the file of a module of this package or of one's own, or None for others.

    One's own are in the folder that Snakemake runs in.
    """
    first, *rest = name.split(".")
    path = PACKAGE.joinpath(*rest) if first == PACKAGE.name else Path.cwd().joinpath(first, *rest)
    return next(
        (file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None
    )


@cache
def _imports(path: Path) -> set[Path]:
    """Return the files, of this package or one's own, that ``path`` imports anywhere."""
    names = set()
    for node in ast.walk(_parse(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = _package(path, node.level) if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            names |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    # Importing a.b.c runs a and a.b as well.
    for parts in [name.split(".") for name in names]:
        names |= {".".join(parts[:depth]) for depth in range(1, len(parts))}
    files = {file for name in names if (file := _module_file(name))}
    return {file for file in files if decides(file)}


def _package(path: Path, level: int) -> list[str]:
    """Return the parts of the name of what a relative import in ``path`` is relative to."""
    folder = path.resolve().parents[level - 1]
    return list(folder.relative_to(Path.cwd()).parts) if folder.is_relative_to(Path.cwd()) else []


def dependencies(path: Path) -> set[Path]:
    """Return ``path`` and every file that it needs, of this package or one's own."""
    found, waiting = set(), {path}
    while waiting:
        current = waiting.pop()
        found.add(current)
        waiting |= _imports(current) - found
    return found


@cache
def code_hash(script: Path, *modules: str | Path) -> str:
    """Return a hash of the statements that ``script`` and ``modules`` run.

    It is the same on every version of Python that reads them alike.

    Parameters
    ----------
    script : Path
        A Python file outside the package.
    *modules : str or Path
        Modules that the script imports by a name computed at run time; of those outside of
        this package, the file.

    Raises
    ------
    ModuleNotFoundError
        If a module is not of this package.
    """
    files = dependencies(script)
    for name in modules:
        file = name if isinstance(name, Path) else _module_file(name)
        if file is None:
            raise ModuleNotFoundError(f"no module {name} in {PACKAGE}")
        files |= dependencies(file)
    # In an order that does not depend on where the folders are.
    statements = sorted((_name(file), _statements(file)) for file in files)
    return hashlib.sha256(ascii(statements).encode()).hexdigest()[:16]


def _name(file: Path) -> str:
    """Return what a file is called in the hash, wherever the repository is."""
    return file.relative_to(PACKAGE).as_posix() if file.is_relative_to(PACKAGE) else file.name
