"""Experiments of a run that a figure joins: those that it is about.

A figure such as the slopes of C^alpha images joins several experiments, the configured one
and its variants. They are found by what they are, not by their names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

from gahb.data.sources import is_drawn
from gahb.denoisers.kinds import KINDS
from gahb.settings import DataSettings, Settings

Experiments: TypeAlias = Mapping[str, Settings]


def photographs(experiments: Experiments) -> list[str]:
    """Return experiments on photographs, their pixels in place."""
    return [
        name
        for name, chosen in experiments.items()
        if not is_drawn(chosen.data) and not chosen.data.shuffle
    ]


def transitions(experiments: Experiments) -> list[str]:
    """Return experiments on the same photographs with several N, whatever is their size."""
    first = next(iter(experiments.values()))
    return [
        name
        for name in photographs(experiments)
        if len(experiments[name].sizes) > 1 and experiments[name].data.source == first.data.source
    ]


def regular(experiments: Experiments, kinds: Collection[str]) -> list[str]:
    """Return experiments on C^alpha images of one alpha throughout, by rising alpha."""
    found = {
        name: chosen
        for name, chosen in _c_alpha(experiments).items()
        if _one_alpha(chosen.data) and chosen.denoiser.kind in kinds
    }
    return _comparable(found)


def regular_unets(experiments: Experiments) -> list[str]:
    """Return `regular` experiments whose networks are UNets."""
    return regular(experiments, [name for name, kind in KINDS.items() if kind.is_unet])


def regular_cnns(experiments: Experiments) -> list[str]:
    """Return `regular` experiments whose networks are BF-CNNs."""
    return regular(experiments, ["bf-cnn"])


def contours(experiments: Experiments) -> list[str]:
    """Return experiments on contours between other regions, all alike, by rising alpha."""
    found = {
        name: chosen
        for name, chosen in _c_alpha(experiments).items()
        if not _one_alpha(chosen.data)
    }
    if not found:
        return []
    first = next(iter(found.values()))
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


def _one_alpha(data: DataSettings) -> bool:
    return data.regions == "smooth" and data.contour_alpha == data.background_alpha


def _comparable(found: Experiments) -> list[str]:
    """Return those with the network, N and image size of the first, one for each alpha."""
    if not found:
        return []
    by_alpha: dict[float, str] = {}
    first = next(iter(found.values()))
    for name, chosen in found.items():
        if _same_network(chosen, first) and chosen.data.size == first.data.size:
            by_alpha.setdefault(chosen.data.contour_alpha, name)
    return [by_alpha[alpha] for alpha in sorted(by_alpha)]


def _same_network(one: Settings, other: Settings) -> bool:
    return one.denoiser == other.denoiser and one.sizes[-1] == other.sizes[-1]


def first_of(source: str) -> Callable[[Experiments], list[str]]:
    """Return a function that finds the first experiment on images of one source."""

    def found(experiments: Experiments) -> list[str]:
        names = (
            name
            for name, chosen in experiments.items()
            if chosen.data.source == source and not chosen.data.shuffle
        )
        return list(names)[:1]

    return found


def main_and_regular(experiments: Experiments) -> list[str]:
    """Return photographs and the C^alpha images of the middle alpha."""
    smooth = regular_unets(experiments)
    return photographs(experiments)[:1] + smooth[len(smooth) // 2 :][:1]


def shuffled_pair(experiments: Experiments) -> list[str]:
    """Return the first experiment that another one repeats with shuffled pixels, and that."""
    for name, chosen in experiments.items():
        for other, candidate in experiments.items():
            unshuffled = candidate.data.model_copy(update={"shuffle": False})
            same = unshuffled == chosen.data and _same_network(chosen, candidate)
            if candidate.data.shuffle and same:
                return [name, other]
    return []


def near_three(experiments: Experiments) -> list[str]:
    """Return the C^alpha images of the alpha nearest to 3."""
    found = regular_unets(experiments)
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
