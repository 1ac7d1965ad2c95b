"""Where tokens are: cells of 2×2, and the rotary embedding of their rows and columns (Su et al. 2021)."""

from __future__ import annotations

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

_THETA = 10_000.0
# Grids whose places are kept: a few sizes of window.
_KEPT_GRIDS = 8


def in_cells(ids: Tensor, side: int) -> tuple[Tensor, Tensor | None]:
    """(h, w) int64 to (cells, side²) row by row, and which of them are tokens, where the grid is no whole cells."""
    height, width = ids.shape
    rows, columns = -(-height // side), -(-width // side)
    there: Tensor | None = None
    if height % side or width % side:
        pad = (0, columns * side - width, 0, rows * side - height)
        there = _cells(F.pad(torch.ones_like(ids, dtype=torch.bool), pad), rows, columns, side)
        ids = F.pad(ids, pad)
    return _cells(ids, rows, columns, side), there


def _cells(grid: Tensor, rows: int, columns: int, side: int) -> Tensor:
    return grid.reshape(rows, side, columns, side).transpose(1, 2).reshape(rows * columns, side * side)


@lru_cache(maxsize=_KEPT_GRIDS)
def turns(grid: tuple[int, int], axes: tuple[int, int, int], device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosines and sines of a grid's cells, (rows · columns, sum of axes) float32 each.

    Args:
        axes: how many numbers turn by nothing, by the row, by the column; pairs of neighbours turn together.
    """
    rows, columns = grid
    row = torch.arange(rows, dtype=torch.float64).repeat_interleave(columns)
    column = torch.arange(columns, dtype=torch.float64).repeat(rows)
    angles: list[Tensor] = []
    for place, width in zip((torch.zeros_like(row), row, column), axes, strict=True):
        speeds = _THETA ** -(torch.arange(0, width, 2, dtype=torch.float64) / width)
        angles.append((place[:, None] * speeds[None]).repeat_interleave(2, 1))
    angle = torch.cat(angles, 1)
    return angle.cos().float().to(device), angle.sin().float().to(device)


def turned(x: Tensor, by: tuple[Tensor, Tensor]) -> Tensor:
    """(n, heads, head_dim), turned in float32."""
    cos, sin = (part[:, None] for part in by)
    pairs = x.float().reshape(*x.shape[:-1], -1, 2)
    across = torch.stack([-pairs[..., 1], pairs[..., 0]], -1).flatten(-2)
    return (x.float() * cos + across * sin).to(x.dtype)
