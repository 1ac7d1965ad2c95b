"""The guided filter (He, Sun & Tang 2013): a mask that follows the picture's edges."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

# Colour differences under about this (0 … 1) are no edge.
_EDGE = 0.04


def along_edges(mask: Tensor, picture: Tensor, radius_px: int) -> Tensor:
    """(H, W) 0 … 1: the mask, softened where the picture is smooth and kept where it has an edge.

    Args:
        mask: (H, W) 0 … 1. picture: (3, H, W), about 0 … 1. radius_px: how far it looks, at least 1.
    """
    if radius_px < 1:
        raise ValueError("a radius is at least one pixel")
    count = _sum(torch.ones_like(mask)[None], radius_px)

    def mean(value: Tensor) -> Tensor:
        return _sum(value, radius_px) / count

    # Means are taken off first: single precision has no digits to spare for sums of squares.
    guide = picture - picture.mean((1, 2), keepdim=True)
    of_guide, of_mask = mean(guide), mean(mask[None])
    pairs = torch.stack([guide[i] * guide[j] for i in range(3) for j in range(3)])
    spread = (mean(pairs) - torch.stack([of_guide[i] * of_guide[j] for i in range(3) for j in range(3)])).view(
        3, 3, *mask.shape
    )
    with_mask = mean(guide * mask) - of_guide * of_mask
    matrix = spread.permute(2, 3, 0, 1) + torch.eye(3, device=mask.device) * _EDGE**2
    slope = (matrix.inverse() @ with_mask.permute(1, 2, 0)[..., None])[..., 0].permute(2, 0, 1)
    offset = of_mask - (slope * of_guide).sum(0, keepdim=True)
    return ((mean(slope) * guide).sum(0) + mean(offset)[0]).clamp(0, 1)


def _sum(value: Tensor, radius: int) -> Tensor:
    """(C, H, W) sums over boxes, cut at the border; by running sums, so the radius costs nothing."""
    out = value.double()
    for dim in (1, 2):
        length = out.shape[dim]
        total = F.pad(out.cumsum(dim), (0, 0, 1, 0) if dim == 1 else (1, 0))
        place = torch.arange(length, device=value.device)
        high, low = (place + radius + 1).clamp(max=length), (place - radius).clamp(min=0)
        out = total.index_select(dim, high) - total.index_select(dim, low)
    return out.to(value.dtype)
