"""The ground: a smooth fill of the unknown from the known around it. Codes say only what differs from it.

A code of 16 bits cannot hold 64 pixels' colour *and* their texture; the colour mostly follows from the surroundings.
A membrane by push and pull (Gortler et al. 1996): averages of known pixels on halved pictures, drawn back up, with a
few relaxations at each size.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

# Where a window holds nothing known.
_MID_GREY = 0.5
# Enough that no block of a coarser size is seen; the exact membrane is not needed, only always the same one.
_RELAXATIONS = 4


def fill_ground(picture: Tensor, known: Tensor) -> Tensor:
    """The picture where it is known, a smooth fill elsewhere; mid grey where nothing is known at all.

    Compute it once, on the whole window, and give the same to encoder, transformer and decoder.

    Args:
        picture: (B, C, H, W) float; what it holds where it is not known means nothing, even NaN.
        known: (B, 1, H, W) bool.

    Returns:
        (B, C, H, W) float32.
    """
    value = torch.where(known, picture.float(), 0.0)
    share = known.float()
    return torch.where(known, picture.float(), _fill(value, share))


def _fill(value: Tensor, share: Tensor) -> Tensor:
    """Sums of known values and their share (0 … 1), both averaged over a cell, to a value in every cell."""
    unknown = share == 0
    own = value / share.clamp(min=1e-6)
    if value.shape[-1] == 1 and value.shape[-2] == 1:
        return torch.where(unknown, _MID_GREY, own)
    height, width = value.shape[-2:]
    half = (-(-height // 2), -(-width // 2))
    coarse = _fill(_halve(value), _halve(share))
    up = F.interpolate(coarse, size=(half[0] * 2, half[1] * 2), mode="bilinear", align_corners=False)
    return _relax(torch.where(unknown, up[..., :height, :width], own), unknown)


def _halve(cells: Tensor) -> Tensor:
    return F.avg_pool2d(cells, 2, ceil_mode=True)


def _relax(value: Tensor, unknown: Tensor) -> Tensor:
    """Each unknown cell becomes its neighbours' mean, some times; the window's border is free."""
    for _ in range(_RELAXATIONS):
        padded = F.pad(value, (1, 1, 1, 1), mode="replicate")
        mean = (padded[..., :-2, 1:-1] + padded[..., 2:, 1:-1] + padded[..., 1:-1, :-2] + padded[..., 1:-1, 2:]) / 4
        value = torch.where(unknown, mean, value)
    return value
