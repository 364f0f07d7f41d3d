"""What a run is to do: its experiments, by the presets they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from gahb.data.sources import source_key
from gahb.denoisers.own_modules import factory_file
from gahb.errors import ConfigError
from gahb.plan.experiments import image_owners
from gahb.settings import DataSettings, Settings


class Wildcards(Protocol):
    """What tells one job of a rule from the others; each rule has some of them."""

    experiment: str
    figure: str
    n: str
    repeat: str
    sigma: str
    source: str
    stage: str
    subset: str


@dataclass(frozen=True)
class Plan:
    """The experiments of a run.

    Attributes
    ----------
    families : list of mapping
        One for each preset that is run: settings by experiment, the configured one first.
    """

    families: list[dict[str, Settings]]

    @cached_property
    def experiments(self) -> dict[str, Settings]:
        """Settings by experiment, the folder under results/."""
        return {name: chosen for family in self.families for name, chosen in family.items()}

    @cached_property
    def originals(self) -> dict[str, DataSettings]:
        """What is known of original files, by their folder under results/sources/."""
        return {source_key(chosen.data): chosen.data for chosen in self.experiments.values()}

    @cached_property
    def with_figures(self) -> list[str]:
        """Experiments that list figures."""
        return [name for name, chosen in self.experiments.items() if chosen.targets]

    @cached_property
    def adopting(self) -> list[str]:
        """Experiments whose networks are taken from files instead of being trained."""
        return [name for name, chosen in self.experiments.items() if chosen.denoiser.weights]

    @property
    def adopting_pattern(self) -> str:
        """A pattern that matches the experiments of `adopting`, nothing if there is none."""
        return "|".join(self.adopting) or "(?!)"

    @property
    def training_pattern(self) -> str:
        """A pattern that matches all other experiments."""
        return f"(?!(?:{self.adopting_pattern})/)[A-Za-z0-9][A-Za-z0-9_-]*"

    @cached_property
    def own_modules(self) -> dict[str, Path]:
        """Files of networks of one's own, by experiment."""
        return {
            name: factory_file(chosen.denoiser.python)
            for name, chosen in self.experiments.items()
            if chosen.denoiser.python
        }

    @cached_property
    def _families_by_name(self) -> dict[str, dict[str, Settings]]:
        return {name: family for family in self.families for name in family}

    @cached_property
    def _owners(self) -> dict[str, str]:
        return {
            name: owner for family in self.families for name, owner in image_owners(family).items()
        }

    def settings(self, experiment: str) -> Settings:
        """Return the settings of an experiment.

        Raises
        ------
        ConfigError
            If this run has none of that name.
        """
        if experiment not in self.experiments:
            few = ", ".join(list(self.experiments)[:10])
            more = " and others" if len(self.experiments) > 10 else ""
            raise ConfigError(
                f"results/{experiment}: this configuration has no such experiment, but {few}{more}"
            )
        return self.experiments[experiment]

    def family_of(self, experiment: str) -> Mapping[str, Settings]:
        """Return the experiments that come from the same preset, this one among them."""
        self.settings(experiment)
        return self._families_by_name[experiment]

    def main_of(self, experiment: str) -> str:
        """Return the experiment that the others of the family are variants of."""
        return next(iter(self.family_of(experiment)))

    def data_of(self, experiment: str) -> str:
        """Return the first experiment of the family that prepares and splits the same images."""
        self.settings(experiment)
        return self._owners[experiment]
