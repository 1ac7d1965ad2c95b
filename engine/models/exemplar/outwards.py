"""A strip beyond the picture's border: what meets the border goes on outwards, in large pieces of the picture itself.

A hole inside a picture has surroundings on all sides that say what belongs there; beyond a border only one side does,
and a search for what fits best wanders off: it melts texture and repeats the subject. Here a few large shifts are
chosen from (He and Sun 2012, section 5, extrapolate pictures so), and each costs the more

- the farther up or down it goes for a strip at the side (left or right for one above or below): sky comes from sky;
- the less what it brings is like anything that meets the border at that height: a bench that stands free in a field
  does not go on, the field does.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.exemplar.grid import Grid
from engine.models.exemplar.offsets import dominant_offsets
from engine.models.exemplar.patches import principal_patches, project
from engine.models.exemplar.recipe import Recipe
from engine.models.exemplar.search import exact_nearest
from engine.models.exemplar.shift_map import shift_map

# What meets the border: so many pixels of the level around the hole, beside those of two patches.
_RIM_PX = 2
# This share of what meets the border is like some other part of it; what is no less like it is not strange.
_USUAL_SHARE = 0.3
# The shortest shift, in pixels of the level, and the longest straight one, as a share of the window.
_LEAST_SHIFT_PX, _LONGEST = 4, 0.95
# Shorter than this share of the strip's thickness is short.
_SHORT = 0.5
# Half the picture's own offsets lead outwards, and many not far enough in.
_ASKED_FOR = 6
_SAMPLE = 8000
# Below this variance of its pixels (8-bit half steps) a picture is flat and nothing in it is strange.
_FLAT = 4e-6


def went_on(
    flat: Tensor, banned: Tensor, grid: Grid, recipe: Recipe, generator: torch.Generator, check: Callable[[], None]
) -> Tensor | None:
    """(H*W, C): the hole filled by shifts of the known part; None where some of it none of them leads to.

    Args:
        flat: (H*W, C); what it holds inside the hole is not looked at. banned: (H, W) bool: not to be copied.
    """
    most = min(recipe.shifts_outwards, math.isqrt(recipe.shift_pairs_outwards // len(grid.pixels)))
    basis = principal_patches(flat, grid.sources, grid.offsets, recipe.dims_exact)
    features = _placed(project(flat, grid.height, grid.width, basis, grid.shape, check), grid, recipe)
    check()
    shifts = dominant_offsets(features, grid, _ASKED_FOR * most, generator, check)
    shifts = shifts[_inwards(shifts, recipe) >= _LEAST_SHIFT_PX][: max(1, most - recipe.shifts_along)]
    shifts = torch.cat([shifts, _straight(grid, recipe, shifts)])
    spread = flat[grid.sources].var(0).sum().clamp(min=_FLAT)
    liking = torch.rand(len(shifts), generator=generator).to(flat.device) * recipe.seed_jitter
    apart = shifts / shifts.new_tensor([grid.height, grid.width])
    liking = liking + apart.square() @ apart.new_tensor(_weights(recipe))
    # A short shift repeats what is at the border like a comb.
    short = (1 - _inwards(shifts, recipe) / (_SHORT * _thickness(grid, recipe))).clamp(min=0)
    liking = liking + recipe.comb * short.square()
    strange = recipe.strange * _strangeness(features, grid, check)
    copied, leads = shift_map(
        flat,
        banned,
        grid,
        shifts,
        liking * spread,
        check,
        dislike=strange * spread,
        change=float(recipe.change * spread),
    )
    return flat.index_copy(0, grid.pixels, flat[copied]) if bool(leads.all()) else None


def _weights(recipe: Recipe) -> tuple[float, float]:
    """How much it matters how far up or down, and how far left or right, something comes from."""
    down, right = recipe.outwards
    return recipe.near * abs(right), recipe.near * abs(down)


def _placed(features: Tensor, grid: Grid, recipe: Recipe) -> Tensor:
    """(H*W, D + 2): with where each patch lies, so that what is far up or down looks less alike."""
    spread = features[grid.sources].var(0).sum()
    y = torch.arange(grid.height, device=features.device).repeat_interleave(grid.width) / grid.height
    x = torch.arange(grid.width, device=features.device).repeat(grid.height) / grid.width
    return torch.cat([features, torch.stack([y, x], 1) * (spread * spread.new_tensor(_weights(recipe))).sqrt()], 1)


def _inwards(shifts: Tensor, recipe: Recipe) -> Tensor:
    """(n,): how far each leads back into the picture."""
    return -shifts @ shifts.new_tensor(recipe.outwards)


def _thickness(grid: Grid, recipe: Recipe) -> int:
    """Of the strip, in pixels of the level."""
    place = grid.pixels % grid.width if recipe.outwards[1] else grid.pixels // grid.width
    return int(place.max() - place.min()) + 1


def _straight(grid: Grid, recipe: Recipe, like: Tensor) -> Tensor:
    """(n, 2): shifts straight back into the picture, from short to long."""
    down, right = recipe.outwards
    length = grid.width if right else grid.height
    far = torch.linspace(_LEAST_SHIFT_PX, _LONGEST * length, recipe.shifts_along, device=like.device).round().long()
    return torch.stack([-down * far, -right * far], 1)


def _strangeness(features: Tensor, grid: Grid, check: Callable[[], None]) -> Tensor:
    """(H*W,): how unlike everything that meets the hole's border the patch around each pixel is, in variances.

    The squared distance to the nearest patch there, less what these differ among themselves.
    """
    offered = features[grid.sources]
    middle = grid.sources + grid.shape.ry * grid.width + grid.shape.rx
    hole = offered.new_zeros(grid.height * grid.width)
    hole[grid.pixels] = 1.0
    side = 2 * (grid.shape.ry + grid.shape.rx + _RIM_PX) + 1
    close = F.max_pool2d(hole.reshape(1, 1, grid.height, grid.width), side, 1, side // 2).reshape(-1) > 0
    rim = close[middle].nonzero()[:, 0]
    if not len(rim):
        return hole * 0
    nought = offered.new_zeros(len(rim))
    strange = exact_nearest(offered, offered[rim], nought, check)[1]
    # Every other block of the rim against the rest of it, so that no patch is compared with one that it overlaps.
    anchors = grid.sources[rim]
    odd = (anchors // grid.width // (2 * grid.shape.rows) + anchors % grid.width // (2 * grid.shape.cols)) % 2 == 1
    if bool(odd.any()) and not bool(odd.all()):
        usual = exact_nearest(offered[rim[odd]], offered[rim[~odd]], nought[~odd], check)[1]
        strange = strange - torch.quantile(usual[:: max(1, len(usual) // _SAMPLE)], _USUAL_SHARE)
    strange = strange.clamp(min=0) / offered.var(0).sum().clamp(min=_FLAT)
    # Close to the window's border no patch has its middle: as strange as the strangest, it is not copied if avoidable.
    return hole.new_full((len(hole),), float(strange.max())).index_copy(0, middle, strange)
