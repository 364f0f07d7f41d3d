"""What in a configuration contradicts itself, or keeps a figure from being drawn."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

from gahb.data.sources import SOURCES, image_count
from gahb.denoisers.kinds import KINDS
from gahb.plan.figures import FIGURES
from gahb.settings import FigureSettings, Settings


def inconsistencies(settings: Settings) -> Iterator[str]:
    """Yield what the single keys cannot know, each naming its key."""
    if settings.denoiser.kind not in KINDS:
        yield _unknown_value("denoiser.kind", settings.denoiser.kind, KINDS)
        return
    for target in settings.targets:
        if target not in FIGURES:
            yield _unknown_value("targets", target, FIGURES)
        else:
            yield from FIGURES[target].unfit(settings)
    for figure in settings.bases.sigmas:
        if figure not in (about_bases := [one.name for one in FIGURES.values() if one.sigma]):
            yield _unknown_value("bases.sigmas", figure, about_bases)
    if settings.figures.colormap != FigureSettings().colormap:
        yield from _unknown_colormap(settings.figures.colormap)
    if settings.experiment == "sources":
        yield "experiment: 'sources' is where original files are kept; choose another name"
    if re.search(r"(.+?)\1{19}$", settings.experiment):
        yield (
            f"experiment: {settings.experiment} ends with 20 times the same, which Snakemake takes "
            "for an endless chain of jobs; choose another name"
        )
    if settings.sizes != sorted(set(settings.sizes)):
        yield f"sizes: {settings.sizes} must increase strictly"
    if settings.data.source not in SOURCES:
        yield _unknown_value("data.source", settings.data.source, SOURCES)
        return
    yield from _unfit_data(settings)
    yield from _unfit_training(settings)
    yield from _unfit_weights(settings)
    divisor = KINDS[settings.denoiser.kind].divisor(settings.denoiser.blocks)
    if settings.data.size % divisor:
        yield (
            f"data.size: {settings.data.size} is not a multiple of 2**denoiser.blocks = {divisor}"
        )
    if settings.agreement.sigma_min >= settings.agreement.sigma_max:
        yield (
            f"agreement.sigma_min: {settings.agreement.sigma_min} must be below "
            f"agreement.sigma_max = {settings.agreement.sigma_max}"
        )
    if settings.sampling.sigma_end >= settings.sampling.sigma_start:
        yield (
            f"sampling.sigma_end: {settings.sampling.sigma_end} must be below "
            f"sampling.sigma_start = {settings.sampling.sigma_start}"
        )


def _unfit_data(settings: Settings) -> Iterator[str]:
    source = SOURCES[settings.data.source]
    if settings.data.source == "folder" and not settings.data.directory:
        yield "data.directory: a folder or a zip of pictures has to be given"
    if settings.data.directory and not (source.files or source.drop_in):
        yield (
            f"data.directory: {settings.data.source} needs none; for pictures of your own set "
            "data.source to folder"
        )
    if settings.data.follow and source.reader != "pictures":
        yield f"data.follow: {settings.data.source} has no pictures in folders, where links are"
    if source.reader == "pictures" and settings.data.pad:
        yield f"data.pad: pictures of {settings.data.source} are not padded; set data.pad to 0"
    if source.reader == "drawn" and settings.data.pad:
        yield f"data.pad: {settings.data.source} is drawn at data.size; set data.pad to 0"
    if settings.data.channels > source.channels:
        yield f"data.channels: {settings.data.source} has grey images; set data.channels to 1"
    if settings.split.by in ("identity", "attribute") and source.reader != "pictures":
        by = settings.split.by
        yield f"split.by: {by} needs pictures with names; {settings.data.source} has none"
    if (settings.split.by == "attribute") != (settings.split.attribute is not None):
        yield "split.attribute: it has to be given if split.by is attribute, and only then"
    count = image_count(settings.data)
    largest = ((count or 0) - settings.split.test) // 2
    if count and settings.sizes[-1] > largest:
        of = " (data.count)" if source.reader == "drawn" else ""
        key = "sizes: N" if largest > 0 else "split.test, sizes: N"
        yield (
            f"{key} = {settings.sizes[-1]} is too large; {settings.data.source} has "
            f"{count} images{of}, less {settings.split.test} for testing: a half has at most "
            f"{max(largest, 0)}, and fewer after dedup"
        )


def _unfit_training(settings: Settings) -> Iterator[str]:
    training = settings.training
    grows = training.weight == "edm" or training.power > 0
    if grows and training.noise in ("quadratic", "uniform"):
        yield (
            f"training.weight: {training.weight} is infinite at sigma = 0, which training.noise: "
            f"{training.noise} comes near; set training.weight to power and training.power to 0, "
            "or training.noise to log-uniform or edm"
        )
    if training.presentations % training.batch:
        yield (
            f"training.presentations: {training.presentations} is not a multiple of "
            f"training.batch = {training.batch}"
        )
    if training.batch % training.processes:
        yield (
            f"training.batch: {training.batch} is not a multiple of training.processes = "
            f"{training.processes}"
        )


def _unknown_colormap(name: str) -> Iterator[str]:
    if name == FigureSettings().colormap:
        return
    try:
        from matplotlib import colormaps
    except Exception as error:  # whatever it makes of settings that it cannot read
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        yield (
            f"figures.colormap: {name!r} cannot be checked, as matplotlib cannot be imported here "
            f"({reason}); unset MPLBACKEND, mend matplotlibrc, or take {FigureSettings().colormap}"
        )
        return
    if name not in colormaps:
        yield _unknown_value("figures.colormap", name, ["viridis", *colormaps])


def _unfit_weights(settings: Settings) -> Iterator[str]:
    if not (weights := settings.denoiser.weights):
        return
    counted = {"subset": 2, "n": len(settings.sizes), "repeat": settings.repeats}
    try:
        weights.format(**dict.fromkeys(counted, "1"))
    except (KeyError, IndexError, ValueError, AttributeError, TypeError) as error:
        yield f"denoiser.weights: in braces only n, subset and repeat have a meaning ({error!r})"
    for name, count in counted.items():
        if count > 1 and f"{{{name}}}" not in weights:
            yield (
                f"denoiser.weights: {weights} has no {{{name}}}, so that {count} networks would be "
                "one; to audit a single network see docs/your-own.md"
            )
    if settings.training.snapshots:
        yield "training.snapshots: networks that are not trained have none; set it to 0"


def _unknown_value(key: str, value: str, known: Any) -> str:
    value = value[:60]
    nearest = difflib.get_close_matches(value, known, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"known: {', '.join(sorted(known))}"
    return f"{key}: unknown value {value!r}; {hint}"
