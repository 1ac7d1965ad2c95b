"""A contact sheet: before, selection, after of each picture in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from engine.api import Mask, Pixels

_GAP_PX = 8
_ROW_HEIGHT_PX = 400
_PAPER = (250, 250, 250)
# A selection is shown as a veil of this colour, so that what lies beneath can still be seen.
_VEIL = np.array([235, 40, 160], np.float32)
_VEIL_OPACITY = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One picture: H×W×3 uint8 before and after, H×W uint8 mask."""

    name: str
    before: Pixels
    mask: Mask
    after: Pixels


def write_sheet(path: Path, rows: Sequence[Row]) -> None:
    """Write all rows under each other, each scaled to the same height."""
    strips = [_strip(row) for row in rows]
    width = max(strip.width for strip in strips)
    height = sum(strip.height + _GAP_PX for strip in strips) + _GAP_PX
    sheet = Image.new("RGB", (width, height), _PAPER)
    top = _GAP_PX
    for strip in strips:
        sheet.paste(strip, (0, top))
        top += strip.height + _GAP_PX
    sheet.save(path)


def _strip(row: Row) -> Image.Image:
    opacity = row.mask[..., np.newaxis].astype(np.float32) / 255 * _VEIL_OPACITY
    veiled = (row.before * (1 - opacity) + _VEIL * opacity).astype(np.uint8)
    height, width = row.before.shape[:2]
    size = (round(width * _ROW_HEIGHT_PX / height), _ROW_HEIGHT_PX)
    strip = Image.new("RGB", (3 * size[0] + 4 * _GAP_PX, size[1]), _PAPER)
    for place, pixels in enumerate((row.before, veiled, row.after)):
        panel = Image.fromarray(np.asarray(pixels, np.uint8)).resize(size, Image.Resampling.LANCZOS)
        strip.paste(panel, (_GAP_PX + place * (size[0] + _GAP_PX), 0))
    return strip
