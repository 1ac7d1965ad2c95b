"""Which of several drawings does what the plan says, and meets what is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.geometry import PixelRect

# A plan is right about what lies where, not about single pixels: both are blurred by boxes of this share of their side.
_BLUR_OF_SIDE = 0.12
# A step at the border is seen more easily than a layout that is not quite the planned one, and what is known there is
# surer than a plan. Border steps of scenes, of those of a random drawing: 0.92 by the plan alone, 0.82 with this.
_BORDER_COUNTS = 8.0
# With a smaller share of known pixels around there is nothing to compare with.
_NOTHING_KNOWN = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What is known next to a hole, told to the hole's pixels.

    Attributes:
        colours: (3, h, w): of the known pixels near each. weight: (h, w) 0 … 1: how near and how many; 0 far inside.
    """

    colours: Tensor
    weight: Tensor


def beside(picture: Tensor, known: Tensor, box: PixelRect, size: tuple[int, int]) -> Beside:
    """Known colours spread into a box, no further than a plan is blurred.

    Args:
        picture: (3, H, W). known: (H, W) bool. box: of the picture. size: (h, w) of the answer, which shows the box.
    """
    height, width = size
    # Seen with a border as wide as the blur; beyond the picture nothing is known.
    reach = round(min(size) * _BLUR_OF_SIDE) + 2
    rows, cols = (round(reach * box.height / height), round(reach * box.width / width))
    seen = torch.cat([torch.where(known, picture, 0.0), known[None].to(picture.dtype)])
    seen = F.pad(seen, (cols, cols, rows, rows))[:, box.y0 : box.y1 + 2 * rows, box.x0 : box.x1 + 2 * cols]
    seen = F.adaptive_avg_pool2d(seen, (height + 2 * reach, width + 2 * reach))
    spread = _blurred(seen)[:, reach:-reach, reach:-reach]
    share, unknown = spread[3], seen[3, reach:-reach, reach:-reach] < _NOTHING_KNOWN
    weight = torch.where(unknown & (share >= _NOTHING_KNOWN), share, 0.0)
    return Beside(spread[:3] / share.clamp(min=_NOTHING_KNOWN), weight)


def best_fit(plan: Tensor, hole: Tensor, drawings: Sequence[Tensor], near: Beside | None = None) -> int:
    """The number of the drawing that is nearest to the plan, and to what is known beside the hole.

    Args:
        plan: (3, h, w). hole: (h, w) bool, not empty: where they are compared. drawings: (3, h, w) each, at least one.
        near: of the same pixels as the plan; None: the plan alone decides.
    """
    wanted = _blurred(plan)
    weight = hole.to(plan.dtype) / hole.sum()

    def misfit(drawing: Tensor) -> float:
        soft = _blurred(drawing)
        from_plan = float(((soft - wanted).square().mean(0) * weight).sum())
        if near is None or float(near.weight.sum()) == 0:
            return from_plan
        step = (soft - near.colours).square().mean(0) * near.weight
        return from_plan + _BORDER_COUNTS * float(step.sum() / near.weight.sum())

    misfits = [misfit(drawing) for drawing in drawings]
    return min(range(len(drawings)), key=misfits.__getitem__)


def _blurred(picture: Tensor) -> Tensor:
    """Two box blurs, the border repeated."""
    reach = max(1, round(min(picture.shape[-2:]) * _BLUR_OF_SIDE / 2))
    out = picture[None]
    for _ in range(2):
        out = F.avg_pool2d(F.pad(out, (reach,) * 4, mode="replicate"), 2 * reach + 1, 1)
    return out[0]


def small(picture: Tensor, longest_px: int) -> Tensor:
    """(3, H, W) averaged down so that its longer side has at most so many pixels."""
    height, width = picture.shape[-2:]
    scale = max(1.0, max(height, width) / longest_px)
    size = (max(1, round(height / scale)), max(1, round(width / scale)))
    return F.interpolate(picture[None], size=size, mode="bilinear", align_corners=False, antialias=True)[0]


def small_hole(hole: Tensor, size: tuple[int, int]) -> Tensor:
    """(H, W) bool to (h, w): any overlap."""
    return F.adaptive_max_pool2d(hole[None, None].float(), size)[0, 0] > 0
