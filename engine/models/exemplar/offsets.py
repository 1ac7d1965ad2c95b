"""How a picture repeats: the offsets at which its known patches find their like (He and Sun 2012, section 3)."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.exemplar.grid import Grid

# As many patches, drawn by the seed, are asked where their like is: the peaks of the statistics need no more.
_ASKED = 1000
_CHUNK = 128
# A patch's like is sought at least this share of the window's longer side away, or every peak would be at zero.
_NEAR = 1 / 15
_LEAST_NEAR_PX = 4
# Binomial weights: offsets that differ by a pixel or two are one.
_BLUR = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)


def dominant_offsets(
    features: Tensor, grid: Grid, most: int, generator: torch.Generator, check: Callable[[], None]
) -> Tensor:
    """(K, 2) int64, K ≤ ``most``: rows and columns by which the picture is most often like itself, likeliest first.

    Args:
        features: (H*W, D), a projected patch at its anchor.
        generator: on the CPU; draws which patches are asked.
    """
    ys, xs = grid.sources // grid.width, grid.sources % grid.width
    draw = torch.randperm(len(grid.sources), generator=generator)[:_ASKED].to(features.device)
    offered = features[grid.sources]
    lengths = offered.square().sum(1)
    near = max(_LEAST_NEAR_PX, _NEAR * max(grid.height, grid.width))
    down: list[Tensor] = []
    right: list[Tensor] = []
    for start in range(0, len(draw), _CHUNK):
        check()
        asked = draw[start : start + _CHUNK]
        distance = lengths[None] - 2 * offered[asked] @ offered.T
        too_near = ((ys[asked, None] - ys[None]).abs() < near) & ((xs[asked, None] - xs[None]).abs() < near)
        like = distance.masked_fill_(too_near, torch.inf).argmin(1)
        down.append(ys[like] - ys[asked])
        right.append(xs[like] - xs[asked])
    return _peaks(torch.cat(down), torch.cat(right), grid.height, grid.width, most)


def _peaks(down: Tensor, right: Tensor, height: int, width: int, most: int) -> Tensor:
    """(K, 2): local maxima of the offsets' blurred histogram."""
    rows, cols = 2 * height + 1, 2 * width + 1
    counts = torch.zeros(rows * cols, device=down.device)
    counts.index_add_(0, (down + height) * cols + right + width, torch.ones_like(down, dtype=torch.float32))
    counts = counts.view(rows, cols)
    counts = counts + counts.flip(0, 1)  # what lies there from here lies here from there
    taps = torch.tensor(_BLUR, device=down.device)
    reach = len(_BLUR) // 2
    smooth = F.conv2d(counts[None, None], taps.view(1, 1, 1, -1), padding=(0, reach))
    smooth = F.conv2d(smooth, taps.view(1, 1, -1, 1), padding=(reach, 0))
    is_peak = (F.max_pool2d(smooth, 5, 1, 2) == smooth) & (smooth > 0)
    heights = torch.where(is_peak, smooth, 0.0).view(-1)
    order = torch.argsort(heights, descending=True, stable=True)[: min(most, int(is_peak.sum()))]
    return torch.stack([order // cols - height, order % cols - width], 1)
