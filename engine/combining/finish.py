"""A cut-out as the layer's camera would have seen it: as sharp and as grainy as what is around."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch

from engine.combining.piece import straight
from engine.imaging.layer import Flags, Floats
from engine.imaging.match import Look, look_of
from engine.matting.light import to_linear

# Blurs that are tried, in pixels of standard deviation.
_SIGMAS_PX = (0.0, 0.4, 0.55, 0.7, 0.9, 1.2, 1.6, 2.2, 3.0)
# Things differ in how crisp they are: only clearly sharper ones are softened.
_TOLERANCE = 1.15
# Grain below half an 8-bit step cannot be seen; more than this is texture.
_LEAST_GRAIN, _MOST_GRAIN = 0.002, 0.05
_GRAIN_OF_COLOUR = 0.4
# An edge between two things is never narrower than this in a photograph, in pixels of standard deviation.
_LEAST_EDGE_PX = 0.45
# Grain is measured in squares of this side; this per cent of them are calmer than the one that counts.
_TILE_PX, _CALM_AT = 32, 15.0
# About so many squares tell it; how sharp a cut-out is, its middle tells.
_TILES, _MIDDLE_PX = 80, 512


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """``colour``: (h, w, 3) straight sRGB. ``alpha``: (h, w). ``sigma_px``: the blur it was given."""

    colour: Floats
    alpha: Floats
    sigma_px: float


def as_seen(colour: Floats, alpha: Floats, look: Look, seed: int) -> Seen:
    """Soften and grain a cut-out, its edge with it; never sharpened.

    Args:
        colour: (h, w, 3) sRGB. alpha: (h, w). look: of the layer near its place. seed: of the grain.
    """
    light = np.concatenate([to_linear(colour) * alpha[..., None], alpha[..., None]], -1).astype(np.float32)
    out, cover, chosen = colour, alpha, 0.0
    if look.sharpness is not None:
        chosen = _blur_for(light, look.sharpness)
        out, cover = straight(_blurred(light, chosen)) if chosen else (colour, alpha)
    if chosen < _LEAST_EDGE_PX:
        soft = _blurred(light, _LEAST_EDGE_PX)
        soft_colour, cover = straight(soft)
        edge = (cover < 1)[..., None]
        out = np.where(edge, soft_colour, out)
    return Seen(_grained(out, alpha, look.grain, seed), cover, chosen)


def _blur_for(light: Floats, sharpness: float) -> float:
    """The least blur that makes premultiplied (h, w, 4) no sharper than that; told by its middle."""
    height, width = light.shape[:2]
    y, x = max(0, (height - _MIDDLE_PX) // 2), max(0, (width - _MIDDLE_PX) // 2)
    middle = np.ascontiguousarray(light[y : y + _MIDDLE_PX, x : x + _MIDDLE_PX])
    solid = torch.from_numpy(middle[..., 3] > 0.95)
    for sigma in _SIGMAS_PX:
        colour, _ = straight(_blurred(middle, sigma) if sigma else middle)
        own = look_of(_tensor(colour), solid).sharpness
        if own is None or own <= sharpness * _TOLERANCE:
            return sigma
    return _SIGMAS_PX[-1]


def grain_of(rgb: Floats, usable: Flags) -> float:
    """Standard deviation of the noise of (H, W, 3), from its calmest parts: texture is no grain."""
    found: list[float] = []
    height, width = usable.shape
    apart = _TILE_PX * max(1, round((height * width / _TILE_PX**2 / _TILES) ** 0.5))
    for y in range(0, max(1, height - _TILE_PX // 2), apart):
        for x in range(0, max(1, width - _TILE_PX // 2), apart):
            tile = usable[y : y + _TILE_PX, x : x + _TILE_PX]
            if tile.mean() > 0.6 and min(tile.shape) >= 3:
                part = rgb[y : y + _TILE_PX, x : x + _TILE_PX]
                # Clipped to white or black there is no noise to see.
                if 0.02 < float(part.mean()) < 0.97:
                    found.append(look_of(_tensor(part), torch.from_numpy(np.ascontiguousarray(tile))).grain)
    return float(np.percentile(found, _CALM_AT)) if found else 0.0


def _grained(colour: Floats, alpha: Floats, grain: float, seed: int) -> Floats:
    own = grain_of(colour, alpha > 0.95)
    missing = max(0.0, min(grain, _MOST_GRAIN) ** 2 - own**2) ** 0.5
    if missing < _LEAST_GRAIN:
        return colour
    draw = torch.Generator().manual_seed(seed)
    height, width = alpha.shape
    light = torch.randn(height, width, 1, generator=draw)
    paint = torch.randn(height, width, 3, generator=draw) * _GRAIN_OF_COLOUR
    return np.clip(colour + ((light + paint) * missing).numpy(), 0, 1).astype(np.float32)


def _blurred(light: Floats, sigma_px: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(light, (0, 0), sigma_px, borderType=cv2.BORDER_CONSTANT), np.float32)


def _tensor(colour: Floats) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(colour)).permute(2, 0, 1)
