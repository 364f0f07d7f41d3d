"""The configuration: typed, closed (an unknown key is an error) and self-describing.

Every key, its default and its meaning stand here once; the table in README.md is
printed from here by ``python -m gahb.config`` and a test keeps the two in step.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any, Literal, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo

from gahb.data.sources import SOURCES
from gahb.errors import ConfigError


def _parsed(value: Any) -> Any:
    """Return the number or truth value that ``value`` spells, or ``value`` itself."""
    if isinstance(value, list):
        return [_parsed(item) for item in value]
    if isinstance(value, str):
        with suppress(ValueError):
            number = json.loads(value)
            return number if isinstance(number, int | float) else value
    return value


Float = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=10**12)]


SUBSETS = ("A", "B")
"""The two disjoint halves of a data set, and the networks trained on them."""


class Section(BaseModel):
    """A closed, immutable part of the configuration."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _numbers_given_as_text(cls, values: Any) -> Any:
        """Accept 1e-3, text to YAML 1.1, and ``--config a='{b: 1}'``, text to Snakemake."""
        if not isinstance(values, dict):
            return values
        texts = {
            key
            for key, field in cls.model_fields.items()
            if field.annotation in (str, str | None) or get_origin(field.annotation) is Literal
        }
        return {key: value if key in texts else _parsed(value) for key, value in values.items()}


class Data(Section):
    """Which images, and how they are prepared."""

    source: str = Field("fashion-mnist", description="name of the data set")
    directory: str | None = Field(
        None, description="folder that holds the original files; otherwise they are fetched"
    )
    pad: int = Field(2, ge=0, le=1024, description="black pixels added on each side")
    size: int = Field(16, ge=4, le=1024, description="height and width after area-averaging")


class Dedup(Section):
    """Removal of near-duplicates."""

    threshold: Float = Field(
        0.95, gt=0, le=1, description="drop an image whose |correlation| with a kept one exceeds it"
    )
    block: int = Field(
        2048, ge=1, le=65536, description="images compared at a time; bounds memory only"
    )


class Split(Section):
    """Held-out images."""

    test: Count = Field(2000, description="images held out from all training")


class Denoiser(Section):
    """Architecture of the trained denoisers."""

    kind: Literal["unet"] = Field("unet", description="architecture")
    blocks: int = Field(2, ge=1, le=6, description="encoder blocks B")
    width: int = Field(32, ge=1, le=1024, description="channels of the first block")


class Training(Section):
    """Loss, optimiser and schedule; a change here retrains."""

    presentations: Count = Field(
        102_400, description="images shown to each network, the same for every N"
    )
    batch: Count = Field(64, description="images a step; divides presentations")
    learning_rate: Float = Field(0.003, gt=0, le=1, description="initial rate of Adam")
    halvings: int = Field(
        8,
        ge=1,
        le=100,
        description="the rate is halved after each of this many equal parts",
    )
    noise: Literal["quadratic", "uniform"] = Field(
        "quadratic", description="law of the training noise level on [0, 1]"
    )
    precision: Literal["auto", "bf16", "fp32"] = Field(
        "auto", description="bf16 autocast where the hardware has it (auto), always, or never"
    )


class Evaluation(Section):
    """PSNR curves, always in fp32."""

    images: Count = Field(256, description="noisy images per curve point and network")
    input_psnr_db: list[Float] = Field(
        default=[0.0, 2.5, 5.0, 7.5, 10.0, 12.5, 15.0, 17.5, 20.0, 22.5, 25.0, 27.5, 30.0],
        min_length=2,
        description="noise levels of the curves, as input PSNR in dB",
    )
    reference_sigma: Float = Field(
        0.1, gt=0, le=1, description="noise level of the PSNR columns of transition.csv"
    )


class Sampling(Section):
    """Stochastic ascent of the log-density (Kadkhodaie et al., Algorithm 1)."""

    samples: int = Field(256, ge=3, le=10**6, description="samples per network")
    batch: Count = Field(256, description="samples computed at a time")
    step: Float = Field(0.01, gt=0, le=1, description="step size h (h0 of the growing law)")
    step_law: Literal["growing", "fixed"] = Field(
        "growing", description="h_t = h0 t / (1 + h0 (t - 1)), or h_t = h"
    )
    beta: Float = Field(0.3, gt=0, le=1, description="1 injects no noise, smaller injects more")
    mean: Float = Field(0.3, ge=0, le=1, description="mean pixel value of the initial noise")
    sigma_start: Float = Field(1.0, gt=0, le=10, description="initial noise level")
    sigma_end: Float = Field(0.02, gt=0, le=10, description="stop below this estimated noise level")
    max_steps: Count = Field(10_000, description="a sample that needs more is marked unfinished")


class Figures(Section):
    """Looks only; a change here redraws figures and nothing else."""

    colormap: str = Field("viridis", description="matplotlib colour map of swept parameters")
    dpi: int = Field(200, ge=30, le=1200, description="resolution of the PNG files")
    columns: int = Field(12, ge=1, le=40, description="samples shown side by side in figure 7")


class Runtime(Section):
    """How to compute, not what: a change here re-runs nothing."""

    device: str = Field(
        "auto", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$", description="auto, cpu, cuda, cuda:1, mps"
    )
    compile: bool = Field(True, description="use torch.compile where it works")
    threads: Count = Field(1, description="threads of one training job")
    checkpoint_seconds: Float = Field(20.0, ge=0, description="time between resume checkpoints")
    report_seconds: Float = Field(10.0, ge=0, description="time between progress lines")


class Settings(Section):
    """The whole configuration."""

    experiment: str = Field(
        "fashion", pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", description="folder under results/"
    )
    seed: int = Field(0, ge=0, le=2**63 - 1, description="root of all random streams")
    sizes: list[Count] = Field(
        default=[1, 10, 100, 1000, 10000], min_length=1, description="training set sizes N"
    )
    repeats: int = Field(
        1, ge=1, le=1000, description="independent trainings and samplings of every (N, subset)"
    )
    bootstrap: int = Field(1000, ge=100, le=10**6, description="bootstrap draws of the intervals")
    data: Data = Data()
    dedup: Dedup = Dedup()
    split: Split = Split()
    denoiser: Denoiser = Denoiser()
    training: Training = Training()
    evaluation: Evaluation = Evaluation()
    sampling: Sampling = Sampling()
    figures: Figures = Figures()
    runtime: Runtime = Runtime()

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        for problem in _inconsistencies(self):
            raise ValueError(problem)
        return self


def _inconsistencies(settings: Settings):
    """Yield what the single keys cannot know, each naming its key."""
    source = SOURCES.get(settings.data.source)
    if source is None:
        yield _unknown_value("data.source", settings.data.source, SOURCES)
        return
    if settings.experiment == "sources":
        yield "experiment: 'sources' is where original files are kept; choose another name"
    if settings.sizes != sorted(set(settings.sizes)):
        yield f"sizes: {settings.sizes} must increase strictly"
    largest = (source.count - settings.split.test) // 2
    if settings.sizes[-1] > largest:
        yield (
            f"sizes: N = {settings.sizes[-1]} is too large; {settings.data.source} has "
            f"{source.count} images, less {settings.split.test} for testing: a half has at most "
            f"{max(largest, 0)}, and fewer after dedup"
        )
    if settings.training.presentations % settings.training.batch:
        yield (
            f"training.presentations: {settings.training.presentations} is not a multiple of "
            f"training.batch = {settings.training.batch}"
        )
    if settings.data.size % 2**settings.denoiser.blocks:
        yield (
            f"data.size: {settings.data.size} is not a multiple of "
            f"2**denoiser.blocks = {2**settings.denoiser.blocks}"
        )
    if settings.sampling.sigma_end >= settings.sampling.sigma_start:
        yield (
            f"sampling.sigma_end: {settings.sampling.sigma_end} must be below "
            f"sampling.sigma_start = {settings.sampling.sigma_start}"
        )


def _unknown_value(key: str, value: str, known: Any) -> str:
    nearest = difflib.get_close_matches(str(value), known, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"known: {', '.join(sorted(known))}"
    return f"{key}: unknown value {value!r}; {hint}"


def _section_at(path: tuple) -> type[Section]:
    """Return the section class in which the key ``path`` would stand."""
    section: type[Section] = Settings
    for part in path[:-1]:
        section = section.model_fields[part].annotation
    return section


def _explain(error: dict[str, Any]) -> str:
    """Turn one pydantic error into one line that names the key."""
    path = tuple(error["loc"])
    key = ".".join(str(part) for part in path)
    if error["type"] == "extra_forbidden":
        known = list(_section_at(path).model_fields)
        nearest = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.4)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"known here: {', '.join(known)}"
        return f"unknown key {key!r}; {hint}"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    shown = repr(error["input"])
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return f"{key or 'the configuration'}: {error['msg']}, got {shown}"


def load_settings(raw: Mapping[str, Any]) -> Settings:
    """Check a raw configuration and fill in the defaults.

    Parameters
    ----------
    raw : mapping
        The parsed YAML, presets and command line already merged.

    Raises
    ------
    ConfigError
        One line naming the first wrong key and, for a misspelling, the nearest valid one.
    """
    try:
        return Settings.model_validate(dict(raw))
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise ConfigError(" ".join(f"config: {_explain(problem)}".split())) from None


def documentation() -> str:
    """Return the Markdown table of all keys, defaults and meanings."""
    rows = ["| key | default | meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            rows += [
                f"| `{name}.{key}` | `{_shown(inner.default)}` | {_cell(inner)} |"
                for key, inner in field.annotation.model_fields.items()
            ]
        else:
            rows.append(f"| `{name}` | `{_shown(field.default)}` | {_cell(field)} |")
    return "\n".join(rows)


def _cell(field: FieldInfo) -> str:
    """Return a description as a table cell, in which a bar would end the cell."""
    return str(field.description).replace("|", r"\|")


def _shown(default: Any) -> str:
    if isinstance(default, bool) or default is None:
        return {True: "true", False: "false", None: "none"}[default]
    return str(default)


if __name__ == "__main__":
    print(documentation())
