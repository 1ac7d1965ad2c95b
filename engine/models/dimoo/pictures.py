"""References at a size that the model was trained with: about 512 × 512, sides of whole 32 px, at most 4 : 1."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

# Upstream's inference_i2i.py: `generate_crop_size_list((512 // 32) ** 2, 32)`.
_SIDE_PX = 32
_MOST = (512 // _SIDE_PX) ** 2
_LONGEST_RATIO = 4.0


def fit_reference(picture: Tensor) -> Tensor:
    """(3, H, W) 0 … 1 scaled and cut about its middle; of the sizes allowed, the one that cuts off least."""
    height, width = picture.shape[-2:]
    rows, columns = min(_sizes(), key=lambda size: _cut_off(size[0] / size[1], height / width))
    tall, wide = rows * _SIDE_PX, columns * _SIDE_PX
    scale = max(tall / height, wide / width)
    size = max(tall, round(height * scale)), max(wide, round(width * scale))
    scaled = F.interpolate(picture[None], size, mode="bicubic", antialias=True, align_corners=False)[0].clamp(0, 1)
    top, left = (size[0] - tall) // 2, (size[1] - wide) // 2
    return scaled[:, top : top + tall, left : left + wide]


def _sizes() -> list[tuple[int, int]]:
    """Rows and columns of 32 px, as many together as allowed."""
    found: list[tuple[int, int]] = []
    for rows in range(1, _MOST + 1):
        columns = _MOST // rows
        if max(rows, columns) <= _LONGEST_RATIO * min(rows, columns):
            found.append((rows, columns))
    return found


def _cut_off(ratio: float, of_picture: float) -> float:
    return max(ratio, of_picture) / min(ratio, of_picture)
