"""References at a size that the model was trained with: about 512 × 512, sides of whole 32 px, at most 4 : 1."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

# Upstream's inference_i2i.py: `generate_crop_size_list((512 // 32) ** 2, 32)`.
_SIDE_PX = 32
_MOST = (512 // _SIDE_PX) ** 2
_LONGEST_RATIO = 4.0
_LONGEST_SCALED = 8


def fit_reference(picture: Tensor) -> Tensor:
    """(3, H, W) 0 … 1 scaled and cut about its middle, as upstream's `var_center_crop` does at a random place."""
    height, width = picture.shape[-2:]
    # Scaled whole, a hair's breadth would become a picture of any length, of which the middle is kept.
    most = _LONGEST_SCALED * min(height, width)
    if max(height, width) > most:
        above, before = max(0, height - most) // 2, max(0, width - most) // 2
        return fit_reference(picture[:, above : above + most, before : before + most])
    wide, tall = fitted_size(width, height)
    scale = max(tall / height, wide / width)
    size = max(tall, round(height * scale)), max(wide, round(width * scale))
    scaled = F.interpolate(picture[None], size, mode="bicubic", antialias=True, align_corners=False)[0].clamp(0, 1)
    top, left = (size[0] - tall) // 2, (size[1] - wide) // 2
    return scaled[:, top : top + tall, left : left + wide]


def fitted_size(width: int, height: int) -> tuple[int, int]:
    """Width and height in pixels: of the sizes allowed, the one that cuts off least; of equals, the widest."""

    def kept(size: tuple[int, int]) -> float:
        across, down = size[0] / width, size[1] / height
        return min(across, down) / max(across, down)

    return max(_sizes_px(), key=lambda size: (kept(size), size))


def _sizes_px() -> list[tuple[int, int]]:
    """Widths and heights that hold as many patches as allowed, or so many that one more row and column is too much."""
    return [
        (columns * _SIDE_PX, rows * _SIDE_PX)
        for columns in range(1, _MOST + 1)
        for rows in range(max(1, _MOST // (columns + 1)), _MOST // columns + 1)
        if max(rows, columns) <= _LONGEST_RATIO * min(rows, columns)
    ]
