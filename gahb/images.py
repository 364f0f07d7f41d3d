"""From stored pixels to images in [0, 1] units."""

from __future__ import annotations

import torch
from torch import Tensor

from gahb.types import Images


def as_float(pixels: Tensor, device: torch.device | str) -> Images:
    """Return uint8 images ``[batch, channel, height, width]`` as float32 in [0, 1]."""
    return pixels.to(device=device, dtype=torch.float32) / 255
