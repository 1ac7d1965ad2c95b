"""Water near by and from above: rippled, in a pool, as a sea; and as ice."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.materials.canvas import Canvas
from engine.materials.colours import mix, ramp, tone
from engine.materials.light import relief, shaded
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import chosen, daylight, exposed, rise


def water(canvas: Canvas, paint: Paint) -> Tensor:
    """A rippled surface that mirrors a bright sky: long, bent bands of light and depth."""
    x, y = canvas.x * 2.2, canvas.y * 5.4
    bend = canvas.noise(x * 0.7, y * 0.6, octaves=4)
    swell = canvas.noise(x + bend * 0.5, y + bend * 0.7, octaves=5, persistence=0.5)
    ripple = canvas.noise(x * 2.6 + swell * 0.4, y * 2.4 + bend, octaves=5, persistence=0.55, ridged=True)
    tilt = swell * 0.62 + ripple * 0.42
    deep = chosen(canvas, ((0.04, 0.20, 0.30), (0.05, 0.24, 0.34), (0.06, 0.18, 0.26), (0.05, 0.27, 0.31)), 0.015)
    picture = ramp(
        (0.44 + 0.40 * tilt).clamp(0, 1),
        [deep * 0.55, deep, deep * 1.9 + 0.06, (deep * 1.5 + 0.42).clamp(0, 1), (deep * 0.6 + 0.72).clamp(0, 1)],
    )
    glint = rise(ripple + swell * 0.6, 1.02, 1.35)
    return shaded(canvas, exposed(picture + glint[:, None] * 0.45), 0.10)


def pool_water(canvas: Canvas, paint: Paint) -> Tensor:
    """A swimming pool: the net of light that waves throw on its floor (caustics by folded noise), tiles below."""
    bend_x = canvas.noise(canvas.x * 3, canvas.y * 3, octaves=3) * 0.10
    bend_y = canvas.noise(canvas.x * 3, canvas.y * 3, octaves=3) * 0.10
    x, y = canvas.x + bend_x, canvas.y + bend_y
    near = canvas.points(x * 5.5, y * 5.5, jitter=1.0)
    finer = canvas.points(x * 8.3 + 3, y * 8.3, jitter=1.0, salt=7)
    net = torch.exp(-near.border / 0.085) + 0.55 * torch.exp(-finer.border / 0.07)
    soft = torch.exp(-near.border / 0.30) * 0.35
    base = chosen(canvas, ((0.20, 0.66, 0.80), (0.16, 0.60, 0.78), (0.26, 0.72, 0.80)), 0.02)
    count = float(canvas.uniform(7, 11).mean())
    u, v = (x + bend_x * 0.4) * count, (y + bend_y * 0.4) * count
    joint = torch.minimum((u - u.round()).abs(), (v - v.round()).abs())
    lines = 1.0 - rise(joint, 0.02, 0.06)
    depth = canvas.noise(canvas.x * 1.2, canvas.y * 1.2, octaves=2)
    picture = base * (0.86 + 0.10 * depth - 0.10 * lines)[:, None]
    return exposed(picture + (net * 0.30 + soft * 0.25)[:, None] * (0.75 + 0.25 * base))


def sea(canvas: Canvas, paint: Paint) -> Tensor:
    """The open sea from above: crossing waves, small crests, streaks of foam."""
    x, y = canvas.turned(canvas.uniform(-0.5, 0.5))
    bend = canvas.noise(x * 1.2, y * 1.2, octaves=4) * 0.3
    long = canvas.noise(x * 2.4 + bend, y * 6.5 + bend, octaves=6, persistence=0.55, ridged=True)
    cross = canvas.noise(x * 5.2 - bend, y * 8.5, octaves=6, persistence=0.58, ridged=True)
    height = long * 0.045 + cross * 0.022
    deep = chosen(canvas, ((0.05, 0.23, 0.34), (0.04, 0.19, 0.32), (0.06, 0.30, 0.38)), 0.015)
    light = relief(canvas, height, depth=0.55, angle=daylight(canvas))
    picture = ramp(((light - 0.50) / 1.0).clamp(0, 1), [deep * 0.5, deep, deep * 1.7 + 0.05, deep * 1.4 + 0.34])
    patch = canvas.noise(x * 1.1, y * 1.6, octaves=3)
    lace = canvas.noise(x * 9, y * 12, octaves=6, persistence=0.7, ridged=True)
    foam = rise(long * 0.8 + cross * 0.25 + patch * 0.35, 0.80, 1.10) * rise(lace, 0.0, 0.7)
    return exposed(mix(picture, tone(canvas, (0.93, 0.96, 0.97), 0.01).expand_as(picture), foam * 0.9))


def ice(canvas: Canvas, paint: Paint) -> Tensor:
    """Clear ice with white cracks that run through its depth, and frozen bubbles."""
    bend = canvas.noise(canvas.x * 2, canvas.y * 2, octaves=5) * 0.20
    x, y = canvas.x + bend, canvas.y - bend
    cloud = canvas.noise(canvas.x * 1.8, canvas.y * 1.8, octaves=6, persistence=0.55)
    deep = chosen(canvas, ((0.42, 0.68, 0.80), (0.52, 0.74, 0.84), (0.36, 0.60, 0.76)), 0.02)
    picture = ramp((0.5 + 0.42 * cloud).clamp(0, 1), [deep * 0.72, deep, (deep + 1.6) / 2.7])
    for count, strength, salt in ((2.3, 0.9, 1), (5.0, 0.5, 5), (11.0, 0.25, 9)):
        crack = canvas.points(x * count, y * count, jitter=1.0, salt=salt)
        line = torch.exp(-crack.border * 26) + torch.exp(-crack.border * 5) * 0.28
        veil = (crack.tone > 0.6).float() * rise(0.35 - crack.border, 0.0, 0.35) * 0.22
        picture = picture + (1 - picture).clamp(min=0) * ((line + veil) * strength)[:, None].clamp(0, 1)
    bubble = canvas.points(canvas.x * 24, canvas.y * 24, jitter=1.0, salt=13)
    ring = torch.exp(-(((bubble.near - 0.18) / 0.05) ** 2)) * (bubble.tone > 0.85).float()
    scratch = canvas.noise(canvas.x * 60, canvas.y * 6, octaves=4, persistence=0.7)
    return exposed(picture + (ring * 0.35 + rise(scratch, 0.5, 1.2) * 0.12)[:, None])


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("water", _M, water, 0, ("rippled water", "water surface", "lake water")),
    Material("pool water", _M, pool_water, 0, ("swimming pool", "pool", "caustics")),
    Material("sea", _M, sea, 0, ("ocean", "ocean waves", "sea waves")),
    Material("ice", _M, ice, 0, ("frozen lake", "frozen water")),
)
