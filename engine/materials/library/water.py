"""Water seen from above, and frozen: ripples, a pool with its net of light, the sea, ice, drops."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix, ramp
from engine.materials.light import relief, shaded
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, asked, daylight, exposed, rise, stones
from engine.materials.skies import stops
from engine.materials.strew import moved, shadow, strewn


def swell(canvas: Canvas, x: Tensor, y: Tensor, *, freq: float, choppy: float = 0.5, octaves: int = 6) -> Tensor:
    """(B, H, W), about -1 … 1: the height of waves that run down y, their crests bent and pinched by ``choppy``."""
    bend = canvas.noise(x * freq * 0.45, y * freq * 0.45, octaves=3) * 0.34 / freq
    u, v = x * freq * 0.42 + bend * freq, (y + bend) * freq
    long = canvas.noise(u, v, octaves=octaves, persistence=0.48)
    sharp = canvas.noise(u * 1.3 + long * 0.15, v * 1.3 + long * 0.25, octaves=octaves, persistence=0.50, ridged=True)
    return long * (1.0 - choppy) + (sharp * 0.9 - 0.1) * choppy


def _slopes(canvas: Canvas, height: Tensor) -> tuple[Tensor, Tensor]:
    """How much a height in units rises to the right and down, from pixel to pixel."""
    right, down = torch.zeros_like(height), torch.zeros_like(height)
    right[..., 1:-1] = (height[..., 2:] - height[..., :-2]) * 0.5
    down[..., 1:-1, :] = (height[..., 2:, :] - height[..., :-2, :]) * 0.5
    if height.shape[-1] > 2:
        right[..., 0], right[..., -1] = right[..., 1], right[..., -2]
    if height.shape[-2] > 2:
        down[..., 0, :], down[..., -1, :] = down[..., 1, :], down[..., -2, :]
    return right * canvas.unit_px, down * canvas.unit_px


def water(canvas: Canvas, paint: Paint) -> Tensor:
    """A lake's surface: ripples that mirror the sky on their far sides and show the depth on their near ones."""
    x, y = canvas.turned(canvas.normal(0.35))
    size = canvas.uniform(0.8, 1.3)
    x, y = x * size, y * size
    height = swell(canvas, x, y, freq=3.6, choppy=0.35, octaves=5) * 0.030
    height = height + swell(canvas, x * 1.3 + y * 0.4, y * 1.2 - x * 0.3, freq=10.0, choppy=0.4, octaves=3) * 0.007
    right, down = _slopes(canvas, height)
    tilt = down + right * 0.35
    broad = canvas.noise(x * 0.7, y * 1.1, octaves=3)
    colours = stops(
        canvas,
        (
            ((0.02, 0.12, 0.20), (0.06, 0.27, 0.38), (0.27, 0.52, 0.64), (0.82, 0.91, 0.95)),
            ((0.03, 0.14, 0.17), (0.09, 0.31, 0.33), (0.34, 0.56, 0.56), (0.86, 0.92, 0.90)),
            ((0.03, 0.10, 0.22), (0.08, 0.24, 0.46), (0.30, 0.52, 0.76), (0.86, 0.93, 0.99)),
            ((0.06, 0.09, 0.11), (0.18, 0.25, 0.29), (0.44, 0.53, 0.57), (0.88, 0.91, 0.92)),
        ),
    )
    # What a wave mirrors grows quickly as it turns to the sky (Schlick 1994).
    mirror = 0.36 + 0.92 * tilt + 0.10 * broad + height * 3.0
    picture = ramp(mirror.clamp(0, 0.86), colours)
    glint = rise(tilt + 0.10 * broad, 0.52, 0.80) * rise(height, -0.01, 0.03)
    picture = picture + (1 - picture) * (glint * 0.62)[:, None]
    return shaded(canvas, exposed(picture), 0.10)


def caustics(canvas: Canvas, x: Tensor, y: Tensor) -> Tensor:
    """(B, H, W), 0 … about 1: the net of light that waves throw on the ground; its meshes are about one unit wide.

    Light gathers where the surface bends it together: on the ridges of noise that is bent by other noise.
    """
    bend_x = canvas.noise(x * 0.9, y * 0.9, octaves=3) * 0.42
    bend_y = canvas.noise(x * 0.9, y * 0.9, octaves=3) * 0.42
    u, v = x + bend_x, y + bend_y
    first = canvas.points(u * 0.95, v * 0.95, jitter=0.95, salt=20)
    second = canvas.points(u * 1.45 + bend_y, v * 1.45 - bend_x, jitter=0.95, salt=30)
    strong = 0.55 + 0.45 * rise(canvas.noise(x * 0.7, y * 0.7, octaves=2), -0.8, 0.8)
    net = torch.exp(-first.border / 0.085) * 0.85 + torch.exp(-second.border / 0.11) * 0.55
    veil = torch.exp(-first.border / 0.40) * 0.35 + torch.exp(-second.border / 0.5) * 0.20
    return (net + veil) * strong


def pool_water(canvas: Canvas, paint: Paint) -> Tensor:
    """A swimming pool in the sun: the net of light on its tiles, bent by the ripples above."""
    x, y = canvas.turned(canvas.normal(0.5))
    size = canvas.uniform(0.8, 1.25)
    x, y = x * size, y * size
    height = swell(canvas, x, y, freq=2.6, choppy=0.1, octaves=2)
    right, down = _slopes(canvas, height * 0.05)
    net = caustics(canvas, x * 4.2 + right * 0.20, y * 4.2 + down * 0.20)
    colours = stops(
        canvas,
        (
            ((0.02, 0.40, 0.62), (0.12, 0.62, 0.80), (0.46, 0.86, 0.94), (0.97, 1.00, 1.00)),
            ((0.03, 0.46, 0.58), (0.18, 0.68, 0.76), (0.55, 0.90, 0.90), (0.98, 1.00, 0.99)),
            ((0.03, 0.32, 0.66), (0.12, 0.52, 0.84), (0.46, 0.80, 0.96), (0.96, 0.99, 1.00)),
        ),
    )
    broad = canvas.noise(x * 0.8, y * 0.8, octaves=3)
    picture = ramp((0.26 + 0.06 * broad + net * 0.50 + height * 0.07).clamp(0, 0.97), colours)
    # Small tiles on the ground, shifted by the water over them.
    tile = 0.085
    u, v = (x + right * 0.035) / tile, (y + down * 0.035) / tile
    near = torch.minimum(((u % 1.0) - 0.5).abs().mul(-1).add(0.5), ((v % 1.0) - 0.5).abs().mul(-1).add(0.5))
    joint = step(0.045 - near, canvas.pixel * size / tile)
    own = canvas.cell(u.floor(), v.floor(), 7)
    tiled = canvas.chance(0.6)
    picture = picture * (1.0 + ((own - 0.5) * 0.07 - joint * 0.10) * tiled)[:, None]
    glint = rise(down + right * 0.4, 0.30, 0.50)
    picture = picture + (1 - picture) * (glint * 0.42)[:, None]
    return shaded(canvas, exposed(picture), 0.08)


def sea(canvas: Canvas, paint: Paint) -> Tensor:
    """The open sea from above: wind waves, light in their crests, foam that breaks and drifts in streaks."""
    x, y = canvas.turned(canvas.normal(0.5))
    size = canvas.uniform(0.8, 1.3)
    x, y = x * size, y * size
    height = swell(canvas, x, y, freq=2.3, choppy=0.55, octaves=7)
    chop = swell(canvas, x * 1.2 - y * 0.5, y * 1.2 + x * 0.5, freq=6.5, choppy=0.65, octaves=5)
    both = height * 0.72 + chop * 0.28
    light = relief(canvas, both * 0.050, angle=daylight(canvas))
    colours = stops(
        canvas,
        (
            ((0.01, 0.09, 0.17), (0.03, 0.24, 0.37), (0.10, 0.44, 0.56), (0.50, 0.78, 0.80)),
            ((0.01, 0.07, 0.19), (0.04, 0.19, 0.40), (0.12, 0.38, 0.62), (0.52, 0.74, 0.86)),
            ((0.01, 0.13, 0.16), (0.04, 0.30, 0.34), (0.14, 0.52, 0.52), (0.58, 0.84, 0.76)),
            ((0.04, 0.08, 0.10), (0.11, 0.20, 0.24), (0.24, 0.36, 0.40), (0.60, 0.70, 0.71)),
        ),
    )
    tone = 0.40 + 0.30 * both + 0.50 * (light - 1.0)
    picture = ramp(tone.clamp(0, 1), colours)
    # Light shines through the thin crests.
    picture = mix(picture, colours[2] * 1.15, rise(both, 0.25, 0.9) * 0.45)
    lace = canvas.points(
        x * 17 + canvas.noise(x * 9, y * 9, octaves=4) * 0.9,
        y * 14 + canvas.noise(x * 9, y * 9, octaves=4) * 0.9,
        jitter=1.0,
        salt=40,
    )
    net = rise(0.16 - lace.border + 0.05 * chop, 0.0, 0.16)
    froth = canvas.noise(x * 26, y * 26, octaves=5, persistence=0.72)
    wild = canvas.uniform(-0.06, 0.16)
    streak = canvas.noise(x * 1.1, y * 3.2, octaves=4) * 0.22
    breaking = rise(both + wild + streak + 0.10 * froth, 0.42, 0.74)
    left = rise(both * 0.45 + streak * 1.5 + wild + 0.06 * froth, 0.10, 0.52)
    foam = (breaking * (0.68 + 0.32 * froth) + left * net * 0.75).clamp(0, 0.96)
    white = torch.tensor((0.95, 0.97, 0.98), device=canvas.device).view(1, 3, 1, 1)
    picture = mix(picture, white * (0.80 + 0.20 * light)[:, None], foam)
    return shaded(canvas, exposed(picture), 0.08)


def ice(canvas: Canvas, paint: Paint) -> Tensor:
    """The clear ice of a frozen lake: cracks that run down into it as pale curtains, bubbles, drifted snow."""
    x, y = canvas.x, canvas.y
    size = canvas.uniform(0.8, 1.2)
    x, y = x * size, y * size
    colours = stops(
        canvas,
        (
            ((0.03, 0.16, 0.27), (0.14, 0.40, 0.54), (0.52, 0.75, 0.83), (0.95, 0.98, 1.00)),
            ((0.03, 0.20, 0.26), (0.16, 0.46, 0.52), (0.56, 0.79, 0.81), (0.95, 0.99, 0.99)),
            ((0.06, 0.18, 0.36), (0.24, 0.44, 0.66), (0.62, 0.77, 0.90), (0.96, 0.98, 1.00)),
        ),
    )
    cloud = canvas.noise(x * 1.2, y * 1.2, octaves=6, persistence=0.58)
    picture = ramp((0.30 + 0.15 * cloud).clamp(0, 1), colours)
    bend = canvas.noise(x * 3, y * 3, octaves=4) * 0.05
    bend_y = canvas.noise(x * 3, y * 3, octaves=4) * 0.05
    veins = canvas.noise(x * 40, y * 40, octaves=4, persistence=0.75)
    for number, (freq, deep, bright) in enumerate(((1.25, 0.16, 0.90), (2.3, 0.08, 0.62), (4.6, 0.03, 0.40))):
        u, v = (x + bend) * freq, (y + bend_y) * freq
        plate = stones(canvas, u + number * 3.3, v, jitter=1.0, rounding=0.01, salt=number * 11)
        own = canvas.cell(plate.column, plate.row, 6 + number)
        # The wall of a crack is seen through the plate on one side of it only, fading with its depth.
        off = plate.border / freq
        wall = torch.exp(-off / deep) * (own > 0.45).float() * (0.75 + 0.35 * veins)
        line = torch.exp(-((off / (0.0011 + 0.7 * canvas.pixel)) ** 2))
        amount = wall * bright * 0.62 * (0.5 + own) + line * bright * 0.9
        shown = rise(canvas.noise(x * 0.9 + number, y * 0.9, octaves=2), -1.0, 0.2) if number else 1.0
        picture = mix(picture, colours[3].expand_as(picture), (amount * shown).clamp(0, 0.92))
    bubble = canvas.points(x * 16, y * 16, jitter=1.0, salt=70)
    large = 0.05 + 0.26 * ((bubble.tone * 37.0) % 1.0) ** 2
    where = rise(canvas.noise(x * 1.6, y * 1.6, octaves=3), 0.1, 0.7)
    round_ = step(large - bubble.near, canvas.pixel * 16 * size) * (bubble.tone < 0.6).float() * where
    rim = rise(bubble.near / large.clamp(min=1e-3), 0.45, 1.0)
    picture = mix(picture, colours[2].expand_as(picture) * 1.1, round_ * (0.30 + 0.55 * rim))
    scratch = canvas.noise(x * 3 + y * 2, y * 70 - x * 20, octaves=2)
    drift = rise(canvas.noise(x * 1.1 + bend, y * 1.7, octaves=7, persistence=0.6), 0.42, 1.0) * canvas.uniform(
        0.2, 0.9
    )
    picture = mix(picture, colours[3].expand_as(picture), drift * 0.85)
    gloss = canvas.noise(x * 0.5, y * 0.5, octaves=2)
    return shaded(canvas, exposed(picture * (1.0 + 0.05 * gloss + 0.025 * scratch)[:, None]), 0.10)


def _drop(u: Tensor, v: Tensor, own: Tensor) -> Tensor:
    """A drop at rest: nearly round, drawn out a little."""
    angle = torch.atan2(v, u)
    wave = 0.05 * (angle * 2 + own * 30).sin() + 0.03 * (angle * 3 + own * 11).sin()
    return 0.80 * (1.0 + wave) - (u * u + v * v * (1.0 + 0.25 * own) + 1e-6).sqrt()


def water_drops(canvas: Canvas, paint: Paint) -> Tensor:
    """Drops of water on a smooth coloured surface: light gathered at their lower edge, a glint at the upper."""
    grounds: tuple[Rgb, ...] = (
        (0.13, 0.42, 0.62),
        (0.20, 0.52, 0.28),
        (0.56, 0.60, 0.64),
        (0.10, 0.11, 0.13),
        (0.66, 0.14, 0.16),
        (0.12, 0.50, 0.52),
        (0.40, 0.26, 0.60),
    )
    colour = asked(canvas, paint.first, grounds)
    across = canvas.noise(canvas.x * 0.6, canvas.y * 0.6, octaves=2)
    picture = colour * (0.96 + 0.07 * across)[:, None]
    size = canvas.uniform(0.85, 1.25)
    for number, (freq, big, share) in enumerate(
        ((46.0, 0.30, 0.45), (22.0, 0.38, 0.40), (11.0, 0.44, 0.42), (6.0, 0.44, 0.35))
    ):
        f = freq * size
        drop = strewn(
            canvas, canvas.x * f, canvas.y * f, _drop, size=big, vary=0.4, share=share, spread=math.pi, salt=number * 9
        )
        inside = drop.inside / f
        reach = 0.5 * big / f
        # A lens: where it bulges is known from the way in from its edge.
        deep = (drop.inside / (big * 0.80)).clamp(0, 1)
        edge_x = moved(canvas, inside, reach * 0.2, 0.0) - moved(canvas, inside, reach * -0.2, 0.0)
        edge_y = moved(canvas, inside, 0.0, reach * 0.2) - moved(canvas, inside, 0.0, reach * -0.2)
        length = (edge_x**2 + edge_y**2).sqrt().clamp(min=1e-5)
        nx, ny = edge_x / length * (1 - deep), edge_y / length * (1 - deep)
        # Light enters above on the left, and is gathered below on the right.
        through = 0.86 + 0.40 * (nx * 0.55 + ny * 0.83) + 0.10 * (1 - deep) - 0.16 * torch.exp(-deep / 0.10)
        glint = torch.exp(-(((nx + 0.30) ** 2 + (ny + 0.45) ** 2) / 0.030)) * 0.95
        low = torch.exp(-(((nx - 0.42) ** 2 + (ny - 0.62) ** 2) / 0.060)) * 0.42
        own = colour * through[:, None]
        own = own + (1 - own) * (glint + low).clamp(0, 1)[:, None]
        picture = picture * shadow(canvas, inside, reach * 0.55, depth=0.42)[:, None]
        picture = mix(picture, own, step(inside, canvas.pixel))
    return exposed(picture)


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("water", _M, water, 0, ("lake water", "ripples", "rippled water", "water surface", "river")),
    Material("pool water", _M, pool_water, 0, ("pool", "swimming pool", "caustics", "clear water", "turquoise water")),
    Material("sea", _M, sea, 0, ("ocean", "waves", "sea waves", "ocean waves", "sea water")),
    Material("ice", _M, ice, 0, ("frozen lake", "frozen", "cracked ice", "frost")),
    Material("water drops", _M, water_drops, 1, ("drops", "droplets", "raindrops", "dew", "rain")),
)
