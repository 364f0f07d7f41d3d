"""Configurations over configurations: default, preset, command line, variant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gahb.errors import ConfigError
from gahb.plan.yaml_files import parse_yaml, read_yaml
from gahb.settings.home import expanded

DEFAULT = "config.yaml"


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``below`` with the values of ``above``, section by section.

    A kind of denoiser replaces a network of one's own below it, and the reverse.
    """
    result = _merged(below, above)
    chosen = above.get("denoiser")
    if isinstance(chosen, Mapping) and isinstance(result["denoiser"], dict):
        if chosen.get("python") and "kind" not in chosen:
            result["denoiser"].pop("kind", None)
        elif "kind" in chosen and "python" not in chosen:
            for key in ("python", "arguments"):
                result["denoiser"].pop(key, None)
    return result


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for key, value in above.items():
        inside = result.get(key)
        result[key] = (
            _merged(inside, value)
            if isinstance(value, Mapping) and isinstance(inside, Mapping)
            else value
        )
    return result


def changed(raw: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of ``raw`` that are not as in ``default``."""
    found = {}
    for key, value in raw.items():
        below = default.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            if inside := changed(value, below):
                found[key] = inside
        elif key not in default or value != below:
            found[key] = value
    return found


def as_in_a_file(value: Any) -> Any:
    """Return what the command line gave as YAML would read it: Snakemake leaves text inside."""
    if isinstance(value, Mapping):
        return {key: as_in_a_file(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [as_in_a_file(inside) for inside in value]
    if not isinstance(value, str):
        return value
    try:
        read = parse_yaml(value, "the command line")
    except ConfigError:
        return value
    return read if read is None or isinstance(read, bool | int | float) else value


def check_files(files: Iterable[Path | str], assignments: Iterable[str] = ()) -> None:
    """Raise a ConfigError for what Snakemake would take without a word, or choke on.

    Parameters
    ----------
    files : iterable of Path or str
        Configuration files, which Snakemake reads itself.
    assignments : iterable of str
        What follows ``--config``: names and values with an equals sign in between.
    """
    for file in files:
        content = read_yaml(file, str(file))
        if not isinstance(content, dict | None):
            raise ConfigError(f"config: {file}: it holds no keys and values")
    for assignment in assignments:
        key, _, value = assignment.partition("=")
        if value.lstrip().startswith(("{", "[")):
            parse_yaml(value, f"--config {key}")


def layered(
    raw: Mapping[str, Any], folder: Path | str, command_line: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what Snakemake made of its configuration files, as `load_families` takes it.

    What differs from the default configuration was asked for by the user, and holds for every
    preset that is run with it.

    Parameters
    ----------
    raw : mapping
        The default configuration with configuration files and command line over it.
    folder : Path or str
        That of the default configuration, to which paths of presets are relative.
    command_line : mapping, optional
        The part of ``raw`` that was given there.
    """
    inside = {k: v for k, v in (command_line or {}).items() if isinstance(v, Mapping | list)}
    raw = _merged(raw, as_in_a_file(inside))
    (default,) = read_presets([DEFAULT], folder)
    asked = changed({key: value for key, value in raw.items() if key != "presets"}, default)
    presets = raw.get("presets") or []
    if not isinstance(presets, list):
        raise ConfigError(f"config: presets: {repr(presets)[:60]} is not a list of presets")
    presets = read_presets(presets, folder)
    return merged(default, asked) | {"presets": [merged(preset, asked) for preset in presets]}


def read_presets(presets: Iterable[Any], folder: Path | str) -> list[dict[str, Any]]:
    """Return presets as mappings; those given as paths, relative to ``folder``, are read.

    Raises
    ------
    ConfigError
        If a file is missing, is not YAML, or names presets itself.
    """
    read = []
    for preset in presets:
        content = _read(preset, Path(folder)) if isinstance(preset, str) else preset
        if not isinstance(content, dict) or content.get("presets"):
            raise ConfigError(
                f"config: presets: {repr(preset)[:60]} must be a preset without presets"
            )
        read.append(content)
    return read


def single_presets(path: str, folder: Path | str) -> list[Any]:
    """Return what a preset runs together, as `read_presets` takes it, or the preset alone."""
    content = _read(path, Path(folder))
    together = content.get("presets") if isinstance(content, dict) else None
    return together or [content]


def _read(preset: str, folder: Path) -> Any:
    return read_yaml(folder / expanded(preset, "presets"), f"presets: {preset[:200]!r}")
