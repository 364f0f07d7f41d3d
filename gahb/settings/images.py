"""Settings of images: which, and how they are prepared."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from gahb.settings.home import expanded
from gahb.settings.section import Section
from gahb.settings.values import Count, Float

PADDED = ("fashion-mnist", "digits")
"""Images of 28x28 pixels, which become 32x32."""


class DataSettings(Section):
    """Which images, and how they are prepared."""

    source: str = Field(
        "fashion-mnist",
        description="photographs: fashion-mnist, faces, patches, colour-patches, cifar-10, celeba, "
        "celeba-hq, lsun-bedroom, lsun-church, ffhq, afhq, or folder (your own); digits "
        "(handwritten); drawn: c-alpha, disks, sinusoids (plane waves), ray (one face at all "
        "intensities)",
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
        description="black pixels added on each side; by default 2 for fashion-mnist and digits, "
        "0 for others",
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
        return values | {"pad": 0} if known and values["source"] not in PADDED else values

    @field_validator("directory")
    @classmethod
    def _home_is_known(cls, path: str | None) -> str | None:
        return path and expanded(path, "data.directory")
