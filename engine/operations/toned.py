"""What operations on light and colour share: stored pixels to linear light, a change, and back, only where selected."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from engine.api import Alpha, Depth, EditFacts, EditRequest, EditResult, LayerFormat, Pixels
from engine.colour.space import ColourSpace, space_of
from engine.errors import EmptySelection
from engine.geometry import PixelRect
from engine.imaging.composite import composite
from engine.imaging.layer import Flags
from engine.imaging.mask import bounding_box, hole_of
from engine.operations.report import Report

# Alpha below half an 8-bit step: the colour of such a pixel cannot be told any more.
_FAINTEST_ALPHA = 1 / 512
Change = Callable[[Tensor, ColourSpace, Tensor], Tensor]


def toned(
    request: EditRequest,
    report: Report,
    device: torch.device | str,
    stage: str,
    change: Change,
    *,
    margin_px: int = 0,
    notes: tuple[str, ...] = (),
) -> EditResult:
    """The selection's box with ``change`` applied to its light.

    Args:
        change: (3, H, W) linear light of the box and its margin, their space, and the selection (H, W) 0 … 1, to the
            light that is wanted; of a grey layer the three channels are the same.
        margin_px: so far around the box is shown to ``change``.

    Raises:
        EmptySelection: no pixel is selected.
    """
    began = time.perf_counter()
    report.check()
    box = bounding_box(hole_of(request.mask))
    if box.is_empty:
        raise EmptySelection("Nothing is selected, so there is nothing to change.")
    whole = PixelRect(0, 0, request.mask.shape[1], request.mask.shape[0])
    near = box.grow(margin_px).intersect(whole)
    rows, cols = near.slices()
    source, mask = request.pixels[rows, cols], request.mask[rows, cols]
    report.progress(0.1, stage)
    space = space_of(request.profile, is_linear=request.format.depth is Depth.F32)
    colour, alpha, broken = straight_colour(source, request.format)
    weight = torch.from_numpy(mask.astype(np.float32) / 255 * ~broken).to(device)
    light = change(space.to_light(colour.to(device)), space, weight)
    report.check()
    fill = in_format(space.from_light(light).cpu(), alpha, source, broken, request.format)
    report.progress(0.9, stage)
    pixels = composite(source, fill, mask, request.format)[box.slices(near)]
    if space.is_guess and request.profile:
        notes = (*notes, "the layer's colour profile could not be read; it was taken for sRGB")
    facts = EditFacts("colour", "", device=str(device), engine_s=time.perf_counter() - began, notes=notes)
    return EditResult(box.shift(request.reach_px.x0, request.reach_px.y0), np.ascontiguousarray(pixels), facts)


def straight_colour(stored: Pixels, layer: LayerFormat) -> tuple[Tensor, Tensor | None, Flags]:
    """(3, H, W) straight colour, (H, W) alpha, and where there are no numbers."""
    values = stored.astype(np.float32)
    broken: Flags = ~np.asarray(np.isfinite(values).all(-1))
    values[broken] = 0.0
    if layer.depth is not Depth.F32:
        values /= np.float32(layer.depth.white)
    alpha = None if layer.alpha is Alpha.NONE else torch.from_numpy(values[..., -1].copy())
    colour = torch.from_numpy(np.ascontiguousarray(values if alpha is None else values[..., :-1])).permute(2, 0, 1)
    if alpha is not None and layer.alpha is Alpha.PREMULTIPLIED:
        colour = colour / alpha.clamp(min=_FAINTEST_ALPHA)
    return colour.expand(3, -1, -1), alpha, broken


def in_format(
    colour: Tensor,
    alpha: Tensor | None,
    source: Pixels,
    broken: Flags,
    layer: LayerFormat,
) -> Pixels:
    """Straight colour back to the layer's own numbers; alpha and what was no number are the source's."""
    count = layer.channels - (alpha is not None)
    values = colour if count == 3 else colour.mean(0, keepdim=True)
    if alpha is not None and layer.alpha is Alpha.PREMULTIPLIED:
        values = values * alpha
    out = source.copy()
    told = values.permute(1, 2, 0).numpy()
    if layer.depth is not Depth.F32:
        told = np.clip(np.rint(told * np.float32(layer.depth.white)), 0, layer.depth.white)
    out[..., :count] = told.astype(out.dtype)
    out[broken] = source[broken]
    return out
