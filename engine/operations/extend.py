"""A larger picture: what is there goes on beyond its borders, strip by strip.

Each strip is a hole at the border of what is known by then, and the exemplar model fills it: nothing is stretched and
nothing mirrored. The old pixels are copied to the bit.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch

from engine.api import Alpha, Canvas, EditFacts, EditRequest, EditResult, Pixels
from engine.errors import BadRequest, NothingToCopyFrom
from engine.geometry import PixelRect, Size
from engine.imaging.layer import Flags, to_preview, to_working
from engine.imaging.mask import bounding_box
from engine.matting.picture import Picture, picture_of, resized
from engine.matting.subject import find_subject
from engine.operations import remove
from engine.operations.report import Report

# A strip is at most this share of what is known in its direction, and never thicker than so many pixels: each goes on
# from the one before, so that large extensions have something near to go on from.
_STRIP_OF_SIDE = 0.4
_STRIP_PX = (24, 256)
_MOST_PIECES, _LEAST_PIECE_PX = 5, 96
_DEPTH_OF_STRIP, _LEAST_DEPTH_PX = 2.0, 64
_BESIDE_OF_PIECE, _LEAST_BESIDE_PX = 0.35, 24
# The subject decides where the picture goes unless it fills more than this share of it.
_MOST_SUBJECT = 0.6
_LOOK_PX = 256
_PREVIEW_PX = 320


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
    subject = _subject(request, report)
    canvas = becomes.size
    x0, y0 = _place(request, canvas, subject)
    out = np.zeros((canvas.height, canvas.width, request.format.channels), request.pixels.dtype)
    started = known = PixelRect(x0, y0, x0 + old.width, y0 + old.height)
    out[known.slices()] = request.pixels
    not_copied = np.zeros(out.shape[:2], np.bool_)
    not_copied[known.slices()] = subject
    for strip in _strips(known, canvas):
        whole = known.union(strip)
        share = (known.area - started.area) / (canvas.area - started.area)
        part = _Part(report, share, strip.area / (canvas.area - started.area))
        _grow(out, strip, whole, not_copied, request, part, device)
        known = whole
        _show(out, canvas, request, report)
    mask = np.full((canvas.height, canvas.width), 255, np.uint8)
    mask[started.slices()] = 0
    facts = EditFacts("exemplar", "", device=str(device), engine_s=time.perf_counter() - began)
    return EditResult(canvas.rect, out, facts, mask, Canvas(canvas, becomes.format, x0, y0))


def _grow(
    out: Pixels,
    strip: PixelRect,
    whole: PixelRect,
    not_copied: Flags,
    request: EditRequest,
    report: Report,
    device: torch.device | str,
) -> None:
    """Fill one strip of ``out`` from what is known in ``whole``, the subject excepted: it is there once."""
    # A subject that the border cuts off goes on beyond it.
    is_cut_off = bool(not_copied[strip.grow(1).intersect(whole).slices()].any())
    unfilled = np.zeros(not_copied.shape, np.bool_)
    unfilled[strip.slices()] = True
    pieces = list(_pieces(strip, whole))
    for number, piece in enumerate(pieces):
        unfilled[piece.slices()] = False
        seen = _near(piece, strip, whole)
        mask = np.zeros((seen.height, seen.width), np.uint8)
        mask[piece.slices(seen)] = 255
        aside = unfilled[seen.slices()] | (False if is_cut_off else not_copied[seen.slices()])
        step = EditRequest(
            request.edit_id, "remove", seen.size, request.format, seen.size.rect,
            np.ascontiguousarray(out[seen.slices()]), mask, request.seed, previews=False, profile=request.profile,
        )  # fmt: skip
        try:
            result = remove.run(step, _Part(report, number / len(pieces), 1 / len(pieces)), device, aside=aside)
        except NothingToCopyFrom:
            raise NothingToCopyFrom(
                "Nothing of the layer is visible, so there is nothing to go on from.",
                hint="Extend a layer that shows something.",
            ) from None
        out[result.rect_px.shift(seen.x0, seen.y0).slices()] = result.pixels


def _pieces(strip: PixelRect, whole: PixelRect) -> Iterator[PixelRect]:
    """The strip in pieces along its length: each goes on from what is at its own height, sky from sky."""
    is_upright = strip.height == whole.height and strip.width < whole.width
    length = strip.height if is_upright else strip.width
    count = max(1, min(_MOST_PIECES, length // _LEAST_PIECE_PX))
    ends = [round(length * number / count) for number in range(count + 1)]
    for begin, end in pairwise(ends):
        if is_upright:
            yield PixelRect(strip.x0, strip.y0 + begin, strip.x1, strip.y0 + end)
        else:
            yield PixelRect(strip.x0 + begin, strip.y0, strip.x0 + end, strip.y1)


def _near(piece: PixelRect, strip: PixelRect, whole: PixelRect) -> PixelRect:
    """What a piece goes on from: deeper than the strip is thick, and little to the sides."""
    is_upright = strip.height == whole.height and strip.width < whole.width
    thick = strip.width if is_upright else strip.height
    deep = max(_LEAST_DEPTH_PX, round(_DEPTH_OF_STRIP * thick))
    beside = max(_LEAST_BESIDE_PX, round(_BESIDE_OF_PIECE * (piece.height if is_upright else piece.width)))
    wide, high = (deep, beside) if is_upright else (beside, deep)
    grown = PixelRect(piece.x0 - wide, piece.y0 - high, piece.x1 + wide, piece.y1 + high)
    return grown.intersect(whole)


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
    thick = min(room, most, max(least, round(_STRIP_OF_SIDE * length)))
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


def _subject(request: EditRequest, report: Report) -> Flags:
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


def _place(request: EditRequest, canvas: Size, subject: Flags) -> tuple[int, int]:
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

    def preview(self, rect_px: PixelRect, scale: int, pixels: npt.NDArray[np.uint8]) -> None:
        """Not shown."""

    def check(self) -> None:
        self._report.check()
