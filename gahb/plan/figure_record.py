"""What there is to know of a figure before it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gahb.errors import ConfigError
from gahb.plan.fit import needs_nothing
from gahb.plan.joined import Experiments
from gahb.settings import Settings


class Part(StrEnum):
    """What a figure is about."""

    TRANSITION = "from memorising to generalising"
    SIZES = "that, by the size of images"
    BASES = "bases of Jacobians"
    GAUSSIAN = "the models of a training set"
    RESTORATION = "restorations from measurements"


class Networks(StrEnum):
    """Which networks of an experiment a figure needs."""

    ALL = "all"
    LARGEST = "both of the largest N"
    ONE = "A of the largest N"


Fit = Callable[[str, Settings], Iterator[str]]
"""From a figure's name to what in some settings keeps it from being drawn."""


@dataclass(frozen=True)
class Figure:
    """What there is to know of a figure.

    Attributes
    ----------
    name : str
        The target that draws it.
    draw : str
        ``"module:function"`` of `gahb.figures`; it is given a path, or several, for each of
        ``reads``, what ``arguments`` and ``keys`` hold, and ``figures``, how figures look.
    reads : mapping
        By argument, a path below the experiment's folder, or, with ``{n}``, one for every N;
        ``{largest}`` is the largest N, ``{sigma}`` the noise level of its Jacobians.
    part : Part
        What it is about.
    caption : str
        What stands under it in the report; by default that in ``captions.yaml``.
    repeats : str or None
        The figure that it draws again, for other images or networks.
    shows : callable or None
        For a figure that joins several experiments: those that it shows, see `gahb.plan.joined`.
    needs : str
        What has to be configured for ``shows`` to find any.
    sigma : float or None
        Of a figure on bases: noise level of its Jacobians, the paper's.
    networks : Networks
        Which ones have to be trained for it.
    arguments, keys : mapping
        By argument, a constant, and a key of the settings, such as ``agreement.small_n``.
    fit : callable
        Yields what in otherwise correct settings keeps it from being drawn, see `gahb.plan.fit`.
    """

    name: str
    draw: str
    reads: Mapping[str, str]
    part: Part = Part.TRANSITION
    caption: str = ""
    repeats: str | None = None
    shows: Callable[[Experiments], list[str]] | None = None
    needs: str = ""
    sigma: float | None = None
    networks: Networks = Networks.ALL
    arguments: Mapping[str, Any] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    fit: Fit = needs_nothing

    @property
    def module(self) -> str:
        """The module that draws it."""
        return f"gahb.figures.{self.draw.partition(':')[0]}"

    @property
    def drawn_as(self) -> str:
        """The figure that it repeats, or its own name."""
        return self.repeats or self.name

    @property
    def text(self) -> str:
        """What stands under it."""
        return self.caption or _captions()[self.name]

    def unfit(self, settings: Settings) -> Iterator[str]:
        """Yield what in otherwise correct settings keeps it from being drawn."""
        return self.fit(self.name, settings)

    def sigma_in(self, settings: Settings) -> float | None:
        """Return the noise level at which it shows bases, None of other figures."""
        return self.sigma and settings.bases.sigmas.get(self.name, self.sigma)

    def arguments_in(self, settings: Settings) -> dict[str, Any]:
        """Return the arguments that are no files."""
        values = {}
        for name, key in self.keys.items():
            value: Any = settings
            for part in key.split("."):
                value = getattr(value, part)
            values[name] = value
        return dict(self.arguments) | values

    def shown_in(self, experiments: Experiments) -> list[str]:
        """Return the experiments that it joins.

        Raises
        ------
        ConfigError
            If there is none: what has to be configured.
        """
        found = self.shows(experiments) if self.shows else []
        if not found:
            preset = "bases" if self.part == Part.BASES else "transition"
            raise ConfigError(
                f"config: variants: {self.name} needs {self.needs}; add that as a variant, or use "
                f"--configfile workflow/presets/{preset}.yaml"
            )
        return found


@cache
def _captions() -> dict[str, str]:
    text = Path(__file__).with_name("captions.yaml").read_text(encoding="utf-8")
    captions: dict[str, str] = yaml.safe_load(text)
    return captions
