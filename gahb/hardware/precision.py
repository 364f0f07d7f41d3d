"""How precisely a device computes."""

from __future__ import annotations

import logging

import torch

log = logging.getLogger(__name__)


def has_bf16(device: torch.device) -> bool:
    """Return whether ``device`` multiplies bfloat16 matrices natively."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))
    return False


def resolve_precision(name: str, device: torch.device) -> torch.dtype:
    """Return the data type for autocast: bfloat16, or float32 for none.

    ``"auto"`` takes bfloat16 where the hardware has it.
    """
    if name == "auto" and not has_bf16(device):
        log.info("bf16 is not available on this %s: training in fp32", device.type)
        return torch.float32
    if name == "auto":
        return torch.bfloat16
    return {"bf16": torch.bfloat16, "fp32": torch.float32}[name]
