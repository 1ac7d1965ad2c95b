"""Another picture on top of a layer: a logo, a second photograph."""

from __future__ import annotations

import time

import cv2
import numpy as np
import numpy.typing as npt
import torch

from engine.api import Alpha, EditFacts, EditRequest, EditResult, ImageLayer
from engine.colour.convert import as_in_layer, is_unreadable, numbers_of
from engine.errors import BadRequest
from engine.geometry import PixelRect, Size
from engine.imaging.layer import to_stored, to_working
from engine.imaging.mask import bounding_box
from engine.matting.light import to_linear, to_srgb
from engine.matting.picture import picture_of
from engine.operations.report import Report
from engine.typeset.layout import room

# Without a size a picture takes this share of the layer's shorter side.
_USUAL_OF_SIDE = 0.3
Floats = npt.NDArray[np.float32]


def run(request: EditRequest, report: Report, device: torch.device | str) -> EditResult:
    """Values: ``reference``, ``place`` (an anchor or “x0,y0,x1,y1”), ``scale`` of its own size, ``rotation`` (degrees,
    clockwise), ``opacity``; see the plan's `PlaceImage`.

    Raises:
        BadRequest: there is no picture of that number, or nothing of it would be seen.
    """
    began = time.perf_counter()
    report.check()
    number = round(request.number("reference", 1))
    if not 1 <= number <= len(request.references):
        raise BadRequest(f"There is no image {number} with the command.", hint="Add the picture, then try again.")
    reference = request.references[number - 1]
    own = picture_of(to_working(reference.pixels, reference.format).pixels, reference.format.alpha is not Alpha.NONE)
    own_space = numbers_of(reference.profile)
    shown = as_in_layer(own.rgb, own_space, numbers_of(request.profile))
    rotation, opacity = request.number("rotation"), max(0.0, min(1.0, request.number("opacity", 1.0)))
    layer = request.reach_px.size
    rect_px = _rect(request, Size(own.width, own.height), layer)
    report.progress(0.3, "placing the picture")
    colour, cover = _shown(shown, own.opacity, rect_px, rotation, layer)
    report.check()
    cover *= np.float32(opacity)
    if not (cover > 0).any():
        raise BadRequest("Nothing of the picture would be seen.", hint="Make it larger or more opaque.")
    box = bounding_box(cover > 0)
    pixels, mask = _over(request, colour[box.slices()], cover[box.slices()], box)
    notes = ()
    if is_unreadable(reference.profile, own_space):
        notes = ("the picture's colour profile could not be read; it was taken for sRGB",)
    facts = EditFacts("picture", "", device=str(device), engine_s=time.perf_counter() - began, notes=notes)
    placed = ImageLayer(number, rect_px, rotation, opacity)
    return EditResult(box.shift(request.reach_px.x0, request.reach_px.y0), pixels, facts, mask, None, (placed,))


def _over(
    request: EditRequest, colour: Floats, cover: Floats, box: PixelRect
) -> tuple[npt.NDArray[np.uint8 | np.uint16 | np.float32], npt.NDArray[np.uint8]]:
    """The box with the picture over it; where nothing covers it the source's own bytes."""
    source = request.pixels[box.slices()]
    has_alpha = request.format.alpha is not Alpha.NONE
    shown = colour.mean(-1, keepdims=True) if request.format.channels - has_alpha == 1 else colour
    share = cover[..., None]
    top = shown * share
    if has_alpha:
        top = np.concatenate([top, share], -1)
    working = to_working(source, request.format)
    mixed = np.asarray(top + working.pixels * (1 - share), np.float32)
    pixels = source.copy()
    covered = cover > 0
    pixels[covered] = to_stored(mixed, request.format)[covered]
    return pixels, np.where(covered, np.uint8(255), np.uint8(0))


def _rect(request: EditRequest, own: Size, layer: Size) -> PixelRect:
    """Where the picture goes before it is turned; its proportions are kept."""
    said = str(request.values.get("place", "centre"))
    within, anchor = room(layer), said
    if "," in said:
        within, anchor = PixelRect(*(int(part) for part in said.split(","))).intersect(layer.rect), "centre"
        factor = min(within.width / own.width, within.height / own.height)
    else:
        factor = _USUAL_OF_SIDE * min(layer.width, layer.height) / max(own.width, own.height)
    if "scale" in request.values:
        factor = request.number("scale", 1.0)
    width, height = max(1, round(own.width * factor)), max(1, round(own.height * factor))
    room_x, room_y = within.width - width, within.height - height
    x0 = within.x0 + (0 if "left" in anchor else room_x if "right" in anchor else room_x // 2)
    y0 = within.y0 + (0 if "top" in anchor else room_y if "bottom" in anchor else room_y // 2)
    # One that is larger than the layer hangs over its border; a rectangle of pixels begins at 0.
    x0, y0 = max(0, x0), max(0, y0)
    return PixelRect(x0, y0, x0 + width, y0 + height)


def _shown(rgb: Floats, opacity: Floats, rect_px: PixelRect, rotation: float, layer: Size) -> tuple[Floats, Floats]:
    """(H, W, 3) colour and (H, W) cover on the layer's grid; resized in linear light, weighted by opacity."""
    turns, rest = divmod(rotation, 90.0)
    light = np.concatenate([to_linear(rgb) * opacity[..., None], opacity[..., None]], -1)
    if rest == 0:  # quarter turns move pixels and mix none
        width, height = (rect_px.width, rect_px.height)
        small = _resized(light, width, height)
        small = np.rot90(small, -int(turns) % 4)
        turned = Size(small.shape[1], small.shape[0])
        x0 = rect_px.x0 + (width - turned.width) // 2
        y0 = rect_px.y0 + (height - turned.height) // 2
        out = np.zeros((layer.height, layer.width, 4), np.float32)
        target = PixelRect(max(0, x0), max(0, y0), max(0, x0 + turned.width), max(0, y0 + turned.height))
        seen = target.intersect(layer.rect)
        out[seen.slices()] = small[seen.y0 - y0 : seen.y1 - y0, seen.x0 - x0 : seen.x1 - x0]
    else:
        small = _resized(light, rect_px.width, rect_px.height)
        middle = ((small.shape[1] - 1) / 2, (small.shape[0] - 1) / 2)
        turn = cv2.getRotationMatrix2D(middle, -rotation, 1.0)
        turn[0, 2] += rect_px.x0
        turn[1, 2] += rect_px.y0
        moved = cv2.warpAffine(small, turn, (layer.width, layer.height), flags=cv2.INTER_CUBIC)
        out = np.clip(np.asarray(moved, np.float32), 0, None)
    cover = np.clip(out[..., 3], 0, 1)
    cover[cover < 1 / 512] = 0
    colour = to_srgb(np.asarray(out[..., :3] / np.maximum(out[..., 3:], np.float32(1 / 512)), np.float32))
    return colour, cover


def _resized(values: Floats, width: int, height: int) -> Floats:
    smaller = width * height < values.shape[0] * values.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    if values.shape[:2] == (height, width):
        return values
    out = np.asarray(cv2.resize(np.ascontiguousarray(values), (width, height), interpolation=how), np.float32)
    return np.clip(out, 0, None)
