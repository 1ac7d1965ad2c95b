"""Which of several drawings does what the plan says."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor

# A plan is right about what lies where, not about single pixels: both are blurred by boxes of this share of their side.
_BLUR_OF_SIDE = 0.12


def best_fit(plan: Tensor, hole: Tensor, drawings: Sequence[Tensor]) -> int:
    """The number of the drawing that is nearest to the plan.

    Args:
        plan: (3, h, w). hole: (h, w) bool, not empty: where they are compared. drawings: (3, h, w) each, at least one.
    """
    wanted = _blurred(plan)
    weight = hole.to(plan.dtype) / hole.sum()
    misfits = [float(((_blurred(drawing) - wanted).square().mean(0) * weight).sum()) for drawing in drawings]
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
