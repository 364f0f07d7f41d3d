"""Split images as the configuration asks, and prove it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gahb.data.labels import has_attribute, identities
from gahb.data.splits import (
    Split,
    check_attribute,
    check_disjoint,
    check_disjoint_people,
    split_attribute,
    split_ends,
    split_identities,
    split_random,
)
from gahb.settings import SplitSettings


def deal(
    settings: SplitSettings,
    kept: np.ndarray,
    image_hashes: Sequence[str],
    *,
    source: str,
    folder: Path,
    seed: int,
) -> tuple[Split, dict[str, Any]]:
    """Return test, A and B, and what was counted to prove that they share nothing.

    Parameters
    ----------
    settings : SplitSettings
        How to split.
    kept : ndarray
        Indices of the images that passed deduplication.
    image_hashes : sequence of str
        Content hash of every prepared image.
    source, folder : str, Path
        Data set and its fetched files, in which labels are found.
    seed : int
        Root seed of the experiment.

    Raises
    ------
    ConfigError, DataError
        If there are too few images, or no such labels; if two parts share an image.
    """
    count, proof = len(image_hashes), {}
    if settings.by == "identity":
        identity = identities(source, folder, count)
        parts = split_identities(kept, identity, settings.test, seed)
        proof["people"] = check_disjoint_people(parts, identity)
    elif settings.by == "attribute":
        assert settings.attribute is not None  # or the settings would not be there
        shown = has_attribute(source, folder, count, settings.attribute)
        parts = split_attribute(kept, shown, settings.test, seed)
        proof[f"with {settings.attribute}"] = check_attribute(parts, shown)
    elif settings.by == "ends":
        parts = split_ends(kept, settings.test)
    else:
        parts = split_random(kept, settings.test, seed)
    return parts, {"images": check_disjoint(parts, image_hashes)} | proof


def said(counts: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """Yield what `deal` has counted, a line each."""
    for kind, numbers in counts.items():
        shown = ", ".join(f"{part} {number:,}" for part, number in numbers.items())
        yield f"{kind}: {shown}; nothing in common"


def written(parts: Split, counts: Mapping[str, Any], content: str) -> dict[str, Any]:
    """Return what `gahb.data.splits.read_split` reads, with what proves it.

    ``content`` is the hash of all images, as in their manifest.
    """
    return {"counts": counts, "content": content, "test": parts.test, "halves": parts.halves}
