"""What in a configuration contradicts itself, or keeps a figure from being drawn."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gahb.catalogue import FIGURES, drawn_as
from gahb.data.sources import SOURCES, image_count
from gahb.denoisers.kinds import KINDS
from gahb.families import PAPER_SIGMAS, is_about_bases
from gahb.sections import Figures

if TYPE_CHECKING:
    from gahb.config import Settings


def inconsistencies(settings: Settings) -> Iterator[str]:
    """Yield what the single keys cannot know, each naming its key."""
    for target in settings.targets:
        if target not in FIGURES:
            yield _unknown_value("targets", target, FIGURES)
        yield from unfit_for(target, settings)
    for figure in settings.bases.sigmas:
        if not is_about_bases(figure):
            yield _unknown_value("bases.sigmas", figure, PAPER_SIGMAS)
    if settings.figures.colormap != Figures().colormap:
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
    noise, weight = settings.training.noise, settings.training.weight
    if weight != "equal" and noise in ("quadratic", "uniform"):
        yield (
            f"training.weight: {weight} is infinite at sigma = 0, which training.noise: "
            f"{noise} comes near; set training.noise to edm or log-uniform"
        )
    if settings.training.presentations % settings.training.batch:
        yield (
            f"training.presentations: {settings.training.presentations} is not a multiple of "
            f"training.batch = {settings.training.batch}"
        )
    if settings.training.batch % settings.training.processes:
        yield (
            f"training.batch: {settings.training.batch} is not a multiple of training.processes = "
            f"{settings.training.processes}"
        )


def _unknown_colormap(name: str) -> Iterator[str]:
    if name == Figures().colormap:
        return
    try:
        from matplotlib import colormaps
    except Exception as error:  # whatever it makes of settings that it cannot read
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        yield (
            f"figures.colormap: {name!r} cannot be checked, as matplotlib cannot be imported here "
            f"({reason}); unset MPLBACKEND, mend matplotlibrc, or take {Figures().colormap}"
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


def unfit_for(figure: str, settings: Settings) -> Iterator[str]:
    """Yield what in otherwise correct settings keeps a figure from being drawn."""
    if drawn_as(figure) != figure:
        yield from _unfit_for_repeat(figure, settings)
    if figure == "figure_8" and settings.sampling.method != "ascent":
        yield "targets: figure_8 shows the ascent; it needs sampling.method: ascent"
    if is_about_bases(figure):
        yield from _unfit_for_bases(settings)
    if figure == "conditional":
        yield from _unfit_for_restoration(settings)
    if figure.startswith("gaussian"):
        yield from _unfit_for_models(settings)


def _unfit_for_repeat(figure: str, settings: Settings) -> Iterator[str]:
    number, sampling = int(figure.removeprefix("figure_")), settings.sampling
    if number >= 11 and settings.denoiser.kind != "bf-cnn":
        yield f"targets: {figure} shows BF-CNN; it needs denoiser.kind: bf-cnn"
    if number >= 13 and sampling.method == "ascent" and sampling.beta < 1:
        yield f"targets: {figure} shows sampling without injected noise; set sampling.beta to 1"


def _unfit_for_bases(settings: Settings) -> Iterator[str]:
    bases = settings.bases
    if bases.images > settings.split.test:
        yield (
            f"bases.images: {bases.images} images are more than split.test = "
            f"{settings.split.test}; lower it, or raise split.test"
        )
    if bases.shown > bases.images:
        yield f"bases.shown: {bases.shown} images are more than bases.images = {bases.images}"


def _unfit_for_restoration(settings: Settings) -> Iterator[str]:
    conditional = settings.conditional
    if settings.sampling.method != "ascent":
        yield "targets: conditional needs sampling.method: ascent"
    if conditional.images > settings.split.test:
        yield (
            f"conditional.images: {conditional.images} images are more than split.test = "
            f"{settings.split.test}; lower it, or raise split.test"
        )
    if settings.data.size % conditional.factor:
        yield (
            f"conditional.factor: {conditional.factor} does not divide data.size = "
            f"{settings.data.size}"
        )


def _unfit_for_models(settings: Settings) -> Iterator[str]:
    agreement = settings.agreement
    if settings.training.snapshots > 1 and agreement.small_n not in settings.sizes:
        yield (
            f"agreement.small_n: {agreement.small_n} is not among sizes = {settings.sizes}; "
            "choose one of them"
        )
    test, pixels = settings.split.test, settings.data.channels * settings.data.size**2
    if test < 2 * agreement.images:
        yield (
            f"agreement.images: {agreement.images} pairs of images are more than "
            f"split.test = {test}; lower it, or raise split.test"
        )
    # What is left for a distillate when one fold is left out.
    fewest = (test - agreement.images) * agreement.distil_draws * (1 - 1 / agreement.folds)
    if fewest <= pixels and not agreement.ridge:
        yield (
            f"agreement.distil_draws: {fewest:.0f} noisy images do not fix an affine map of "
            f"{pixels} pixels; raise it or split.test, or set agreement.ridge"
        )


def _unknown_value(key: str, value: str, known: Any) -> str:
    value = value[:60]
    nearest = difflib.get_close_matches(value, known, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"known: {', '.join(sorted(known))}"
    return f"{key}: unknown value {value!r}; {hint}"
