"""What every job of the workflow does around its work."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from gahb.jobs.console import reporting
from gahb.jobs.seals import check_seals, write_seals
from gahb.settings import RuntimeSettings, Settings
from gahb.settings.section import Section


class Job:
    """One job of the workflow, as its script sees it.

    Parameters
    ----------
    rule : Snakemake
        The object ``snakemake`` of a script.
    log : Logger
        Where to say what is done.

    Attributes
    ----------
    input, output, params, wildcards, threads
        Snakemake's.
    """

    def __init__(self, rule: Any, log: logging.Logger) -> None:
        self.input, self.output, self.params = rule.input, rule.output, rule.params
        self.wildcards, self.threads = rule.wildcards, rule.threads
        self.log, self._rule = log, rule

    @cached_property
    def settings(self) -> SimpleNamespace:
        """The parts of the configuration that the result depends on, and no others."""
        return chosen(self.params.settings)

    @property
    def runtime(self) -> RuntimeSettings:
        """How to compute, which is no reason to compute again."""
        return RuntimeSettings(**self._rule.config.get("runtime", {}))

    def unhashed(self, name: str) -> Section:
        """Return another part of the configuration that decides no result, by its name."""
        section: Section = getattr(chosen({name: self._rule.config.get(name, {})}), name)
        return section

    @property
    def n(self) -> int:
        """N, images of the training set."""
        return int(self.wildcards.n)

    @property
    def repeat(self) -> int:
        """Which of the independent trainings and samplings."""
        return int(self.wildcards.repeat)


def chosen(values: Mapping[str, Any]) -> SimpleNamespace:
    """Return plain values of some parts of the configuration as those parts."""
    types = {name: field.annotation for name, field in Settings.model_fields.items()}
    return SimpleNamespace(**{name: _part(types[name], value) for name, value in values.items()})


def _part(kind: Any, value: Any) -> Any:
    """Return a section of the configuration as one, everything else as it is."""
    return kind(**value) if isinstance(kind, type) and issubclass(kind, Section) else value


@contextmanager
def working(rule: Any, label: str) -> Iterator[Job]:
    """Report as `gahb.jobs.console.reporting` does; look at what is read, seal what is written.

    Parameters
    ----------
    rule : Snakemake
        The object ``snakemake`` of a script. Of its inputs and outputs those named ``seals``
        are seals.
    label : str
        What stands in front of its lines in the terminal, with wildcards in braces.
    """
    with reporting(rule.log[0], label.format_map(dict(rule.wildcards.items()))) as log:
        check_seals(rule.input.get("seals", ()))
        yield Job(rule, log)
        write_seals(rule.output.get("seals", ()))
