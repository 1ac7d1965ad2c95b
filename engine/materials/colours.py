"""Colours by name, and painting with them: ramps, mixtures and small differences."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.materials.canvas import Canvas
from engine.materials.words import COLOURS

__all__ = ["COLOURS", "mix", "ramp", "tone"]


def tone(canvas: Canvas, rgb: tuple[float, float, float], spread: float = 0.04) -> Tensor:
    """(B, 3, 1, 1): a colour that differs a little from picture to picture, in lightness and in hue."""
    base = torch.tensor(rgb, dtype=torch.float32, device=canvas.device).view(1, 3, 1, 1)
    hue = canvas.normal(spread * 0.6, channels=3)
    lightness = canvas.normal(spread, channels=1)
    return (base + hue + lightness).clamp(0, 1)


def ramp(t: Tensor, stops: Sequence[Tensor]) -> Tensor:
    """(B, 3, H, W): colours (B, 3, 1, 1) or (B, 3, H, W) spread evenly over t (B, H, W) in 0 … 1, straight between."""
    place = t.clamp(0, 0.9999)[:, None] * (len(stops) - 1)
    out = stops[0] + (stops[1] - stops[0]) * place.clamp(0, 1)
    for number in range(1, len(stops) - 1):
        out = out + (stops[number + 1] - stops[number]) * (place - number).clamp(0, 1)
    return out


def mix(under: Tensor, over: Tensor, cover: Tensor) -> Tensor:
    """(B, 3, H, W): ``over`` where cover (B, H, W) is 1, ``under`` where it is 0."""
    return under + (over - under) * cover[:, None]
