"""The parts of the configuration: every key with its range, default and meaning."""

from __future__ import annotations

from typing import Any, Literal, get_origin

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator

from gahb.errors import printable
from gahb.home import expanded
from gahb.values import Arguments, Count, Decibel, Float, Level, parsed

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
        kept = {key for key, field in cls.model_fields.items() if _holds_text(field.annotation)}
        return {key: value if key in kept else parsed(value) for key, value in values.items()}


def _holds_text(kind: Any) -> bool:
    """Return whether values of a type are not numbers, or are sections with keys of their own."""
    if isinstance(kind, type) and issubclass(kind, Section):
        return True
    return kind in (str, str | None, dict[str, JsonValue]) or get_origin(kind) is Literal


class Data(Section):
    """Which images, and how they are prepared."""

    source: str = Field(
        "fashion-mnist",
        description="photographs: fashion-mnist, faces, patches, cifar-10, celeba, celeba-hq, "
        "lsun-bedroom, lsun-church, ffhq, afhq, or folder (your own); drawn: c-alpha, disks, "
        "sinusoids (plane waves), ray (one face at all intensities)",
    )
    directory: str | None = Field(
        None,
        description="folder (or zip) that holds the original files; otherwise they are fetched",
    )
    follow: bool = Field(
        False,
        description="follow links in a folder of pictures; otherwise they are left out and counted",
    )
    pad: int = Field(
        2,
        ge=0,
        le=1024,
        description="black pixels added on each side; by default 2 for fashion-mnist, 0 for others",
    )
    channels: Literal[1, 3] = Field(1, description="1 for grey, 3 for colour")
    size: int = Field(16, ge=4, le=1024, description="height and width after area-averaging")
    shuffle: bool = Field(
        False, description="put the pixels of all images into one fixed random order"
    )
    count: Count | None = Field(
        None,
        description="images to draw, 20,000 by default; of photographs, the first so many to take",
    )
    contour_alpha: Float = Field(
        2.0, ge=0, le=100, description="c-alpha: regularity of the contour between the regions"
    )
    background_alpha: Float = Field(
        2.0, ge=0, le=100, description="c-alpha: regularity of the regions"
    )
    regions: Literal["smooth", "constant", "separable"] = Field(
        "smooth", description="c-alpha: the regions: smooth, constant, or separable"
    )

    @model_validator(mode="before")
    @classmethod
    def _others_are_not_padded(cls, values: Any) -> Any:
        known = isinstance(values, dict) and "source" in values and "pad" not in values
        return values | {"pad": 0} if known and values["source"] != "fashion-mnist" else values

    @field_validator("directory")
    @classmethod
    def _home_is_known(cls, path: str | None) -> str | None:
        return path and expanded(path, "data.directory")


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
    by: Literal["random", "ends", "identity", "attribute"] = Field(
        "random",
        description="A and B: random halves; the first and the last images; nobody in both "
        "(identity); A with split.attribute, B without",
    )
    attribute: str | None = Field(
        None, description="of CelebA's list, such as Male; elsewhere the name of a folder"
    )


class Denoiser(Section):
    """Architecture of the trained denoisers."""

    kind: Literal["unet", "edm", "bf-cnn", "python", "python-blind"] = Field(
        "unet",
        description="unet, bf-cnn: blind and bias-free; edm: told sigma, preconditioned; python, "
        "python-blind: your own, told sigma or not",
    )
    python: str | None = Field(
        None,
        pattern=r"^\w+(\.\w+)*:\w+$",
        description="module:factory, a function that returns your own network",
    )
    arguments: Arguments = Field(default={}, description="keywords of the factory")
    blocks: int = Field(2, ge=1, le=6, description="encoder blocks B; bf-cnn has none")
    layers: int = Field(21, ge=3, le=200, description="bf-cnn: convolutions")
    entry: Literal["rectified", "linear"] = Field(
        "rectified",
        description="bf-cnn: what follows the first convolution: ReLU, or nothing, as in the "
        "authors' released networks",
    )
    width: int = Field(32, ge=1, le=1024, description="channels of the first block")
    weights: str | None = Field(
        None,
        description="trained networks to take instead of training: a path with {n}, {subset} and "
        "{repeat}, of files in the authors' format (.pt) or in ours; your own factory is given it "
        "as the keyword weights",
    )
    weights_key: str | None = Field(
        None,
        description="of a file with several networks: the keys that lead to one, joined by dots, "
        "such as ema or ema.ema_model",
    )

    @field_validator("weights")
    @classmethod
    def _home_is_known(cls, path: str | None) -> str | None:
        """Check the home folder; its name may have braces, so they are filled in first."""
        if path is not None:
            expanded(path, "denoiser.weights")
            if path != printable(path):
                # Snakemake shows it on the terminal as it is, and claims.md quotes it.
                raise ValueError(f"denoiser.weights: {path!r}: rename the file, in plain text")
        return path

    @model_validator(mode="before")
    @classmethod
    def _python_is_a_kind(cls, values: Any) -> Any:
        """Let a network of one's own be a kind where none is given."""
        own = isinstance(values, dict) and values.get("python")
        return {"kind": "python", **values} if own else values

    @model_validator(mode="after")
    def _kind_is_python(self) -> Denoiser:
        if self.kind.startswith("python") and self.python is None:
            raise ValueError(f"denoiser.python: it has to be given for denoiser.kind: {self.kind}")
        if self.weights_key is not None and (self.weights is None or self.python is not None):
            raise ValueError(
                "denoiser.weights_key: it chooses among networks in the file denoiser.weights, "
                "which has to be given; your own factory chooses itself"
            )
        if self.python is not None and not self.kind.startswith("python"):
            raise ValueError(
                f"denoiser.kind: {self.kind} and denoiser.python = {self.python!r} are two "
                "networks; set one of them"
            )
        return self


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
    noise: Literal["quadratic", "uniform", "log-uniform", "edm"] = Field(
        "quadratic",
        description="law of the training noise level: u^2 or u on [0, 1], 0.005^(1 - u), or "
        "EDM's log-normal",
    )
    levels: Literal["independent", "stratified"] = Field(
        "independent",
        description="noise levels of a batch: drawn one by one, or one from each of as many equal "
        "parts of the law",
    )
    weight: Literal["equal", "inverse", "edm"] = Field(
        "equal",
        description="weight of a squared error: 1, 1/sigma, or EDM's 1/sigma^2 + 1/sigma_data^2",
    )
    snapshots: int = Field(
        0,
        ge=0,
        le=1000,
        description="states to keep, log-spaced in presentations, the last one too",
    )
    processes: int = Field(
        1, ge=1, le=64, description="processes of one machine that share each batch, a GPU each"
    )
    precision: Literal["auto", "bf16", "fp32"] = Field(
        "auto", description="bf16 autocast where the hardware has it (auto), always, or never"
    )


class Evaluation(Section):
    """PSNR curves, always in fp32."""

    images: Count = Field(256, description="noisy images per curve point and network")
    input_psnr_db: list[Decibel] = Field(
        default=[0.0, 2.5, 5.0, 7.5, 10.0, 12.5, 15.0, 17.5, 20.0, 22.5, 25.0, 27.5, 30.0],
        min_length=2,
        description="noise levels of the curves, as input PSNR in dB",
    )
    reference_sigma: Float = Field(
        0.1, ge=1e-6, le=1, description="noise level of the PSNR columns of transition.csv"
    )


class Sampling(Section):
    """Drawing images: stochastic ascent of the log-density, or the probability-flow ODE."""

    method: Literal["ascent", "euler", "heun"] = Field(
        "ascent", description="Algorithm 1 of Kadkhodaie et al., or a solver of the ODE"
    )
    samples: int = Field(256, ge=3, le=10**6, description="samples per network")
    batch: Count = Field(256, description="samples computed at a time")
    step: Float = Field(0.01, gt=0, le=1, description="ascent: step size h (h0 of the growing law)")
    step_law: Literal["growing", "fixed"] = Field(
        "growing", description="ascent: h_t = h0 t / (1 + h0 (t - 1)), or h_t = h"
    )
    beta: Float = Field(
        0.3, gt=0, le=1, description="ascent: 1 injects no noise, smaller injects more"
    )
    mean: Float = Field(0.3, ge=0, le=1, description="mean pixel value of the initial noise")
    sigma_start: Level = Field(1.0, description="initial noise level")
    sigma_end: Level = Field(
        0.02,
        description="ascent: stop below this estimated noise level; ODE: last level before 0",
    )
    max_steps: Count = Field(
        10_000, description="ascent: a sample that needs more is marked unfinished"
    )
    levels: int = Field(18, ge=2, le=10_000, description="ODE: noise levels of the EDM schedule")
    rho: Float = Field(
        7.0, ge=0.1, le=1000, description="ODE: larger puts more levels at small noise"
    )


class Agreement(Section):
    """Comparison with linear, Gaussian and empirical denoisers (Li, Dai & Qu)."""

    images: int = Field(256, ge=4, le=10**6, description="pairs of noisy test images a noise level")
    sigma_min: Level = Field(0.0025, description="smallest noise level compared at")
    sigma_max: Level = Field(40.0, description="largest noise level compared at")
    levels: int = Field(15, ge=3, le=1000, description="noise levels, equally spaced in log sigma")
    small_n: Count = Field(10, description="N of the sweeps over width and over training time")
    distil_draws: Count = Field(
        1, description="noisy versions of each test image that the linear distillate is fitted on"
    )
    ridge: Float = Field(
        0.0, ge=0, le=1, description="ridge of the distillation, in mean variances of a noisy pixel"
    )
    folds: int = Field(8, ge=2, le=100, description="parts of the jackknife of the weight distance")
    jacobian_images: Count = Field(8, description="test images at which Jacobians are taken")
    jacobian_sigmas: list[Level] = Field(
        default=[0.05, 0.2, 1.0], min_length=1, description="noise levels of the Jacobians"
    )
    jacobian_modes: Count = Field(
        64, description="leading singular vectors compared with principal components"
    )


class Bases(Section):
    """Eigenvectors of the denoiser's Jacobian (Kadkhodaie et al., Figs. 3 to 5, 16 to 21)."""

    sigmas: dict[str, Level] = Field(
        default={},
        description="noise level of the Jacobians by figure, such as figure_5: 0.04; "
        "otherwise that of the paper",
    )
    images: int = Field(16, ge=2, le=10**5, description="test images at which they are taken")
    modes: int = Field(
        512, ge=2, le=4096, description="leading eigenvectors that are measured at each"
    )
    shown: Count = Field(2, description="images of which eigenvectors are kept for figures")


class Conditional(Section):
    """Restoration of test images from linear measurements, at the largest N."""

    images: int = Field(16, ge=2, le=10**5, description="test images that are restored")
    samples: int = Field(4, ge=2, le=1000, description="restorations of each, per network")
    factor: int = Field(
        2,
        ge=2,
        le=64,
        description="1/factor^2 of the dimensions is measured; a side of averaged blocks",
    )


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
