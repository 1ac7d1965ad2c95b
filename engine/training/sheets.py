"""Pictures side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

_GAP_PX = 2
_LABEL_PX = 150


def contact_sheet(rows: Sequence[Tensor], path: Path, labels: Sequence[str] | None = None) -> None:
    """Each row (n, 3, H, W) 0 … 1, all of one size; with labels, one a row, at its left."""
    left = _LABEL_PX if labels else 0
    height, width = rows[0].shape[-2:]
    across = max(len(row) for row in rows)
    size = (left + across * (width + _GAP_PX), len(rows) * (height + _GAP_PX))
    sheet = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    for y, row in enumerate(rows):
        top = y * (height + _GAP_PX)
        if labels:
            pen.multiline_text((3, top + 3), labels[y].replace(" and ", "\nand "), fill="black")
        for x, picture in enumerate(row):
            pixels = (picture.detach().float().clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).cpu()
            sheet.paste(Image.fromarray(np.ascontiguousarray(pixels.numpy())), (left + x * (width + _GAP_PX), top))
    coming = path.with_suffix(".coming.png")
    sheet.save(coming)
    coming.replace(path)
