"""Put what the words say where something is selected: a colour, a pattern, a material, a scene."""

from __future__ import annotations

import math
import time

import numpy as np
import torch
from torch import Tensor

from engine.api import Alpha, EditFacts, EditRequest, EditResult, LayerFormat
from engine.errors import EmptySelection, UnknownPrompt
from engine.geometry import PixelRect
from engine.imaging.composite import composite
from engine.imaging.layer import Floats, to_preview, to_stored, to_working
from engine.imaging.mask import bounding_box, hole_of
from engine.imaging.match import look_of, matched
from engine.materials import catalogue
from engine.materials.catalogue import Understood
from engine.materials.material import Kind
from engine.operations.report import Report

# A unit (see `materials.canvas`) is this share of the selection's side: a wall in a large selection has more bricks,
# not larger ones, once the unit is as long as this.
_UNIT_OF_SIDE = 0.7
_UNIT_PX = (64.0, 420.0)
# Scenes are composed over the frame, and their texture grows with it.
_SCENE_UNIT_PX = (64.0, 640.0)
# The first look is drawn with its longer side at most so long.
_PREVIEW_PX = 160
_LUMA = (0.2126, 0.7152, 0.0722)


def run(request: EditRequest, report: Report, device: torch.device | str) -> EditResult:
    """Draw ``request.prompt`` over the selection.

    Returns:
        the patch of the selection's bounding box, in layer coordinates and the layer's own format.

    Raises:
        EmptySelection: no pixel is selected.
        UnknownPrompt: some of the words are not in the catalogue.
        Cancelled: by ``report.check``.
    """
    began = time.perf_counter()
    report.check()
    understood = read(request.prompt)
    hole = hole_of(request.mask)
    box = bounding_box(hole)
    if box.is_empty:
        raise EmptySelection("Nothing is selected, so there is no place to draw.")
    unit_px = unit_of(understood, box)
    if request.previews:
        _first_look(request, report, understood, box, unit_px, device)
    report.progress(0.2, f"drawing {understood.entry}")
    drawn = _drawn(understood, box.width, box.height, unit_px, request.seed, device)
    report.check()
    if catalogue.find(understood.entry or "").kind is not Kind.PATTERN:
        report.progress(0.7, "matching the layer's sharpness and grain")
        working = to_working(request.pixels, request.format)
        usable = torch.from_numpy(~hole & ~working.broken)
        colours = torch.from_numpy(_colour_of(working.pixels, request.format)).permute(2, 0, 1)
        drawn = matched(drawn, look_of(colours, usable), request.seed)
        report.check()
    rows, cols = box.slices()
    fill = to_stored(_as_layer(drawn, request.format), request.format)
    pixels = composite(request.pixels[rows, cols], fill, request.mask[rows, cols], request.format)
    facts = EditFacts(model="materials", weights_hash="", device=str(device), engine_s=time.perf_counter() - began)
    return EditResult(box.shift(request.reach_px.x0, request.reach_px.y0), pixels, facts)


def read(prompt: str) -> Understood:
    """The prompt as the catalogue reads it, whole.

    Raises:
        UnknownPrompt: not all of it is understood.
    """
    understood = catalogue.understand(prompt)
    if understood.is_whole:
        return understood
    words = ", ".join(f"“{word}”" for word in understood.unknown) or f"“{prompt.strip()}”"
    nearest = ", ".join(understood.nearest)
    hint = f"The nearest it can draw: {nearest}." if nearest else f"It can draw, for example, {_examples()}."
    raise UnknownPrompt(f"Inlay cannot draw {words} yet.", hint=hint)


def unit_of(understood: Understood, box: PixelRect) -> float:
    """Pixels in a unit of what is drawn into a selection of that size."""
    entry = catalogue.find(understood.entry or "")
    if entry.kind is Kind.SCENE:
        low, high = _SCENE_UNIT_PX
        return min(max(min(box.width, box.height) * _UNIT_OF_SIDE, low), high)
    low, high = _UNIT_PX
    return min(max(math.sqrt(box.width * box.height) * _UNIT_OF_SIDE, low), high)


def _examples() -> str:
    return "brick wall, grass, wood, navy to teal gradient, red and white stripes"


def _drawn(
    understood: Understood, width: int, height: int, unit_px: float, seed: int, device: torch.device | str
) -> Tensor:
    """(3, H, W)."""
    drawn = catalogue.render(understood, width, height, unit_px=unit_px, seed=seed, device=str(device))
    return drawn.permute(2, 0, 1).cpu()


def _first_look(
    request: EditRequest,
    report: Report,
    understood: Understood,
    box: PixelRect,
    unit_px: float,
    device: torch.device | str,
) -> None:
    """The whole of it, small, before the large one is drawn."""
    scale = max(1, 2 ** math.ceil(math.log2(max(box.width, box.height) / _PREVIEW_PX)))
    width, height = -(-box.width // scale), -(-box.height // scale)
    drawn = _drawn(understood, width, height, max(unit_px / scale, 1.0), request.seed, device)
    rows = np.minimum(np.arange(height) * scale + scale // 2, box.height - 1) + box.y0
    cols = np.minimum(np.arange(width) * scale + scale // 2, box.width - 1) + box.x0
    at = np.ix_(rows, cols)
    fill = to_stored(_as_layer(drawn, request.format), request.format)
    shown = composite(request.pixels[at], fill, request.mask[at], request.format)
    preview = to_preview(to_working(shown, request.format).pixels, request.format)
    report.preview(box.shift(request.reach_px.x0, request.reach_px.y0), scale, preview)


def _colour_of(working: Floats, layer: LayerFormat) -> Floats:
    """(H, W, 1 or 3) of working pixels: without alpha."""
    return working if layer.alpha is Alpha.NONE else working[..., :-1]


def _as_layer(drawn: Tensor, layer: LayerFormat) -> Floats:
    """(H, W, C) working pixels of the layer's channels: lightness for a grey layer, opaque where there is alpha."""
    colour = drawn.clamp(0, 1).permute(1, 2, 0).numpy()
    has_alpha = layer.alpha is not Alpha.NONE
    if layer.channels - has_alpha == 1:
        colour = (colour @ np.asarray(_LUMA, np.float32))[..., None]
    if has_alpha:
        colour = np.concatenate([colour, np.ones_like(colour[..., :1])], -1)
    return np.ascontiguousarray(colour, np.float32)
