"""Settings of a network."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from gahb.errors import printable
from gahb.settings.home import expanded
from gahb.settings.section import Section
from gahb.settings.values import Arguments


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
    width: int = Field(24, ge=1, le=1024, description="channels of the first block")
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
