"""Paper, board, and what is painted or printed on them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import COLOURS, mix, ramp, tone
from engine.materials.light import relief, shaded
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, asked, chosen, daylight, exposed, facets, rise, turn

_PAPERS: tuple[Rgb, ...] = ((0.95, 0.94, 0.91), (0.93, 0.91, 0.86), (0.90, 0.86, 0.76), (0.96, 0.96, 0.95))
# From dark to light: between two neighbours of a ramp no third colour lies.
_INKS: tuple[tuple[Rgb, ...], ...] = (
    ((0.10, 0.24, 0.44), (0.16, 0.45, 0.58), (0.78, 0.30, 0.22), (0.90, 0.62, 0.24), (0.93, 0.86, 0.70)),
    ((0.36, 0.22, 0.36), (0.72, 0.24, 0.30), (0.52, 0.42, 0.62), (0.93, 0.58, 0.48), (0.96, 0.83, 0.66)),
    ((0.15, 0.34, 0.26), (0.20, 0.44, 0.50), (0.40, 0.56, 0.32), (0.82, 0.78, 0.46), (0.93, 0.90, 0.80)),
    ((0.12, 0.12, 0.16), (0.18, 0.38, 0.66), (0.86, 0.26, 0.20), (0.94, 0.76, 0.20), (0.95, 0.94, 0.90)),
)


def paper(canvas: Canvas, paint: Paint) -> Tensor:
    """A sheet of drawing paper: fine tooth, cloudy pulp, a few fibres."""
    x, y = canvas.x, canvas.y
    tooth = canvas.noise(x * 48, y * 48, octaves=3, persistence=0.75)
    felt = canvas.noise(x * 14, y * 14, octaves=3, persistence=0.6)
    cloud = canvas.noise(x * 2, y * 2, octaves=4)
    amount = canvas.uniform(0.4, 1.2)
    bend = canvas.noise(x * 8, y * 8, octaves=2) * 0.05
    fibres = torch.zeros_like(x)
    for number in range(3):
        u, v = turn(x + bend, y - bend, canvas.uniform(0, 3.1) + number)
        line = 1.0 - rise(canvas.noise(u * 6, v * 24, octaves=1).abs(), 0.0, 0.035)
        fibres = torch.maximum(fibres, line * rise(canvas.noise(u * 5, v * 5, octaves=1), 0.5, 1.0))
    light = relief(canvas, (tooth * 0.0005 + felt * 0.0007) * amount, angle=daylight(canvas))
    colour = asked(canvas, paint.first, _PAPERS)
    value = 1.0 + cloud * 0.012 + tooth * 0.008 - fibres * 0.06 * amount
    return shaded(canvas, colour * (value * (0.3 + 0.7 * light))[:, None], 0.05)


def crumpled_paper(canvas: Canvas, paint: Paint) -> Tensor:
    """Paper crumpled and smoothed out again: flat facets at several sizes with sharp, whitened creases between them."""
    x, y = canvas.turned(canvas.uniform(0, 3.1))
    scale = canvas.uniform(0.8, 1.3)
    warp_x = canvas.noise(x * 2.5, y * 2.5, octaves=3) * 0.10
    warp_y = canvas.noise(x * 2.5, y * 2.5, octaves=3) * 0.10
    x, y = (x + warp_x) * scale, (y + warp_y) * scale
    height = torch.zeros_like(x)
    for number, (size, depth) in enumerate(((2.6, 0.27), (5.0, 0.25), (9.5, 0.20), (17.0, 0.10))):
        u, v = _turned(x * size, y * size, number)
        # A sheared lattice: its triangles are of all shapes.
        height = height + facets(canvas, u + 0.4 * v, v * 0.85, salt=number * 7 + 20) * (depth / size)
    soft = canvas.noise(x * 2, y * 2, octaves=3) * 0.012
    tooth = canvas.noise(canvas.x * 60, canvas.y * 60, octaves=2) * 0.0003
    angle = daylight(canvas)
    light = relief(canvas, height + soft + tooth, depth=canvas.uniform(1.0, 1.6), angle=angle)
    colour = asked(canvas, paint.first, _PAPERS)
    # Lit facets do not burn out: bright light is pressed together.
    picture = exposed(colour * (0.20 + 0.95 * light / (0.72 + 0.55 * light))[:, None])
    return shaded(canvas, picture, 0.08)


def _turned(x: Tensor, y: Tensor, number: int) -> tuple[Tensor, Tensor]:
    """The number-th of some lattices that do not lie alike."""
    angle = 0.5 + number * 1.1
    return x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)


def cardboard(canvas: Canvas, paint: Paint) -> Tensor:
    """Corrugated board's kraft liner: flutes showing through, flecks of pulp, scuffs."""
    x, y = canvas.turned(canvas.chance(0.5) * (math.pi / 2) + canvas.normal(0.01))
    flutes = canvas.uniform(20, 28)
    wave = (y * flutes * 2 * math.pi + canvas.noise(x * 1.5, y * 1.5, octaves=2) * 0.8).cos()
    pulp = canvas.noise(x * 12, y * 22, octaves=5, persistence=0.75)
    fleck = rise(canvas.noise(x * 26, y * 60, octaves=2), 0.80, 1.3)
    pale = rise(canvas.noise(x * 30, y * 70, octaves=2), 0.85, 1.3)
    cloud = canvas.noise(x * 1.6, y * 1.6, octaves=4)
    scuff = rise(canvas.noise(x * 3, y * 3, octaves=6, persistence=0.7), 0.3, 1.6) * 0.10
    strength = canvas.uniform(0.3, 1.0)
    light = relief(canvas, wave * 0.0016 * strength + pulp * 0.0007, angle=daylight(canvas))
    kraft = chosen(canvas, ((0.70, 0.53, 0.36), (0.66, 0.50, 0.34), (0.76, 0.61, 0.44), (0.60, 0.45, 0.30)))
    value = 1.0 + wave * 0.018 * strength + pulp * 0.035 + cloud * 0.03 - fleck * 0.10 + pale * 0.06 + scuff
    return shaded(canvas, kraft * (value * light)[:, None], 0.08)


@dataclass(frozen=True, slots=True, eq=False)
class _Strokes:
    """One layer of brush strokes: cover and pigment 0 … 1, the stroke's own number 0 … 1, along and across it
    -1 … 1; all (B, H, W)."""

    cover: Tensor
    tint: Tensor
    own: Tensor
    along: Tensor
    across: Tensor


def _strokes(
    canvas: Canvas, x: Tensor, y: Tensor, angle: Tensor, length: float, width: float, area: Tensor, salt: int
) -> _Strokes:
    """About one stroke in each cell of length × width, jittered, turned and bowed, row after row over one another.

    Its pigment is one of five, mostly that of the area (B, H, W), 0 … 1, where it lies.
    """
    u, v = turn(x, y, angle)
    column, row = (u / length).floor(), (v / width).floor()
    cover, tint, own, along, across = (torch.zeros_like(x) for _ in range(5))
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            i, j = column + right, row + down
            first, second = canvas.cell(i, j, salt + 1), canvas.cell(i, j, salt + 2)
            number = canvas.cell(i, j, salt + 3)
            du = u - (i + 0.5 + (first - 0.5) * 0.9) * length
            dv = v - (j + 0.5 + (second - 0.5) * 0.8) * width
            du, dv = turn(du, dv, (number - 0.5) * 0.36)
            here = du / (length * 0.78)
            # Bowed, and thinner towards the end where the brush is lifted.
            beside = (dv / width - here**2 * (first - 0.5) * 0.7) / (0.76 - 0.12 * here)
            # The brush's hairs leave the canvas one after another.
            hair = canvas.cell((beside * 12 + 40).floor(), (number * 200).floor(), salt + 5)
            end = 1.0 - hair * (0.12 + 0.22 * (here > 0).float()) - 0.25 * beside**2
            deep = torch.minimum((end - here.abs()) * length * 0.78, (0.97 - beside.abs()) * width * 0.7)
            over = step(deep, canvas.pixel)
            cover = cover + (1.0 - cover) * over
            pigment = (number * 7.0) % 1.0
            part = (area * 0.6 + pigment * 0.8 - 0.2).clamp(0, 0.9999)
            part = ((part * 5.0).floor() + 0.5) / 5.0
            tint = tint + (part - tint) * over
            # What noise is drawn from is taken from one stroke or the other, never from between them.
            top = over > 0.5
            own, along = torch.where(top, number, own), torch.where(top, here, along)
            across = torch.where(top, beside, across)
    return _Strokes(cover, tint, own, along, across)


def paint_strokes(canvas: Canvas, paint: Paint) -> Tensor:
    """Oil paint laid on with a flat brush: two layers of strokes, furrows of the hairs, mixed pigments."""
    scale = canvas.uniform(0.85, 1.2)
    x, y = canvas.x * scale, canvas.y * scale
    flow = canvas.uniform(0, 3.1)
    number = (canvas.uniform(0, 0.9999) * len(_INKS)).long().view(-1)
    table = torch.tensor(_INKS, dtype=torch.float32, device=canvas.device)[number]
    drift = canvas.normal(0.03, channels=3)
    inks = [(part[..., None, None] + drift).clamp(0.03, 0.97) for part in table.unbind(1)]
    area = canvas.noise(x * 0.9, y * 0.9, octaves=3) * 0.5 + 0.5
    picture = ramp(area, inks)
    height = torch.zeros_like(x)
    for layer, (length, width) in enumerate(((0.66, 0.155), (0.46, 0.095))):
        stroke = _strokes(canvas, x, y, flow + canvas.normal(0.4), length, width, area, layer * 11)
        furrow = canvas.noise(stroke.along * 0.8, stroke.across * 9, octaves=4, persistence=0.75, shift=stroke.own * 60)
        # The stroke's pigment, and where the brush was not clean the next one's.
        t = stroke.tint + 0.05 * (stroke.own - 0.5) + 0.10 * rise(furrow, 0.3, 1.2) - 0.07 * rise(-furrow, 0.4, 1.2)
        colour = ramp(t, inks) * (1.0 + furrow * 0.07 - 0.05 * stroke.across)[:, None]
        # Dry towards the end: what lies under shows between the hairs.
        dry = rise(furrow + 1.2 - 1.1 * stroke.along.clamp(min=0) - 0.5 * layer * (stroke.own - 0.5), -0.1, 0.25)
        kept = stroke.cover * dry * (stroke.own > 0.18 * layer).float()
        picture = mix(picture, colour, kept)
        body = 0.0012 + (1.0 - stroke.across**6) * 0.0020 + furrow * 0.0016
        height = height * (1.0 - 0.8 * kept) + kept * body
    light = relief(canvas, height, depth=1.0, angle=daylight(canvas))
    lit = picture * (0.3 + 0.7 * light)[:, None]
    shine = (light - 1.15).clamp(min=0) * 0.22
    return lit + shine[:, None] * (1 - lit)


def watercolour(canvas: Canvas, paint: Paint) -> Tensor:
    """Watercolour washes on rough paper: pigment gathers at a wash's edge and in the paper's hollows."""
    x, y = canvas.x, canvas.y
    tooth = canvas.noise(x * 30, y * 30, octaves=4, persistence=0.7)
    picture = tone(canvas, (0.97, 0.96, 0.94), 0.008).expand(-1, -1, canvas.height, canvas.width)
    washes: tuple[tuple[Rgb, ...], ...] = (
        ((0.20, 0.42, 0.68), (0.36, 0.66, 0.74), (0.56, 0.42, 0.70)),
        ((0.86, 0.40, 0.42), (0.95, 0.66, 0.42), (0.78, 0.42, 0.62)),
        ((0.34, 0.56, 0.34), (0.62, 0.72, 0.34), (0.22, 0.52, 0.54)),
        ((0.92, 0.72, 0.30), (0.90, 0.48, 0.32), (0.52, 0.36, 0.52)),
        ((0.28, 0.34, 0.52), (0.52, 0.58, 0.66), (0.30, 0.50, 0.56)),
    )
    number = (canvas.uniform(0, 0.9999) * len(washes)).long().view(-1)
    table = torch.tensor(washes, dtype=torch.float32, device=canvas.device)[number]
    for layer, pigment in enumerate(table.unbind(1)):
        colour = pigment[..., None, None] + canvas.normal(0.025, channels=3)
        edge_noise = canvas.noise(x * 1.5, y * 1.5, octaves=6, persistence=0.48)
        level = canvas.uniform(-0.75, -0.35) + layer * 0.45
        deep = (edge_noise - level) * 0.22
        wash = step(deep, canvas.pixel * 2.2)
        rim = torch.exp(-((deep / 0.011).clamp(-6, 6) ** 2)) * wash
        bleed = canvas.noise(x * 1.2, y * 1.2, octaves=5, persistence=0.55)
        bloom = canvas.noise(x * 2.4, y * 2.4, octaves=5, persistence=0.6, ridged=True)
        amount = 0.50 + bleed * 0.30 + bloom * 0.07 - tooth * 0.075 + rim * 0.32
        # Pigment is a filter: it multiplies the light from the paper (Curtis 1997).
        cover = (wash * amount).clamp(0, 1.25)
        picture = picture * torch.exp(torch.log(colour.clamp(0.03, 1)) * (cover * 0.92)[:, None])
    light = relief(canvas, tooth * 0.0012, depth=0.8, angle=daylight(canvas))
    return picture * (0.45 + 0.55 * light)[:, None]


def halftone(canvas: Canvas, paint: Paint) -> Tensor:
    """Printer's dots in a turned screen: their size follows a slow change of tone; ink on paper, exact edges."""
    count = canvas.uniform(17, 28)
    angle = math.pi / 4 + canvas.chance(0.35) * canvas.uniform(-0.55, 0.55)
    u, v = canvas.turned(angle)
    u, v = u * count, v * count
    way = canvas.uniform(0, 2 * math.pi)
    slope = (canvas.x * way.cos() + canvas.y * way.sin()) * canvas.uniform(0.5, 1.0)
    wave = (slope * 2 * math.pi + canvas.noise(canvas.x * 1.2, canvas.y * 1.2, octaves=2) * 1.4).sin()
    # The tone in the dot's own middle would keep dots round; a slow change makes no difference to the eye.
    ink_share = 0.44 + 0.34 * wave
    screen = ((u * 2 * math.pi).cos() + (v * 2 * math.pi).cos()) * 0.25 + 0.5
    level = 1.0 - ink_share
    # The screen's slope gives the width of a pixel in it.
    steep = (((u * 2 * math.pi).sin() ** 2 + (v * 2 * math.pi).sin() ** 2).sqrt() * (0.5 * math.pi)).clamp(min=0.4)
    cover = step((screen - level) / steep, canvas.pixel * count)
    named = tuple(COLOURS[name] for name in "red blue navy black pink teal purple orange green".split())
    ink = asked(canvas, paint.first, named)
    sheet = asked(
        canvas, paint.second, ((0.97, 0.96, 0.94), (0.97, 0.95, 0.88), (0.97, 0.86, 0.40), (0.98, 0.98, 0.98))
    )
    # A pale ink is printed on a dark sheet.
    pale = ink.mean(1, keepdim=True) > 0.66
    if paint.second is None:
        sheet = torch.where(pale, torch.full_like(sheet, 0.16), sheet)
    return mix(sheet.expand(-1, -1, canvas.height, canvas.width), ink, cover)


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("paper", _M, paper, 1, ("sheet of paper", "drawing paper", "art paper")),
    Material("crumpled paper", _M, crumpled_paper, 1, ("creased paper", "wrinkled paper", "crinkled paper")),
    Material("cardboard", _M, cardboard, 0, ("corrugated cardboard", "kraft paper", "carton", "brown paper")),
    Material("paint strokes", _M, paint_strokes, 0, ("brush strokes", "oil paint", "painting", "impasto")),
    Material("watercolour", _M, watercolour, 0, ("watercolor", "watercolour wash", "aquarelle")),
    Material("halftone", _M, halftone, 2, ("halftone dots", "comic dots", "print dots", "pop art dots")),
)
