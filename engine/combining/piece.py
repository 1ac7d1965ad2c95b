"""What another picture shows, cut out: by its own transparency, else as the subject that stands out in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from engine.api import Alpha, Reference
from engine.colour.convert import as_in_layer, numbers_of
from engine.combining.light import Light, light_of
from engine.combining.studio import plain_ground, with_its_shadow
from engine.errors import SubjectNotFound
from engine.geometry import PixelRect, Size
from engine.imaging.layer import Flags, Floats, to_working
from engine.imaging.mask import bounding_box
from engine.matting.light import to_linear, to_srgb
from engine.matting.matte import matte_of
from engine.matting.picture import Picture, picture_of, resized
from engine.matting.subject import find_subject

Check = Callable[[], None]
# Less than this of a pixel is not seen.
FAINT = 1 / 255
# A picture with less transparency than this has been cut out by nobody.
_LEAST_CLEAR = 0.005
# Loose parts smaller than this share of the largest are leftovers of the cut.
_LOOSE = 0.12
# A thing that lies against its picture's border over this share of the thing's own side is cut off there; what is
# half clear there is its shadow.
_SOLID = 0.9
# Fainter than this is not the thing but its shadow or glow; a thing that is nowhere so opaque is as large as all of it.
_CORE = 0.4
_CUT_OFF = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A cut-out, in the smallest box around it.

    Attributes:
        colour: (h, w, 3) float32 straight numbers of the layer, 0 … 1. alpha: (h, w) float32 0 … 1.
        core: the box of the thing itself in these; a faint shadow of its own may lie around it.
        cut: the sides (left, right, top, bottom) at which its picture ends before the thing does.
        light: of the picture it comes from; of the thing itself where that is all there is.
    """

    colour: Floats
    alpha: Floats
    core: PixelRect
    cut: frozenset[str]
    light: Light

    @property
    def size(self) -> Size:
        return Size(self.alpha.shape[1], self.alpha.shape[0])


def cut_piece(
    reference: Reference, number: int, most_side_px: int, profile: bytes | None = None, check: Check = lambda: None
) -> Piece:
    """Cut out what the picture shows.

    Args:
        number: its number, for errors. most_side_px: no larger copy is needed.
        profile: the layer's, whose numbers are wanted.
        check: called between steps; raises to stop.

    Raises:
        SubjectNotFound: nothing stands out in it, or nothing of it can be seen.
    """
    picture = picture_in_full(reference, most_side_px, profile)
    check()
    clear = float((picture.opacity < 0.5).mean())
    if clear >= _LEAST_CLEAR:
        colour, alpha = picture.rgb, picture.opacity
        light = light_of(colour, alpha)
    else:
        plain = plain_ground(picture)
        found = find_subject(picture, None, check) if plain is None else plain.outline
        if not found.any() or found.all():
            raise SubjectNotFound(
                f"Nothing stands out in image {number}, so it cannot be cut out.",
                hint="Give it with a transparent background, or place it as it is: “put image 1 at the top left”.",
            )
        matte = matte_of(picture, found, check)
        colour, alpha = matte.subject, matte.alpha * picture.opacity
        light = light_of(picture.rgb, picture.opacity, is_scene=True)
        if plain is not None:
            colour, alpha = with_its_shadow(picture, plain, colour, alpha)
        alpha = _without_leftovers(alpha)
    box = bounding_box(alpha > FAINT)
    if box.is_empty:
        raise SubjectNotFound(f"Nothing of image {number} can be seen.", hint="Give another picture.")
    here = box.slices()
    shown = np.clip(colour[here], 0, 1).astype(np.float32)
    core = bounding_box(alpha[here] > _CORE)
    return Piece(
        np.ascontiguousarray(shown),
        np.ascontiguousarray(alpha[here]),
        box.size.rect if core.is_empty else core,
        _cut_sides(alpha, box),
        light,
    )


def rect_of(piece: Piece, core_px: PixelRect) -> PixelRect:
    """Where all of the cut-out is when its thing is there."""
    across, down = core_px.width / piece.core.width, core_px.height / piece.core.height
    x0, y0 = core_px.x0 - round(piece.core.x0 * across), core_px.y0 - round(piece.core.y0 * down)
    size = piece.size
    return PixelRect(x0, y0, x0 + max(1, round(size.width * across)), y0 + max(1, round(size.height * down)))


def scaled(piece: Piece, size: Size) -> tuple[Floats, Floats]:
    """Colour (h, w, 3) sRGB and alpha (h, w) at another size; mixed as light, weighted by opacity."""
    light = np.concatenate([to_linear(piece.colour) * piece.alpha[..., None], piece.alpha[..., None]], -1)
    if (size.height, size.width) != light.shape[:2]:
        is_smaller = size.area < piece.size.area
        how = cv2.INTER_AREA if is_smaller else cv2.INTER_CUBIC
        light = np.asarray(cv2.resize(light, (size.width, size.height), interpolation=how), np.float32)
    return straight(light)


def straight(light: Floats) -> tuple[Floats, Floats]:
    """Premultiplied linear (h, w, 4) as straight sRGB and alpha."""
    alpha = np.clip(light[..., 3], 0, 1)
    divisor = np.maximum(light[..., 3:], np.float32(FAINT / 2))
    colour = to_srgb(np.asarray(np.clip(light[..., :3], 0, None) / divisor, np.float32))
    return np.clip(colour, 0, 1).astype(np.float32), np.asarray(alpha, np.float32)


def picture_in_full(reference: Reference, most_side_px: int, profile: bytes | None = None) -> Picture:
    """The whole picture, not cut out, no larger than needed, in the numbers of a layer of that profile."""
    working = to_working(reference.pixels, reference.format)
    picture = picture_of(working.pixels, reference.format.alpha is not Alpha.NONE)
    scale = most_side_px / max(picture.width, picture.height)
    rgb, opacity = picture.rgb, picture.opacity
    if scale < 1:
        width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
        rgb, opacity = resized(rgb, width, height), resized(opacity, width, height)
    rgb = as_in_layer(np.ascontiguousarray(rgb), numbers_of(reference.profile), numbers_of(profile))
    return Picture(np.clip(rgb, 0, 1).astype(np.float32), opacity)


def _without_leftovers(alpha: Floats) -> Floats:
    _, labels, stats, _ = cv2.connectedComponentsWithStats((alpha > 0.5).astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    if len(areas) < 2:
        return alpha
    small = np.flatnonzero(areas < _LOOSE * areas.max()) + 1
    loose: Flags = np.isin(labels, small)
    if not loose.any():
        return alpha
    # With the soft edge around each, but nothing of the parts that stay.
    kept = cv2.dilate(((labels > 0) & ~loose).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    near = cv2.dilate(loose.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    return np.where(near & ~kept, 0, alpha).astype(np.float32)


def _cut_sides(alpha: Floats, box: PixelRect) -> frozenset[str]:
    height, width = alpha.shape
    solid = alpha > _SOLID
    sides: set[str] = set()
    for side, line, length, touches in (
        ("left", solid[:, :2], box.height, box.x0 <= 1),
        ("right", solid[:, -2:], box.height, box.x1 >= width - 1),
        ("top", solid[:2].T, box.width, box.y0 <= 1),
        ("bottom", solid[-2:].T, box.width, box.y1 >= height - 1),
    ):
        if touches and int(line.any(1).sum()) > _CUT_OFF * length:
            sides.add(side)
    return frozenset(sides)
