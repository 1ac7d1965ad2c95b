"""A plan made finer: windows at half the scale and half again, each conditioned on what is there.

A large selection is planned in one coarse window, so that its layout is of one piece. Here windows follow that cover
its box, each with its own part in the middle and what lies around as context: the layer's pixels, parts that are
already fine, and parts that are only coarse yet. In its own part the coarse plan's codes are drawn anew in two halves,
far apart tokens first, each half with the other as it stands.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor

from engine.batcher import model_for
from engine.geometry import PixelRect, Size
from engine.models.nano.weights import Nano
from engine.models.nano.window import box_of, enlarged, resized, shrunk, window_around
from engine.tokens.grid import token_mask
from engine.tokens.ground import fill_ground
from engine.tokens.regenerate import Begun, Recipe, regenerate
from engine.tokens.region import Region, Worded, decode_drawn
from engine.tokens.schedule import halton_order

# A window's own part of its side; neighbours' parts meet there, and what is around them is context for both.
_OWN_SHARE = 0.6
_STEPS_A_HALF = 3
# The plan says what lies where; words pull a part of a scene to be a whole one, so they are hardly heard here.
_RECIPE = Recipe(steps=_STEPS_A_HALF, guidance=(1.0, 1.0), temperature=(0.8, 0.6), remask_share=0.0)
# More windows than this at one scale are not worth their time: the plan stays as coarse as it is.
_MOST_WINDOWS = 36


@torch.inference_mode()
def refined(
    nano: Nano, picture: Tensor, hole: Tensor, words: str, *, scale: float, finest: float, seed: int
) -> Iterator[Tensor]:
    """The picture after each window, at last with its plan as fine as was asked for.

    Args:
        picture: (3, H, W) float 0 … 1 with a plan in its hole. hole: (H, W) bool, not empty. words: see `draw_plan`.
        scale: of the plan: picture pixels a true pixel. finest: to be reached, at least 1; as far as
            `_MOST_WINDOWS` allow.
        seed: 0 … 2⁶³-1: the same refines the same.
    """
    picture, hole = picture.to(nano.device).float(), hole.to(nano.device)
    ids = nano.vocabulary.encode(words).ids
    number = 0
    for finer in scales(scale, finest):
        parts = list(parts_of(hole, finer * nano.window_px * _OWN_SHARE))
        if len(parts) > _MOST_WINDOWS:
            return
        for part in parts:
            picture = _redrawn(nano, picture, hole, ids, part, finer, seed + number)
            number += 1
            yield picture


def scales(coarse: float, finest: float) -> list[float]:
    """Halved again and again, the last one ``finest``; none when the plan is fine enough."""
    count = max(0, math.ceil(math.log2(max(coarse, 1e-9) / max(finest, 1.0)) - 1e-6))
    return [max(finest, 1.0, coarse / 2**level) for level in range(1, count + 1)]


def parts_of(hole: Tensor, side_px: float) -> Iterator[PixelRect]:
    """The hole's box in parts of about that side, row by row; those without any of the hole are left out."""
    box = box_of(hole)
    across, down = math.ceil(box.width / side_px), math.ceil(box.height / side_px)
    xs_at = [box.x0 + round(box.width * n / across) for n in range(across + 1)]
    ys_at = [box.y0 + round(box.height * n / down) for n in range(down + 1)]
    for top, bottom in pairwise(ys_at):
        for left, right in pairwise(xs_at):
            part = PixelRect(left, top, right, bottom)
            if not part.is_empty and bool(hole[part.slices()].any()):
                yield part


def _redrawn(
    nano: Nano, picture: Tensor, hole: Tensor, words: tuple[int, ...], part: PixelRect, scale: float, seed: int
) -> Tensor:
    """The picture with this part of its hole drawn anew at that scale."""
    window = window_around(part, Size(hole.shape[1], hole.shape[0]), round(nano.window_px * scale), scale)
    own = torch.zeros_like(hole)
    own[part.slices()] = hole[part.slices()]
    rows_px, cols_px = window.rect_px.slices()
    small = resized(picture[None, :, rows_px, cols_px], window.size_px).clamp(0, 1)
    _, known = shrunk(picture, ~own, window)
    ground = fill_ground(small, known)
    opened = nano.opened.open(nano.transformer, ground, known, token_mask(~known[0, 0]))
    model = model_for(nano.family, Worded(opened, words), tokens=len(opened.at))
    rows, columns = opened.at[:, 0], opened.at[:, 1]
    # The coarse plan's own codes: seen as a picture whose hole is to be told.
    ids = nano.tokenizer.encode(small, ground, known)[0, rows, columns]
    for half, redraw in enumerate(_halves(opened, seed)):
        if not bool(redraw.any()):
            continue
        begun = Begun(ids, ~redraw)
        ids = regenerate(model, opened.at, opened.size_tok, _RECIPE, seed=seed + half, device=nano.device, begun=begun)
    everything = torch.ones(len(ids), dtype=torch.bool, device=nano.device)
    rect_px, pixels = decode_drawn(nano.tokenizer, opened, ids, everything, ground, known)
    drawn = small.clone()
    drawn[(..., *rect_px.slices())] = pixels.clamp(0, 1)
    out = picture.clone()
    out[:, rows_px, cols_px] = torch.where(own[rows_px, cols_px], enlarged(drawn, window), picture[:, rows_px, cols_px])
    return out


def _halves(region: Region, seed: int) -> tuple[Tensor, Tensor]:
    """(R,) bool twice: each token in one of them, those of one half as far apart as they can be."""
    order = halton_order(region.at.cpu(), region.size_tok, torch.Generator().manual_seed(seed)).to(region.at.device)
    first = torch.zeros(len(order), dtype=torch.bool, device=region.at.device)
    first[order[: math.ceil(len(order) / 2)]] = True
    return first, ~first
