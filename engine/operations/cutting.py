"""What the background operations share: the subject is cut out, the background is painted anew, the rest is copied.

They look at the whole layer and change of it what is not wholly the subject's. The request's mask is no limit but a
hint at the subject: a box or lasso round it, or strokes on it; selecting everything says nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from engine.api import Alpha, EditFacts, EditRequest, EditResult, LayerFormat, Mask
from engine.errors import EmptySelection, SubjectNotFound
from engine.imaging.composite import composite
from engine.imaging.layer import Floats, to_preview, to_stored, to_working
from engine.matting.matte import Matte, matte_of
from engine.matting.memory import Key, Memory, key_of
from engine.matting.picture import Picture, picture_of, resized
from engine.matting.subject import find_subject
from engine.operations.report import Report

Flags = npt.NDArray[np.bool_]

# The first look's longer side.
_PREVIEW_PX = 320
# Outlines are small whatever the layer; a matte is 28 bytes a pixel, so this keeps one of some nine megapixels.
_OUTLINES_KEPT_BYTES, _MATTES_KEPT_BYTES = 4 << 20, 256 << 20
_outlines: Memory[Flags] = Memory(_OUTLINES_KEPT_BYTES, lambda found: found.nbytes)
_mattes: Memory[Matte] = Memory(_MATTES_KEPT_BYTES, lambda matte: matte.nbytes)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture taken apart, at full or at preview size.

    Attributes:
        alpha: (H, W) float32, the subject's share of each pixel. opacity: (H, W) of the layer itself, 1 where it has
            no alpha. subject, behind: (H, W, 3) straight colours that ``alpha`` mixes.
        per_layer_px: pixels of this a layer pixel: 1, or less in a preview.
    """

    alpha: Floats
    opacity: Floats
    subject: Floats
    behind: Floats
    per_layer_px: float

    @property
    def cover(self) -> Floats:
        """(H, W, 1): how opaque the subject alone is."""
        return (self.alpha * self.opacity)[..., None]


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """``colour``: (H, W, 3) premultiplied by ``opacity`` (H, W). ``everywhere``: the subject's inside changed too."""

    colour: Floats
    opacity: Floats
    everywhere: bool = False


Paint = Callable[[Scene], Painted]


@dataclass(frozen=True, slots=True, eq=False)
class CutOut:
    """The subject alone, for a host that can give a layer a mask.

    ``pixels``: (H, W, 3) float32 straight sRGB with no old background in it. ``alpha``: (H, W) float32 0 … 1.
    """

    pixels: Floats
    alpha: Floats


def cut_out(request: EditRequest, report: Report) -> CutOut:
    """Cut the subject out of the request's pixels; its mask is the hint.

    Raises:
        SubjectNotFound: nothing stands out, or there is no background. Cancelled: by ``report.check``.
    """
    picture, key = _picture(request), _key(request)
    matte = _matte(picture, _subject(picture, request.mask, key, report), key, report)
    return CutOut(matte.subject, matte.alpha * picture.opacity)


def repaint(
    request: EditRequest,
    report: Report,
    device: torch.device | str,
    paint: Paint,
    notes: tuple[str, ...] = (),
) -> EditResult:
    """Cut the subject out and paint the rest as ``paint`` says.

    Returns:
        all of the reach, in the subject's inside the source's own bytes; with ``becomes`` the layer gains alpha.

    Raises:
        EmptySelection: the mask selects no pixel.
        SubjectNotFound: nothing stands out, or there is no background.
        Cancelled: by ``report.check``.
    """
    began = time.perf_counter()
    report.check()
    if not request.mask.any():
        raise EmptySelection("Nothing is selected, so there is no subject to keep.")
    report.progress(0.05, "looking for the subject")
    picture, key = _picture(request), _key(request)
    found = _subject(picture, request.mask, key, report)
    if request.previews:
        _first_look(request, report, picture, found, paint)
    report.progress(0.4, "following the subject's edges")
    matte = _matte(picture, found, key, report)
    report.progress(0.8, "painting the background")
    painted = paint(Scene(matte.alpha, picture.opacity, matte.subject, matte.behind, 1.0))
    report.check()
    source, layer = request.pixels, request.format
    if request.becomes is not None:
        layer = request.becomes.format
        opaque = np.full((*source.shape[:2], 1), layer.depth.white, source.dtype)
        source = np.concatenate([source, opaque], -1)
    mask = _where(matte.alpha, painted)
    pixels = composite(source, to_stored(as_layer(painted, layer), layer), mask, layer)
    facts = EditFacts("grabcut, closed-form matte", "", str(device), time.perf_counter() - began, notes)
    return EditResult(request.reach_px, pixels, facts, mask, request.becomes)


def has_alpha(request: EditRequest) -> bool:
    """Whether the layer can be transparent."""
    return request.format.alpha is not Alpha.NONE


def _picture(request: EditRequest) -> Picture:
    working = to_working(request.pixels, request.format)
    return picture_of(working.pixels, has_alpha(request))


def _key(request: EditRequest) -> Key:
    """Of all that a cut-out follows from."""
    return key_of(str(request.format), request.pixels, request.mask)


def _matte(picture: Picture, found: Flags, key: Key, report: Report) -> Matte:
    matte = _mattes.get(key, lambda: matte_of(picture, found, report.check))
    for values in (matte.alpha, matte.subject, matte.behind):
        values.setflags(write=False)  # it may be looked at again
    return matte


def _subject(picture: Picture, hint: Mask, key: Key, report: Report) -> Flags:
    report.check()
    found = _outlines.get(key, lambda: find_subject(picture, hint, report.check))
    if not found.any() or found.all():
        raise SubjectNotFound("Nothing here stands out as the subject, so it cannot be told from the background.")
    return found


def _where(alpha: Floats, painted: Painted) -> Mask:
    """What the composite may write: everything but the subject's inside, unless that changed too."""
    if painted.everywhere:
        return np.full(alpha.shape, 255, np.uint8)
    return np.where(alpha >= 1, np.uint8(0), np.uint8(255))


def as_layer(painted: Painted, layer: LayerFormat) -> Floats:
    """(H, W, C) working pixels of the layer's channels."""
    colour, alpha = painted.colour, layer.alpha is not Alpha.NONE
    if layer.channels - alpha == 1:
        colour = colour.mean(-1, keepdims=True)
    if alpha:
        colour = np.concatenate([colour, painted.opacity[..., None]], -1)
    return np.ascontiguousarray(colour, np.float32)


def _first_look(request: EditRequest, report: Report, picture: Picture, found: Flags, paint: Paint) -> None:
    """The whole of it, small, with the outline for a matte."""
    report.check()
    scale = 1
    while max(picture.width, picture.height) > scale * _PREVIEW_PX:
        scale *= 2
    height, width = -(-picture.height // scale), -(-picture.width // scale)
    full = resized(found.astype(np.float32), picture.width, picture.height)
    alpha, small, seen = (resized(values, width, height) for values in (full, picture.rgb, picture.opacity))
    layer = request.format if request.becomes is None else request.becomes.format
    painted = paint(Scene(alpha, seen, small, small, 1 / scale))
    report.preview(request.reach_px, scale, to_preview(as_layer(painted, layer), layer))
