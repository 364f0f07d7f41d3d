"""What in otherwise correct settings keeps a figure from being drawn, by what figures need."""

from __future__ import annotations

from collections.abc import Iterator

from gahb.settings import Settings


def needs_nothing(figure: str, settings: Settings) -> Iterator[str]:
    """Yield nothing: figures of this kind can always be drawn."""
    yield from ()


def needs_ascent(figure: str, settings: Settings) -> Iterator[str]:
    """Yield what keeps a figure of the ascent from being drawn."""
    if settings.sampling.method != "ascent":
        yield f"targets: {figure} shows the ascent; it needs sampling.method: ascent"


def needs_cnn(figure: str, settings: Settings) -> Iterator[str]:
    """Yield what keeps a figure of BF-CNN from being drawn."""
    if settings.denoiser.kind != "bf-cnn":
        yield f"targets: {figure} shows BF-CNN; it needs denoiser.kind: bf-cnn"


def needs_no_noise(figure: str, settings: Settings) -> Iterator[str]:
    """Yield what keeps a figure of BF-CNN, sampled without injected noise, from being drawn."""
    yield from needs_cnn(figure, settings)
    if settings.sampling.method == "ascent" and settings.sampling.beta < 1:
        yield f"targets: {figure} shows sampling without injected noise; set sampling.beta to 1"


def needs_bases(figure: str, settings: Settings) -> Iterator[str]:
    """Yield what keeps a figure on bases from being drawn."""
    bases = settings.bases
    if bases.images > settings.split.test:
        yield (
            f"bases.images: {bases.images} images are more than split.test = "
            f"{settings.split.test}; lower it, or raise split.test"
        )
    if bases.shown > bases.images:
        yield f"bases.shown: {bases.shown} images are more than bases.images = {bases.images}"


def needs_restoration(figure: str, settings: Settings) -> Iterator[str]:
    """Yield what keeps a figure on restorations from being drawn."""
    conditional = settings.conditional
    if settings.sampling.method != "ascent":
        yield f"targets: {figure} needs sampling.method: ascent"
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


def needs_models(figure: str, settings: Settings) -> Iterator[str]:
    """Yield what keeps a figure on the models of a training set from being drawn."""
    agreement = settings.agreement
    if settings.training.snapshots > 1:
        yield from _small_n(settings)
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


def needs_few(figure: str, settings: Settings) -> Iterator[str]:
    """Yield what keeps a figure on networks of few images from being drawn."""
    yield from _small_n(settings)
    yield from needs_models(figure, settings)


def _small_n(settings: Settings) -> Iterator[str]:
    if settings.agreement.small_n not in settings.sizes:
        yield (
            f"agreement.small_n: {settings.agreement.small_n} is not among sizes = "
            f"{settings.sizes}; choose one of them"
        )
