"""Random holes, in batches: blobs, boxes, brush strokes, and now and then everything."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

_BLOB_CELLS = 5
_STROKE_POINTS = 6


def holes(
    batch: int, side_px: int, draw: torch.Generator, *, least: float = 0.12, most: float = 0.65, whole: float = 0.0
) -> Tensor:
    """(B, side, side) bool: one hole a picture, each with at least one pixel.

    Args:
        draw: on the CPU. least, most: share of the picture that it covers, about. whole: how many cover everything.
    """
    share = torch.rand(batch, generator=draw) * (most - least) + least
    kind = torch.rand(batch, generator=draw)
    found = _blobs(share, side_px, draw)
    box, stroke = _boxes(share, side_px, draw), _strokes(share, side_px, draw)
    found = torch.where((kind < 0.35)[:, None, None], box, found)
    found = torch.where((kind > 0.85)[:, None, None], stroke, found)
    found |= (torch.rand(batch, generator=draw) < whole)[:, None, None]
    found[:, side_px // 2, side_px // 2] |= ~found.flatten(1).any(1)
    return found


def _blobs(share: Tensor, side_px: int, draw: torch.Generator) -> Tensor:
    """Smooth noise above a threshold, drawn towards a random place."""
    batch = len(share)
    noise = torch.randn(batch, 1, _BLOB_CELLS, _BLOB_CELLS, generator=draw)
    noise = F.interpolate(noise, (side_px, side_px), mode="bicubic", align_corners=False)[:, 0]
    along = (torch.arange(side_px) + 0.5) / side_px
    at = torch.rand(2, batch, 1, 1, generator=draw)
    noise = noise - 3 * ((along[None, None, :] - at[0]) ** 2 + (along[None, :, None] - at[1]) ** 2)
    ranked = noise.flatten(1).sort(1).values
    place = ((1 - share) * (side_px * side_px - 1)).long().clamp(0, side_px * side_px - 1)
    return noise >= ranked.gather(1, place[:, None])[:, :, None]


def _boxes(share: Tensor, side_px: int, draw: torch.Generator) -> Tensor:
    """Upright rectangles of that area, up to 1 : 3."""
    stretch = torch.exp((torch.rand(len(share), generator=draw) * 2 - 1) * math.log(3) / 2)
    high = (share.sqrt() * stretch).clamp(2 / side_px, 1.0)
    wide = (share / high).clamp(2 / side_px, 1.0)
    top = torch.rand(len(share), generator=draw) * (1 - high)
    left = torch.rand(len(share), generator=draw) * (1 - wide)
    along = (torch.arange(side_px) + 0.5) / side_px
    rows = (along[None] >= top[:, None]) & (along[None] <= (top + high)[:, None])
    cols = (along[None] >= left[:, None]) & (along[None] <= (left + wide)[:, None])
    return rows[:, :, None] & cols[:, None, :]


def _strokes(share: Tensor, side_px: int, draw: torch.Generator) -> Tensor:
    """A brush drawn through a few random points."""
    batch = len(share)
    points = torch.rand(batch, _STROKE_POINTS, 2, generator=draw)
    path = F.interpolate(points.permute(0, 2, 1), 48, mode="linear", align_corners=True).permute(0, 2, 1)
    along = (torch.arange(side_px) + 0.5) / side_px
    rows = (along[None, :, None] - path[:, None, :, 0]) ** 2
    cols = (along[None, :, None] - path[:, None, :, 1]) ** 2
    nearest = (rows[:, :, None] + cols[:, None]).amin(-1).sqrt()
    radius = 0.03 + 0.09 * share
    return nearest <= radius[:, None, None]
