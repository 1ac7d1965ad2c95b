"""Letters on a layer: an editable text for the host, and the same drawn into the pixels."""

from __future__ import annotations

import time

import cv2
import numpy as np
import numpy.typing as npt
import torch

from engine.api import Alpha, Depth, EditFacts, EditRequest, EditResult, HostLayer, Mask, Pixels, ShadeLayer, TextLayer
from engine.colour.oklab import from_oklab, to_oklab
from engine.colour.space import space_of, srgb
from engine.commands.colours import rgb_of
from engine.errors import BadRequest, UnknownPrompt
from engine.geometry import PixelRect, Size
from engine.imaging.composite import composite
from engine.imaging.layer import to_working
from engine.imaging.mask import bounding_box
from engine.matting.picture import picture_of
from engine.operations.report import Report
from engine.typeset.contrast import Readable, Rgb, readable
from engine.typeset.fonts import Face, choose
from engine.typeset.layout import Block, busy, coverage, lay_out, room, wished_size

# Where a text goes that names no place: the calmest of these, the first of equals.
_PLACES = (
    "bottom", "top", "centre", "bottom left", "top left", "bottom right", "top right", "left", "right",
)  # fmt: skip
# Another place must be so much calmer to be preferred to one before it.
_CALMER = 0.85
# The shade reaches this far around the letters, and ends this softly, in ems.
_SHADE_AROUND_EM, _SHADE_SOFT_EM = 0.45, 0.25
Floats = npt.NDArray[np.float32]


def run(request: EditRequest, report: Report, device: torch.device | str) -> EditResult:
    """Values: ``text``, ``place`` (an anchor, or “x0,y0,x1,y1”), ``style``, ``size``, ``colour``; see `plan.AddText`.

    Raises:
        BadRequest: there is nothing to write, or no room for it.
        UnknownPrompt: no font has its letters, or the colour is none.
    """
    began = time.perf_counter()
    report.check()
    text = str(request.values.get("text", ""))
    if not text.strip():
        raise BadRequest("There is nothing to write.", hint="Put the words between quotes.")
    report.progress(0.1, "choosing a font")
    chosen = choose(str(request.values.get("style", "")), text)
    layer = request.reach_px.size
    size_px = wished_size(request.values.get("size"), layer)
    picture = picture_of(to_working(request.pixels, request.format).pixels, request.format.alpha is not Alpha.NONE)
    report.check()
    report.progress(0.4, "finding a place")
    grey = np.asarray(picture.rgb.mean(-1), np.float32)
    block = _placed(str(request.values.get("place", "")), text, chosen.face, size_px, layer, grey)
    beneath = picture.rgb[block.rect_px.slices()].reshape(-1, 3)
    colour = readable(_colour(request), beneath)
    report.check()
    report.progress(0.7, "writing")
    letters = coverage(block, chosen.face, layer)
    shade = _shade(block, colour, layer)
    pixels, mask = request.pixels, letters
    if shade is not None:
        pixels = composite(pixels, _filled(request, colour.shade), shade, request.format)
        mask = np.maximum(letters, shade)
    pixels = composite(pixels, _filled(request, colour.colour), letters, request.format)
    if not mask.any():
        raise BadRequest("There is no room for this text here.", hint="Write less, or name a larger place.")
    box = bounding_box(mask > 0)
    notes = () if chosen.note is None else (chosen.note,)
    facts = EditFacts("letters", "", device=str(device), engine_s=time.perf_counter() - began, notes=notes)
    changed = np.where(mask > 0, np.uint8(255), np.uint8(0))
    return EditResult(
        box.shift(request.reach_px.x0, request.reach_px.y0),
        np.ascontiguousarray(pixels[box.slices()]),
        facts,
        np.ascontiguousarray(changed[box.slices()]),
        None,
        _layers(block, chosen.face.family, chosen.face.style, colour),
    )


def _placed(said: str, text: str, face: Face, size_px: float, layer: Size, grey: Floats) -> Block:
    """The text laid out where the words say, or where the picture is calm."""
    if "," in said:
        rect = PixelRect(*(int(part) for part in said.split(",")))
        return lay_out(text, face, size_px, rect.intersect(layer.rect), "centre")
    if said:
        return lay_out(text, face, size_px, room(layer), said)
    blocks = [lay_out(text, face, size_px, room(layer), place) for place in _PLACES]
    best, least = blocks[0], busy(grey, blocks[0].rect_px)
    for block in blocks[1:]:
        if busy(grey, block.rect_px) < _CALMER * least:
            best, least = block, busy(grey, block.rect_px)
    return best


def _colour(request: EditRequest) -> Rgb | None:
    said = request.values.get("colour")
    if said is None:
        return None
    # The library's white and black are those of paint; letters are meant to be as white as can be.
    colour = {"white": (1.0, 1.0, 1.0), "black": (0.0, 0.0, 0.0)}.get(str(said).casefold()) or rgb_of(str(said))
    if colour is None:
        raise UnknownPrompt(
            f"“{said}” is no colour that Inlay knows.", hint="Name another, or give a code like #1f6aa5."
        )
    return colour


def _filled(request: EditRequest, colour: Rgb) -> Pixels:
    """H×W×C of the reach: one opaque colour, given in sRGB, in the layer's own space and format."""
    space = space_of(request.profile, is_linear=request.format.depth is Depth.F32)
    own = torch.tensor(colour, dtype=torch.float32).reshape(3, 1, 1)
    light = from_oklab(to_oklab(srgb().to_light(own), srgb()), space)
    values: list[float] = [float(part) for part in space.from_light(light).reshape(3)]
    has_alpha = request.format.alpha is not Alpha.NONE
    if request.format.channels - has_alpha == 1:
        values = [float(space.from_light(space.luminance(light).reshape(1, 1, 1).expand(3, 1, 1))[0])]
    stored = np.array([*values, *([1.0] if has_alpha else [])], np.float64) * request.format.depth.white
    if request.format.depth is not Depth.F32:
        stored = np.clip(np.rint(stored), 0, request.format.depth.white)
    return np.broadcast_to(stored.astype(request.format.depth.dtype), request.pixels.shape).copy()


def _shade(block: Block, colour: Readable, layer: Size) -> Mask | None:
    """(H, W) uint8: how much of the shade lies where; None when none is needed."""
    if colour.opacity <= 0:
        return None
    shade = np.zeros((layer.height, layer.width), np.float32)
    shade[_shade_px(block, layer).slices()] = colour.opacity * 255
    soft = np.asarray(cv2.GaussianBlur(shade, (0, 0), max(0.5, _SHADE_SOFT_EM * block.size_px / 2)), np.float32)
    # Beneath the letters themselves it is as dense as they need it.
    soft[block.rect_px.slices()] = np.maximum(soft[block.rect_px.slices()], colour.opacity * 255)
    return np.clip(np.rint(soft), 0, 255).astype(np.uint8)


def _shade_px(block: Block, layer: Size) -> PixelRect:
    return block.rect_px.grow(round(_SHADE_AROUND_EM * block.size_px)).intersect(layer.rect)


def _layers(block: Block, family: str, style: str, colour: Readable) -> tuple[HostLayer, ...]:
    text = TextLayer(
        text="\n".join(block.lines),
        rect_px=block.rect_px,
        family=family,
        style=style,
        size_px=block.size_px,
        line_px=block.line_px,
        colour=(*colour.colour, 1.0),
        align=block.align,
    )
    if colour.opacity <= 0:
        return (text,)
    shade_px = block.rect_px.grow(round(_SHADE_AROUND_EM * block.size_px))
    around = PixelRect(max(0, shade_px.x0), max(0, shade_px.y0), shade_px.x1, shade_px.y1)
    return ShadeLayer(around, (*colour.shade, colour.opacity), _SHADE_SOFT_EM * block.size_px), text
