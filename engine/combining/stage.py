"""What is known of the layer before anything is put into it: small, so that a large layer costs no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.api import Alpha, EditRequest, Mask
from engine.combining.light import Light, light_of
from engine.errors import SubjectNotFound
from engine.geometry import PixelRect
from engine.imaging.layer import Flags, to_working
from engine.imaging.mask import bounding_box
from engine.matting.matte import Matte, matte_of
from engine.matting.picture import Picture, picture_of, resized
from engine.matting.subject import find_subject

Check = Callable[[], None]
# The longer side of the copy that is looked at.
_SIDE_PX = 1024
_STRIP_ROWS = 256
# What fills more of the layer than this, or reaches from border to border, is scenery, not a thing to keep clear of.
_MOST_COVER = 0.45
# Around what is put, this much more is matted with it: a matte needs to see both sides.
_AROUND_PX = 48


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """The layer.

    Attributes:
        small: at most 1024 px long. light: of it. selection: the box of what is selected; None without a selection.
        subject: (h, w) True where the subject is, of the layer's proportions; None when none was looked for or found.
    """

    small: Picture
    light: Light
    selection: PixelRect | None
    subject: Flags | None
    box: PixelRect | None


def stage_of(request: EditRequest, *, by_noun: bool, avoid: bool, check: Check = lambda: None) -> Stage:
    """Look at the layer.

    Args:
        by_noun: something is placed by a thing of the layer; the selection is a hint at it. avoid: the subject only has
            to be left free, if there is one.

    Raises:
        SubjectNotFound: something is placed by a thing that does not stand out.
    """
    small = _small(request, check)
    selected = bool((request.mask == 0).any()) and bool((request.mask > 0).any())
    selection = bounding_box(request.mask > 0) if selected else None
    subject: Flags | None = None
    if by_noun or avoid:
        hint = _small_mask(request.mask, small) if by_noun and selected else None
        subject = find_subject(small, hint, check)
        is_scenery = float(subject.mean()) > _MOST_COVER or bool(subject[:, 0].any() and subject[:, -1].any())
        if not subject.any() or subject.all() or (is_scenery and not by_noun):
            subject = None
    if by_noun and subject is None:
        raise SubjectNotFound("Nothing stands out in the layer to place a picture by.")
    box = None if subject is None else _box_of(subject, request)
    return Stage(small, light_of(small.rgb, small.opacity, is_scene=True), selection, subject, box)


def matte_in(stage: Stage, request: EditRequest, window: PixelRect, check: Check = lambda: None) -> Matte | None:
    """The subject's matte in a window of the reach; None where it is not in it."""
    assert stage.subject is not None
    around = window.grow(_AROUND_PX).intersect(request.reach_px.size.rect)
    high, wide = stage.subject.shape
    size = request.reach_px.size
    y0, y1 = (round(y * high / size.height) for y in (around.y0, around.y1))
    x0, x1 = (round(x * wide / size.width) for x in (around.x0, around.x1))
    outline = stage.subject[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    if not outline.any():
        return None
    picture = picture_of(
        to_working(request.pixels[around.slices()], request.format).pixels, request.format.alpha is not Alpha.NONE
    )
    matte = matte_of(picture, outline, check)
    here = window.slices(around)
    return Matte(matte.alpha[here], matte.subject[here], matte.behind[here])


def _small(request: EditRequest, check: Check) -> Picture:
    """Averaged strip by strip: the whole layer is never here as floats."""
    height, width = request.pixels.shape[:2]
    step = max(1, -(-max(height, width) // _SIDE_PX))
    has_alpha = request.format.alpha is not Alpha.NONE
    rgb: list[np.ndarray] = []
    opacity: list[np.ndarray] = []
    rows = max(step, _STRIP_ROWS // step * step)
    for top in range(0, height, rows):
        check()
        strip = picture_of(to_working(request.pixels[top : top + rows], request.format).pixels, has_alpha)
        size = (-(-width // step), -(-strip.height // step))
        rgb.append(resized(np.clip(strip.rgb, 0, 1).astype(np.float32), *size))
        opacity.append(resized(strip.opacity, *size))
    return Picture(np.concatenate(rgb), np.concatenate(opacity))


def _small_mask(mask: Mask, small: Picture) -> Mask:
    """A stroke survives: whatever is selected at all stays selected."""
    share = resized((mask > 0).astype(np.float32), small.width, small.height)
    return np.where(share > 0.25, np.uint8(255), np.uint8(0))


def _box_of(subject: Flags, request: EditRequest) -> PixelRect:
    box = bounding_box(subject)
    high, wide = subject.shape
    size = request.reach_px.size
    x0, x1 = (round(x * size.width / wide) for x in (box.x0, box.x1))
    y0, y1 = (round(y * size.height / high) for y in (box.y0, box.y1))
    return PixelRect(x0, y0, x1, y1)
