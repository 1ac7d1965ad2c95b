"""The gallery's sheet: before and after side by side, the command under each pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from engine.api import Mask, Pixels
from engine.geometry import PixelRect

_PANEL_HEIGHT_PX, _GAP_PX, _CAPTION_PX, _TEXT_PX = 260, 10, 34, 19
_ROW_WIDTH_PX = 1720
_PAPER, _INK = (250, 250, 250), (40, 40, 40)
# A selection is outlined, for what lies beneath is to be seen.
_OUTLINE = np.array([235, 40, 160], np.uint8)
_OUTLINE_PX = 3
# Squares behind what is transparent.
_SQUARE_PX, _SQUARES = 12, (255, 205)


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """H×W×3 or H×W×4 uint8 pictures; the selection, if any; the command.

    Attributes:
        close_up_px: of ``before``: this part alone is shown, pixel by pixel, and the same part of what came of it.
    """

    text: str
    before: Pixels
    mask: Mask | None
    after: tuple[Pixels, ...]
    close_up_px: PixelRect | None = None


def write_gallery(path: Path, pairs: Sequence[Pair]) -> None:
    """Write all pairs, as many in a row as it holds."""
    strips = [_strip(pair) for pair in pairs]
    rows: list[list[Image.Image]] = [[]]
    for strip in strips:
        if rows[-1] and sum(one.width + 3 * _GAP_PX for one in rows[-1]) + strip.width > _ROW_WIDTH_PX:
            rows.append([])
        rows[-1].append(strip)
    width = max((sum(one.width + 3 * _GAP_PX for one in row) for row in rows), default=0) + 3 * _GAP_PX
    tall = _PANEL_HEIGHT_PX + _CAPTION_PX + 2 * _GAP_PX
    sheet = Image.new("RGB", (max(width, 1), len(rows) * tall + 2 * _GAP_PX), _PAPER)
    for number, row in enumerate(rows):
        left = 3 * _GAP_PX
        for strip in row:
            sheet.paste(strip, (left, 2 * _GAP_PX + number * tall))
            left += strip.width + 3 * _GAP_PX
    sheet.save(path)


def _strip(pair: Pair) -> Image.Image:
    shown = [_outlined(pair.before, pair.mask), *pair.after]
    panels = [_panel(one) for one in shown]
    if pair.close_up_px is not None:
        part, size = pair.close_up_px, panels[0].size
        panels = [_close_up(one, part, one.shape[1] / pair.before.shape[1], size) for one in shown]
    width = sum(panel.width for panel in panels) + _GAP_PX * (len(panels) - 1)
    font = ImageFont.load_default(_TEXT_PX)
    said = f"“{pair.text}”"
    strip = Image.new("RGB", (max(width, round(font.getlength(said)) + 2), _PANEL_HEIGHT_PX + _CAPTION_PX), _PAPER)
    left = 0
    for panel in panels:
        strip.paste(panel, (left, 0))
        left += panel.width + _GAP_PX
    ImageDraw.Draw(strip).text((0, _PANEL_HEIGHT_PX + 6), said, fill=_INK, font=font)
    return strip


def _panel(pixels: Pixels) -> Image.Image:
    height, width = pixels.shape[:2]
    size = (max(1, round(width * _PANEL_HEIGHT_PX / height)), _PANEL_HEIGHT_PX)
    return Image.fromarray(_over_squares(pixels)).resize(size, Image.Resampling.LANCZOS)


def _close_up(pixels: Pixels, part_px: PixelRect, scale: float, size: tuple[int, int]) -> Image.Image:
    """A part of the picture, given in pixels of which ``scale`` go on one of these, with its pixels to be seen."""
    box = (part_px.x0 * scale, part_px.y0 * scale, part_px.x1 * scale, part_px.y1 * scale)
    return Image.fromarray(_over_squares(pixels)).resize(size, Image.Resampling.NEAREST, box=box)


def _over_squares(pixels: Pixels) -> Pixels:
    if pixels.shape[2] != 4:
        return np.ascontiguousarray(pixels[..., :3])
    rows, cols = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    squares = np.where((rows // _SQUARE_PX + cols // _SQUARE_PX) % 2 == 0, *_SQUARES)[..., None]
    share = pixels[..., 3:].astype(np.float32) / 255
    return np.rint(pixels[..., :3] * share + squares * (1 - share)).astype(np.uint8)


def _outlined(pixels: Pixels, mask: Mask | None) -> Pixels:
    if mask is None:
        return pixels
    inside = mask > 0
    edge = np.zeros_like(inside)
    for axis in (0, 1):
        for step in range(1, _OUTLINE_PX + 1):
            edge |= inside ^ np.roll(inside, step, axis)
    out = pixels.copy()
    out[edge] = _OUTLINE
    return out
