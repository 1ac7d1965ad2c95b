"""A larger picture: what is there goes on beyond its borders, strip by strip.

Each strip is a hole beyond the border of what is known by then, and the exemplar model fills it with large pieces of
the old picture (`engine.models.exemplar.outwards`): nothing is stretched and nothing mirrored. The old pixels are
copied to the bit.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from engine.api import Alpha, Canvas, EditFacts, EditRequest, EditResult, LayerFormat, Pixels
from engine.errors import BadRequest, NothingToCopyFrom
from engine.geometry import PixelRect, Size
from engine.imaging.layer import Flags, Floats, to_preview, to_stored, to_working
from engine.imaging.mask import bounding_box
from engine.matting.picture import Picture, picture_of, resized
from engine.matting.subject import find_subject
from engine.models.exemplar import Recipe, regenerate
from engine.operations.report import Report

# A strip is no thicker than what is known in its direction, nor than so many pixels; the next goes on from it.
_STRIP_PX = (24, 768)
# What a strip goes on from: so many times its thickness, or half its length where that is not too much.
_DEPTH_OF_STRIP, _DEPTH_OF_LENGTH, _LEAST_DEPTH_PX = 2.0, 0.5, 64
_MOST_DEPTH_OF_LENGTH_PX = 4_000_000
# With less to copy from for each pixel of the strip everything may be copied: what was grown, and the subject.
_LEAST_SOURCES = 0.5
# So wide a band beside the old border is healed when a strip is filled.
_HEALED_PX = 10
# A frame has at most so many lines; its step is so many times that of the lines behind, and at least 8-bit 3.
_MOST_ODD_LINES, _LOOKED_AT_LINES = 3, 10
_ODD_STEP, _LEAST_ODD_STEP, _SAME_WAY = 3.0, 3 / 255, 0.8
# The subject decides where the picture goes unless it fills more than this share of it.
_MOST_SUBJECT = 0.6
_LOOK_PX = 256
_PREVIEW_PX = 320


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """The canvas as it grows: ``pixels`` (H, W, C) as stored, and (H, W) bool of it: the ``subject``, what is ``fresh``
    (not the old picture), and the ``frame`` (see `odd_lines`).
    """

    pixels: Pixels
    subject: Flags
    fresh: Flags
    frame: Flags


def run(request: EditRequest, report: Report, device: torch.device | str) -> EditResult:
    """Grow the layer to ``request.becomes``; values ``x0``, ``y0``: where its old pixels lie, else the subject decides.

    Raises:
        BadRequest: the canvas does not hold the layer.
        NothingToCopyFrom: nothing of the layer is visible.
        Cancelled: by ``report.check``.
    """
    began = time.perf_counter()
    report.check()
    becomes = request.becomes
    old = request.reach_px.size
    if becomes is None or becomes.size.width < old.width or becomes.size.height < old.height:
        raise BadRequest("The new canvas does not hold the layer.")
    report.progress(0.01, "looking for the subject")
    subject = subject_of(request, report)
    canvas = becomes.size
    x0, y0 = place_of(request, canvas, subject)
    started = known = PixelRect(x0, y0, x0 + old.width, y0 + old.height)
    layer, notes = _begun(request, canvas, started, subject)
    for strip in _strips(known, canvas):
        whole = known.union(strip)
        share = (known.area - started.area) / (canvas.area - started.area)
        part = _Part(report, share, strip.area / (canvas.area - started.area))
        _grow(layer, strip, whole, request, part, device)
        known = whole
        _show(layer.pixels, canvas, request, report)
    mask = np.full((canvas.height, canvas.width), 255, np.uint8)
    mask[started.slices()] = 0
    facts = EditFacts("exemplar", "", device=str(device), engine_s=time.perf_counter() - began, notes=notes)
    return EditResult(canvas.rect, layer.pixels, facts, mask, Canvas(canvas, becomes.format, x0, y0))


def _begun(request: EditRequest, canvas: Size, at: PixelRect, subject: Flags) -> tuple[_Layer, tuple[str, ...]]:
    """The canvas with the old pixels on it, and what is worth saying of them."""
    shape = (canvas.height, canvas.width)
    layer = _Layer(
        np.zeros((*shape, request.format.channels), request.pixels.dtype),
        np.zeros(shape, np.bool_),
        np.ones(shape, np.bool_),
        np.zeros(shape, np.bool_),
    )
    layer.pixels[at.slices()] = request.pixels
    layer.subject[at.slices()] = subject
    layer.fresh[at.slices()] = False
    left, top, right, bottom = odd_lines(request.pixels, request.format)
    layer.frame[at.slices()] = True
    layer.frame[at.y0 + top : at.y1 - bottom, at.x0 + left : at.x1 - right] = False
    sides = {"left": left, "top": top, "right": right, "bottom": bottom}
    framed = [side for side, count in sides.items() if count]
    if not framed:
        return layer, ()
    return layer, (f"the layer ends in a line of another lightness ({', '.join(framed)}); it stays where it was",)


def _grow(
    layer: _Layer, strip: PixelRect, whole: PixelRect, request: EditRequest, report: _Part, device: torch.device | str
) -> None:
    """Fill one strip from what is known in ``whole``: the old picture without its subject, where that is enough."""
    is_upright = strip.height == whole.height and strip.width < whole.width
    seen = _near(strip, whole, is_upright)
    working = to_working(np.ascontiguousarray(layer.pixels[seen.slices()]), request.format)
    mask = np.zeros((seen.height, seen.width), np.bool_)
    mask[strip.slices(seen)] = True
    # A subject that the border cuts off goes on beyond it.
    is_cut_off = bool(layer.subject[strip.grow(1).intersect(whole).slices()].any())
    aside = layer.fresh[seen.slices()] | (False if is_cut_off else layer.subject[seen.slices()])
    if (~aside & ~mask).sum() < _LEAST_SOURCES * mask.sum():
        aside = np.zeros_like(aside)
    unusable = torch.from_numpy(working.broken | layer.frame[seen.slices()]).to(device)
    has_alpha = request.format.alpha is not Alpha.NONE
    try:
        filled = regenerate(
            torch.from_numpy(working.pixels).to(device),
            torch.from_numpy(mask).to(device),
            seed=request.seed,
            report=report,
            unusable=unusable,
            uncopied=torch.from_numpy(aside).to(device),
            has_alpha=has_alpha,
            recipe=Recipe.going_outwards(*_outwards(strip, whole)),
        )
        # Large pieces meet the border where they can; a narrow band beside it is made to fit both.
        mask[:] = False
        mask[_beside_border(strip, whole).slices(seen)] = True
        filled = regenerate(
            filled,
            torch.from_numpy(mask).to(device),
            seed=request.seed,
            report=report,
            unusable=unusable,
            has_alpha=has_alpha,
        )
    except NothingToCopyFrom:
        raise NothingToCopyFrom(
            "Nothing of the layer is visible, so there is nothing to go on from.",
            hint="Extend a layer that shows something.",
        ) from None
    rows, cols = strip.slices(seen)
    layer.pixels[strip.slices()] = to_stored(filled[rows, cols].cpu().numpy(), request.format)


def _beside_border(strip: PixelRect, whole: PixelRect) -> PixelRect:
    """The strip's pixels that are next to what was known."""
    down, right = _outwards(strip, whole)
    width, height = min(_HEALED_PX, strip.width), min(_HEALED_PX, strip.height)
    x0 = strip.x1 - width if right < 0 else strip.x0
    y0 = strip.y1 - height if down < 0 else strip.y0
    return PixelRect(x0, y0, x0 + width if right else strip.x1, y0 + height if down else strip.y1)


def _outwards(strip: PixelRect, whole: PixelRect) -> tuple[int, int]:
    """Rows and columns of a step out of the picture at this strip."""
    if strip.width == whole.width:
        return (-1 if strip.y0 == whole.y0 else 1), 0
    return 0, (-1 if strip.x0 == whole.x0 else 1)


def odd_lines(pixels: Pixels, format_: LayerFormat) -> tuple[int, int, int, int]:
    """How many lines at the left, top, right and bottom are a frame: of quite another lightness than what is behind.

    Resized and scanned pictures often end so; what is grown goes on from the picture and not from its frame.
    """
    count = _LOOKED_AT_LINES + 1
    flipped = pixels[::-1, ::-1]
    ends = (pixels[:, :count].swapaxes(0, 1), pixels[:count], flipped[:, :count].swapaxes(0, 1), flipped[:count])
    left, top, right, bottom = (_odd(to_working(end, format_).pixels.mean(-1)) for end in ends)
    return left, top, right, bottom


def _odd(lines: Floats) -> int:
    """Of (N, L) lines, outermost first."""
    if len(lines) <= _LOOKED_AT_LINES:
        return 0
    steps = np.diff(lines.astype(np.float64), axis=0)
    sizes = np.abs(steps).mean(1)
    usual = float(np.median(sizes[_MOST_ODD_LINES:]))
    # A frame steps the same way nearly everywhere; an edge in the picture does so only where it is.
    same_way = np.abs(steps.mean(1)) > _SAME_WAY * sizes
    odd = np.flatnonzero(((sizes > _ODD_STEP * usual + _LEAST_ODD_STEP) & same_way)[:_MOST_ODD_LINES])
    return int(odd[-1]) + 1 if len(odd) else 0


def _near(strip: PixelRect, whole: PixelRect, is_upright: bool) -> PixelRect:
    """What a strip goes on from: deeper than it is thick."""
    thick = strip.width if is_upright else strip.height
    length = strip.height if is_upright else strip.width
    of_length = min(round(_DEPTH_OF_LENGTH * length), _MOST_DEPTH_OF_LENGTH_PX // length)
    deep = max(_LEAST_DEPTH_PX, round(_DEPTH_OF_STRIP * thick), of_length)
    wide, high = (deep, 0) if is_upright else (0, deep)
    return PixelRect(strip.x0 - wide, strip.y0 - high, strip.x1 + wide, strip.y1 + high).intersect(whole)


def _strips(known: PixelRect, canvas: Size) -> Iterator[PixelRect]:
    """One after another, each beside what is known by then; sides take turns, so that both ends grow alike."""
    while known != canvas.rect:
        for side in ("left", "right", "top", "bottom"):
            strip = _strip(known, canvas, side)
            if strip is not None:
                yield strip
                known = known.union(strip)


def _strip(known: PixelRect, canvas: Size, side: str) -> PixelRect | None:
    rooms = {
        "left": known.x0,
        "right": canvas.width - known.x1,
        "top": known.y0,
        "bottom": canvas.height - known.y1,
    }
    room, length = rooms[side], known.width if side in ("left", "right") else known.height
    least, most = _STRIP_PX
    thick = min(room, most, max(least, length))
    if thick <= 0:
        return None
    match side:
        case "left":
            return PixelRect(known.x0 - thick, known.y0, known.x0, known.y1)
        case "right":
            return PixelRect(known.x1, known.y0, known.x1 + thick, known.y1)
        case "top":
            return PixelRect(known.x0, known.y0 - thick, known.x1, known.y0)
        case _:
            return PixelRect(known.x0, known.y1, known.x1, known.y1 + thick)


def subject_of(request: EditRequest, report: Report) -> Flags:
    """(H, W) of the layer: True on the subject and close around it; nowhere where nothing stands out."""
    working = to_working(request.pixels, request.format)
    picture = picture_of(working.pixels, request.format.alpha is not Alpha.NONE)
    scale = min(1.0, _LOOK_PX / max(picture.width, picture.height))
    width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    small = Picture(resized(picture.rgb, width, height), resized(picture.opacity, width, height))
    found = find_subject(small, None, report.check)
    if found.mean() > _MOST_SUBJECT:
        return np.zeros((picture.height, picture.width), np.bool_)
    # Grown by a pixel of the small picture: its outline is no finer.
    around = np.pad(found, 1)
    grown = around[1:-1, 1:-1] | around[:-2, 1:-1] | around[2:, 1:-1] | around[1:-1, :-2] | around[1:-1, 2:]
    return resized(grown.astype(np.float32), picture.width, picture.height) > 0


def place_of(request: EditRequest, canvas: Size, subject: Flags) -> tuple[int, int]:
    """Where the old pixels lie: as the words say, or so that the subject is as near to the middle as can be."""
    old = request.reach_px.size
    box = bounding_box(subject) if subject.any() else PixelRect(0, 0, old.width, old.height)
    x0 = round(request.number("x0", (canvas.width - box.x0 - box.x1) / 2))
    y0 = round(request.number("y0", (canvas.height - box.y0 - box.y1) / 2))
    return max(0, min(canvas.width - old.width, x0)), max(0, min(canvas.height - old.height, y0))


def _show(out: Pixels, canvas: Size, request: EditRequest, report: Report) -> None:
    if not request.previews:
        return
    scale = 1
    while max(canvas.width, canvas.height) > scale * _PREVIEW_PX:
        scale *= 2
    small = np.ascontiguousarray(out[::scale, ::scale])
    report.preview(canvas.rect, scale, to_preview(to_working(small, request.format).pixels, request.format))


class _Part:
    """One strip's share of the progress; its previews are of no use to whoever sees the whole."""

    def __init__(self, report: Report, begins: float, share: float) -> None:
        self._report, self._begins, self._share = report, begins, share

    def progress(self, fraction: float, stage: str) -> None:
        self._report.progress(min(1.0, self._begins + fraction * self._share), stage)

    def preview(self, pixels: torch.Tensor, scale: int) -> None:
        """Not shown."""

    def check(self) -> None:
        self._report.check()
