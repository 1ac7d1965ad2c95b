"""Patterns drawn exactly, of two flat colours: no noise, no light, edges as sharp as pixels allow."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import asked, disc

# Two colours of a pattern are at least so far apart (Euclidean, sRGB), or the pattern could not be seen.
_CONTRAST = 0.35


def _two(canvas: Canvas, paint: Paint) -> tuple[Tensor, Tensor]:
    """The two colours: those asked for; else a named one, and a tint, a shade, white or another named one."""
    first = asked(canvas, paint.first, spread=0.01)
    other = asked(canvas, None, spread=0.01)
    tint, shade = first + (1.0 - first) * 0.72, first * 0.45
    way = canvas.whole(0, 3)[:, None]
    second = torch.where(way == 0, torch.ones_like(first) * 0.97, tint)
    second = torch.where(way == 1, shade, second)
    second = torch.where(way == 2, other, second)
    near = ((second - first) ** 2).sum(1, keepdim=True) < _CONTRAST**2
    lightness = first.mean(1, keepdim=True)
    apart = torch.where(lightness > 0.5, first * 0.3, first + (1.0 - first) * 0.85)
    second = torch.where(near, apart, second)
    return first, second if paint.second is None else paint.second.to(canvas.device).expand_as(first)


def _of(canvas: Canvas, paint: Paint, cover: Tensor) -> Tensor:
    first, second = _two(canvas, paint)
    return mix(second.expand(-1, -1, canvas.height, canvas.width), first, cover)


def _bands(canvas: Canvas, place: Tensor, share: Tensor | float) -> Tensor:
    """(B, H, W): 1 in bands one unit of ``place`` apart, wide by their share; edges over one pixel of ``place``.

    ``place`` counts bands; its slope tells how many pixels a band is.
    """
    pixel = _first_step(place, 1) + _first_step(place, 2)
    away = (place - place.round()).abs()
    return step(share * 0.5 - away, pixel.clamp(min=1e-6))


def _first_step(place: Tensor, axis: int) -> Tensor:
    """(B, 1, 1): from the first pixel to the next along an axis; 0 where there is no next."""
    if place.shape[axis] < 2:
        return torch.zeros_like(place[:, :1, :1])
    return (place.narrow(axis, 1, 1) - place.narrow(axis, 0, 1))[:, :1, :1].abs()


def plain(canvas: Canvas, paint: Paint) -> Tensor:
    """One flat colour."""
    return asked(canvas, paint.first).expand(-1, -1, canvas.height, canvas.width).contiguous()


def gradient(canvas: Canvas, paint: Paint) -> Tensor:
    """From one colour to the other over the frame: straight, at any angle, or from the middle outwards."""
    first, second = _two(canvas, paint)
    quarter = canvas.whole(0, 7) * (math.pi / 4)
    angle = torch.where(canvas.chance(0.6) > 0, quarter, canvas.uniform(0, 2 * math.pi))
    x, y = canvas.across - 0.5, canvas.down - 0.5
    straight = (x * angle.cos() + y * angle.sin()) / (angle.cos().abs() + angle.sin().abs()) + 0.5
    round_ = ((x * x + y * y) * 2.0).sqrt()
    t = torch.where(canvas.chance(0.2) > 0, round_, straight)
    return first + (second - first) * t.clamp(0, 1)[:, None]


def _stripes(canvas: Canvas, paint: Paint, angle: Tensor) -> Tensor:
    x, _ = canvas.turned(angle)
    return _of(canvas, paint, _bands(canvas, x * canvas.uniform(4, 11), canvas.uniform(0.35, 0.62)))


def stripes(canvas: Canvas, paint: Paint) -> Tensor:
    """Stripes any way: mostly level, upright or at 45 degrees."""
    even = canvas.whole(0, 3) * (math.pi / 4)
    return _stripes(canvas, paint, torch.where(canvas.chance(0.8) > 0, even, canvas.uniform(0, math.pi)))


def vertical_stripes(canvas: Canvas, paint: Paint) -> Tensor:
    """Upright stripes."""
    return _stripes(canvas, paint, canvas.uniform(0, 0))


def horizontal_stripes(canvas: Canvas, paint: Paint) -> Tensor:
    """Level stripes."""
    return _stripes(canvas, paint, canvas.uniform(0, 0) + math.pi / 2)


def diagonal_stripes(canvas: Canvas, paint: Paint) -> Tensor:
    """Stripes at 45 degrees, rising to either side."""
    return _stripes(canvas, paint, math.pi / 4 + canvas.chance(0.5) * math.pi / 2)


def checks(canvas: Canvas, paint: Paint) -> Tensor:
    """A chequerboard."""
    count = canvas.uniform(3.5, 9)
    pixel = canvas.pixel * count
    # Each factor is -1 … 1, crossing 0 at a square's border.
    across = 2.0 * step(((canvas.x * count) % 2.0 - 1.0).abs() - 0.5, pixel) - 1.0
    down = 2.0 * step(((canvas.y * count) % 2.0 - 1.0).abs() - 0.5, pixel) - 1.0
    return _of(canvas, paint, across * down * 0.5 + 0.5)


def gingham(canvas: Canvas, paint: Paint) -> Tensor:
    """Vichy checks: bands of half cover, level and upright, full where they cross."""
    count = canvas.uniform(3.5, 8)
    across, down = _bands(canvas, canvas.x * count, 0.5), _bands(canvas, canvas.y * count, 0.5)
    return _of(canvas, paint, (across + down) * 0.5)


def dots(canvas: Canvas, paint: Paint) -> Tensor:
    """Polka dots of the first colour on the second, in a square or a staggered lattice."""
    count, staggered = canvas.uniform(4, 10), canvas.chance(0.6)
    x, y = canvas.x * count, canvas.y * count
    # Staggered: the square lattice turned by 45 degrees.
    turned = canvas.turned(math.pi / 4)
    u = torch.where(staggered > 0, turned[0] * count, x)
    v = torch.where(staggered > 0, turned[1] * count, y)
    distance = disc(u - u.round(), v - v.round(), canvas.uniform(0.2, 0.36))
    return _of(canvas, paint, step(-distance, canvas.pixel * count))


def grid(canvas: Canvas, paint: Paint) -> Tensor:
    """Thin lines of the first colour, level and upright, on the second."""
    count, share = canvas.uniform(4, 10), canvas.uniform(0.07, 0.2)
    across, down = _bands(canvas, canvas.x * count, share), _bands(canvas, canvas.y * count, share)
    return _of(canvas, paint, torch.maximum(across, down))


def chevron(canvas: Canvas, paint: Paint) -> Tensor:
    """Zigzag bands."""
    count, teeth = canvas.uniform(4, 9), canvas.uniform(3, 7)
    steepness = canvas.uniform(0.6, 1.0)
    zigzag = ((canvas.x * teeth) % 1.0 - 0.5).abs() * (steepness / teeth)
    place = (canvas.y + zigzag) * count
    share = canvas.uniform(0.4, 0.6)
    away = (place - place.round()).abs()
    # The band's edge is crossed at a slant: a pixel is so much more of it.
    pixel = canvas.pixel * count * (1.0 + steepness**2).sqrt()
    return _of(canvas, paint, step(share * 0.5 - away, pixel))


_P = Kind.PATTERN
MATERIALS: tuple[Material, ...] = (
    Material("plain", _P, plain, 1, ("plain colour", "solid", "solid colour", "flat colour", "colour")),
    Material("gradient", _P, gradient, 2, ("colour gradient", "ombre", "fade")),
    Material("stripes", _P, stripes, 2, ("striped", "stripe", "stripe pattern")),
    Material("vertical stripes", _P, vertical_stripes, 2, ("pinstripes", "upright stripes")),
    Material("horizontal stripes", _P, horizontal_stripes, 2, ("level stripes", "breton stripes")),
    Material("diagonal stripes", _P, diagonal_stripes, 2, ("slanted stripes", "hazard stripes")),
    Material("checks", _P, checks, 2, ("checkerboard", "chequerboard", "chequered", "checkered", "check pattern")),
    Material("gingham", _P, gingham, 2, ("vichy", "picnic cloth", "plaid")),
    Material("dots", _P, dots, 2, ("polka dots", "dotted", "spots")),
    Material("grid", _P, grid, 2, ("grid lines", "graph paper", "squared paper")),
    Material("chevron", _P, chevron, 2, ("zigzag", "zig zag")),
)
