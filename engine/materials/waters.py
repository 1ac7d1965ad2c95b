"""Open water in scenes: waves to the horizon, the sun's path, and mirrors."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.materials.colours import mix
from engine.materials.shapes import rise
from engine.materials.skies import Frame
from engine.materials.terrain import Plane, plane


@dataclass(frozen=True, slots=True, eq=False)
class Sea:
    """Waves in perspective, all (B, H, W).

    Attributes:
        ground: the level they lie on.
        swell: the large waves, about -1 … 1.
        ripple: the small ones on them, about -1 … 1.
        tilt: both, and the streaks far out: what a wave mirrors, about -1 … 1.
    """

    ground: Plane
    swell: Tensor
    ripple: Tensor
    tilt: Tensor


def waves(frame: Frame, horizon: Tensor, *, freq: float = 1.0, farthest: float = 80.0) -> Sea:
    """Waves that roll towards the eye, their crests across the view."""
    canvas = frame.canvas
    ground = plane(frame, horizon, farthest=farthest)
    lean = canvas.normal(0.12)
    z = ground.z + ground.x * lean
    bend = canvas.noise(ground.x * 0.5 * freq, z * 0.6 * freq, octaves=3, local=True) * 0.5
    swell = canvas.noise(ground.x * 0.5 * freq, z * 1.3 * freq + bend, octaves=6, persistence=0.55, local=True)
    ripple = canvas.noise(
        ground.x * 2.2 * freq, z * 4.6 * freq + bend, octaves=5, persistence=0.62, ridged=True, local=True
    )
    # Far out single waves are lost, and lines of light and dark remain.
    depth = (ground.below.clamp(min=0) + 0.006).log()
    streak = canvas.noise(frame.u * 2.2 + depth, depth * 6.0 * freq, octaves=5, persistence=0.7)
    fine = canvas.noise(frame.u * 9.0, depth * 26.0 * freq, octaves=4, persistence=0.75)
    far = rise(-depth, 1.2, 3.2)
    tilt = (swell * 0.55 + ripple * 0.45) * (1 - far * 0.6) + (streak * 0.30 + fine * 0.38) * (0.35 + 0.65 * far)
    tilt = tilt * rise(ground.below, 0.0, 0.03)
    return Sea(ground, swell, ripple, tilt)


def surface(frame: Frame, sea: Sea, deep: Tensor, bright: Tensor, sky: Tensor, *, mirror: float = 0.62) -> Tensor:
    """(B, 3, H, W): water that shows its depth near the eye and the sky farther out; colours (B, 3, 1, 1)."""
    below = sea.ground.below.clamp(min=0)
    flat = (mirror / (1.0 + 5.5 * below)).clamp(0, 1)
    picture = mix(frame.full(deep), bright.expand(-1, 3, *below.shape[1:]), (0.42 + 0.46 * sea.tilt).clamp(0, 1))
    picture = mix(picture, frame.full(sky), (flat * (0.72 + 0.55 * sea.tilt)).clamp(0, 0.92))
    glint = rise(sea.tilt, 0.62, 1.05) * (0.25 + 0.5 * rise(below, 0.0, 0.1))
    return picture + (1 - picture) * glint[:, None] * 0.55


def sun_path(frame: Frame, sea: Sea, at_u: Tensor, *, wide: float = 0.045, spread: float = 0.22) -> Tensor:
    """(B, H, W) 0 … 1: the glittering path of the sun, broken by waves, broader near the eye."""
    below = sea.ground.below.clamp(min=0)
    path = torch.exp(-(((frame.u - at_u) / (wide + spread * below)) ** 2))
    sparkle = rise(sea.tilt + path * 1.15, 0.72, 1.25)
    return (sparkle * path.sqrt() * 0.95 + path * 0.30) * (sea.ground.below > 0).float()


def mirrored(frame: Frame, picture: Tensor, horizon: Tensor, tilt: Tensor, *, strength: float = 0.05) -> Tensor:
    """(B, 3, H, W): what water shows of the picture above the horizon, shaken by its waves (B, H, W)."""
    below = (frame.v - horizon).clamp(min=0)
    shake = tilt * strength * (0.10 + below)
    at_v = (horizon - below * 1.0 + shake).clamp(min=0.0)
    at_v = torch.minimum(at_v, horizon - frame.pixel)
    at_u = frame.u + shake * 0.35
    grid = torch.stack((at_u / frame.wide * 2.0, at_v / frame.tall * 2.0 - 1.0), -1)
    return F.grid_sample(picture, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
