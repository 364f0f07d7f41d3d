"""Settings of networks and of their training."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from gahb.errors import printable
from gahb.settings.home import expanded
from gahb.settings.section import Section
from gahb.settings.values import Arguments, Count, Float


class DenoiserSettings(Section):
    """Architecture of the trained denoisers."""

    kind: str = Field(
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
    def _kind_is_python(self) -> DenoiserSettings:
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


class TrainingSettings(Section):
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
