"""YAML as this project reads it: each key once, plain values, in bounded time and memory.

``python -m gahb.plan.yaml_files FILE ...`` checks files, without a word if nothing is wrong.

Snakemake reads configuration files itself, and of a key that is there twice it takes the later
value without a word. The same files are therefore read here too, before they decide anything.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from gahb.errors import ConfigError, GahbError

LARGEST_FILE = 4_000_000
"""Bytes: ten times a configuration of 10,000 variants."""
MOST_VALUES = 300_000
"""Keys and values of a file, every alias written out."""
DEEPEST = 50
LONGEST_NUMBER = 100
"""Characters; what is longer takes Python a time that grows with its square, or is refused."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same language, ten times as fast where PyYAML has libyaml."""
TAG = "tag:yaml.org,2002:"


def read_yaml(path: Path | str, name: str) -> Any:
    """Return what a YAML or JSON file holds.

    Parameters
    ----------
    path : Path or str
        A regular file: a pipe or a device may never end.
    name : str
        What the user knows the file as, for messages.

    Raises
    ------
    ConfigError
        If it cannot be read, is too large, is no YAML, or as `parse_yaml`.
    """
    try:
        return parse_yaml(_content(path), name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"config: {name} cannot be read ({reason})") from None


def _content(path: Path | str) -> str:
    """Return the text of a file, or raise an OSError or a ValueError that says what is wrong."""
    # Not to wait for whoever would write into a pipe.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError("it is no file but a folder, a pipe or a device")
    with open(descriptor, "rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ValueError(f"it is larger than {LARGEST_FILE / 1e6:.0f} MB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not in UTF-8: byte {error.start}; save it as UTF-8") from None


def parse_yaml(text: str, name: str) -> Any:
    """Return what YAML or JSON stands for: mappings, lists, text, numbers, truth values, dates.

    Raises
    ------
    ConfigError
        Naming the line, if a key is given twice or is no text, a number is too long, an alias
        holds itself, there is too much once all aliases are written out, or it is no YAML.
    """
    if text.lstrip().startswith(("{", "[")):
        try:
            return json.loads(text, object_pairs_hook=lambda pairs: _once(pairs, name))
        except (ValueError, RecursionError):
            pass  # of YAML as well these may be the first characters
    try:
        _refuse_endless(text, name)
        loader = LOADER(text)
        try:
            root = loader.get_single_node()
            if root is None:
                return None
            _refuse_unfit(root, name)
            return loader.construct_document(root)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        parts = [getattr(error, part, None) for part in ("context", "problem")]
        problem = ", ".join(filter(None, parts)) or str(error).partition("\n")[0]
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(
            f"config: {name}{line}: cannot be read as YAML ({problem[:200]})"
        ) from None
    except (ValueError, OverflowError) as error:  # such as the 30th of February
        raise ConfigError(f"config: {name}: cannot be read as YAML ({error})") from None


def _once(pairs: list[tuple[str, Any]], name: str) -> dict[str, Any]:
    """Return the mapping that a JSON object stands for."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ConfigError(f"config: {name}: {key[:60]!r} is given twice; keep one of them")
        found[key] = value
    return found


def _refuse_endless(text: str, name: str) -> None:
    """Count values and levels as they are read, before any of them is kept."""
    depth = values = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        values += isinstance(event, yaml.NodeEvent)
        assert event.start_mark is not None  # only of events that were not read
        _refuse_excess(values, depth, event.start_mark.line + 1, name)


def _refuse_excess(values: int, depth: int, line: int, name: str) -> None:
    place = f"config: {name}, line {line}"
    if values > MOST_VALUES:
        raise ConfigError(f"{place}: more than {MOST_VALUES:,} values, with every alias in full")
    if depth > DEEPEST:
        raise ConfigError(f"{place}: more than {DEEPEST} levels within one another")


def _refuse_unfit(root: yaml.Node, name: str) -> None:
    """Check all nodes below ``root``, each once, however many aliases lead to it."""
    sizes: dict[int, tuple[int, int]] = {}
    entered: set[int] = set()
    waiting = [(root, False)]
    while waiting:
        node, complete = waiting.pop()
        if complete:
            inside = [sizes[id(child)] for child in _children(node)]
            values = 1 + sum(count for count, _ in inside)
            depth = 1 + max((levels for _, levels in inside), default=0)
            _refuse_excess(values, depth, node.start_mark.line + 1, name)
            sizes[id(node)] = values, depth
        elif id(node) in entered and id(node) not in sizes:
            raise ConfigError(
                f"config: {name}, line {node.start_mark.line + 1}: holds an alias of itself"
            )
        elif id(node) not in sizes:
            entered.add(id(node))
            _refuse_keys(node, name)
            _refuse_number(node, name)
            waiting.append((node, True))
            waiting.extend((child, False) for child in reversed([*_children(node)]))


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _refuse_keys(node: yaml.Node, name: str) -> None:
    """Raise a ConfigError for a key of a mapping that is there twice, or is no text."""
    if not isinstance(node, yaml.MappingNode):
        return
    lines: dict[str, int] = {}
    for key, _ in node.value:
        line = key.start_mark.line + 1
        place = f"config: {name}, line {line}"
        if key.tag not in (f"{TAG}str", f"{TAG}merge"):
            shown = repr(key.value)[:60] if isinstance(key, yaml.ScalarNode) else "this"
            raise ConfigError(f"{place}: {shown} is no text and cannot be a key; put it in quotes")
        if key.value in lines:
            first = lines[key.value]
            raise ConfigError(
                f"{place}: {key.value[:60]!r} is given in line {first} already; keep one of them"
            )
        lines[key.value] = line


def _refuse_number(node: yaml.Node, name: str) -> None:
    if node.tag in (f"{TAG}int", f"{TAG}float") and len(node.value) > LONGEST_NUMBER:
        raise ConfigError(
            f"config: {name}, line {node.start_mark.line + 1}: a number of "
            f"{len(node.value):,} characters; {LONGEST_NUMBER} are enough"
        )


if __name__ == "__main__":
    try:
        for file in sys.argv[1:]:
            read_yaml(file, file)
    except GahbError as error:
        sys.exit(str(error))
