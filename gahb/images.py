"""From stored pixels to images in [0, 1] units."""

from __future__ import annotations

import torch
from torch import Tensor

from gahb.types import Images


def as_float(pixels: Tensor, device: torch.device | str) -> Images:
    """Return stored images ``[batch, channel, height, width]`` as float32 in [0, 1] units.

    Photographs are stored as uint8 levels of 0 to 255, drawn images as what they are.
    """
    images = pixels.to(device=device, dtype=torch.float32)
    return images / 255 if pixels.dtype == torch.uint8 else images
