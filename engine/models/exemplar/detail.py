"""The fine level alone, for a drawing that was made small and enlarged: what it lacks is copied from the picture.

Super-resolution by example (Freeman et al. 2002): the known picture, blurred as the drawing is, says which of its
patches look like the drawing's; the difference between those patches and their blurred selves is the detail that is
added. Nothing is copied where nothing similar is known, so what was drawn stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.exemplar.finish import copy_most_agreed
from engine.models.exemplar.grid import Grid, Match, grid_of
from engine.models.exemplar.patches import principal_patches, project
from engine.models.exemplar.pyramid import Level
from engine.models.exemplar.search import exact_nearest
from engine.models.exemplar.solve import propagated

_RADIUS, _DIMS = 3, 12
# Every patch is compared with at least so many, evenly taken, and with more where there is time; its neighbours'
# matches do the rest.
_LEAST_SOURCES, _PAIRS = 512, 60_000_000
# Patches that differ by so much (root mean square, 0 … 1) hardly lend each other detail.
_ALIKE = 0.05


def with_detail(
    picture: Tensor, drawn: Tensor, unusable: Tensor, scale: float, check: Callable[[], None] = lambda: None
) -> Tensor:
    """The picture, with detail where it was drawn.

    Args:
        picture: (H, W, C) float32, complete. drawn: (H, W) bool: enlarged by ``scale``.
        unusable: (H, W) bool: known pixels that are not to be copied.

    Returns:
        (H, W, C); not drawn pixels unchanged. Without a single known patch: the picture.
    """
    soft = _blurred(picture, scale)
    base = torch.where(drawn[..., None], picture, soft)
    grid = grid_of(Level(base, drawn, unusable), _RADIUS)
    if not grid.has_patches or not len(grid.targets):
        return picture
    flat = base.reshape(-1, base.shape[2])
    basis = principal_patches(flat, grid.sources, grid.offsets, _DIMS)
    features = project(flat, grid.height, grid.width, basis, grid.shape, check)
    step = max(1, len(grid.sources) * len(grid.targets) // max(_PAIRS, _LEAST_SOURCES * len(grid.targets)))
    sample = grid.sources[::step]
    wanted = features[grid.targets]
    index, _ = exact_nearest(wanted, features[sample], grid.handicap[sample], check)
    nearest, distance = propagated(sample[index], wanted, features, grid, None, check)
    alike = torch.exp(-distance / (grid.shape.pixels * base.shape[2]) / (2 * _ALIKE**2))
    match = Match(base, *grid.spread(nearest, alike.clamp(min=1e-9)), grid)
    _, source = copy_most_agreed(match, check)
    band = (picture - soft).reshape(flat.shape)
    out = picture.reshape(flat.shape).clone()
    out[grid.pixels] += band[source] * _at_pixels(alike, grid)[grid.pixels, None]
    return out.reshape(picture.shape)


def _blurred(picture: Tensor, scale: float) -> Tensor:
    """As small as the drawing was, and enlarged again."""
    height, width = picture.shape[:2]
    size = (max(1, round(height / scale)), max(1, round(width / scale)))
    planes = picture.permute(2, 0, 1)[None]
    small = F.interpolate(planes, size=size, mode="bilinear", align_corners=False, antialias=True)
    large = F.interpolate(small, size=(height, width), mode="bicubic", align_corners=False)
    return large[0].permute(1, 2, 0).contiguous()


def _at_pixels(alike: Tensor, grid: Grid) -> Tensor:
    """(H*W,): the mean of what the patches around each pixel are alike."""
    known = torch.zeros(2, grid.height * grid.width, device=alike.device)
    centres = grid.targets + grid.shape.ry * grid.width + grid.shape.rx
    known[0, centres], known[1, centres] = alike, 1.0
    side = 2 * _RADIUS + 1
    summed = F.avg_pool2d(known.view(1, 2, grid.height, grid.width), side, 1, _RADIUS)[0].view(2, -1)
    return summed[0] / summed[1].clamp(min=1e-9)
