"""Bare ground: soil, cracked earth, sand, gravel, pebbles, rock, snow."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix, ramp
from engine.materials.light import relief, shaded
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, chosen, daylight, exposed, facets, parted, rise, stones
from engine.materials.skies import stops
from engine.materials.strew import Outline, seams, shadow, smoothed, strewn


def soil(canvas: Canvas, paint: Paint) -> Tensor:
    """Dug earth: clods and crumbs of all sizes, a few small stones and roots."""
    x, y = canvas.x, canvas.y
    warp = canvas.noise(x * 9, y * 9, octaves=4) * 0.05
    clods = canvas.points((x + warp) * 7, (y - warp) * 7, jitter=1.0, salt=40)
    crumbs = canvas.points((x + warp * 0.6) * 21, (y + warp * 0.6) * 21, jitter=1.0, salt=50)
    grains = canvas.points(x * 58, y * 58, jitter=1.0, salt=60)
    rough = canvas.noise(x * 6, y * 6, octaves=7, persistence=0.68)
    lumps = (1.0 - clods.near**2).clamp(min=0) * (0.4 + 0.6 * clods.tone)
    bits = (1.0 - crumbs.near**2 * 1.3).clamp(min=0) * (0.2 + 0.8 * crumbs.tone)
    specks = (1.0 - grains.near**2 * 1.5).clamp(min=0) * grains.tone
    height = lumps * 0.032 + bits * 0.015 + specks * 0.0045 + rough * 0.011
    light = relief(canvas, height, angle=daylight(canvas), depth=0.85)
    hollow = rise(height, -0.015, 0.040)
    colours = stops(
        canvas,
        (
            ((0.06, 0.04, 0.03), (0.25, 0.17, 0.11), (0.46, 0.34, 0.24)),
            ((0.05, 0.04, 0.035), (0.20, 0.15, 0.12), (0.38, 0.31, 0.25)),
            ((0.10, 0.05, 0.03), (0.37, 0.20, 0.12), (0.60, 0.38, 0.25)),
        ),
    )
    tone = 0.24 + 0.34 * hollow + 0.10 * rough + 0.12 * (crumbs.tone - 0.5) + 0.10 * (grains.tone - 0.5)
    picture = ramp(tone.clamp(0, 1), colours) * (light * (0.62 + 0.42 * hollow))[:, None]
    picture = _with_stones(canvas, picture, freq=9.0, share=0.10, bright=0.9)
    return shaded(canvas, picture * 1.18, 0.08)


def cracked_earth(canvas: Canvas, paint: Paint) -> Tensor:
    """A dried-out lake: plates of clay with curled edges, finer cracks in them, dark gaps."""
    x, y = canvas.x, canvas.y
    size = canvas.uniform(3.2, 5.0)
    bend = canvas.noise(x * 7, y * 7, octaves=4, persistence=0.55) * 0.030
    bend_y = canvas.noise(x * 7, y * 7, octaves=4, persistence=0.55) * 0.030
    plates = stones(canvas, (x + bend) * size, (y + bend_y) * size, jitter=0.9, rounding=0.04)
    own = canvas.cell(plates.column, plates.row, 5)
    small = stones(
        canvas, (x + bend_y) * size * 2.6 + own * 7, (y + bend) * size * 2.6, jitter=1.0, rounding=0.02, salt=9
    )
    rough = canvas.noise(x * 10, y * 10, octaves=7, persistence=0.62, shift=own * 50)
    gap = 0.022 + 0.020 * own
    inside = (plates.border - gap) / size
    hair = small.border / (size * 2.6)
    top = rise(inside, -0.002, 0.010)
    curl = torch.exp(-inside.clamp(min=0) / 0.025)
    height = top * 0.022 + curl * top * 0.014 + rise(hair, 0.0, 0.006) * 0.006 + rough * 0.0045
    light = relief(canvas, height, angle=daylight(canvas), depth=0.9)
    colours = stops(
        canvas,
        (
            ((0.16, 0.11, 0.08), (0.60, 0.48, 0.36), (0.84, 0.74, 0.60)),
            ((0.14, 0.12, 0.10), (0.52, 0.46, 0.40), (0.76, 0.71, 0.64)),
            ((0.18, 0.10, 0.06), (0.66, 0.44, 0.29), (0.88, 0.68, 0.50)),
        ),
    )
    tone = 0.56 + 0.10 * rough + 0.20 * (own - 0.5) + 0.14 * curl
    picture = ramp(tone.clamp(0, 1), colours) * (light * (0.62 + 0.38 * rise(hair, 0.0, 0.005)))[:, None]
    deep = colours[0] * (0.55 + 0.3 * rough + 8.0 * inside.clamp(-0.03, 0))[:, None].clamp(min=0.15)
    picture = mix(deep.expand_as(picture), picture, step(inside, canvas.pixel * 1.5))
    return shaded(canvas, picture, 0.08)


def sand(canvas: Canvas, paint: Paint) -> Tensor:
    """Sand combed by the wind: ripples that fork and end, grains of several colours, glitter."""
    x, y = canvas.turned(canvas.normal(0.5))
    freq = canvas.uniform(8, 13)
    sway = canvas.noise(x * 0.9, y * 0.9, octaves=3) * 0.17 + canvas.noise(x * 3.5, y * 5, octaves=3) * 0.030
    # The phase is shifted in patches: where they meet, ripples fork.
    fork = canvas.noise(x * 2.2, y * 1.1, octaves=2) * 0.35
    phase = ((y + sway) * freq + fork) % 1.0
    # Gentle to windward, steep to lee.
    ripple = torch.where(phase < 0.68, rise(phase, 0.0, 0.68), 1.0 - rise(phase, 0.68, 1.0))
    strong = rise(canvas.noise(x * 1.2, y * 1.2, octaves=3), -0.9, 0.5) * (0.25 + 0.75 * canvas.chance(0.75))
    dune = canvas.noise(canvas.x * 1.1, canvas.y * 1.1, octaves=3)
    grains = canvas.noise(canvas.x * 120, canvas.y * 120, octaves=3, persistence=0.9)
    height = ripple * strong * 0.016 * (10.0 / freq) + dune * 0.05 + grains * 0.0011
    light = relief(canvas, height, angle=canvas.uniform(-0.75 * math.pi, -0.25 * math.pi), depth=0.9)
    colours = stops(
        canvas,
        (
            ((0.55, 0.43, 0.29), (0.82, 0.70, 0.52), (0.96, 0.88, 0.73)),
            ((0.58, 0.47, 0.36), (0.86, 0.77, 0.64), (0.97, 0.92, 0.83)),
            ((0.58, 0.38, 0.22), (0.86, 0.63, 0.40), (0.97, 0.82, 0.60)),
            ((0.48, 0.42, 0.35), (0.74, 0.68, 0.60), (0.90, 0.86, 0.79)),
        ),
    )
    tone = 0.50 + 0.12 * ripple * strong + 0.08 * dune + 0.10 * grains
    picture = ramp(tone.clamp(0, 1), colours) * (0.30 + 0.70 * light)[:, None]
    bits = canvas.points(canvas.x * 95, canvas.y * 95, jitter=1.0, salt=70)
    dot = step(0.34 - bits.near, 0.25)
    picture = picture * (1.0 - 0.30 * dot * (bits.tone < 0.16).float())[:, None]
    picture = picture + (dot * (bits.tone > 0.93).float() * 0.20)[:, None]
    return shaded(canvas, exposed(picture), 0.06)


def _pebble(u: Tensor, v: Tensor, own: Tensor) -> Tensor:
    """A stone rolled by water: rounder or longer, never quite an ellipse."""
    angle = torch.atan2(v, u)
    long = 1.0 + 0.55 * own
    radius = (u * u + (v * long) ** 2 + 1e-6).sqrt()
    wave = 0.045 * (angle * 2.0 + own * 40).sin() + 0.035 * (angle * 3.0 + own * 23).sin()
    return (0.78 * (1.0 + wave) - radius) / long


def _chip(u: Tensor, v: Tensor, own: Tensor) -> Tensor:
    """A broken stone: the space between five to seven straight sides."""
    angle, count = torch.atan2(v, u), (5.0 + 3.0 * own).floor()
    sector = (angle * count / (2 * math.pi) + own * 5).floor()
    # Each side stands at its own distance from the middle.
    middle = (sector + 0.5 - own * 5) * (2 * math.pi) / count
    away = 0.60 + 0.22 * ((sector % count) * 0.618 + own * 13) % 0.22
    first = away - (u * middle.cos() + v * middle.sin())
    limit = 0.80 - (u * u + v * v + 1e-6).sqrt()
    return torch.minimum(first, limit)


def _with_stones(canvas: Canvas, picture: Tensor, *, freq: float, share: float, bright: float) -> Tensor:
    """The picture with a few small stones on it."""
    palettes: tuple[tuple[Rgb, ...], ...] = (((0.50, 0.46, 0.41), (0.40, 0.37, 0.34), (0.60, 0.55, 0.48)),)
    return _stones(canvas, picture, _pebble, palettes, freq=freq, share=share, size=0.35, bright=bright, salt=90)


def _stones(
    canvas: Canvas,
    picture: Tensor,
    outline: Outline,
    palettes: tuple[tuple[Rgb, ...], ...],
    *,
    freq: Tensor | float,
    size: float,
    bright: float,
    share: float = 1.0,
    smooth: float = 1.0,
    flat: float = 0.35,
    salt: int = 0,
) -> Tensor:
    """The picture under one layer of stones: each a body with its own colour, veins and light."""
    bent = canvas.noise(canvas.x * 24, canvas.y * 24, octaves=3) * 0.05 * (2.0 - smooth)
    # Every layer's rows run another way.
    lie = salt * 0.19 + 0.4
    x, y = canvas.turned(lie)
    stone = strewn(canvas, x * freq + bent, y * freq + bent, outline, size=size, vary=0.20, share=share, salt=salt)
    inside = stone.inside / freq
    # A loaf: flat on top, falling away at its border, the more the nearer; tilted a little as it lies.
    depth = (stone.inside / (flat * size)).clamp(0, 1)
    steep = (1.0 - depth) * (0.65 + 0.35 * smooth)
    turned = stone.angle + lie
    away = (stone.u**2 + stone.v**2 + 1e-4).sqrt()
    out_u = stone.u / away * steep + (stone.own - 0.5) * 0.35
    out_v = stone.v / away * steep + (stone.other - 0.5) * 0.35
    out_x, out_y = out_u * turned.cos() - out_v * turned.sin(), out_u * turned.sin() + out_v * turned.cos()
    rough = canvas.noise(canvas.x * 14, canvas.y * 14, octaves=6, persistence=0.65)
    cut = (canvas.noise(canvas.x * 4, canvas.y * 4, octaves=2, shift=stone.own * 60.0).abs() / 0.05).clamp(0, 1)
    fine = relief(canvas, rough * (0.0065 - 0.0045 * smooth))
    light = (1.0 - 0.40 * out_x - 0.50 * out_y - 0.18 * (out_x**2 + out_y**2)) * fine
    light = light.clamp(0.35, 1.5)
    colour = parted(canvas, (stone.own * 7.0 + stone.other * 3.0) % 1.0, palettes, 0.02)
    vein = (1.0 - cut) * (stone.other > 0.72).float() * smooth
    own = colour * (0.92 + 0.16 * rough)[:, None]
    own = own + (vein * 0.28)[:, None] * (0.92 - own)
    gloss = rise(light, 1.18, 1.45) * 0.16 * smooth
    own = own * (bright * light * (0.55 + 0.45 * rise(stone.inside, 0.0, 0.22 * size)))[:, None] + gloss[:, None]
    picture = picture * shadow(canvas, inside, 0.30 * size / freq, depth=0.65)[:, None]
    return mix(picture, smoothed(own, seams(stone.own)), step(inside, canvas.pixel))


_RUBBLE: tuple[tuple[Rgb, ...], ...] = (
    ((0.60, 0.58, 0.55), (0.48, 0.47, 0.46), (0.70, 0.67, 0.62), (0.40, 0.40, 0.41), (0.56, 0.51, 0.45)),
    ((0.66, 0.58, 0.48), (0.56, 0.49, 0.41), (0.74, 0.67, 0.57), (0.48, 0.44, 0.39), (0.62, 0.52, 0.42)),
    ((0.46, 0.48, 0.52), (0.38, 0.40, 0.44), (0.56, 0.58, 0.61), (0.32, 0.34, 0.37), (0.50, 0.50, 0.50)),
)
_SHINGLE: tuple[tuple[Rgb, ...], ...] = (
    (
        (0.56, 0.56, 0.56),
        (0.74, 0.71, 0.66),
        (0.36, 0.38, 0.41),
        (0.62, 0.52, 0.43),
        (0.46, 0.48, 0.50),
        (0.84, 0.82, 0.78),
    ),
    (
        (0.42, 0.45, 0.49),
        (0.56, 0.59, 0.61),
        (0.30, 0.33, 0.37),
        (0.66, 0.67, 0.66),
        (0.38, 0.40, 0.42),
        (0.50, 0.47, 0.45),
    ),
    (
        (0.72, 0.62, 0.51),
        (0.84, 0.77, 0.67),
        (0.58, 0.46, 0.36),
        (0.62, 0.60, 0.57),
        (0.50, 0.42, 0.36),
        (0.90, 0.86, 0.79),
    ),
)


def gravel(canvas: Canvas, paint: Paint) -> Tensor:
    """Crushed stone: sharp chips of several sizes, heaped."""
    ground = canvas.noise(canvas.x * 50, canvas.y * 50, octaves=3, persistence=0.8)
    picture = chosen(canvas, ((0.20, 0.19, 0.18), (0.24, 0.21, 0.18))) * (0.8 + 0.3 * ground)[:, None]
    fine = canvas.uniform(0.85, 1.2)
    for number, (freq, size, bright) in enumerate(
        ((34.0, 0.72, 0.72), (27.0, 0.70, 0.84), (21.0, 0.66, 0.98), (17.0, 0.56, 1.08))
    ):
        picture = _stones(
            canvas,
            picture,
            _chip,
            _RUBBLE,
            freq=freq * fine,
            size=size,
            bright=bright,
            smooth=0.1,
            flat=0.30,
            share=1.0 if number < 3 else 0.6,
            salt=number * 9,
        )
    return shaded(canvas, exposed(picture), 0.08)


def pebbles(canvas: Canvas, paint: Paint) -> Tensor:
    """A shingle beach: smooth stones, grey, white, brown, some veined, small ones in the gaps."""
    picture = torch.full((canvas.batch, 3, canvas.height, canvas.width), 0.09, device=canvas.device)
    fine = canvas.uniform(0.8, 1.2)
    for number, (freq, size, bright, share) in enumerate(
        ((17.0, 0.74, 0.62, 1.0), (11.0, 0.72, 0.78, 1.0), (8.0, 0.70, 0.94, 0.9), (6.2, 0.66, 1.05, 0.62))
    ):
        picture = _stones(
            canvas,
            picture,
            _pebble,
            _SHINGLE,
            freq=freq * fine,
            size=size,
            bright=bright,
            share=share,
            flat=0.55,
            salt=number * 9,
        )
    return shaded(canvas, exposed(picture), 0.08)


def rock(canvas: Canvas, paint: Paint) -> Tensor:
    """A cliff's face: broken planes in beds, cracks, rough grain, stains and lichen."""
    x, y = canvas.turned(canvas.normal(0.35))
    size = canvas.uniform(0.8, 1.3)
    x, y = x * size, y * size
    bend = canvas.noise(x * 2.2, y * 2.2, octaves=5, persistence=0.5) * 0.16
    bend_y = canvas.noise(x * 2.2, y * 2.2, octaves=5, persistence=0.5) * 0.12
    u, v = x + bend, y + bend_y
    planes = facets(canvas, u * 2.4, v * 4.0) * 0.60 + facets(canvas, u * 6.1 + 3, v * 9.5, 4) * 0.24
    planes = planes + facets(canvas, u * 14 + 9, v * 21, 8) * 0.09
    beds = canvas.noise(u * 0.8, v * 5.0, octaves=5, persistence=0.55, ridged=True)
    fine = canvas.noise(x * 9, y * 11, octaves=7, persistence=0.68)
    blocks = stones(canvas, u * 2.1, v * 3.4, jitter=1.0, rounding=0.02, salt=20)
    crack = rise(blocks.border + 0.02 * fine, 0.0, 0.05)
    small = canvas.noise(u * 3.6, v * 3.6, octaves=3).abs()
    hair = rise(small, 0.0, 0.035)
    height = planes * 0.085 + beds * 0.022 + fine * 0.011 + crack * 0.020 + hair * 0.005
    light = relief(canvas, height, angle=daylight(canvas), depth=1.0)
    colours = stops(
        canvas,
        (
            ((0.12, 0.11, 0.10), (0.42, 0.39, 0.36), (0.70, 0.66, 0.61)),
            ((0.11, 0.12, 0.13), (0.37, 0.39, 0.41), (0.64, 0.66, 0.67)),
            ((0.17, 0.11, 0.08), (0.54, 0.39, 0.28), (0.80, 0.64, 0.49)),
            ((0.10, 0.10, 0.10), (0.30, 0.29, 0.29), (0.54, 0.53, 0.51)),
        ),
    )
    stain = canvas.noise(x * 1.4, y * 0.7, octaves=5, persistence=0.6)
    tone = 0.50 + 0.14 * fine + 0.12 * stain + 0.10 * beds
    picture = ramp(tone.clamp(0, 1), colours) * (light * (0.55 + 0.45 * crack) * (0.75 + 0.25 * hair))[:, None]
    patch = canvas.noise(x * 3.1, y * 3.1, octaves=6, persistence=0.62)
    growth = chosen(canvas, ((0.62, 0.62, 0.42), (0.70, 0.58, 0.26), (0.66, 0.68, 0.62), (0.34, 0.40, 0.22)))
    lichen = rise(patch + 0.15 * fine, 0.62, 0.90) * canvas.chance(0.6) * 0.62
    picture = mix(picture, growth * (light * (0.75 + 0.2 * fine))[:, None], lichen)
    return shaded(canvas, exposed(picture), 0.08)


def snow(canvas: Canvas, paint: Paint) -> Tensor:
    """Fresh snow in low light: soft drifts with blue shadows, a grainy crust, crystals that flash."""
    x, y = canvas.turned(canvas.normal(0.4))
    bend = canvas.noise(x * 1.2, y * 1.2, octaves=3) * 0.14
    drift = canvas.noise((x + bend) * 1.0, (y + bend) * 1.9, octaves=4, persistence=0.42)
    comb = canvas.noise((x + bend) * 2.6, (y + bend) * 11, octaves=3, persistence=0.5, ridged=True)
    crust = canvas.noise(x * 26, y * 34, octaves=5, persistence=0.72)
    wind = rise(canvas.noise(x * 1.5, y * 1.5, octaves=2), -0.4, 0.8) * canvas.chance(0.7)
    height = drift * 0.115 + comb * 0.0070 * wind + crust * 0.0016
    light = relief(canvas, height, angle=canvas.uniform(-0.9 * math.pi, -0.1 * math.pi), depth=1.0)
    colours = stops(
        canvas,
        (
            ((0.50, 0.60, 0.78), (0.82, 0.88, 0.95), (0.985, 0.985, 0.99)),
            ((0.56, 0.62, 0.74), (0.84, 0.87, 0.92), (0.99, 0.985, 0.975)),
            ((0.48, 0.56, 0.78), (0.84, 0.85, 0.94), (0.995, 0.97, 0.94)),
        ),
        0.01,
    )
    tone = 0.64 + (light - 1.0) * 0.85 + 0.03 * crust
    picture = ramp(tone.clamp(0, 1), colours)
    flash = canvas.points(canvas.x * 62, canvas.y * 62, jitter=1.0, salt=70)
    spark = torch.exp(-((flash.near / (0.16 + 0.6 * canvas.pixel * 62)) ** 2)) * (flash.tone > 0.955).float()
    picture = picture + (spark * 0.35 * rise(light, 0.8, 1.2))[:, None]
    return exposed(picture * 1.01)


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("soil", _M, soil, 0, ("earth", "dirt", "ground", "mud", "brown earth")),
    Material(
        "cracked earth", _M, cracked_earth, 0, ("dry earth", "drought", "cracked clay", "cracked ground", "dry mud")
    ),
    Material("sand", _M, sand, 0, ("sand ripples", "beach sand", "desert sand", "fine sand")),
    Material("gravel", _M, gravel, 0, ("crushed stone", "grit", "rubble", "chippings")),
    Material("pebbles", _M, pebbles, 0, ("pebble", "shingle", "river stones", "pebble beach", "stones")),
    Material("rock", _M, rock, 0, ("rocks", "cliff", "rock face", "rocky", "boulder", "stone")),
    Material("snow", _M, snow, 0, ("fresh snow", "powder snow", "snowy", "snowfield")),
)
