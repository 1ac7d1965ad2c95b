"""What light, lens and camera do to a material: relief, shade, depth blur, grain."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.materials.canvas import Canvas


def relief(canvas: Canvas, height: Tensor, *, depth: Tensor | float = 1.0, angle: Tensor | None = None) -> Tensor:
    """(B, H, W), about 1: how much light falls on a surface whose height (B, H, W) is in units, lit from one side.

    Multiply the colour by it. ``depth``, a number or (B, 1, 1), scales the height; ``angle`` (B, 1, 1) says whence
    the light comes, the upper left by default.
    """
    if angle is None:
        angle = torch.full((canvas.batch, 1, 1), -0.75 * math.pi, device=canvas.device)
    padded = F.pad(height[:, None], (1, 1, 1, 1), mode="replicate")[:, 0]
    slope_x = (padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]) * (0.5 * canvas.unit_px * depth)
    slope_y = (padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]) * (0.5 * canvas.unit_px * depth)
    lean = slope_x * angle.cos() + slope_y * angle.sin()
    # Lambert with the light at 45 degrees: a flat surface gets 1.
    return ((1.0 - lean) / (1.0 + slope_x**2 + slope_y**2).sqrt()).clamp(0.15, 1.9)


def shaded(canvas: Canvas, picture: Tensor, amount: float = 0.10) -> Tensor:
    """The picture (B, 3, H, W) under light that falls off to one side, by up to ``amount``."""
    angle = canvas.uniform(0, 2 * math.pi)
    across = (canvas.across - 0.5) * angle.cos() + (canvas.down - 0.5) * angle.sin()
    return picture * (1.0 + across * 2.0 * canvas.uniform(0.2, 1.0) * amount)[:, None]


def blurred(picture: Tensor, sigma_px: float) -> Tensor:
    """Gaussian blur, replicated at the border; (B, C, H, W)."""
    if sigma_px < 0.2:
        return picture
    reach = max(1, math.ceil(3 * sigma_px))
    taps = torch.arange(-reach, reach + 1, dtype=picture.dtype, device=picture.device)
    weights = torch.exp(-(taps**2) / (2 * sigma_px**2))
    weights = weights / weights.sum()
    channels = picture.shape[1]
    row = weights.view(1, 1, 1, -1).expand(channels, 1, 1, -1)
    column = weights.view(1, 1, -1, 1).expand(channels, 1, -1, 1)
    wide = F.conv2d(F.pad(picture, (reach, reach, 0, 0), mode="replicate"), row, groups=channels)
    return F.conv2d(F.pad(wide, (0, 0, reach, reach), mode="replicate"), column, groups=channels)
