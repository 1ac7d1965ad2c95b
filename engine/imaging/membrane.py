"""The membrane: the smoothest surface that meets known values at a region's border (Laplace's equation).

Pérez et al. 2003 and Agarwala 2007 use it to spread a seam's colour difference over the region. Solved coarse to
fine (cascadic multigrid): a few relaxations a level, for a correction nobody can tell from the exact one.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

_RELAXATIONS = 20
_COARSEST_RELAXATIONS = 60
_COARSEST_SIDE_PX = 8


def membrane(values: Tensor, unknown: Tensor, check: Callable[[], None] = lambda: None) -> Tensor:
    """``values`` with its unknown part replaced by the membrane over the known rest.

    Args:
        values: (H, W, C) float32. unknown: (H, W) bool; at least one pixel known, else 0 is returned there.
        check: called between relaxations; raises to stop.

    Returns:
        (H, W, C); known values unchanged. The window's own border is free (nothing known beyond it).
    """
    known = torch.where(unknown[..., None], 0.0, values).permute(2, 0, 1)[None]
    solved = _solve(known, unknown[None, None], check)
    return torch.where(unknown[..., None], solved[0].permute(1, 2, 0), values)


def _solve(values: Tensor, unknown: Tensor, check: Callable[[], None]) -> Tensor:
    """(1, C, H, W) with zeros where unknown (1, 1, H, W)."""
    height, width = values.shape[2:]
    if max(height, width) <= _COARSEST_SIDE_PX or not bool(unknown.any()):
        share = (~unknown).float().sum().clamp(min=1.0)
        start = values.sum((2, 3), keepdim=True) / share
        return _relax(torch.where(unknown, start, values), unknown, _COARSEST_RELAXATIONS, check)
    share = F.avg_pool2d((~unknown).float(), 2, ceil_mode=True)
    coarse = F.avg_pool2d(values, 2, ceil_mode=True) / share.clamp(min=1e-6)
    solved = _solve(coarse, share == 0, check)
    up = F.interpolate(solved, scale_factor=2.0, mode="bilinear", align_corners=False)[:, :, :height, :width]
    return _relax(torch.where(unknown, up, values), unknown, _RELAXATIONS, check)


def _relax(values: Tensor, unknown: Tensor, times: int, check: Callable[[], None]) -> Tensor:
    for _ in range(times):
        check()
        padded = F.pad(values, (1, 1, 1, 1), mode="replicate")
        mean = (padded[:, :, :-2, 1:-1] + padded[:, :, 2:, 1:-1] + padded[:, :, 1:-1, :-2] + padded[:, :, 1:-1, 2:]) / 4
        values = torch.where(unknown, mean, values)
    return values
