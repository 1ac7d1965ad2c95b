"""What the background operations share: the subject is cut out, the background is painted anew, the rest is copied.

They look at the whole reach (see `reach.reach_of_background`), change only what ``request.mask`` selects, and of that
only what is not wholly the subject's. The rough selection that tells where the subject is comes apart from it, as a
hint: the background lies outside the selection, so the selection cannot be both.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from engine.api import Alpha, EditFacts, EditRequest, EditResult, Mask
from engine.errors import EmptySelection, SubjectNotFound
from engine.imaging.composite import composite
from engine.imaging.layer import Floats, to_preview, to_stored, to_working
from engine.imaging.mask import bounding_box, hole_of
from engine.matting.matte import matte_of
from engine.matting.picture import Picture, picture_of, resized
from engine.matting.subject import find_subject
from engine.operations.report import Report

Flags = npt.NDArray[np.bool_]

# The first look's longer side.
_PREVIEW_PX = 320


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


def cut_out(request: EditRequest, report: Report, hint: Mask | None = None) -> CutOut:
    """Cut the subject out of the request's pixels; its mask is not looked at.

    Raises:
        SubjectNotFound: nothing stands out, or there is no background. Cancelled: by ``report.check``.
    """
    picture = _picture(request)
    matte = matte_of(picture, _subject(picture, hint, report), report.check)
    return CutOut(matte.subject, matte.alpha * picture.opacity)


def repaint(
    request: EditRequest,
    report: Report,
    device: torch.device | str,
    hint: Mask | None,
    paint: Paint,
    notes: tuple[str, ...] = (),
) -> EditResult:
    """Cut the subject out and paint the rest as ``paint`` says.

    Returns:
        the patch of the mask's bounding box; outside the mask and in the subject's inside the source's own bytes.

    Raises:
        EmptySelection: the mask selects no pixel.
        SubjectNotFound: nothing stands out, or there is no background.
        Cancelled: by ``report.check``.
    """
    began = time.perf_counter()
    report.check()
    box = bounding_box(hole_of(request.mask))
    if box.is_empty:
        raise EmptySelection("Nothing is selected, so there is no background to change.")
    report.progress(0.05, "looking for the subject")
    picture = _picture(request)
    found = _subject(picture, hint, report)
    if request.previews:
        _first_look(request, report, picture, found, paint)
    report.progress(0.4, "following the subject's edges")
    matte = matte_of(picture, found, report.check)
    report.progress(0.8, "painting the background")
    painted = paint(Scene(matte.alpha, picture.opacity, matte.subject, matte.behind, 1.0))
    report.check()
    rows, cols = box.slices()
    fill = to_stored(_as_layer(painted, request)[rows, cols], request.format)
    pixels = composite(
        request.pixels[rows, cols], fill, _where(request.mask, matte.alpha, painted)[rows, cols], request.format
    )
    facts = EditFacts("grabcut, closed-form matte", "", str(device), time.perf_counter() - began, notes)
    return EditResult(box.shift(request.reach_px.x0, request.reach_px.y0), pixels, facts)


def has_alpha(request: EditRequest) -> bool:
    """Whether the layer can be transparent."""
    return request.format.alpha is not Alpha.NONE


def _picture(request: EditRequest) -> Picture:
    working = to_working(request.pixels, request.format)
    return picture_of(working.pixels, has_alpha(request))


def _subject(picture: Picture, hint: Mask | None, report: Report) -> Flags:
    found = find_subject(picture, hint, report.check)
    if not found.any() or found.all():
        raise SubjectNotFound("Nothing here stands out as the subject, so it cannot be told from the background.")
    return found


def _where(mask: Mask, alpha: Floats, painted: Painted) -> Mask:
    """What the composite may write: the mask, without the subject's inside unless that changed."""
    return mask if painted.everywhere else np.where(alpha >= 1, np.uint8(0), mask)


def _as_layer(painted: Painted, request: EditRequest) -> Floats:
    """(H, W, C) working pixels of the layer's channels."""
    layer = request.format
    colour = painted.colour
    if layer.channels - has_alpha(request) == 1:
        colour = colour.mean(-1, keepdims=True)
    if has_alpha(request):
        colour = np.concatenate([colour, painted.opacity[..., None]], -1)
    return np.ascontiguousarray(colour, np.float32)


def _first_look(request: EditRequest, report: Report, picture: Picture, found: Flags, paint: Paint) -> None:
    """The whole of it, small, with the outline for a matte."""
    report.check()
    box = bounding_box(hole_of(request.mask))
    scale = 1
    while max(box.width, box.height) > scale * _PREVIEW_PX:
        scale *= 2
    rows, cols = box.slices()
    height, width = -(-box.height // scale), -(-box.width // scale)
    full = resized(found.astype(np.float32), picture.width, picture.height)[rows, cols]
    rgb, opacity = picture.rgb[rows, cols], picture.opacity[rows, cols]
    alpha, small, seen = (resized(values, width, height) for values in (full, rgb, opacity))
    painted = paint(Scene(alpha, seen, small, small, 1 / scale))
    y = np.minimum(np.arange(height) * scale + scale // 2, box.height - 1) + box.y0
    x = np.minimum(np.arange(width) * scale + scale // 2, box.width - 1) + box.x0
    at = np.ix_(y, x)
    fill = to_stored(_as_layer(painted, request), request.format)
    shown = composite(request.pixels[at], fill, _where(request.mask[at], alpha, painted), request.format)
    preview = to_preview(to_working(shown, request.format).pixels, request.format)
    report.preview(box.shift(request.reach_px.x0, request.reach_px.y0), scale, preview)
