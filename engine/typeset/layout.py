"""Lines of letters in a place: where they break, how large they are, and where each begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from engine.errors import BadRequest
from engine.geometry import PixelRect, Size
from engine.typeset.fonts import Face

# Space to the layer's border, and to a rectangle's.
_MARGIN_OF_SIDE = 0.05
# Em sizes by name, as shares of the layer's shorter side.
_SIZES = {"small": 0.045, "medium": 0.08, "large": 0.13, "huge": 0.20}
# A fraction is a share of the height; more than this is meant in pixels.
_LARGEST_SHARE = 1.5
_LINE_OF_EM = 1.25
_SHRINK = 0.94
_LEAST_PX = 5.0


@dataclass(frozen=True, slots=True)
class Block:
    """A text ready to be drawn.

    Attributes:
        lines: as they break.
        rect_px: box of all lines, in the layer.
        size_px: em size. line_px: from one baseline to the next.
        align: ``left``, ``centre`` or ``right`` in the box.
    """

    lines: tuple[str, ...]
    rect_px: PixelRect
    size_px: float
    line_px: float
    align: str


def wished_size(said: str | float | None, layer: Size) -> float:
    """The em size in pixels that a size's word or number means."""
    shorter = min(layer.width, layer.height)
    if said is None or isinstance(said, str):
        return max(_LEAST_PX, _SIZES.get(said or "medium", _SIZES["medium"]) * shorter)
    return said * layer.height if said <= _LARGEST_SHARE else said


def lay_out(text: str, face: Face, size_px: float, place: PixelRect, anchor: str) -> Block:
    """The text at ``anchor`` of ``place``, smaller than wished where it has no room.

    Raises:
        BadRequest: there is no room for it at any size that can be read.
    """
    lines_said = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    size = size_px
    while size >= _LEAST_PX:
        font = face.at(size)
        lines = tuple(part for line in lines_said for part in _broken(line, font, place.width))
        width = max((font.getlength(line) for line in lines), default=0.0)
        line_px = _LINE_OF_EM * size
        height = line_px * len(lines)
        if width <= place.width and height <= place.height:
            wide, high = max(1, min(place.width, round(width) + 1)), max(1, min(place.height, round(height)))
            return Block(lines, _anchored(Size(wide, high), place, anchor), size, line_px, _align(anchor))
        size *= _SHRINK
    raise BadRequest("There is no room for this text here.", hint="Write less, or name a larger place.")


def room(layer: Size) -> PixelRect:
    """The layer without its margins."""
    margin = round(_MARGIN_OF_SIDE * min(layer.width, layer.height))
    return PixelRect(margin, margin, max(margin + 1, layer.width - margin), max(margin + 1, layer.height - margin))


def coverage(block: Block, face: Face, layer: Size) -> npt.NDArray[np.uint8]:
    """(H, W) uint8 of the layer: how much of each pixel the letters cover."""
    picture = Image.new("L", (layer.width, layer.height), 0)
    draw = ImageDraw.Draw(picture)
    font = face.at(block.size_px)
    ascent, descent = font.getmetrics()
    # The line's box is higher than the letters: what is left over is above and below them alike.
    lead = (block.line_px - ascent - descent) / 2
    for number, line in enumerate(block.lines):
        free = block.rect_px.width - font.getlength(line)
        x = block.rect_px.x0 + {"left": 0.0, "centre": free / 2, "right": free}[block.align]
        draw.text((x, block.rect_px.y0 + number * block.line_px + lead), line, fill=255, font=font)
    return np.asarray(picture)


def _broken(line: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """The line in parts that are no wider than that, broken between words; a longer word stays whole."""
    words = line.split(" ")
    parts, current = list[str](), words[0]
    for word in words[1:]:
        longer = f"{current} {word}"
        if font.getlength(longer) <= width:
            current = longer
        else:
            parts.append(current)
            current = word
    return [*parts, current]


def _anchored(size: Size, place: PixelRect, anchor: str) -> PixelRect:
    room_x, room_y = place.width - size.width, place.height - size.height
    x = 0 if "left" in anchor else room_x if "right" in anchor else room_x // 2
    y = 0 if "top" in anchor else room_y if "bottom" in anchor else room_y // 2
    return PixelRect(place.x0 + x, place.y0 + y, place.x0 + x + size.width, place.y0 + y + size.height)


def _align(anchor: str) -> str:
    return "left" if "left" in anchor else "right" if "right" in anchor else "centre"


def busy(grey: npt.NDArray[np.float32], rect_px: PixelRect) -> float:
    """How much goes on in a part of a picture (H, W): mean step between neighbours and spread of the light."""
    part = grey[rect_px.slices()]
    if part.size < 4:
        return 0.0
    steps = [float(np.abs(np.diff(part, axis=axis)).mean()) if part.shape[axis] > 1 else 0.0 for axis in (0, 1)]
    return sum(steps) + 0.5 * float(part.std())
