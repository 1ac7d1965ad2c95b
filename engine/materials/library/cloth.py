"""Cloth and hide: every thread, stitch, tuft and pore is drawn."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.materials.canvas import Canvas
from engine.materials.colours import COLOURS, mix
from engine.materials.light import relief, shaded
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, asked, daylight, exposed, rise, stones

_HIDES: tuple[Rgb, ...] = (
    (0.36, 0.20, 0.11),
    (0.52, 0.30, 0.16),
    (0.64, 0.41, 0.23),
    (0.10, 0.09, 0.09),
    (0.40, 0.11, 0.10),
    (0.74, 0.60, 0.44),
)
_YARNS: tuple[Rgb, ...] = (*COLOURS.values(), (0.66, 0.33, 0.28), (0.36, 0.45, 0.42), (0.78, 0.74, 0.68))


def _dyed(colour: Tensor, value: Tensor) -> Tensor:
    """(B, 3, H, W): the colour under so much light; a dark one is lifted a little, or its threads could not be seen."""
    return exposed((colour * 0.96 + 0.022) * value[:, None])


def leather(canvas: Canvas, paint: Paint) -> Tensor:
    """Pebbled hide: rounded grains parted by creases, pores, a dull sheen where it bends to the light."""
    size = canvas.uniform(20, 30)
    warp_x = canvas.noise(canvas.x * 5, canvas.y * 5, octaves=2) * 0.020
    warp_y = canvas.noise(canvas.x * 5, canvas.y * 5, octaves=2) * 0.020
    x, y = canvas.x + warp_x, canvas.y + warp_y
    grain = stones(canvas, x * size, y * size * 0.85, jitter=1.0, rounding=0.10)
    fine = canvas.noise(canvas.x * 60, canvas.y * 60, octaves=3, persistence=0.7)
    fold = canvas.noise(canvas.x * 1.2, canvas.y * 1.2, octaves=3)
    wrinkle = canvas.noise(x * 3.0, y * 3.0, octaves=4, ridged=True)
    dome = rise(grain.border, -0.02, 0.34)
    own = canvas.cell(grain.column, grain.row, 3)
    height = (dome * 0.12 + (own - 0.5) * 0.02) / size + fine * 0.0004 + fold * 0.012 - rise(wrinkle, 0.7, 1.3) * 0.002
    angle = daylight(canvas)
    light = relief(canvas, height, depth=canvas.uniform(0.7, 1.1), angle=angle)
    colour = asked(canvas, paint.first, _HIDES)
    value = 0.98 + 0.27 * dome + (own - 0.5) * 0.06 + fine * 0.03 + fold * 0.05
    picture = _dyed(colour, value * light)
    shine = ((light - 1.04).clamp(min=0) * 0.34 + rise(fold, 0.0, 1.2) * 0.05) * dome
    return shaded(canvas, picture + shine[:, None] * (0.75 - picture * 0.5), 0.12)


def _weave(
    canvas: Canvas, x: Tensor, y: Tensor, threads: Tensor | float, *, twill: int = 0, slub: float = 0.3
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Woven threads, ``threads`` a unit each way: (height in thread widths, 1 where the warp is on top, tone, fibre).

    Plain weave, or with ``twill`` = n a weft that passes over one and under n threads, moved by one in every row.
    """
    u, v = x * threads, y * threads
    # Threads are not evenly thick: the lattice is stretched a little by slow noise.
    u = u + canvas.noise(x * 0.5, y * threads * 0.02, octaves=2) * slub
    v = v + canvas.noise(x * threads * 0.02, y * 0.5, octaves=2) * slub
    column, row = u.floor(), v.floor()
    du, dv = u - column - 0.5, v - row - 0.5
    over = ((column + row) % 2.0) if not twill else ((column + row) % (twill + 1.0) >= 1.0).float()
    # The upper thread is a cylinder, highest in the middle of its crossing, dipping under at the ends.
    warp_tone, weft_tone = canvas.cell(column, row * 0, 3), canvas.cell(row, column * 0, 4)
    thick = 0.47 + 0.06 * torch.where(over > 0, warp_tone, weft_tone)
    across = torch.where(over > 0, du, dv) / thick
    along = torch.where(over > 0, dv, du)
    cylinder = (1.0 - across**2).clamp(min=0).sqrt()
    dip = (along * math.pi).cos() if not twill else (along * math.pi * 0.55).cos()
    depth_of_dip = 0.40 if not twill else 0.55
    height = cylinder * (depth_of_dip * dip + 1.0 - depth_of_dip)
    own = torch.where(over > 0, warp_tone, weft_tone)
    # Twisted fibres: slanted lines on each thread.
    twist = torch.sin((along * 2.2 + across * 0.8 * torch.where(over > 0, 1.0, -1.0)) * 2 * math.pi + own * 40)
    thread_px = canvas.unit_px / threads
    fine = (thread_px / 7.0 - 0.4).clamp(0, 1)
    # Threads finer than two pixels would only alias (moiré): the weave fades to its mean.
    seen = rise(thread_px, 1.0, 2.6)
    mean_over = 0.5 if not twill else twill / (twill + 1.0)
    height, over = 0.66 + (height - 0.66) * seen, mean_over + (over - mean_over) * seen
    return height, over, 0.5 + (own - 0.5) * (0.35 + 0.65 * seen), twist * fine


def fabric(canvas: Canvas, paint: Paint) -> Tensor:
    """Plain-woven upholstery: plump twisted threads over and under, each of its own tone; soft folds."""
    angle = canvas.normal(0.06)
    x, y = canvas.turned(angle)
    sway = canvas.noise(x * 1.5, y * 1.5, octaves=2) * 0.012
    threads = canvas.uniform(19, 28)
    height, over, own, twist = _weave(canvas, x + sway, y - sway, threads)
    fold = canvas.noise(canvas.x * 0.9, canvas.y * 0.9, octaves=2)
    fuzz = canvas.noise(canvas.x * 90, canvas.y * 90, octaves=2, persistence=0.8)
    light = relief(canvas, (height * 0.38 + twist * 0.02) / threads + fold * 0.015, depth=0.62, angle=daylight(canvas))
    colour = asked(canvas, paint.first, _YARNS)
    value = 0.70 + 0.36 * height + (own - 0.5) * 0.20 + twist * 0.09 + fuzz * 0.06 + (over - 0.5) * 0.12
    return shaded(canvas, _dyed(colour, value * light * 1.16), 0.10)


def linen(canvas: Canvas, paint: Paint) -> Tensor:
    """Natural linen: fine uneven threads with slubs, flecked, unbleached."""
    x, y = canvas.turned(canvas.normal(0.04))
    sway = canvas.noise(x * 2, y * 2, octaves=2) * 0.010
    threads = canvas.uniform(36, 50)
    height, _, own, _ = _weave(canvas, x + sway, y - sway, threads, slub=1.2)
    slub_x = canvas.noise(x * 3.5, y * threads * 0.9, octaves=3, persistence=0.7)
    slub_y = canvas.noise(x * threads * 0.9, y * 3.5, octaves=3, persistence=0.7)
    fleck = rise(canvas.noise(x * 8, y * threads, octaves=1), 0.85, 1.3)
    light = relief(canvas, height * 0.4 / threads + (slub_x + slub_y) * 0.0012, depth=0.8, angle=daylight(canvas))
    flaxes = ((0.80, 0.74, 0.63), (0.74, 0.67, 0.56), (0.86, 0.82, 0.74), (0.68, 0.64, 0.58), (0.62, 0.66, 0.66))
    colour = asked(canvas, paint.first, flaxes)
    value = 0.78 + 0.34 * height + (own - 0.5) * 0.16 + slub_x * 0.07 + slub_y * 0.07 - fleck * 0.14
    return shaded(canvas, _dyed(colour, value * light * 1.08), 0.10)


def denim(canvas: Canvas, paint: Paint) -> Tensor:
    """Denim: an indigo warp twill, the white weft showing between its steep diagonals, worn pale in places."""
    x, y = canvas.turned(canvas.normal(0.05))
    threads = canvas.uniform(40, 52)
    sway = canvas.noise(x * 2, y * 2, octaves=2) * 0.008
    height, over, own, twist = _weave(canvas, (x + sway) * 1.0, (y + sway) * 0.8, threads, twill=2, slub=0.6)
    blues = ((0.17, 0.26, 0.44), (0.24, 0.35, 0.53), (0.11, 0.16, 0.29), (0.36, 0.47, 0.62))
    indigo = asked(canvas, paint.first, blues)
    weft = indigo + (1.0 - indigo) * 0.48
    streak = canvas.noise(x * threads * 0.45, y * 1.2, octaves=3, persistence=0.7)
    worn = canvas.noise(canvas.x * 1.3, canvas.y * 1.1, octaves=4)
    fuzz = canvas.noise(canvas.x * 90, canvas.y * 90, octaves=2, persistence=0.9)
    face = mix(weft.expand(-1, -1, canvas.height, canvas.width), indigo, over)
    fade = (rise(worn + streak * 0.25, -0.1, 1.3) * 0.26).clamp(0, 1)
    face = face + (weft - face) * fade[:, None]
    value = 0.66 + 0.36 * height + (own - 0.5) * 0.22 + streak * 0.12 + fuzz * 0.05 + twist * 0.03
    light = relief(canvas, height * 0.4 / threads, depth=0.8, angle=daylight(canvas))
    return shaded(canvas, face * (value * light * 1.08)[:, None], 0.12)


def knitted_wool(canvas: Canvas, paint: Paint) -> Tensor:
    """Stocking stitch: columns of interlocked V's of plied yarn, with a halo of fibres."""
    stitch = canvas.uniform(0.075, 0.115)
    sway = canvas.noise(canvas.x * 2, canvas.y * 2, octaves=2) * 0.012
    x, y = canvas.turned(canvas.normal(0.03))
    u = (x + sway) / stitch
    column = u.floor()
    du = u - column - 0.5
    side = du.sign()
    # A leg of the V: a slanted tube, its middle line running from the centre below outwards above.
    reach = du.abs()
    lift = canvas.cell(column, column * 0, 5) * 0.12
    v = (y - sway) / (stitch * 0.80) + reach * 1.25 + lift
    row = v.floor()
    dv = v - row - 0.5
    # Rounded across the tube, and along it towards both ends where it goes behind the next stitches.
    across = dv / 0.53
    along = (reach - 0.255) / 0.275
    tube = (1.0 - across**2).clamp(min=0).sqrt() * (1.0 - along**4 * 0.9).clamp(min=0).sqrt()
    own = canvas.cell(column * 2 + side, row, 3)
    ply = torch.sin((dv * 1.6 + reach * 3.6) * 2 * math.pi) * (stitch * canvas.unit_px / 14 - 0.3).clamp(0, 1)
    fuzz = canvas.noise(canvas.x * 70, canvas.y * 70, octaves=3, persistence=0.9)
    strands = canvas.noise(u * 1.5 + side * v * 1.2, v * 9 - reach * 6, octaves=3, persistence=0.7)
    height = tube * stitch * 0.24 + (ply * 0.0026 + fuzz * 0.0014 + strands * 0.0012) * tube
    colour = asked(canvas, paint.first, _YARNS)
    light = relief(canvas, height, depth=0.62, angle=daylight(canvas))
    value = 0.50 + 0.62 * tube + (own - 0.5) * 0.10 + ply * 0.08 * tube + fuzz * 0.09 + strands * 0.09
    picture = _dyed(colour, value * light * 1.14)
    # The halo: stray fibres catch light, most where the yarn is dark.
    halo = rise(canvas.noise(canvas.x * 30, canvas.y * 30, octaves=4, ridged=True), 0.8, 1.5)
    return shaded(canvas, picture + (halo * 0.07)[:, None] * (1 - picture), 0.08)


def velvet(canvas: Canvas, paint: Paint) -> Tensor:
    """Velvet in soft folds: dark where seen head-on, bright at grazing angles, stroked in patches."""
    x, y = canvas.turned(canvas.uniform(0, 3.1))
    bend = canvas.noise(x * 0.8, y * 0.8, octaves=2) * 0.45
    fold = canvas.noise(x * 0.6 + bend * 0.3, y * 1.9 + bend, octaves=3, persistence=0.35)
    stroke = canvas.noise(x * 2.2 + bend, y * 1.4, octaves=4, persistence=0.5)
    pile = canvas.noise(canvas.x * 62, canvas.y * 62, octaves=3, persistence=1.0)
    slope = torch.gradient(fold * 0.16, dim=-1)[0] ** 2 + torch.gradient(fold * 0.16, dim=-2)[0] ** 2
    graze = (slope.sqrt() * canvas.unit_px * 2.2).clamp(0, 1)
    light = relief(canvas, fold * 0.10, depth=0.8, angle=daylight(canvas))
    colour = asked(canvas, paint.first, tuple(COLOURS[name] for name in "red navy purple teal green gold".split()))
    value = 0.80 + (light - 1.0) * 0.45 + graze * 0.30 + stroke * 0.10 + pile * 0.055
    picture = _dyed(colour, value)
    sheen = rise(value, 0.95, 1.45) * 0.20
    return (picture + sheen[:, None] * (0.85 - picture).clamp(min=0)).clamp(min=0)


def carpet(canvas: Canvas, paint: Paint) -> Tensor:
    """Cut-pile carpet: a dense field of tufts, each with its shadow and a few loose fibres."""
    size = canvas.uniform(34, 48)
    warp_x = canvas.noise(canvas.x * 30, canvas.y * 30, octaves=2) * 0.004
    warp_y = canvas.noise(canvas.x * 30, canvas.y * 30, octaves=2) * 0.004
    x, y = canvas.x + warp_x, canvas.y + warp_y
    tuft = canvas.points(x * size, y * size, jitter=1.0)
    dome = (1.0 - (tuft.near / 0.72) ** 2).clamp(min=0)
    fibre = canvas.noise(x * 55, y * 85, octaves=3, persistence=0.9)
    # Each tuft is a twisted yarn, cut: a small whorl of fibre ends.
    whorl = torch.atan2(tuft.dy, tuft.dx) * 3.0 + tuft.near * 9.0 + tuft.tone * 30.0
    twist = whorl.sin() * rise(tuft.near, 0.05, 0.3) * (canvas.unit_px / size / 8.0 - 0.4).clamp(0, 1)
    trodden = canvas.noise(canvas.x * 1.1, canvas.y * 1.1, octaves=3)
    height = (dome * 0.34 + tuft.tone * 0.10) / size + (fibre + twist) * 0.0009
    light = relief(canvas, height, depth=0.62, angle=daylight(canvas))
    colour = asked(canvas, paint.first, _YARNS)
    value = 0.62 + 0.42 * dome + (tuft.tone - 0.5) * 0.22 + fibre * 0.09 + twist * 0.05 + trodden * 0.07
    return shaded(canvas, _dyed(colour, value * light * 1.16), 0.10)


def felt(canvas: Canvas, paint: Paint) -> Tensor:
    """Pressed wool felt: matted fibres lying every way, of two close tones."""
    x, y = canvas.x, canvas.y
    bend_x = canvas.noise(x * 9, y * 9, octaves=2) * 0.05
    bend_y = canvas.noise(x * 9, y * 9, octaves=2) * 0.05
    fibres = torch.full_like(x, -9.0)
    for number in range(5):
        # Bent threads: thin lines where stretched noise crosses zero.
        u, v = _around(x + bend_x, y + bend_y, number * 0.63 + 0.2)
        line = 1.0 - (canvas.noise(u * 7, v * 42, octaves=2, persistence=0.6).abs() * 3.2).clamp(max=1.6)
        fibres = torch.maximum(fibres, line + 0.25 * canvas.noise(u * 4, v * 4, octaves=1))
    matted = canvas.noise(x * 11, y * 11, octaves=5, persistence=0.75)
    fuzz = canvas.noise(x * 85, y * 85, octaves=2, persistence=0.9)
    height = fibres * 0.0012 + matted * 0.0022 + fuzz * 0.0004
    light = relief(canvas, height, depth=0.75, angle=daylight(canvas))
    colour = asked(canvas, paint.first, _YARNS)
    value = 0.97 + (fibres - 0.85) * 0.14 + matted * 0.05 + fuzz * 0.03
    picture = _dyed(colour, value * light)
    pale = rise(fibres, 1.0, 1.35) * 0.09
    return shaded(canvas, picture + pale[:, None] * (1 - picture), 0.08)


def _around(x: Tensor, y: Tensor, angle: float) -> tuple[Tensor, Tensor]:
    return x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("leather", _M, leather, 1, ("hide", "leatherette", "leather texture")),
    Material("fabric", _M, fabric, 1, ("cloth", "textile", "woven fabric", "upholstery", "canvas")),
    Material("linen", _M, linen, 1, ("linen cloth", "burlap", "sackcloth", "hessian")),
    Material("denim", _M, denim, 0, ("jeans", "jean fabric", "blue jeans")),
    Material("knitted wool", _M, knitted_wool, 1, ("wool", "knit", "knitting", "knitted", "sweater", "jumper")),
    Material("velvet", _M, velvet, 1, ("velour", "velvet cloth", "plush")),
    Material("carpet", _M, carpet, 1, ("rug", "carpeting", "fitted carpet")),
    Material("felt", _M, felt, 1, ("felt cloth", "wool felt")),
)
