"""The sky without a landscape: blue, clouded, overcast, at night; fog."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.materials.canvas import Canvas
from engine.materials.colours import mix, ramp, tone
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import chosen, exposed, rise
from engine.materials.skies import Frame, night
from engine.materials.skies import clouds as heaped


def _blue(canvas: Canvas) -> Tensor:
    """(B, 3, H, W): deep above, pale below."""
    high = chosen(canvas, ((0.16, 0.40, 0.76), (0.22, 0.48, 0.82), (0.14, 0.36, 0.70), (0.26, 0.52, 0.80)), 0.02)
    low = chosen(canvas, ((0.62, 0.79, 0.93), (0.70, 0.84, 0.94), (0.56, 0.74, 0.92)), 0.015)
    return ramp(canvas.down ** canvas.uniform(0.7, 1.3), [high, (high + low) / 2, low])


def blue_sky(canvas: Canvas, paint: Paint) -> Tensor:
    """A clear sky, with a breath of high cloud in some pictures."""
    picture = _blue(canvas)
    bend = canvas.noise(canvas.x, canvas.y, octaves=4) * 0.3
    veil = rise(canvas.noise(canvas.x * 0.8 + bend, canvas.y * 2.6, octaves=7, persistence=0.55), 0.2, 1.3)
    return mix(picture, torch.full_like(picture, 0.97), veil * canvas.chance(0.5) * 0.35)


def clouds(canvas: Canvas, paint: Paint) -> Tensor:
    """Heaped clouds in a blue sky, seen from below: bright where the light comes from, grey beneath."""
    frame = Frame(canvas)
    # The horizon lies below the picture: clouds grow a little smaller towards it.
    horizon = torch.full((canvas.batch, 1, 1), frame.tall * 1.35, device=canvas.device)
    dense, lit = heaped(frame, horizon, cover=canvas.uniform(-0.15, 0.15), scale=2.0)
    white = tone(canvas, (0.99, 0.985, 0.975), 0.008)
    grey = chosen(canvas, ((0.58, 0.63, 0.71), (0.64, 0.67, 0.72), (0.54, 0.60, 0.70)), 0.015)
    puff = ramp(lit, [grey, (grey + white) / 2, white])
    return exposed(mix(_blue(canvas), puff, dense))


def overcast(canvas: Canvas, paint: Paint) -> Tensor:
    """A closed, grey sky: low heaps, lighter where they are thin."""
    x, y = canvas.x * 0.9, canvas.y * 1.9
    bend = canvas.noise(x * 1.2, y * 1.2, octaves=5) * 0.4
    low = canvas.noise(x + bend, y + bend * 0.6, octaves=7, persistence=0.5)
    torn = canvas.noise(x * 2.6 + bend, y * 2.6, octaves=6, persistence=0.56)
    base = chosen(canvas, ((0.62, 0.66, 0.70), (0.52, 0.56, 0.61), (0.70, 0.72, 0.74), (0.44, 0.49, 0.56)), 0.02)
    t = (0.5 + 0.30 * low + 0.12 * torn - 0.10 * (canvas.down - 0.5)).clamp(0, 1)
    return exposed(ramp(t, [base * 0.66, base, (base * 1.2 + 0.06).clamp(0, 1), (base + 1.8) / 2.85]))


def night_sky(canvas: Canvas, paint: Paint) -> Tensor:
    """Stars on deep blue, the milky way in most pictures."""
    palettes = (
        ((0.010, 0.016, 0.045), (0.040, 0.060, 0.140)),
        ((0.012, 0.010, 0.036), (0.070, 0.050, 0.120)),
        ((0.008, 0.022, 0.040), (0.030, 0.090, 0.130)),
    )
    return night(Frame(canvas), torch.full((canvas.batch, 1, 1), 1.6, device=canvas.device), palettes)


def galaxy(canvas: Canvas, paint: Paint) -> Tensor:
    """Nebulae: glowing gas of two colours, dark dust, thick stars."""
    frame = Frame(canvas)
    bend = canvas.noise(canvas.x * 1.1, canvas.y * 1.1, octaves=6) * 0.5
    gas = canvas.noise(canvas.x * 0.9 + bend, canvas.y * 0.9 - bend, octaves=8, persistence=0.56)
    other = canvas.noise(canvas.x * 1.2 - bend, canvas.y * 1.2 + bend, octaves=8, persistence=0.56)
    dust = rise(canvas.noise(canvas.x * 1.6 + bend, canvas.y * 1.6, octaves=7, persistence=0.6), 0.1, 0.9)
    first = chosen(canvas, ((0.85, 0.25, 0.60), (0.30, 0.45, 0.95), (0.20, 0.75, 0.80)), 0.03)
    second = chosen(canvas, ((0.25, 0.30, 0.90), (0.65, 0.25, 0.85), (0.95, 0.55, 0.35)), 0.03)
    palettes = (((0.010, 0.010, 0.035), (0.040, 0.030, 0.090)), ((0.012, 0.008, 0.030), (0.030, 0.040, 0.100)))
    picture = night(frame, torch.full((canvas.batch, 1, 1), 1.6, device=canvas.device), palettes)
    glow = (
        first * (rise(gas, -0.1, 1.1) ** 1.5)[:, None] * 0.85 + second * (rise(other, 0.0, 1.2) ** 1.5)[:, None] * 0.8
    )
    return exposed(1.0 - (1.0 - picture) * (1.0 - (glow * (1.0 - 0.75 * dust)[:, None]).clamp(0, 0.95)))


def fog(canvas: Canvas, paint: Paint) -> Tensor:
    """Drifting mist."""
    bend = canvas.noise(canvas.x * 0.8, canvas.y * 1.2, octaves=4) * 0.5
    veil = canvas.noise(canvas.x * 0.7 + bend, canvas.y * 1.5 + bend * 0.4, octaves=6, persistence=0.42)
    base = chosen(canvas, ((0.80, 0.82, 0.84), (0.74, 0.78, 0.82), (0.84, 0.82, 0.80)), 0.02)
    return exposed(ramp((0.5 + 0.42 * veil + 0.16 * (canvas.down - 0.5)).clamp(0, 1), [base * 0.72, base, base * 1.12]))


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("blue sky", _M, blue_sky, 0, ("clear sky", "sky", "summer sky")),
    Material("clouds", _M, clouds, 0, ("cloudy sky", "sky with clouds", "white clouds")),
    Material("overcast sky", _M, overcast, 0, ("grey sky", "rain clouds", "stormy sky")),
    Material("night sky", _M, night_sky, 0, ("starry sky", "stars", "starry night")),
    Material("galaxy", _M, galaxy, 0, ("nebula", "space", "outer space", "cosmos")),
    Material("fog", _M, fog, 0, ("mist", "haze")),
)
