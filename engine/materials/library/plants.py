"""Leaves, ivy, bark, and coffee beans."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix, ramp
from engine.materials.light import relief, shaded
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, daylight, parted, rise, stones
from engine.materials.skies import stops
from engine.materials.strew import Outline, Strewn, seams, shadow, smoothed, strewn


def _oval(u: Tensor, v: Tensor, own: Tensor) -> Tensor:
    """A leaf with a point and a short stalk, broad or slender."""
    t = (u * 0.5 + 0.5).clamp(0, 1)
    half = (0.36 + 0.14 * own) * (t**0.62) * ((1.0 - t) ** 0.85) * 2.6
    stalk = torch.where(u < -0.86, 0.035 - v.abs() - (-1.12 - u).clamp(min=0), -9.0)
    return torch.maximum(torch.where(u.abs() < 1, half - v.abs(), -v.abs() - (u.abs() - 1)), stalk) * 0.8


def _maple(u: Tensor, v: Tensor, own: Tensor) -> Tensor:
    """A leaf with five toothed lobes around the end of its stalk."""
    x, y = u + 0.30, v
    radius, angle = (x * x + y * y + 1e-6).sqrt(), torch.atan2(y, x).abs()
    lobes = torch.zeros_like(u)
    # Direction, length and breadth of a lobe: the middle one, two beside it, two behind.
    for at, long, broad in ((0.0, 1.26, 0.56), (0.92, 1.10, 0.54), (1.90, 0.76, 0.56)):
        off = (angle - at).abs() / broad
        lobes = torch.maximum(lobes, long * (1.0 - off**1.1 * 0.50))
    teeth = ((angle * 9.0) % 1.0 - 0.5).abs() * 0.20 * rise(radius, 0.5, 1.0)
    edge = torch.maximum(lobes - teeth, torch.full_like(u, 0.48) * (1.0 - 0.5 * rise(angle, 2.5, 3.1)))
    stalk = torch.where((x < 0) & (x > -0.75), 0.030 - (v + x * 0.12).abs(), -9.0)
    return torch.maximum((edge - radius) * 0.75, stalk)


def _either(u: Tensor, v: Tensor, own: Tensor) -> Tensor:
    """Maple leaves among oval ones."""
    return torch.where(own < 0.55, _maple(u, v, own), _oval(u, v, own))


def _lobed(u: Tensor, v: Tensor, own: Tensor) -> Tensor:
    """An ivy leaf: three to five blunt lobes, heart-shaped at its stalk."""
    x, y = u + 0.35, v
    radius, angle = (x * x + y * y + 1e-6).sqrt(), torch.atan2(y, x).abs()
    lobes = torch.full_like(u, 0.45)
    for at, long, broad in ((0.0, 1.25, 0.80), (1.02, 0.98, 0.78), (1.98, 0.72, 0.80)):
        off = ((angle - at) / broad).abs()
        lobes = torch.maximum(lobes, long * (1.0 - 0.46 * off))
    return (lobes * (1.0 - 0.25 * rise(angle, 2.5, 3.14)) - radius) * 0.8


def _feathered(leaf: Strewn) -> tuple[Tensor, Tensor]:
    """Veins of an oval leaf, 0 … 1, and how its halves and ribs lean, about -1 … 1."""
    middle = torch.exp(-((leaf.v / (0.030 * (1.15 - leaf.u * 0.5))) ** 2))
    rib = ((leaf.u - leaf.v.abs() * 0.85) * 5.5) % 1.0
    side = torch.exp(-(((rib - 0.5) / 0.10) ** 2)) * rise(leaf.inside, 0.0, 0.10)
    return (middle + 0.55 * side).clamp(0, 1), (rib - 0.5) * -0.7 * rise(leaf.inside, 0.0, 0.12)


def _rayed(leaf: Strewn, root: float, rays: tuple[float, ...]) -> tuple[Tensor, Tensor]:
    """Veins of a lobed leaf, running out from its stalk, 0 … 1, and how the fields between them bulge."""
    x, y = leaf.u + root, leaf.v.abs()
    radius, angle = (x * x + y * y + 1e-6).sqrt(), torch.atan2(y, x)
    veins, bulge = torch.zeros_like(x), torch.full_like(x, 9.0)
    for ray in rays:
        off = (angle - ray).abs()
        from_vein = torch.where(off < 1.5, (radius * off.sin()).abs(), radius)
        veins = torch.maximum(veins, torch.exp(-((from_vein / (0.030 * (1.3 - radius).clamp(min=0.3))) ** 2)))
        twig = ((radius * 6.0 - from_vein * 5.0) % 1.0 - 0.5) / 0.13
        veins = torch.maximum(veins, 0.40 * torch.exp(-(twig**2)) * rise(from_vein, 0.30, 0.0))
        bulge = torch.minimum(bulge, from_vein)
    return veins, (bulge * 4.0).clamp(0, 1) - 0.4


def foliage(
    canvas: Canvas,
    outline: Outline,
    *,
    layers: int,
    freq: Tensor,
    spread: float,
    around: float = 0.0,
    size: float = 0.72,
    salt: int = 0,
) -> list[tuple[Strewn, Tensor]]:
    """Layers of leaves from the lowest to the topmost, each with its distance to the outline in units."""
    found: list[tuple[Strewn, Tensor]] = []
    for number in range(layers):
        x, y = canvas.turned(around + (number - layers / 2) * 0.23)
        wave = canvas.noise(x * 7, y * 7, octaves=2) * 0.05
        grown = freq * (1.22 - 0.32 * number / max(1, layers - 1))
        leaf = strewn(
            canvas,
            x * grown + wave + number * 0.41,
            y * grown + wave,
            outline,
            size=size,
            vary=0.16,
            spread=spread,
            salt=salt + number * 9,
        )
        found.append((leaf, leaf.inside / grown))
    return found


def leaves(canvas: Canvas, paint: Paint) -> Tensor:
    """A thicket of fresh leaves, each with its veins, folded along the middle, in the shade of those above it."""
    greens = stops(
        canvas,
        (
            ((0.02, 0.07, 0.02), (0.14, 0.36, 0.08), (0.50, 0.68, 0.22), (0.84, 0.92, 0.58)),
            ((0.02, 0.08, 0.04), (0.11, 0.33, 0.09), (0.38, 0.62, 0.22), (0.76, 0.90, 0.58)),
            ((0.04, 0.07, 0.02), (0.22, 0.36, 0.06), (0.60, 0.68, 0.20), (0.90, 0.92, 0.56)),
        ),
    )
    picture = greens[0].expand(-1, -1, canvas.height, canvas.width) * 0.8
    stack = foliage(canvas, _oval, layers=5, freq=canvas.uniform(5.0, 7.2), spread=1.5, around=math.pi / 2)
    for number, (leaf, inside) in enumerate(stack):
        t = number / (len(stack) - 1)
        veins, ribs = _feathered(leaf)
        # Which half of a folded leaf looks to the light above.
        fold = torch.where(leaf.v > 0, 1.0, -1.0) * (leaf.angle + 0.5).cos()
        light = 0.34 + 0.38 * t + 0.12 * fold + 0.12 * ribs + 0.16 * leaf.u + 0.30 * (leaf.own - 0.5)
        tone = light * 0.72 + veins * 0.16 * (0.4 + light)
        gloss = rise(ribs + 0.5 * fold + leaf.other * 0.4 - (leaf.v.abs() - 0.2).abs() * 2.0, 0.35, 1.0) * 0.20 * t
        own = ramp((tone + gloss).clamp(0, 1), greens)
        edge = 0.72 + 0.28 * rise(inside, 0.0, 0.006)
        picture = picture * shadow(canvas, inside, 0.030, depth=0.62)[:, None]
        picture = mix(picture, smoothed(own * edge[:, None], seams(leaf.own)), step(inside, canvas.pixel))
    return shaded(canvas, picture, 0.10)


def autumn_leaves(canvas: Canvas, paint: Paint) -> Tensor:
    """Fallen leaves of maple and beech in all their colours, one over the other."""
    palettes: tuple[tuple[Rgb, ...], ...] = (
        (
            (0.78, 0.20, 0.07),
            (0.92, 0.48, 0.08),
            (0.96, 0.72, 0.16),
            (0.62, 0.34, 0.13),
            (0.55, 0.10, 0.07),
            (0.90, 0.60, 0.20),
        ),
        (
            (0.93, 0.66, 0.12),
            (0.86, 0.46, 0.10),
            (0.70, 0.42, 0.16),
            (0.96, 0.80, 0.28),
            (0.60, 0.48, 0.14),
            (0.78, 0.28, 0.09),
        ),
        (
            (0.52, 0.28, 0.14),
            (0.74, 0.40, 0.14),
            (0.86, 0.58, 0.20),
            (0.64, 0.16, 0.08),
            (0.42, 0.25, 0.15),
            (0.82, 0.50, 0.22),
        ),
    )
    picture = torch.full((canvas.batch, 3, canvas.height, canvas.width), 0.06, device=canvas.device)
    stack = foliage(canvas, _either, layers=5, freq=canvas.uniform(3.8, 5.0), spread=math.pi, size=0.72)
    blotch = canvas.noise(canvas.x * 22, canvas.y * 22, octaves=4, persistence=0.65)
    for number, (leaf, inside) in enumerate(stack):
        t = number / (len(stack) - 1)
        feathered, ribs = _feathered(leaf)
        rayed, bulge = _rayed(leaf, 0.30, (0.0, 0.95, 1.95))
        is_maple = leaf.own < 0.55
        veins, form = torch.where(is_maple, rayed, feathered), torch.where(is_maple, bulge * 0.5, ribs)
        colour = parted(canvas, ((leaf.other * 7.0 + leaf.own * 3.0) % 1.0), palettes, 0.015)
        # Brown creeps in from the edge.
        old = rise(blotch * 0.5 + 0.05 / (inside.clamp(min=0) * 22 + 0.05) - 0.35, 0.0, 0.8) * rise(
            leaf.other, 0.2, 0.9
        )
        colour = mix(colour, colour * 0.45 + 0.06, old)
        curl = leaf.u * (leaf.angle + 0.6).sin() + leaf.v * (leaf.angle + 0.6).cos()
        light = (0.52 + 0.40 * t) * (1.02 + 0.26 * form - 0.30 * curl * (0.4 + leaf.other) + 0.06 * blotch)
        own = colour * light[:, None] + (veins * 0.16 * light)[:, None] * (colour * 0.6 + 0.25)
        edge = 0.62 + 0.38 * rise(inside, 0.0, 0.008)
        picture = picture * shadow(canvas, inside, 0.040, depth=0.66)[:, None]
        picture = mix(picture, smoothed(own * edge[:, None], seams(leaf.own)), step(inside, canvas.pixel))
    return shaded(canvas, picture, 0.08)


def ivy(canvas: Canvas, paint: Paint) -> Tensor:
    """A wall of ivy: dark leaves with pale veins that hang like scales, young ones brighter."""
    greens = stops(
        canvas,
        (
            ((0.01, 0.05, 0.03), (0.06, 0.21, 0.09), (0.22, 0.44, 0.18), (0.62, 0.78, 0.46)),
            ((0.02, 0.05, 0.02), (0.10, 0.24, 0.07), (0.32, 0.50, 0.16), (0.70, 0.80, 0.46)),
        ),
    )
    picture = greens[0].expand(-1, -1, canvas.height, canvas.width) * 0.7
    stack = foliage(canvas, _lobed, layers=5, freq=canvas.uniform(5.6, 7.8), spread=0.9, around=math.pi / 2, size=0.74)
    for number, (leaf, inside) in enumerate(stack):
        t = number / (len(stack) - 1)
        veins, bulge = _rayed(leaf, 0.35, (0.0, 0.98, 2.02))
        up = -leaf.u * 0.20 + leaf.v * leaf.angle.sin() * 0.25
        young = (leaf.own > 0.86).float() * 0.20
        light = 0.26 + 0.40 * t + 0.20 * bulge + up + 0.26 * (leaf.other - 0.5) + young
        gloss = rise(bulge + up + leaf.other * 0.5, 0.55, 1.15) * 0.26 * t
        own = ramp((light * 0.78 + gloss).clamp(0, 1), greens)
        own = mix(own, greens[3] * 0.9, veins * 0.42 * (0.25 + 0.75 * t))
        edge = 0.66 + 0.34 * rise(inside, 0.0, 0.006)
        picture = picture * shadow(canvas, inside, 0.030, depth=0.65)[:, None]
        picture = mix(picture, smoothed(own * edge[:, None], seams(leaf.own)), step(inside, canvas.pixel))
    return shaded(canvas, picture, 0.08)


def bark(canvas: Canvas, paint: Paint) -> Tensor:
    """Old bark: long plates between deep furrows, cracked across, fibrous; here and there lichen."""
    x, y = canvas.turned(canvas.normal(0.05))
    size = canvas.uniform(0.85, 1.25)
    x, y = x / size, y / size
    sway = (
        canvas.noise(x * 2.2, y * 0.9, octaves=4, persistence=0.4) * 0.07
        + canvas.noise(x * 14, y * 4, octaves=3) * 0.005
    )
    lift = canvas.noise(x * 4.0, y * 2.0, octaves=3) * 0.10
    plates = stones(canvas, (x + sway) * 8.5, (y + lift) * 1.9, jitter=0.95, rounding=0.10)
    own = canvas.cell(plates.column, plates.row, 5)
    cracks = stones(canvas, (x + sway) * 15.0, (y + lift) * 7.5 + own * 9, jitter=1.0, rounding=0.06, salt=11)
    fibre = canvas.noise((x + sway) * 55, y * 7, octaves=4, persistence=0.7, shift=own * 40)
    ridge = canvas.noise((x + sway) * 11, y * 1.6, octaves=5, persistence=0.55, ridged=True)
    top = rise(plates.border + 0.025 * fibre + 0.03 * ridge, -0.03, 0.10)
    split = rise(cracks.border + 0.06 * fibre, 0.0, 0.12)
    height = top * 0.014 + split * top * 0.004 + fibre * 0.0030 + ridge * 0.005 + own * top * 0.003
    barks = (
        ((0.07, 0.05, 0.04), (0.30, 0.22, 0.16), (0.55, 0.45, 0.36), (0.74, 0.66, 0.56)),
        ((0.06, 0.06, 0.05), (0.27, 0.25, 0.22), (0.50, 0.47, 0.43), (0.70, 0.67, 0.62)),
        ((0.10, 0.05, 0.03), (0.40, 0.22, 0.13), (0.64, 0.40, 0.26), (0.82, 0.60, 0.44)),
    )
    colours = stops(canvas, barks)
    tone = 0.10 + 0.48 * top * (0.65 + 0.35 * split) + 0.13 * fibre + 0.08 * ridge + 0.16 * (own - 0.5)
    picture = ramp(tone.clamp(0, 1), colours)
    patch = canvas.noise(x * 2.2, y * 2.2, octaves=5, persistence=0.6) + 0.25 * fibre
    lichen = rise(patch, 0.55, 0.95) * top * canvas.chance(0.6)
    greens = stops(canvas, (((0.50, 0.56, 0.42),), ((0.42, 0.48, 0.20),), ((0.62, 0.66, 0.58),)))[0]
    picture = mix(picture, greens * (0.7 + 0.35 * split + 0.2 * fibre)[:, None], lichen * 0.6)
    light = relief(canvas, height, angle=daylight(canvas), depth=0.9)
    return shaded(canvas, picture * (light * (0.55 + 0.45 * top))[:, None] * 1.15, 0.10)


def _bean(u: Tensor, v: Tensor, own: Tensor) -> Tensor:
    """A coffee bean: an ellipse."""
    return 0.72 - (u * u * 0.52 + v * v * 1.02 + 1e-6).sqrt()


def coffee_beans(canvas: Canvas, paint: Paint) -> Tensor:
    """Roasted coffee beans, heaped: some show their groove, some their round backs."""
    browns = stops(
        canvas,
        (
            ((0.05, 0.02, 0.015), (0.24, 0.12, 0.07), (0.45, 0.26, 0.15), (0.86, 0.70, 0.55)),
            ((0.04, 0.02, 0.015), (0.17, 0.09, 0.06), (0.34, 0.20, 0.13), (0.78, 0.66, 0.56)),
            ((0.07, 0.03, 0.01), (0.33, 0.17, 0.08), (0.56, 0.34, 0.18), (0.90, 0.74, 0.56)),
        ),
    )
    picture = browns[0].expand(-1, -1, canvas.height, canvas.width) * 0.5
    freq = canvas.uniform(6.0, 8.5)
    grain = canvas.noise(canvas.x * 60, canvas.y * 60, octaves=3, persistence=0.7)
    for number in range(4):
        t = number / 3
        x, y = canvas.turned(number * 0.7)
        bean = strewn(canvas, x * freq + number * 0.4, y * freq, _bean, size=0.80, vary=0.10, salt=number * 9)
        inside = bean.inside / freq
        # A half ellipsoid's normal, turned to the picture's axes; the light comes from the upper left.
        across, along = bean.v * 1.35, bean.u * 0.70
        turned = bean.angle + number * 0.7
        nx, ny = along * turned.cos() - across * turned.sin(), along * turned.sin() + across * turned.cos()
        nz = (1.0 - nx * nx - ny * ny).clamp(min=0.02).sqrt()
        face = (bean.own > 0.45).float()
        bent = bean.v - 0.10 * (bean.u * 3.2).sin() - (bean.other - 0.5) * 0.08
        groove = torch.exp(-((bent / 0.060) ** 2)) * rise(1.0 - bean.u.abs(), -0.02, 0.2) * face
        lip = torch.exp(-(((bent.abs() - 0.14) / 0.07) ** 2)) * face
        light = (0.36 + 0.64 * (nz * 0.62 - nx * 0.42 - ny * 0.58)).clamp(0, 1.2)
        shine = ((nz * 0.86 - nx * 0.32 - ny * 0.42).clamp(0, 1) ** 26) * (0.8 + 0.4 * grain)
        tone = light * 0.60 + 0.06 * lip + 0.15 * (bean.other - 0.5) + 0.03 * grain + 0.32 * shine
        own = ramp(tone.clamp(0, 1), browns) * (0.40 + 0.60 * t) * (1.0 - 0.78 * groove)[:, None]
        picture = picture * shadow(canvas, inside, 0.030, depth=0.75)[:, None]
        own = smoothed(own * (0.6 + 0.4 * rise(inside, 0.0, 0.008))[:, None], seams(bean.own))
        picture = mix(picture, own, step(inside, canvas.pixel))
    return shaded(canvas, picture * 1.05, 0.08)


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("leaves", _M, leaves, 0, ("leaf", "foliage", "green leaves", "hedge", "bush")),
    Material("autumn leaves", _M, autumn_leaves, 0, ("fallen leaves", "maple leaves", "fall leaves", "dry leaves")),
    Material("ivy", _M, ivy, 0, ("ivy wall", "climbing plants", "green wall", "vines")),
    Material("bark", _M, bark, 0, ("tree bark", "tree trunk", "trunk")),
    Material("coffee beans", _M, coffee_beans, 0, ("coffee", "roasted coffee", "beans")),
)
