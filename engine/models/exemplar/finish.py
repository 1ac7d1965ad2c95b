"""The finest level's last step: real pixels instead of averages, and no seam at the border."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.imaging.membrane import membrane
from engine.models.exemplar.grid import Grid, Match
from engine.models.exemplar.vote import ballots, votes

_CHUNK = 4096
_SEAM_SMOOTH_PX = 3


def copy_most_agreed(match: Match, check: Callable[[], None]) -> tuple[Tensor, Tensor]:
    """(H, W, C), (p,): every hole pixel is the one source pixel that most of the patches over it name, by trust.

    An average of patches that disagree is blurred; a pixel that most of them copy is sharp, and sits in a region
    that is copied as a whole.
    """
    grid = match.grid
    flat = match.colour.reshape(-1, match.colour.shape[2])
    candidates = _middle(grid)
    chosen: list[Tensor] = []
    for start in range(0, len(grid.pixels), _CHUNK):
        check()
        chosen.append(_elected(grid.pixels[start : start + _CHUNK], match, candidates))
    source = torch.cat(chosen)
    return flat.index_copy(0, grid.pixels, flat[source]).reshape(match.colour.shape), source


def _middle(grid: Grid) -> list[int]:
    """Rows of ``grid.offsets`` within one pixel of the patch's centre: who may stand for election, for speed."""
    return [
        y * grid.shape.cols + x
        for y in range(grid.shape.rows)
        for x in range(grid.shape.cols)
        if abs(y - grid.shape.ry) <= 1 and abs(x - grid.shape.rx) <= 1
    ]


def _elected(pixels: Tensor, match: Match, candidates: list[int]) -> Tensor:
    """(n,) flat index of the source pixel to copy to each of ``pixels``."""
    named, weight = ballots(pixels, match.copied_from, match.trust, match.grid.offsets)
    support = torch.stack([((named == named[:, j : j + 1]) * weight).sum(1) for j in candidates], 1)
    stands = weight[:, candidates] > 0
    elected = torch.where(stands, support, -1.0).argmax(1, keepdim=True)
    copied = named[:, candidates].gather(1, elected)[:, 0]
    # At a window's border every candidate may be beyond the last anchor: then the most trusted patch decides.
    fallback = named.gather(1, weight.argmax(1, keepdim=True))[:, 0]
    return torch.where(stands.any(1), copied, fallback)


def join_seam(
    picture: Tensor, known: Tensor, hole: Tensor, grid: Grid, source: Tensor, check: Callable[[], None]
) -> Tensor:
    """(H, W, C): the fill shifted by a membrane so that at its border it steps as it does where it was copied from.

    A seam in the gradient domain (Perez et al. 2003). Each known pixel at the border is compared with what lay beside
    the copied pixels in its place.

    Args:
        picture: (H, W, C) filled. known: (H, W, C) as given. hole: (H, W). source: (p,) what `grid.pixels` copy.
    """
    height, width, channels = known.shape
    flat, is_hole = known.reshape(-1, channels), hole.reshape(-1)
    total = torch.zeros_like(flat)
    count = torch.zeros_like(flat[:, :1])
    ys, xs, sy, sx = grid.pixels // width, grid.pixels % width, source // width, source % width
    for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        check()
        inside = (ys + dy >= 0) & (ys + dy < height) & (xs + dx >= 0) & (xs + dx < width)
        inside &= (sy + dy >= 0) & (sy + dy < height) & (sx + dx >= 0) & (sx + dx < width)
        here, there = grid.pixels[inside] + dy * width + dx, source[inside] + dy * width + dx
        counts = ~is_hole[here] & ~is_hole[there]
        here, there = here[counts], there[counts]
        total.index_add_(0, here, flat[here] - flat[there])
        count.index_add_(0, here, torch.ones_like(count[here]))
    # Over a few pixels of the border: one pixel's grain is no seam.
    soft = torch.cat([total, count], 1).T.reshape(1, channels + 1, height, width)
    side = 2 * _SEAM_SMOOTH_PX + 1
    soft = F.avg_pool2d(soft, side, 1, _SEAM_SMOOTH_PX)[0].reshape(channels + 1, -1).T
    reached = (count[:, 0] > 0) & ~is_hole
    error = torch.zeros_like(flat)
    error[reached] = soft[reached, :-1] / soft[reached, -1:]
    ring = (F.max_pool2d(hole[None, None].float(), 3, 1, 1)[0, 0] > 0).reshape(-1) & ~is_hole
    unknown = (is_hole | (ring & ~reached)).reshape(height, width)
    rows, cols = _box(hole)
    correction = membrane(error.reshape(known.shape)[rows, cols], unknown[rows, cols], check)
    out = picture.clone()
    out[rows, cols] = torch.where(hole[rows, cols][..., None], picture[rows, cols] + correction, picture[rows, cols])
    return out


def mend_seam(picture: Tensor, known: Tensor, hole: Tensor, match: Match, check: Callable[[], None]) -> Tensor:
    """(H, W, C): the fill shifted by a membrane so that it meets the known border without a step.

    The patches that reach over the border also say what the known pixels there should be; how wrong they are is
    how wrong their colours are just inside, so that error is spread over the hole and added.

    Args:
        picture: (H, W, C) filled. known: (H, W, C) as given. hole: (H, W).
    """
    ring_map = (F.max_pool2d(hole[None, None].float(), 3, 1, 1)[0, 0] > 0) & ~hole
    ring = ring_map.reshape(-1).nonzero()[:, 0]
    channels = known.shape[2]
    source = known.reshape(-1, channels)
    # Where no patch reaches over the border (patches one pixel high) nothing is known of the error there.
    counted = torch.cat([source, torch.ones_like(source[:, :1])], 1)
    said = votes(ring, match.copied_from, match.trust, counted, match.grid.offsets, check)
    reached = said[:, -1] > 0.5
    error = torch.zeros_like(source)
    error[ring[reached]] = (source[ring] - said[:, :-1])[reached]
    unknown = hole.clone()
    unknown.view(-1)[ring[~reached]] = True
    rows, cols = _box(hole)
    correction = membrane(error.reshape(picture.shape)[rows, cols], unknown[rows, cols], check)
    out = picture.clone()
    out[rows, cols] = torch.where(hole[rows, cols][..., None], picture[rows, cols] + correction, picture[rows, cols])
    return out


def _box(hole: Tensor) -> tuple[slice, slice]:
    """The hole's bounding box with one known pixel around it."""
    ys, xs = hole.any(1).nonzero()[:, 0], hole.any(0).nonzero()[:, 0]
    return (
        slice(max(0, int(ys[0]) - 1), int(ys[-1]) + 2),
        slice(max(0, int(xs[0]) - 1), int(xs[-1]) + 2),
    )
