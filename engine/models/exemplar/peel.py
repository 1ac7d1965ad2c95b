"""A first guess at the coarsest level: the hole is peeled like an onion (Efros and Leung 1999)."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.exemplar.grid import Grid
from engine.models.exemplar.patches import patch_rows
from engine.models.exemplar.search import masked_nearest

# A guessed pixel counts half of a known one when the next ring is matched: structure enters from the border.
_WEIGHT_OF_A_GUESS = 0.5


def peel(flat: Tensor, grid: Grid, generator: torch.Generator, jitter: float, check: Callable[[], None]) -> Tensor:
    """(H*W, C): the hole filled ring by ring, each pixel from the patch that fits what is there around it.

    Args:
        flat: (H*W, C). jitter: share of the patches' variance by which chance prefers some sources.
    """
    flat = flat.clone()
    flat[grid.pixels] = 0.0
    device, channels = flat.device, flat.shape[1]
    known = torch.ones(len(flat), device=device)
    known[grid.pixels] = 0.0
    offered = patch_rows(flat, grid.sources, grid.offsets)
    handicap = torch.rand(len(grid.sources), generator=generator).to(device) * offered.var(0).sum() * jitter
    anchors = _anchors_around(grid)
    inside = grid.pixels - anchors
    left = torch.ones(len(grid.pixels), dtype=torch.bool, device=device)
    while bool(left.any()):
        check()
        beside_known = F.max_pool2d(known.reshape(1, 1, grid.height, grid.width), 3, 1, 1).reshape(-1) > 0
        ring = beside_known[grid.pixels] & left
        if not bool(ring.any()):
            ring = left
        rows = anchors[ring][:, None] + grid.offsets[None]
        weight = known[rows][:, :, None].expand(-1, -1, channels).reshape(len(rows), -1)
        chosen = masked_nearest(flat[rows].reshape(len(rows), -1), weight, offered, handicap)
        flat[grid.pixels[ring]] = flat[grid.sources[chosen] + inside[ring]]
        known[grid.pixels[ring]] = _WEIGHT_OF_A_GUESS
        left = left & ~ring
    return flat


def _anchors_around(grid: Grid) -> Tensor:
    """(p,) for each hole pixel the anchor of the patch centred on it, moved inside where it would leave."""
    ys, xs = grid.pixels // grid.width, grid.pixels % grid.width
    y = (ys - grid.shape.ry).clamp(0, grid.height - grid.shape.rows)
    x = (xs - grid.shape.rx).clamp(0, grid.width - grid.shape.cols)
    return y * grid.width + x
