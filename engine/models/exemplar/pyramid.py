"""The window at halved sizes, known pixels averaged with known pixels only."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """One size of the window.

    Attributes:
        colour: (H, W, C) float32; what it holds inside the hole means nothing.
        hole: (H, W) bool: to be filled.
        banned: (H, W) bool: known, but not to be copied (fully transparent where the surroundings are not).
        guess: (H, W, C) float32 what somebody thinks the hole should show, softly; None: nobody does.
    """

    colour: Tensor
    hole: Tensor
    banned: Tensor
    guess: Tensor | None = None

    @property
    def height(self) -> int:
        return int(self.hole.shape[0])

    @property
    def width(self) -> int:
        return int(self.hole.shape[1])


def halve(level: Level) -> Level:
    """Half the size, odd sides rounded up. A pixel is hole when less than half of what it covers is known."""
    known = (~level.hole)[None, None].float()
    share = F.avg_pool2d(known, 2, ceil_mode=True)
    colour = torch.where(level.hole[..., None], 0.0, level.colour).permute(2, 0, 1)[None]
    mean = F.avg_pool2d(colour, 2, ceil_mode=True) / share.clamp(min=1e-6)
    banned = F.max_pool2d(level.banned[None, None].float(), 2, ceil_mode=True)[0, 0] > 0
    hole = share[0, 0] < 0.5
    guess = None
    if level.guess is not None:
        guess = F.avg_pool2d(level.guess.permute(2, 0, 1)[None], 2, ceil_mode=True)[0].permute(1, 2, 0).contiguous()
    return Level(mean[0].permute(1, 2, 0).contiguous(), hole, banned & ~hole, guess)


def count_in_boxes(mask: Tensor, rows: int, cols: int) -> Tensor:
    """(H-rows+1, W-cols+1) int32: True pixels in each rows×cols box, by the box's top left pixel (integral image)."""
    table = F.pad(mask.to(torch.int32), (1, 0, 1, 0)).cumsum(0, dtype=torch.int32).cumsum(1, dtype=torch.int32)
    return table[rows:, cols:] - table[:-rows, cols:] - table[rows:, :-cols] + table[:-rows, :-cols]


def thicker_than(hole: Tensor, side_px: int) -> bool:
    """Whether a square of that side fits into the hole."""
    if side_px > min(hole.shape):
        return False
    return bool((count_in_boxes(hole, side_px, side_px) == side_px * side_px).any())


def depth_in_hole(hole: Tensor, limit: int) -> Tensor:
    """(H, W) float32: 0 at known pixels, then 1, 2, … steps of the square ring inwards, at most ``limit``.

    The window's border counts as hole: no known pixel lies beyond it.
    """
    left, depth = hole, hole.float()
    for _ in range(limit - 1):
        wide = F.pad(left[None], (1, 1, 1, 1), value=True)[0]
        rows = wide[:-2] & wide[1:-1] & wide[2:]
        left = rows[:, :-2] & rows[:, 1:-1] & rows[:, 2:]
        depth = depth + left
    return depth


def build(window: Level, coarsest_thickness_px: int, coarsest_pairs: int, least_side_px: int) -> list[Level]:
    """Finest first, until the hole is thin and small enough, or the window or what is known of it gets too small.

    Args:
        coarsest_thickness_px: side of the largest square in the hole of the coarsest level.
        coarsest_pairs: most hole pixels × window pixels there, so that everything can be compared with everything.
    """
    levels = [window]
    while thicker_than(levels[-1].hole, coarsest_thickness_px) or (
        int(levels[-1].hole.sum()) * levels[-1].hole.numel() > coarsest_pairs
    ):
        smaller = halve(levels[-1])
        too_small = min(smaller.height, smaller.width) < least_side_px
        if too_small or bool(smaller.hole.all()) or not bool(smaller.hole.any()):
            break
        levels.append(smaller)
    return levels
