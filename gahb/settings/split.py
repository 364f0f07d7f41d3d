"""Settings of the split into test images and two halves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gahb.settings.section import Section
from gahb.settings.values import Count

SUBSETS = ("A", "B")
"""The two disjoint halves of a data set, and the networks trained on them."""


class SplitSettings(Section):
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
