"""What one walks on outdoors: sand, soil, gravel, pebbles, rock, snow."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix, ramp, tone
from engine.materials.light import relief, shaded
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, chosen, daylight, exposed, parted, rise, stones


def strokes(
    canvas: Canvas, *, across: float, long: float, lean: float, salt: int, thick: float = 0.34
) -> tuple[Tensor, Tensor, Tensor]:
    """A layer of short, bent, tapering strokes, one from every random point: blades, needles, straws.

    Args:
        across: strokes in a unit. long: their length in widths of a cell. lean: how far they turn, radians.

    Returns:
        (B, H, W) each: cover, the stroke's own number 0 … 1, and the place along it, 0 at the root, 1 at the tip.
    """
    x, y = canvas.x * across, canvas.y * (across / long)
    point = canvas.points(x + salt * 7.3, y + salt * 3.1, jitter=1.0, salt=salt * 4)
    turn = (point.tone - 0.5) * 2 * lean
    dx, dy = -point.dx, -point.dy * long
    up = (-dy * turn.cos() + dx * turn.sin()) / (long * 0.62)
    side = dx * turn.cos() + dy * turn.sin() + turn * 0.35 * (up + 0.5) ** 2
    along = (up * 0.5 + 0.5).clamp(0, 1)
    half = thick * (1.0 - along) ** 0.6 * rise(along, 0.0, 0.12)
    cover = step(half - side.abs(), canvas.pixel * across) * (up.abs() < 1).float()
    return cover, (point.tone * 7.31) % 1.0, along


def sand(canvas: Canvas, paint: Paint) -> Tensor:
    """Dry sand: grains, soft hollows, and in most pictures the wind's ripples."""
    x, y = canvas.turned(canvas.normal(0.35))
    bend = canvas.noise(x * 1.6, y * 1.6, octaves=3) * 0.10
    count = canvas.uniform(7, 14)
    wave = ((y + bend + canvas.noise(x * 6, y * 2, octaves=3) * 0.012) * count) % 1.0
    # Ripples rise slowly and fall steeply.
    ripple = torch.where(wave < 0.68, wave / 0.68, (1.0 - wave) / 0.32)
    ripple = ripple * ripple * (3 - 2 * ripple) * canvas.chance(0.65) * (0.6 + 0.4 * canvas.noise(x * 1.2, y * 1.2))
    hollows = canvas.noise(canvas.x * 2.2, canvas.y * 2.2, octaves=5)
    grain = canvas.noise(canvas.x * 110, canvas.y * 110, octaves=2, persistence=0.9)
    height = ripple * 0.010 + hollows * 0.020 + grain * 0.0022
    base = chosen(canvas, ((0.86, 0.75, 0.56), (0.90, 0.82, 0.66), (0.80, 0.66, 0.46), (0.88, 0.78, 0.62)), 0.02)
    picture = base * (0.92 + 0.06 * hollows + 0.08 * grain)[:, None]
    dark = (canvas.points(canvas.x * 70, canvas.y * 70, jitter=1.0).tone > 0.965).float()
    picture = mix(picture, base * 0.55, dark * rise(grain, -0.2, 0.5) * 0.6)
    return exposed(picture * relief(canvas, height, depth=1.2, angle=daylight(canvas))[:, None])


def soil(canvas: Canvas, paint: Paint) -> Tensor:
    """Dark earth: crumbs of many sizes, a few bright stones and straws."""
    clump = canvas.noise(canvas.x * 5, canvas.y * 5, octaves=7, persistence=0.68)
    crumb = canvas.points(canvas.x * 26 + clump * 0.4, canvas.y * 26, jitter=1.0)
    small = canvas.points(canvas.x * 60, canvas.y * 60 + clump, jitter=1.0, salt=5)
    height = clump * 0.040 + (0.7 - crumb.near).clamp(min=0) * 0.022 + (0.7 - small.near).clamp(min=0) * 0.008
    base = chosen(canvas, ((0.30, 0.21, 0.14), (0.36, 0.25, 0.17), (0.26, 0.19, 0.15)), 0.02)
    picture = base * (0.85 + 0.28 * (crumb.tone - 0.5) + 0.22 * clump)[:, None]
    stone = (crumb.tone > 0.955).float() * step(0.42 - crumb.near, canvas.pixel * 26)
    picture = mix(picture, tone(canvas, (0.58, 0.54, 0.49)), stone)
    cover, own, _ = strokes(canvas, across=9, long=5.0, lean=1.5, salt=9, thick=0.10)
    picture = mix(picture, tone(canvas, (0.66, 0.55, 0.38)), cover * (own > 0.8).float() * 0.8)
    return exposed(picture * relief(canvas, height, depth=1.1, angle=daylight(canvas))[:, None])


_GRAVELS: tuple[tuple[Rgb, ...], ...] = (
    ((0.62, 0.61, 0.59), (0.50, 0.49, 0.48), (0.72, 0.71, 0.69), (0.40, 0.40, 0.41)),
    ((0.66, 0.57, 0.46), (0.55, 0.46, 0.37), (0.76, 0.68, 0.57), (0.48, 0.44, 0.40)),
    ((0.55, 0.52, 0.50), (0.63, 0.53, 0.46), (0.72, 0.69, 0.64), (0.44, 0.45, 0.47)),
)


def gravel(canvas: Canvas, paint: Paint) -> Tensor:
    """Broken stones lying on one another."""
    size = float(canvas.uniform(15, 21).mean())
    picture = tone(canvas, (0.10, 0.095, 0.09), 0.01).expand(-1, -1, canvas.height, canvas.width)
    for layer in range(3):
        bent = canvas.noise(canvas.x * 14, canvas.y * 14, octaves=2) * 0.16
        x, y = canvas.x * size * (1.3 - 0.15 * layer) + bent + 9 * layer, canvas.y * size * (1.3 - 0.15 * layer) - bent
        stone = stones(canvas, x, y, jitter=1.0, rounding=0.03, salt=layer * 5)
        own = canvas.cell(stone.column, stone.row, layer + 11)
        slope = canvas.cell(stone.column, stone.row, layer + 12) * 2 * math.pi
        there = step(stone.border - 0.05, canvas.pixel * size) * (own > 0.34 if layer else own >= 0).float()
        rough = canvas.noise(canvas.x * 60, canvas.y * 60, octaves=3, shift=own * 50)
        # Every stone is a few flat faces: the way its top leans, and worn edges.
        face = 0.86 + 0.30 * (stone.dx * slope.cos() + stone.dy * slope.sin()) + 0.10 * rough
        shade = face * (0.62 + 0.38 * rise(stone.border, 0.02, 0.16))
        colour = parted(canvas, (own * 13.7) % 1.0, _GRAVELS)
        picture = mix(picture * (1.0 - 0.5 * rise(stone.border, -0.10, 0.06))[:, None], colour * shade[:, None], there)
    return shaded(canvas, exposed(picture * 1.12), 0.08)


def pebbles(canvas: Canvas, paint: Paint) -> Tensor:
    """Round pebbles, wet in some pictures."""
    size = canvas.uniform(8, 13)
    stone = stones(canvas, canvas.x * size, canvas.y * size, jitter=0.85, rounding=0.16)
    own = canvas.cell(stone.column, stone.row, 3)
    dome = rise(stone.border, -0.02, 0.42).sqrt()
    rough = canvas.noise(canvas.x * 40, canvas.y * 40, octaves=4, shift=own * 40)
    bands = canvas.noise(canvas.x * 9, canvas.y * 22, octaves=3, shift=own * 70)
    colours: tuple[tuple[Rgb, ...], ...] = (
        ((0.66, 0.64, 0.60), (0.46, 0.47, 0.49), (0.78, 0.74, 0.68), (0.56, 0.48, 0.42), (0.36, 0.38, 0.41)),
        ((0.74, 0.68, 0.60), (0.60, 0.52, 0.46), (0.84, 0.82, 0.78), (0.50, 0.46, 0.44), (0.68, 0.58, 0.48)),
    )
    picture = parted(canvas, own, colours) * (0.95 + 0.07 * rough + 0.10 * rise(bands, 0.2, 0.7))[:, None]
    light = relief(canvas, dome * 0.42 / size + rough * 0.0006, depth=1.0, angle=daylight(canvas))
    wet = canvas.chance(0.35)
    picture = picture * (1.0 - 0.30 * wet)[:, None] * light[:, None]
    shine = rise(light, 1.32, 1.7) * wet
    gap = step(stone.border - 0.015, canvas.pixel * size)
    picture = picture * (0.40 + 0.60 * rise(stone.border, 0.0, 0.14))[:, None] + shine[:, None] * 0.5
    return exposed(mix(tone(canvas, (0.08, 0.075, 0.07), 0.01).expand_as(picture), picture, gap))


def rock(canvas: Canvas, paint: Paint) -> Tensor:
    """A rock face: layers, cracks, and light that grazes it."""
    x, y = canvas.turned(canvas.uniform(-0.6, 0.6))
    bend = canvas.noise(x * 1.5, y * 1.5, octaves=5) * 0.25
    mass = canvas.noise(x * 2.0 + bend, y * 2.6, octaves=8, persistence=0.56)
    ridge = canvas.noise(x * 2.4 + bend, y * 4.2 + bend, octaves=7, persistence=0.6, ridged=True)
    block = stones(canvas, x * 3.2 + bend * 2, y * 4.4 - bend * 2, rounding=0.02)
    crack = rise(block.border + mass * 0.05, 0.0, 0.05)
    height = mass * 0.060 + ridge * 0.050 - (1 - crack) * 0.05 + canvas.cell(block.column, block.row, 2) * 0.03 * crack
    base = chosen(canvas, ((0.52, 0.50, 0.47), (0.56, 0.48, 0.40), (0.44, 0.45, 0.47), (0.60, 0.54, 0.46)), 0.03)
    stain = canvas.noise(x * 1.4, y * 1.4, octaves=5)
    picture = ramp((0.5 + 0.34 * stain + 0.20 * ridge).clamp(0, 1), [base * 0.62, base, (base * 1.18).clamp(0, 1)])
    lichen = rise(canvas.noise(x * 5, y * 5, octaves=6, persistence=0.65) + stain * 0.4, 0.55, 0.75) * canvas.chance(
        0.5
    )
    picture = mix(picture, tone(canvas, (0.62, 0.63, 0.44)), lichen * 0.55)
    light = relief(canvas, height, depth=0.7, angle=daylight(canvas))
    return exposed(picture * (light * (0.55 + 0.45 * crack))[:, None])


def snow(canvas: Canvas, paint: Paint) -> Tensor:
    """Fresh snow in low light: soft drifts, blue hollows, single crystals that sparkle."""
    drift = canvas.noise(canvas.x * 1.6, canvas.y * 2.2, octaves=5, persistence=0.42)
    fluff = canvas.noise(canvas.x * 14, canvas.y * 14, octaves=4, persistence=0.6)
    fine = canvas.noise(canvas.x * 90, canvas.y * 90, octaves=2, persistence=0.9)
    light = relief(canvas, drift * 0.040 + fluff * 0.0022 + fine * 0.0006, depth=1.0, angle=daylight(canvas))
    shadow = chosen(canvas, ((0.62, 0.70, 0.84), (0.68, 0.74, 0.84), (0.66, 0.70, 0.80)), 0.015)
    picture = ramp(((light - 0.55) / 0.60).clamp(0, 1), [shadow, (shadow + 1.9) / 2.95, torch.full_like(shadow, 0.985)])
    crystal = canvas.points(canvas.x * 64, canvas.y * 64, jitter=1.0)
    sparkle = step(0.16 - crystal.near, canvas.pixel * 64) * (crystal.tone > 0.93).float() * rise(light, 0.9, 1.2)
    return exposed(picture + sparkle[:, None] * 0.25)


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("sand", _M, sand, 0, ("beach sand", "sandy ground")),
    Material("soil", _M, soil, 0, ("earth", "dirt", "mud", "ground")),
    Material("gravel", _M, gravel, 0, ("crushed stone", "ballast")),
    Material("pebbles", _M, pebbles, 0, ("river stones", "shingle")),
    Material("rock", _M, rock, 0, ("rock face", "cliff", "rocks")),
    Material("snow", _M, snow, 0, ("fresh snow",)),
)
