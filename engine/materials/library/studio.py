"""Backdrops of a photographer's studio."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.materials.canvas import Canvas
from engine.materials.colours import mix
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, asked, exposed, rise
from engine.materials.skies import Frame

_PAPERS: tuple[Rgb, ...] = (
    (0.80, 0.80, 0.81), (0.62, 0.63, 0.65), (0.82, 0.76, 0.68), (0.66, 0.74, 0.80), (0.80, 0.66, 0.62),
    (0.62, 0.70, 0.62), (0.36, 0.42, 0.52), (0.88, 0.80, 0.58), (0.55, 0.48, 0.60), (0.90, 0.89, 0.87),
)  # fmt: skip
_DARK: tuple[Rgb, ...] = (
    (0.30, 0.31, 0.34), (0.20, 0.27, 0.40), (0.42, 0.22, 0.20), (0.20, 0.34, 0.34), (0.34, 0.24, 0.40),
    (0.42, 0.36, 0.28), (0.16, 0.17, 0.20),
)  # fmt: skip


def _even(canvas: Canvas, light: Tensor) -> Tensor:
    """(B, H, W): light about a mean of 1, so that the colour asked for is what the picture has."""
    return light / light.mean((1, 2), keepdim=True).clamp(min=0.05)


def studio(canvas: Canvas, paint: Paint) -> Tensor:
    """Seamless paper: a wall that bends into the floor, a soft pool of light, grain against banding."""
    frame = Frame(canvas)
    colour = asked(canvas, paint.first, _PAPERS, 0.015)
    bend = frame.tall * canvas.uniform(0.60, 0.78)
    # The bend catches less light than the wall, the floor before it more.
    below = frame.v - bend
    fold = -0.07 * torch.exp(-((below / 0.15) ** 2)) + 0.10 * rise(below, 0.0, 0.45)
    at_u, at_v = canvas.normal(0.16) * frame.wide, frame.tall * canvas.uniform(0.28, 0.48)
    away = ((frame.u - at_u) / frame.wide**0.5) ** 2 + ((frame.v - at_v) / frame.tall**0.5) ** 2
    pool = torch.exp(-away / canvas.uniform(0.22, 0.5))
    corner = ((frame.u / (0.5 * frame.wide)) ** 2 + ((frame.v / frame.tall - 0.5) * 2) ** 2) * canvas.uniform(
        0.03, 0.10
    )
    mottle = canvas.noise(frame.u * 2.2, frame.v * 2.2, octaves=3) * canvas.chance(0.4) * 0.035
    light = _even(canvas, 0.80 + 0.30 * pool + fold - corner + mottle)
    picture = colour * light[:, None]
    grain = canvas.grain() * 0.0035 + canvas.noise(canvas.x * 60, canvas.y * 60, octaves=2) * 0.003
    return exposed(picture + grain[:, None]).clamp(min=0)


def spotlight(canvas: Canvas, paint: Paint) -> Tensor:
    """A dark painted backdrop with a spot of light thrown on it, its rim soft, dust in the air."""
    frame = Frame(canvas)
    colour = asked(canvas, paint.first, _DARK, 0.015)
    at_u, at_v = canvas.normal(0.10) * frame.wide, frame.tall * canvas.uniform(0.40, 0.56)
    wide = canvas.uniform(0.26, 0.40) * min(frame.wide, 1.5) ** 0.5
    bend = canvas.noise(frame.u * 1.6, frame.v * 1.6, octaves=4) * 0.05
    away = ((((frame.u - at_u) / wide) ** 2 + ((frame.v - at_v) / (wide * 1.06)) ** 2) + 1e-9).sqrt() + bend
    hard = canvas.uniform(0.10, 0.55)
    pool = 1.0 - rise(away, 1.0 - hard, 1.0 + hard * 1.4)
    spill = torch.exp(-(away**2) / 2.6)
    # The cone from above, in some pictures.
    source_u = at_u + canvas.normal(0.05)
    along = ((frame.v + 0.25) / (at_v + 0.25)).clamp(0, 1.2)
    ray = (frame.u - source_u - (at_u - source_u) * along).abs() / (wide * along).clamp(min=1e-3)
    smoke = 0.75 + 0.35 * canvas.noise(frame.u * 1.8, frame.v * 1.8, octaves=5)
    cone = (1.0 - rise(ray, 0.55, 1.15)) * (1.0 - rise(along, 0.75, 1.15)) * smoke * canvas.chance(0.5) * 0.20
    cloth = canvas.noise(frame.u * 3.4, frame.v * 3.4, octaves=6, persistence=0.6)
    brush = canvas.noise(frame.u * 14 + cloth, frame.v * 9, octaves=4, persistence=0.6)
    light = 0.30 + 0.55 * spill + 0.95 * pool * (0.72 + 0.28 * torch.exp(-(away**2)))
    light = light * (1.0 + 0.075 * cloth + 0.03 * brush) + cone
    light = light / light.mean((1, 2), keepdim=True).clamp(min=0.3) ** 0.9
    white = torch.tensor((1.0, 0.97, 0.91), device=canvas.device).view(1, 3, 1, 1)
    # Bright light on dark cloth goes a little towards white.
    lit = colour * light[:, None]
    picture = mix(lit, white.expand_as(lit), (pool * 0.10 + cone * 0.25).clamp(0, 1))
    grain = canvas.grain() * 0.004
    return exposed(picture + grain[:, None]).clamp(min=0)


_S = Kind.SCENE
MATERIALS: tuple[Material, ...] = (
    Material("studio backdrop", _S, studio, 1, ("studio", "seamless paper", "photo studio", "infinity cove")),
    Material("spotlight backdrop", _S, spotlight, 1, ("spotlight", "stage light", "vignette")),
)
