"""Metals: brushed, rusted, rolled, beaten to foil; and frosted glass, which is lit like them."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix, ramp, tone
from engine.materials.light import relief, shaded
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, chosen, daylight, facets, rise, turn

_STEELS: tuple[Rgb, ...] = ((0.70, 0.71, 0.72), (0.62, 0.63, 0.65), (0.76, 0.76, 0.75), (0.50, 0.51, 0.53))
_METALS: tuple[Rgb, ...] = (*_STEELS, (0.72, 0.71, 0.69), (0.80, 0.66, 0.40), (0.78, 0.52, 0.40))

# Dark, middle and pale light behind a pane, and a lamp's.
_GLASSES: tuple[tuple[Rgb, Rgb, Rgb, Rgb], ...] = (
    ((0.38, 0.52, 0.56), (0.64, 0.76, 0.78), (0.90, 0.95, 0.95), (0.95, 0.90, 0.78)),
    ((0.36, 0.50, 0.45), (0.62, 0.75, 0.69), (0.90, 0.95, 0.91), (0.93, 0.93, 0.80)),
    ((0.44, 0.50, 0.60), (0.68, 0.73, 0.81), (0.92, 0.94, 0.97), (0.96, 0.88, 0.80)),
    ((0.56, 0.56, 0.56), (0.76, 0.77, 0.78), (0.94, 0.95, 0.95), (0.94, 0.88, 0.82)),
)


def brushed_metal(canvas: Canvas, paint: Paint) -> Tensor:
    """Brushed sheet: hair lines along the brush, and broad soft bands of mirrored light across them."""
    angle = canvas.chance(0.3) * (math.pi / 2) + canvas.normal(0.01)
    x, y = canvas.turned(angle)
    hair = canvas.noise(x * 2.2, y * 150, octaves=3, persistence=0.85)
    coarse = canvas.noise(x * 0.8, y * 42, octaves=3, persistence=0.7)
    scratch = rise(canvas.noise(x * 1.4, y * 190, octaves=1), 0.75, 1.2)
    # Light mirrored by a cylinder-like sheet: bands along x, which the brush smears over y.
    place = (
        x * canvas.uniform(0.5, 1.0)
        + y * canvas.uniform(-0.25, 0.25)
        + canvas.noise(x * 0.7, y * 0.5, octaves=2) * 0.25
    )
    band = (place * 2 * math.pi * 0.8).sin() * 0.6 + (place * 2 * math.pi * 1.7 + 1.0).sin() * 0.4
    base = chosen(canvas, _METALS, 0.02)
    value = 1.0 + band * canvas.uniform(0.08, 0.20) + hair * 0.060 + coarse * 0.035 + scratch * 0.07
    picture = base * value[:, None]
    # The brightest bands lose their tint to the lamp's white.
    return picture + ((value - 1.05).clamp(min=0) * 0.5)[:, None] * (1.0 - picture)


def rusty_metal(canvas: Canvas, paint: Paint) -> Tensor:
    """Steel under old paint, eaten by rust: layered browns and orange, pits, blistered edges, runs."""
    x, y = canvas.x, canvas.y
    run = canvas.noise(x * 8, y * 1.0, octaves=4) * 0.30
    spread = canvas.noise(x * 2.2, y * 2.0, octaves=7, persistence=0.6)
    fine = canvas.noise(x * 22, y * 22, octaves=5, persistence=0.7)
    grit = canvas.noise(x * 60, y * 60, octaves=3, persistence=0.85)
    amount = spread + run + fine * 0.22 + canvas.uniform(0.0, 0.45)
    rust = step(amount - 0.12, canvas.pixel * 6)
    halo = rise(amount, -0.35, 0.12)
    paints = ((0.42, 0.47, 0.48), (0.26, 0.40, 0.45), (0.52, 0.52, 0.49), (0.36, 0.44, 0.38), (0.48, 0.24, 0.19))
    coat = chosen(canvas, paints) * (1.0 + spread * 0.10 + fine * 0.07 + grit * 0.03)[:, None]
    coat = mix(coat, tone(canvas, (0.52, 0.32, 0.19), 0.02).expand_as(coat), halo * 0.45)
    stops = [
        tone(canvas, (0.20, 0.10, 0.07), 0.015),
        tone(canvas, (0.36, 0.17, 0.09), 0.02),
        tone(canvas, (0.56, 0.27, 0.11), 0.02),
        tone(canvas, (0.70, 0.38, 0.16), 0.02),
    ]
    layers = canvas.noise(x * 5, y * 5, octaves=7, persistence=0.7) * 0.34 + fine * 0.14 + grit * 0.10 + 0.46
    oxide = ramp(layers, stops)
    pits = rise(canvas.noise(x * 40, y * 40, octaves=3), 0.5, 1.2)
    height = rust * (-0.004 + layers * 0.006 + grit * 0.0022) - pits * rust * 0.003 + (1 - rust) * fine * 0.0006
    light = relief(canvas, height, depth=canvas.uniform(0.8, 1.2), angle=daylight(canvas))
    picture = mix(coat, oxide, rust) * (light * (1.0 - 0.25 * pits * rust))[:, None]
    return shaded(canvas, picture)


def diamond_plate(canvas: Canvas, paint: Paint) -> Tensor:
    """Tread plate: raised lozenges, each at a right angle to its neighbours, worn bright on top."""
    cell = canvas.uniform(0.125, 0.165)
    x, y = canvas.turned(canvas.chance(0.5) * (math.pi / 4) + canvas.normal(0.006))
    column, row = (x / cell).floor(), (y / cell).floor()
    sign = 1.0 - 2.0 * ((column + row) % 2.0)
    dx, dy = x - (column + 0.5) * cell, y - (row + 0.5) * cell
    along, across = turn(dx, dy, sign * (math.pi / 4))
    # A lens: two arcs that meet in points.
    length, width = cell * 0.44, cell * 0.125
    arc = 1.0 - (along / length) ** 2
    deep = width * arc - across.abs()
    scratch = canvas.noise(x * 3, y * 90, octaves=3, persistence=0.8)
    cross = canvas.noise(x * 80, y * 4, octaves=3, persistence=0.8)
    dirt = canvas.noise(canvas.x * 3, canvas.y * 3, octaves=6, persistence=0.6)
    grit = canvas.noise(canvas.x * 55, canvas.y * 55, octaves=3, persistence=0.8)
    height = rise(deep, -0.004, 0.016) * 0.013 + (scratch + cross + grit) * 0.00022
    angle = daylight(canvas)
    light = relief(canvas, height, depth=1.15, angle=angle)
    base = chosen(canvas, _STEELS, 0.02)
    top = rise(deep, 0.001, 0.012)
    mirror = canvas.noise(canvas.x * 0.8 + canvas.y * 0.5, canvas.y * 0.8, octaves=2)
    value = 0.86 + scratch * 0.03 + cross * 0.03 + mirror * 0.16 + top * 0.10
    picture = base * (value * (0.25 + 0.75 * light))[:, None]
    grime = rise(-deep, 0.0, 0.02) * rise(dirt, -0.1, 1.0) * 0.45 * canvas.uniform(0.3, 1.0)
    around = torch.exp(-(((deep + 0.006) / 0.008).clamp(-4, 4) ** 2)) * 0.20
    picture = mix(picture, tone(canvas, (0.20, 0.18, 0.16), 0.02).expand_as(picture), (grime + around).clamp(0, 1))
    shine = (light - 1.15).clamp(min=0) * 0.9
    return shaded(canvas, picture + shine[:, None] * (1 - picture))


def gold_foil(canvas: Canvas, paint: Paint) -> Tensor:
    """Crinkled gold leaf: creases split it into facets, each mirroring another part of a bright room."""
    x, y = canvas.turned(canvas.uniform(0, 3.1))
    scale = canvas.uniform(0.8, 1.3)
    x, y = x * scale, y * scale
    x = x + canvas.noise(x * 3, y * 3, octaves=4) * 0.07
    y = y + canvas.noise(x * 3, y * 3, octaves=4) * 0.07
    height = torch.zeros_like(x)
    for number, (size, depth) in enumerate(((2.2, 0.26), (4.6, 0.30), (9.5, 0.30), (19.0, 0.18))):
        angle = 0.4 + number * 1.1
        u, v = (x * math.cos(angle) + y * math.sin(angle)) * size, (y * math.cos(angle) - x * math.sin(angle)) * size
        height = height + facets(canvas, u + 0.4 * v, v * 0.85, salt=number * 7 + 20) * (depth / size)
    creases = canvas.noise(x * 5, y * 6, octaves=4, persistence=0.55, ridged=True)
    fine = canvas.noise(x * 24, y * 24, octaves=3, persistence=0.6, ridged=True)
    slope_x, slope_y = _slopes(canvas, height + creases * 0.010 + fine * 0.0008)
    # What a facet mirrors: its lean looks up a banded room.
    lean = slope_x * 0.9 + slope_y * 1.3
    mirrored = (lean * 3.4 + canvas.uniform(0, 6.28)).sin() * 0.55 + (lean * 1.5 + slope_x * 1.2).cos() * 0.45
    t = mirrored * 0.42 + 0.50 + canvas.noise(x * 0.8, y * 0.8, octaves=2) * 0.10
    stops = [
        tone(canvas, (0.34, 0.21, 0.06), 0.015),
        tone(canvas, (0.62, 0.43, 0.13), 0.02),
        tone(canvas, (0.83, 0.64, 0.24), 0.02),
        tone(canvas, (0.94, 0.79, 0.42), 0.02),
        tone(canvas, (1.00, 0.96, 0.77), 0.01),
    ]
    return shaded(canvas, ramp(t, stops), 0.08)


def _slopes(canvas: Canvas, height: Tensor) -> tuple[Tensor, Tensor]:
    """Slope of a height in units along x and y, (B, H, W) each."""
    return (
        torch.gradient(height, dim=-1)[0] * canvas.unit_px,
        torch.gradient(height, dim=-2)[0] * canvas.unit_px,
    )


def frosted_glass(canvas: Canvas, paint: Paint) -> Tensor:
    """Frosted glass: a room's lights and shapes, blurred behind it, scattered by a fine sparkling grain."""
    x, y = canvas.x, canvas.y
    fine = canvas.noise(x * 85, y * 85, octaves=2, persistence=0.9)
    ripple = canvas.noise(x * 34, y * 34, octaves=2, persistence=0.7)
    # Each grain looks a little elsewhere: soft borders dissolve into speckle.
    side_x = fine * 0.030 + ripple * 0.015
    side_y = canvas.noise(x * 85, y * 85, octaves=2, persistence=0.9) * 0.030
    u, v = x + side_x, y + side_y
    behind = canvas.noise(u * 1.0, v * 1.0, octaves=2)
    lamp = canvas.points(u * 1.5, v * 1.5, jitter=0.35)
    glow = rise(0.20 + 0.16 * lamp.tone - lamp.near, -0.08, 0.12) * (lamp.tone > 0.35).float()
    table = torch.tensor(_GLASSES, dtype=torch.float32, device=canvas.device)
    number = (canvas.uniform(0, 0.9999) * len(_GLASSES)).long().view(-1)
    drift = canvas.normal(0.015, channels=3)
    dark, middle, pale, warm = (part[..., None, None] + drift for part in table[number].unbind(1))
    picture = ramp(behind * 0.42 + 0.48, [dark, middle, pale])
    lit = torch.where(((lamp.tone * 5.0) % 1.0 > 0.5)[:, None], warm, pale)
    picture = mix(picture, lit, glow * canvas.uniform(0.25, 0.7))
    light = relief(canvas, fine * 0.00035 + ripple * 0.0003, angle=daylight(canvas))
    picture = picture * (0.3 + 0.7 * light)[:, None]
    # The frost itself is a thin veil of white.
    veil = 0.16 + 0.04 * fine
    return shaded(canvas, picture + veil[:, None] * (1.0 - picture), 0.08)


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material(
        "brushed metal", _M, brushed_metal, 0, ("metal", "steel", "brushed steel", "aluminium", "stainless steel")
    ),
    Material("rusty metal", _M, rusty_metal, 0, ("rust", "rusted metal", "corroded metal", "rusty iron")),
    Material("diamond plate", _M, diamond_plate, 0, ("tread plate", "checker plate", "metal plate")),
    Material("gold foil", _M, gold_foil, 0, ("gold leaf", "foil", "golden foil", "crinkled gold")),
    Material("frosted glass", _M, frosted_glass, 0, ("glass", "frosted", "milk glass", "matt glass")),
)
