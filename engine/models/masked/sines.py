"""Numbers as sines and cosines, for networks that are told sizes and scores (Vaswani et al. 2017, section 3.5)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

_SLOWEST = 10_000


def sines(numbers: Tensor, width: int) -> Tensor:
    """(n,) float32 to (n, width) float32: cosines, then sines, as diffusers' ``get_timestep_embedding`` has them with
    ``flip_sin_to_cos`` and no shift.

    Args:
        width: even.
    """
    half = width // 2
    steps = torch.arange(half, dtype=torch.float32, device=numbers.device) * (-math.log(_SLOWEST) / half)
    angles = numbers.float()[:, None] * steps.exp()[None]
    return torch.cat([angles.cos(), angles.sin()], 1)
