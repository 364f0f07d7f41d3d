"""Which experiments of a run a figure shows that joins several: those that it is about.

A figure such as the slopes of C^alpha images joins several experiments, the configured one
and its variants. They are found by what they are, not by their names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from gahb.data.sources import is_drawn
from gahb.denoisers.kinds import KINDS
from gahb.errors import ConfigError

if TYPE_CHECKING:
    from gahb.config import Settings
    from gahb.sections import Data

Experiments: TypeAlias = "Mapping[str, Settings]"


def photographs(experiments: Experiments) -> list[str]:
    """Return experiments on photographs, their pixels in place."""
    return [
        name
        for name, chosen in experiments.items()
        if not is_drawn(chosen.data) and not chosen.data.shuffle
    ]


def regular(experiments: Experiments, kinds: tuple[str, ...]) -> list[str]:
    """Return experiments on C^alpha images of one alpha throughout, by rising alpha."""
    found = {
        name: chosen
        for name, chosen in _c_alpha(experiments).items()
        if _one_alpha(chosen.data) and chosen.denoiser.kind in kinds
    }
    return _comparable(found)


def contours(experiments: Experiments) -> list[str]:
    """Return experiments on contours between other regions, all alike, by rising alpha."""
    found = {
        name: chosen
        for name, chosen in _c_alpha(experiments).items()
        if not _one_alpha(chosen.data)
    }
    first = next(iter(found.values()), None)
    return _comparable({name: chosen for name, chosen in found.items() if _alike(chosen, first)})


def _alike(one: Settings, other: Settings) -> bool:
    regions = one.data.regions, one.data.background_alpha
    return regions == (other.data.regions, other.data.background_alpha)


def _c_alpha(experiments: Experiments) -> dict[str, Settings]:
    return {
        name: chosen
        for name, chosen in experiments.items()
        if chosen.data.source == "c-alpha" and not chosen.data.shuffle
    }


def _one_alpha(data: Data) -> bool:
    return data.regions == "smooth" and data.contour_alpha == data.background_alpha


def _comparable(found: Experiments) -> list[str]:
    """Return those with the network, N and image size of the first, one for each alpha."""
    by_alpha: dict[float, str] = {}
    first = next(iter(found.values()), None)
    for name, chosen in found.items():
        if _same_network(chosen, first) and chosen.data.size == first.data.size:
            by_alpha.setdefault(chosen.data.contour_alpha, name)
    return [by_alpha[alpha] for alpha in sorted(by_alpha)]


def _same_network(one: Settings, other: Settings) -> bool:
    return one.denoiser == other.denoiser and one.sizes[-1] == other.sizes[-1]


def _first_of(source: str) -> Callable[[Experiments], list[str]]:
    def found(experiments: Experiments) -> list[str]:
        names = (
            name
            for name, chosen in experiments.items()
            if chosen.data.source == source and not chosen.data.shuffle
        )
        return list(names)[:1]

    return found


def _main_and_regular(experiments: Experiments) -> list[str]:
    """Return photographs and the C^alpha images of the middle alpha."""
    smooth = regular(experiments, UNETS)
    return photographs(experiments)[:1] + smooth[len(smooth) // 2 :][:1]


def _shuffled_pair(experiments: Experiments) -> list[str]:
    """Return the first experiment that another one repeats with shuffled pixels, and that."""
    for name, chosen in experiments.items():
        for other, candidate in experiments.items():
            unshuffled = candidate.data.model_copy(update={"shuffle": False})
            same = unshuffled == chosen.data and _same_network(chosen, candidate)
            if candidate.data.shuffle and same:
                return [name, other]
    return []


def _near_three(experiments: Experiments) -> list[str]:
    """Return the C^alpha images of the alpha nearest to 3."""
    found = regular(experiments, UNETS)
    return sorted(found, key=lambda name: abs(experiments[name].data.contour_alpha - 3))[:1]


def resolutions(experiments: Experiments) -> list[str]:
    """Return experiments on the same photographs at several sizes, by rising size.

    Their networks are blind UNets, trained on more than one N.
    """
    found: dict[int, str] = {}
    first = None
    for name in photographs(experiments):
        chosen = experiments[name]
        if chosen.denoiser.kind == "unet" and len(chosen.sizes) > 1:
            first = first or chosen
            if chosen.data.source == first.data.source:
                found.setdefault(chosen.data.size, name)
    return [found[size] for size in sorted(found)] if len(found) > 1 else []


UNETS = tuple(name for name, kind in KINDS.items() if kind.is_unet)

_FAMILIES: dict[str, tuple[Callable[[Experiments], list[str]], str]] = {
    "figure_3": (_main_and_regular, "photographs, or data.source: c-alpha"),
    "figure_4": (
        lambda all_of: regular(all_of, UNETS),
        "data.source: c-alpha with data.contour_alpha = data.background_alpha and a UNet",
    ),
    "figure_5": (_first_of("disks"), "data.source: disks"),
    "figure_15": (
        resolutions,
        "the same photographs at two values of data.size, denoiser.kind: unet and several sizes",
    ),
    "figure_16": (
        lambda all_of: regular(all_of, ("bf-cnn",)),
        "data.source: c-alpha with data.contour_alpha = data.background_alpha and "
        "denoiser.kind: bf-cnn",
    ),
    "figure_17": (
        contours,
        "data.source: c-alpha with data.contour_alpha other than data.background_alpha",
    ),
    "figure_18": (
        _near_three,
        "data.source: c-alpha with data.contour_alpha = data.background_alpha and a UNet",
    ),
    "figure_19": (_first_of("ray"), "data.source: ray"),
    "figure_20": (_first_of("sinusoids"), "data.source: sinusoids"),
    "figure_21": (_shuffled_pair, "the same images twice, once with data.shuffle: true"),
}

PAPER_SIGMAS = {
    "figure_3": 0.15,
    "figure_4": 0.15,
    "figure_5": 0.04,
    "figure_16": 0.15,
    "figure_17": 0.2,
    "figure_18": 0.2,
    "figure_19": 0.04,
    "figure_20": 0.08,
    "figure_21": 0.3,
}
"""Noise level of each figure's Jacobians; where the paper gives none, that of figure 3."""


def joins_experiments(figure: str) -> bool:
    """Return whether a figure shows experiments that are found here."""
    return figure in _FAMILIES


def is_about_bases(figure: str) -> bool:
    """Return whether a figure shows bases of Jacobians."""
    return figure in PAPER_SIGMAS


def sigma_of(figure: str, settings: Settings) -> float:
    """Return the noise level at which a figure shows bases."""
    return settings.bases.sigmas.get(figure, PAPER_SIGMAS[figure])


def shown_by(figure: str, experiments: Experiments) -> list[str]:
    """Return the experiments that such a figure shows.

    Raises
    ------
    ConfigError
        If there is none: what has to be configured.
    """
    find, needed = _FAMILIES[figure]
    found = find(experiments)
    if not found:
        preset = "bases" if is_about_bases(figure) else "transition"
        raise ConfigError(
            f"config: variants: {figure} needs {needed}; add that as a variant, or use "
            f"--configfile workflow/presets/{preset}.yaml"
        )
    return found
