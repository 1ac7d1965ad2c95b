"""Colours by name, and painting with them: ramps, mixtures and small differences."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.materials.canvas import Canvas

# The colour words the model is trained on, sRGB 0 … 1, as designers use them (not CSS's pure corners).
COLOURS: dict[str, tuple[float, float, float]] = {
    "red": (0.80, 0.12, 0.12),
    "orange": (0.93, 0.52, 0.12),
    "yellow": (0.95, 0.85, 0.22),
    "green": (0.20, 0.60, 0.22),
    "teal": (0.10, 0.55, 0.55),
    "blue": (0.15, 0.32, 0.80),
    "navy": (0.07, 0.13, 0.33),
    "purple": (0.48, 0.20, 0.65),
    "pink": (0.95, 0.58, 0.72),
    "brown": (0.42, 0.26, 0.14),
    "beige": (0.86, 0.78, 0.64),
    "gold": (0.83, 0.66, 0.26),
    "black": (0.06, 0.06, 0.07),
    "white": (0.95, 0.95, 0.94),
    "grey": (0.52, 0.52, 0.52),
}


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
