"""One level's bookkeeping: which patches are wanted, which may be copied, and what the coarser level found."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.models.exemplar.patches import PatchShape, anchors_that_fit, patches_touching
from engine.models.exemplar.pyramid import Level, depth_in_hole

# Trust falls to a four-thousandth over this depth: deeper is all the same.
_DEEPEST_PX = 12


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Flat indices of one level (see `patches`).

    Attributes:
        height, width: of the level.
        shape, offsets: of its patches.
        sources: (m,) anchors whose patch is all known: what may be copied.
        targets: (n,) anchors whose patch touches the hole: what is matched.
        pixels: (p,) the hole's pixels.
        depth: (n,) float32: how deep in the hole each target's centre lies, 0 outside.
        handicap: (H*W,) float32: 0 at sources, infinite elsewhere.
    """

    height: int
    width: int
    shape: PatchShape
    offsets: Tensor
    sources: Tensor
    targets: Tensor
    pixels: Tensor
    depth: Tensor
    handicap: Tensor

    @property
    def has_patches(self) -> bool:
        """False when so little is known that a patch would be a single pixel."""
        return self.shape.pixels > 1

    def spread(self, nearest: Tensor, trust: Tensor) -> tuple[Tensor, Tensor]:
        """(H*W,) each: matches and trust at their anchors; an anchor that is no target names itself, untrusted."""
        copied_from = torch.arange(self.height * self.width, device=nearest.device)
        copied_from[self.targets] = nearest
        everywhere = torch.zeros(self.height * self.width, device=nearest.device)
        everywhere[self.targets] = trust
        return copied_from, everywhere


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """What a level hands to the next finer one: (H, W, C) filled colours, (H*W,) matches and trust, its grid."""

    colour: Tensor
    copied_from: Tensor
    trust: Tensor
    grid: Grid


def grid_of(level: Level, radius: int) -> Grid:
    """The level's grid, with the largest patches up to ``radius`` of which enough are known."""
    shape, sources = _shape_with_sources(level, radius)
    targets = patches_touching(level.hole, shape).reshape(-1).nonzero()[:, 0]
    known = sources.reshape(-1).nonzero()[:, 0]
    handicap = torch.full((level.height * level.width,), torch.inf, device=level.colour.device)
    handicap[known] = 0.0
    centre = targets + shape.ry * level.width + shape.rx
    return Grid(
        height=level.height,
        width=level.width,
        shape=shape,
        offsets=shape.offsets(level.width, level.colour.device),
        sources=known,
        targets=targets,
        pixels=level.hole.reshape(-1).nonzero()[:, 0],
        depth=depth_in_hole(level.hole, _DEEPEST_PX).reshape(-1)[centre],
        handicap=handicap,
    )


def _shape_with_sources(level: Level, radius: int) -> tuple[PatchShape, Tensor]:
    """Patches shrink until more of them are known than they have pixels; below that they only repeat one spot."""
    for banned in (level.hole | level.banned, level.hole):
        for r in range(radius, 0, -1):
            shape = PatchShape.that_fits(level.height, level.width, r)
            fits = anchors_that_fit(level.height, level.width, shape, level.colour.device)
            sources = fits & ~patches_touching(banned, shape)
            if shape.pixels > 1 and int(sources.sum()) > shape.pixels:
                return shape, sources
    return PatchShape(0, 0), ~level.hole


def doubled(grid: Grid, coarser: Match, shift: tuple[int, int] = (0, 0)) -> Tensor:
    """(n,) the coarser level's match of the patch at the same place, or beside it, twice as far."""
    coarse, (ry, rx) = coarser.grid, (grid.shape.ry, grid.shape.rx)
    ys, xs = grid.targets // grid.width, grid.targets % grid.width
    # By centres: an anchor is a corner, and patches are as large in pixels at either level.
    py = ((ys + ry) // 2 - coarse.shape.ry + shift[0]).clamp(0, coarse.height - coarse.shape.rows)
    px = ((xs + rx) // 2 - coarse.shape.rx + shift[1]).clamp(0, coarse.width - coarse.shape.cols)
    match = coarser.copied_from[py * coarse.width + px]
    sy = (ys + 2 * (match // coarse.width - py)).clamp(0, grid.height - grid.shape.rows)
    sx = (xs + 2 * (match % coarse.width - px)).clamp(0, grid.width - grid.shape.cols)
    return sy * grid.width + sx
