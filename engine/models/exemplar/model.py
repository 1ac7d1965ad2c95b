"""The exemplar model's public call: parts of the selection that lie apart are filled each in a window of its own."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.errors import NothingToCopyFrom
from engine.geometry import PixelRect, Size
from engine.imaging.mask import separate_parts
from engine.models.exemplar.pyramid import Level
from engine.models.exemplar.recipe import Recipe
from engine.models.exemplar.report import ModelReport
from engine.models.exemplar.window import fill_window
from engine.operations.reach import reach_of_fill

# Fully transparent pixels are copied only where at least this share of the hole's surroundings is transparent.
_CLEAR_SURROUNDINGS = 0.02


def regenerate(
    crop: Tensor,
    mask: Tensor,
    *,
    seed: int,
    report: ModelReport,
    unusable: Tensor | None = None,
    uncopied: Tensor | None = None,
    has_alpha: bool = False,
    guess: Tensor | None = None,
    recipe: Recipe | None = None,
) -> Tensor:
    """Continue what surrounds the mask into it, with patches of the crop itself.

    Abilities: remove, heal, extend; no prompt, no weights, any size. Same arguments and device: same result.

    Args:
        crop: (H, W, C) float32, colour premultiplied by alpha, alpha last if ``has_alpha``; finite.
        mask: (H, W) bool: what to regenerate.
        seed: 0..2³²-1; another seed gives another fill where the picture leaves a choice.
        unusable: (H, W) bool: known pixels that hold nothing to copy or to compare with.
        uncopied: (H, W) bool: known pixels to be compared with, but not to be copied.
        guess: (H, W, C): what another model thinks the hole should show, however softly; where it begins.

    Returns:
        (H, W, C): ``crop`` with the masked pixels replaced.

    Raises:
        NothingToCopyFrom: no known pixel in the crop.
        Cancelled: by ``report.check``.
    """
    recipe = recipe or Recipe()
    unknown = mask if unusable is None else mask | unusable
    if bool(unknown.all()):
        raise NothingToCopyFrom("The selection covers the whole layer, so there is nothing left to continue.")
    size = Size(crop.shape[1], crop.shape[0])
    parts = separate_parts(mask.cpu().numpy())
    # Another memory layout would take another path through torch, and round differently.
    out = crop.contiguous().clone()
    left = unknown.clone()
    for number, box in enumerate(parts):
        where = _window_with_known(box, size, left)
        rows, cols = where.slices()
        generator = torch.Generator().manual_seed(seed)
        believed = None if guess is None else guess[rows, cols]
        banned = transparent(out, left, where, has_alpha)
        if uncopied is not None:
            banned = banned | (uncopied[rows, cols] & ~left[rows, cols])
        window = Level(out[rows, cols], left[rows, cols], banned, believed)

        def look(
            picture: Tensor, scale: int, fraction: float, *, number: int = number, where: PixelRect = where
        ) -> None:
            report.progress((number + fraction) / len(parts), "continuing the surroundings")
            report.preview(_preview(out, picture, where, scale), scale)

        filled = fill_window(window, recipe, generator, report.check, look)
        own = mask.clone()
        own[:] = False
        own[box.slices()] = mask[box.slices()]
        own_here = own[rows, cols]
        out[rows, cols] = torch.where(own_here[..., None], filled, out[rows, cols])
        left &= ~own
    return out


def _window_with_known(box: PixelRect, size: Size, unknown: Tensor) -> PixelRect:
    """The part's reach; the whole crop where that reach holds too little that is known."""
    where = reach_of_fill(box, size)
    known = where.area - int(unknown[where.slices()].sum())
    return where if known * 4 >= where.area else size.rect


def transparent(crop: Tensor, unknown: Tensor, where: PixelRect, has_alpha: bool) -> Tensor:
    """(h, w) bool of the window: fully transparent pixels, where the hole's surroundings are not."""
    hole = unknown[where.slices()]
    if not has_alpha:
        return torch.zeros_like(hole)
    clear = (crop[where.slices()][..., -1] <= 0) & ~hole
    ring = (F.max_pool2d(hole[None, None].float(), 5, 1, 2)[0, 0] > 0) & ~hole
    surrounded = int((clear & ring).sum()) > _CLEAR_SURROUNDINGS * int(ring.sum())
    nothing_else = bool((clear | hole).all())
    return torch.zeros_like(hole) if surrounded or nothing_else else clear


def _preview(crop: Tensor, picture: Tensor, where: PixelRect, scale: int) -> Tensor:
    """The crop at one pixel in ``scale``, with the window's picture of that scale in its place."""
    height, width = crop.shape[:2]
    y = (torch.arange(-(-height // scale), device=crop.device) * scale + scale // 2).clamp(max=height - 1)
    x = (torch.arange(-(-width // scale), device=crop.device) * scale + scale // 2).clamp(max=width - 1)
    small = crop[y][:, x]
    in_y, in_x = (y >= where.y0) & (y < where.y1), (x >= where.x0) & (x < where.x1)
    from_window = picture[(y[in_y] - where.y0) // scale][:, (x[in_x] - where.x0) // scale]
    (iy,), (ix,) = in_y.nonzero(as_tuple=True), in_x.nonzero(as_tuple=True)
    small[iy[:, None], ix[None]] = from_window
    return small
