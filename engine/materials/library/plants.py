"""Leaves on the tree and on the ground, flowers, bark."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix, ramp, tone
from engine.materials.library.ground import strokes
from engine.materials.light import relief, shaded
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, asked, chosen, daylight, exposed, parted, rise


def _leaves(
    canvas: Canvas, palettes: Sequence[Sequence[Rgb]], under: Rgb, *, size: float, layers: int, slender: float
) -> Tensor:
    """Leaf upon leaf: each a pointed oval with a midrib and side veins, lit by the way it lies, its shadow below."""
    picture = tone(canvas, under, 0.01).expand(-1, -1, canvas.height, canvas.width)
    for layer in range(layers):
        depth = layer / max(1, layers - 1)
        count = size * (1.2 - 0.25 * depth)
        x, y = canvas.x * count + layer * 5.7, canvas.y * count + layer * 2.9
        leaf = canvas.points(x, y, jitter=0.9, salt=layer * 6)
        turn = leaf.tone * 2 * math.pi
        own = (leaf.tone * 9.73) % 1.0
        along = (-leaf.dx * turn.cos() - leaf.dy * turn.sin()) / 0.62
        across = (leaf.dx * turn.sin() - leaf.dy * turn.cos()) / 0.62
        across = across + 0.12 * (own - 0.5) * (along * along - 0.3)
        outline = slender * (1 - along * along).clamp(min=0) ** 0.8 * (1.0 - 0.25 * along)
        edge = (outline - across.abs()) * 0.62
        shadow = rise(edge, -0.12, 0.06) * (along.abs() < 1.1).float()
        there = step(edge, canvas.pixel * count) * (along.abs() < 1).float()
        rib = torch.exp(-((across / 0.028) ** 2))
        vein = torch.exp(-((((along * 5.5 - across.abs() * 4.0) % 1.0 - 0.5) / 0.16) ** 2)) * 0.45
        fold = torch.where(across > 0, 0.14, -0.12) * (0.4 + own)
        mottle = canvas.noise(x * 2, y * 2, octaves=4, shift=own * 30)
        light = (0.62 + 0.38 * depth) * (0.86 + fold + 0.22 * (own - 0.5) + 0.10 * mottle)
        colour = parted(canvas, (own * 5.3) % 1.0, palettes, 0.03) * light[:, None]
        colour = colour * (1.0 + 0.22 * torch.maximum(rib, vein * 0.6))[:, None]
        picture = mix(picture * (1.0 - 0.55 * shadow)[:, None], colour, there)
    return shaded(canvas, exposed(picture), 0.08)


def leaves(canvas: Canvas, paint: Paint) -> Tensor:
    """A dense hedge of green leaves."""
    greens: tuple[tuple[Rgb, ...], ...] = (
        ((0.22, 0.46, 0.12), (0.30, 0.55, 0.16), (0.16, 0.38, 0.11), (0.40, 0.62, 0.20)),
        ((0.18, 0.42, 0.18), (0.26, 0.52, 0.22), (0.12, 0.34, 0.14), (0.36, 0.60, 0.26)),
        ((0.34, 0.52, 0.14), (0.44, 0.60, 0.18), (0.25, 0.42, 0.10), (0.52, 0.66, 0.26)),
    )
    return _leaves(canvas, greens, (0.03, 0.07, 0.02), size=9, layers=5, slender=0.40)


def autumn_leaves(canvas: Canvas, paint: Paint) -> Tensor:
    """Fallen leaves, from yellow to rust."""
    warm: tuple[tuple[Rgb, ...], ...] = (
        ((0.86, 0.48, 0.10), (0.74, 0.24, 0.08), (0.92, 0.66, 0.16), (0.54, 0.26, 0.10), (0.82, 0.36, 0.10)),
        ((0.88, 0.62, 0.14), (0.80, 0.44, 0.10), (0.62, 0.34, 0.14), (0.94, 0.74, 0.24), (0.70, 0.20, 0.08)),
    )
    return _leaves(canvas, warm, (0.12, 0.06, 0.03), size=7, layers=5, slender=0.52)


def ivy(canvas: Canvas, paint: Paint) -> Tensor:
    """A wall of small dark leaves."""
    dark: tuple[tuple[Rgb, ...], ...] = (
        ((0.12, 0.32, 0.14), (0.17, 0.40, 0.17), (0.09, 0.25, 0.12), (0.26, 0.48, 0.22)),
        ((0.16, 0.34, 0.11), (0.22, 0.42, 0.14), (0.11, 0.27, 0.09), (0.32, 0.50, 0.18)),
    )
    return _leaves(canvas, dark, (0.02, 0.05, 0.02), size=14, layers=6, slender=0.58)


def flowers(canvas: Canvas, paint: Paint) -> Tensor:
    """A meadow full of flowers of one colour: round petals about a yellow eye, over grass."""
    from_grass = tone(canvas, (0.10, 0.22, 0.06), 0.01).expand(-1, -1, canvas.height, canvas.width)
    green = chosen(canvas, ((0.34, 0.54, 0.18), (0.40, 0.58, 0.20)), 0.03)
    picture = from_grass
    for layer in range(4):
        cover, own, along = strokes(canvas, across=24, long=3.4, lean=1.0, salt=layer + 1)
        light = (0.25 + 0.14 * layer + 0.3 * along + 0.2 * (own - 0.5)).clamp(0, 1)
        picture = mix(picture, ramp(light, [green * 0.2, green * 0.7, green * 1.2]), cover * 0.95)
    petal = asked(canvas, paint.first, ((0.90, 0.22, 0.26), (0.96, 0.82, 0.24), (0.62, 0.36, 0.80), (0.96, 0.94, 0.92)))
    eye = tone(canvas, (0.90, 0.68, 0.14), 0.02)
    for layer in range(3):
        count = 7.5 - layer
        point = canvas.points(canvas.x * count + layer * 4.1, canvas.y * count, jitter=0.9, salt=40 + layer * 5)
        own = (point.tone * 7.7) % 1.0
        there = (own > 0.12).float()
        angle = torch.atan2(point.dy, point.dx) + own * 6.28
        radius = 0.34 * (0.75 + 0.4 * own)
        lobes = (angle * 3.0).cos().abs() ** 0.6
        edge = radius * (0.62 + 0.38 * lobes) - point.near
        cover = step(edge, canvas.pixel * count) * there
        streak = 0.5 + 0.5 * (angle * 21).cos()
        light = (
            0.70 + 0.34 * (point.near / radius).clamp(0, 1) - 0.10 * streak + 0.14 * (own - 0.5) - 0.10 * (1 - lobes)
        )
        picture = picture * (1.0 - 0.45 * rise(edge, -0.12, 0.04) * there)[:, None]
        picture = mix(picture, petal * light[:, None], cover)
        middle = step(radius * 0.24 - point.near, canvas.pixel * count) * there
        picture = mix(picture, eye * (0.8 + 0.3 * (0.2 - point.near) / 0.2)[:, None], middle)
    return shaded(canvas, exposed(picture), 0.06)


def bark(canvas: Canvas, paint: Paint) -> Tensor:
    """An old trunk: long plates between deep, forking furrows."""
    bend = canvas.noise(canvas.x * 2.5, canvas.y * 1.6, octaves=4) * 0.16
    x, y = canvas.x + bend, canvas.y
    plate = canvas.noise(x * 7, y * 1.3, octaves=6, persistence=0.6, ridged=True)
    cross = canvas.noise(x * 4, y * 4, octaves=5, persistence=0.62)
    fibre = canvas.noise(x * 34, y * 4, octaves=4, persistence=0.7)
    deep = rise(-plate + cross * 0.35, 0.05, 0.7)
    height = plate * 0.050 - deep * 0.050 + cross * 0.012 + fibre * 0.004
    base = chosen(canvas, ((0.46, 0.36, 0.28), (0.42, 0.38, 0.34), (0.52, 0.41, 0.30)), 0.02)
    picture = ramp(
        (0.60 - 0.55 * deep + 0.20 * cross + 0.10 * fibre).clamp(0, 1), [base * 0.28, base * 0.8, base * 1.25]
    )
    moss = rise(canvas.noise(canvas.x * 3, canvas.y * 2, octaves=5) + plate * 0.2, 0.5, 0.8) * canvas.chance(0.4)
    picture = mix(picture, tone(canvas, (0.38, 0.44, 0.18)), moss * 0.6)
    return exposed(picture * relief(canvas, height, depth=1.4, angle=daylight(canvas))[:, None])


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("leaves", _M, leaves, 0, ("green leaves", "foliage", "hedge", "bush")),
    Material("autumn leaves", _M, autumn_leaves, 0, ("fallen leaves", "fall leaves")),
    Material("ivy", _M, ivy, 0, ("ivy wall", "green wall")),
    Material("flowers", _M, flowers, 1, ("flower field", "flower meadow", "blossoms")),
    Material("bark", _M, bark, 0, ("tree bark", "tree trunk")),
)
