"""A layer's working pixels as the models see colour, and back: three channels, sRGB-like, without alpha."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.api import Alpha, LayerFormat
from engine.imaging.layer import Floats

_LUMA = (0.2126, 0.7152, 0.0722)


def rgb_of(working: Floats, layer: LayerFormat) -> Tensor:
    """(H, W, C) working pixels to (3, H, W) float32; a grey layer three times, alpha left away (premultiplied)."""
    colour = working if layer.alpha is Alpha.NONE else working[..., :-1]
    return torch.from_numpy(colour).permute(2, 0, 1).expand(3, -1, -1)


def as_layer(picture: Tensor, layer: LayerFormat) -> Floats:
    """(3, H, W), clipped to 0 … 1, to (H, W, C) working pixels: lightness for a grey layer, opaque with alpha."""
    colour = picture.clamp(0, 1).permute(1, 2, 0).cpu().numpy()
    has_alpha = layer.alpha is not Alpha.NONE
    if layer.channels - has_alpha == 1:
        colour = (colour @ np.asarray(_LUMA, np.float32))[..., None]
    if has_alpha:
        colour = np.concatenate([colour, np.ones_like(colour[..., :1])], -1)
    return np.ascontiguousarray(colour, np.float32)
