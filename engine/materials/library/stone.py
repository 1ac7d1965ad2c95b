"""Cut and cast stone: marble, granite, terrazzo, concrete, and what roads are laid with."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix, tone
from engine.materials.light import relief, shaded
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, chosen, courses, daylight, parted, rise, stones

# Ground, cloud and vein of a marble.
_MARBLES: tuple[tuple[Rgb, ...], ...] = (
    ((0.94, 0.94, 0.93), (0.82, 0.83, 0.84), (0.46, 0.48, 0.51)),  # Carrara
    ((0.95, 0.94, 0.92), (0.86, 0.84, 0.81), (0.55, 0.47, 0.36)),  # Calacatta
    ((0.09, 0.09, 0.10), (0.16, 0.16, 0.17), (0.86, 0.85, 0.83)),  # Marquina
    ((0.10, 0.24, 0.19), (0.18, 0.35, 0.28), (0.68, 0.78, 0.71)),  # Verde
    ((0.87, 0.79, 0.68), (0.79, 0.68, 0.55), (0.60, 0.44, 0.30)),  # Botticino
    ((0.93, 0.94, 0.94), (0.85, 0.86, 0.87), (0.36, 0.38, 0.41)),  # Statuario
)


def marble(canvas: Canvas, paint: Paint) -> Tensor:
    """Polished marble: clouds, and veins where bent noise crosses zero (Perlin 1985), broad, branching and hairline."""
    x, y = canvas.turned(canvas.uniform(0, 3.14))
    x, y = x * canvas.uniform(0.9, 1.4), y * canvas.uniform(0.9, 1.4)
    bend_x = canvas.noise(x * 1.4, y * 1.4, octaves=6, persistence=0.55)
    bend_y = canvas.noise(x * 1.4, y * 1.4, octaves=6, persistence=0.55)
    # Veins run one way, some across.
    u, v = x * 0.42 + bend_x * 0.17, y + bend_y * 0.22

    def vein(u: Tensor, v: Tensor, freq: float, width: float, octaves: int) -> Tensor:
        """1 on the lines where noise is zero, swelling and thinning along them."""
        value = canvas.noise(u * freq, v * freq, octaves=octaves, persistence=0.45).abs()
        swell = 0.35 + rise(canvas.noise(x * freq * 0.9, y * freq * 0.9, octaves=2), -0.6, 0.9)
        return torch.exp(-((value / (width * swell)) ** 1.0)) * rise(swell, 0.36, 0.8)

    broad, hair = vein(u, v, 1.5, 0.060, 2), vein(u, v, 5.0, 0.05, 3)
    branch = vein(u * 1.2 + v * 0.55, v * 0.8 - u * 1.1, 2.6, 0.045, 2)
    cloud = canvas.noise(u * 1.3, v * 1.3, octaves=6, persistence=0.55)
    soft = torch.exp(-(canvas.noise(u * 1.1, v * 1.1, octaves=2).abs() / 0.25)) * 0.45
    number = (canvas.uniform(0, 0.9999) * len(_MARBLES)).long().view(-1)
    table = torch.tensor(_MARBLES, dtype=torch.float32, device=canvas.device)[number]
    ground, haze, line = (part[..., None, None] for part in table.unbind(1))
    picture = mix(ground.expand(-1, -1, canvas.height, canvas.width), haze, rise(cloud, -0.7, 0.9) * 0.75 + soft * 0.4)
    cover = (broad * 0.85 + branch * 0.55 + hair * 0.28).clamp(0, 0.95)
    picture = mix(picture, line, cover)
    crystals = canvas.noise(canvas.x * 60, canvas.y * 60, octaves=2) * 0.010
    return shaded(canvas, picture + crystals[:, None], 0.06)


def granite(canvas: Canvas, paint: Paint) -> Tensor:
    """Polished granite: interlocked crystals of feldspar, quartz and dark mica at three sizes."""
    size = canvas.uniform(19, 28)
    x = canvas.x + canvas.noise(canvas.x * 20, canvas.y * 20, octaves=3) * 0.010
    y = canvas.y + canvas.noise(canvas.x * 20, canvas.y * 20, octaves=3) * 0.010
    coarse, middle = canvas.points(x * size, y * size, jitter=1.0), canvas.points(x * size * 2, y * size * 2, salt=4)
    fine = canvas.points(x * size * 3.7, y * size * 3.7, jitter=1.0, salt=8)
    kinds: tuple[tuple[Rgb, ...], ...] = (
        ((0.78, 0.77, 0.75), (0.66, 0.66, 0.66), (0.86, 0.85, 0.83), (0.50, 0.50, 0.51)),
        ((0.76, 0.56, 0.48), (0.82, 0.66, 0.58), (0.66, 0.45, 0.39), (0.72, 0.70, 0.68)),
        ((0.30, 0.31, 0.33), (0.38, 0.39, 0.41), (0.24, 0.25, 0.27), (0.52, 0.53, 0.54)),
        ((0.72, 0.62, 0.46), (0.82, 0.74, 0.60), (0.62, 0.50, 0.36), (0.86, 0.82, 0.74)),
    )
    picture = parted(canvas, coarse.tone, kinds)
    # Every crystal cleaves its own way: streaks of light inside it.
    cleave = canvas.noise(x * size * 2.5, y * size, octaves=3, shift=coarse.tone * 50)
    picture = picture * (1.0 + cleave * 0.08)[:, None]
    quartz = chosen(canvas, ((0.84, 0.83, 0.81), (0.60, 0.60, 0.61)))
    edge = canvas.pixel * size * 2
    picture = mix(
        picture, quartz.expand_as(picture), (middle.tone > 0.74).float() * step(middle.border - 0.05, edge) * 0.8
    )
    mica = tone(canvas, (0.11, 0.11, 0.12), 0.02)
    cluster = rise(canvas.noise(canvas.x * 6, canvas.y * 6, octaves=2), -0.8, 0.8) * 0.18
    dark = (middle.tone < 0.12 + cluster).float() * step(0.55 - middle.near, edge)
    specks = (fine.tone < 0.10 + cluster).float() * step(0.5 - fine.near, canvas.pixel * size * 3.7)
    cover = torch.maximum(dark, specks) * (0.82 + 0.15 * cleave)
    picture = mix(picture, mica.expand_as(picture), cover.clamp(0, 1))
    return shaded(canvas, picture, 0.06)


def terrazzo(canvas: Canvas, paint: Paint) -> Tensor:
    """Ground terrazzo: sharp chips of coloured marble, large, middling and small, in cement."""
    palettes: tuple[tuple[Rgb, ...], ...] = (
        ((0.80, 0.45, 0.36), (0.25, 0.36, 0.42), (0.88, 0.70, 0.48), (0.55, 0.62, 0.56), (0.30, 0.28, 0.28)),
        ((0.36, 0.35, 0.34), (0.62, 0.60, 0.58), (0.20, 0.20, 0.21), (0.78, 0.70, 0.60), (0.50, 0.46, 0.42)),
        ((0.90, 0.62, 0.58), (0.42, 0.58, 0.56), (0.95, 0.80, 0.55), (0.70, 0.38, 0.34), (0.55, 0.55, 0.62)),
        ((0.93, 0.91, 0.87), (0.70, 0.66, 0.60), (0.85, 0.78, 0.68), (0.56, 0.53, 0.50), (0.97, 0.96, 0.94)),
    )
    grounds = ((0.92, 0.90, 0.87), (0.90, 0.88, 0.86), (0.86, 0.85, 0.83), (0.56, 0.55, 0.54))
    scale = canvas.uniform(0.85, 1.2)
    fine = canvas.noise(canvas.x * 60, canvas.y * 60, octaves=2)
    picture = chosen(canvas, grounds) * (1.0 + fine * 0.018 + canvas.noise(canvas.x * 9, canvas.y * 9) * 0.012)[:, None]
    tones = torch.zeros_like(canvas.x)
    whole = torch.zeros_like(canvas.x)
    for salt, (size, there, inset) in enumerate(((40.0, 0.55, 0.20), (19.0, 0.55, 0.16), (8.5, 0.62, 0.13))):
        freq = size * scale
        turned = canvas.turned(salt * 0.7)
        warp = canvas.noise(canvas.x * 30, canvas.y * 30, octaves=2) * 0.05
        stone = stones(
            canvas, turned[0] * freq + warp, turned[1] * freq - warp, jitter=0.95, rounding=0.02, salt=salt * 7
        )
        own, size_of = canvas.cell(stone.column, stone.row, salt + 3), canvas.cell(stone.column, stone.row, salt + 4)
        kept = (canvas.cell(stone.column, stone.row, salt + 5) < there).float()
        cover = kept * step(stone.border - inset - size_of * 0.12, canvas.pixel * freq)
        tones = torch.where(cover > 0.5, own, tones)
        whole = torch.maximum(whole * (1 - cover), cover)
    chips = parted(canvas, tones, palettes)
    veins = canvas.noise(canvas.x * 16, canvas.y * 24, octaves=4, shift=tones * 60)
    return shaded(canvas, mix(picture, chips * (1.0 + veins * 0.08)[:, None], whole), 0.06)


def concrete(canvas: Canvas, paint: Paint) -> Tensor:
    """Fair-faced concrete: clouds of tone, air holes, a stain, here and there the seam of the shuttering."""
    x, y = canvas.x, canvas.y
    cloud = canvas.noise(x * 1.1, y * 1.1, octaves=6, persistence=0.55)
    streak = canvas.noise(x * 4, y * 0.7, octaves=4)
    grit = canvas.noise(x * 45, y * 45, octaves=4, persistence=0.8)
    hole = canvas.points(x * 11, y * 11, jitter=1.0)
    radius = (hole.tone - 0.80).clamp(min=0) * 0.55
    deep = radius - hole.near + canvas.noise(x * 40, y * 40, octaves=2) * 0.012
    pits = step(deep, canvas.pixel * 11) * (radius > 0.015).float()
    small = canvas.points(x * 34, y * 34, jitter=1.0, salt=5)
    pits_small = step(0.16 * small.tone - small.near - 0.02, canvas.pixel * 34) * (small.tone > 0.75).float()
    pits = torch.maximum(pits, pits_small * 0.8)
    base = chosen(canvas, ((0.62, 0.61, 0.59), (0.54, 0.54, 0.53), (0.70, 0.69, 0.66), (0.46, 0.46, 0.46)))
    picture = base * (1.0 + cloud * 0.085 + streak * 0.035 + grit * 0.035)[:, None]
    # Boards' seams, in half of the pictures.
    place = y / canvas.uniform(0.42, 0.6) + canvas.noise(x * 3, y * 0.2, octaves=2) * 0.006
    away = (place - place.round()).abs() * 0.5
    seam = torch.exp(-((away / 0.0035) ** 2)) * canvas.chance(0.45)
    height = grit * 0.0006 - pits * 0.006 + cloud * 0.0012 - seam * 0.004
    light = relief(canvas, height, depth=canvas.uniform(0.7, 1.1), angle=daylight(canvas))
    dark = 1.0 - 0.42 * pits - 0.22 * seam
    return shaded(canvas, picture * (light * dark)[:, None])


def cobblestones(canvas: Canvas, paint: Paint) -> Tensor:
    """Old setts: domed stones in wavy rows, polished on top, sand and dirt deep between them."""
    side = canvas.uniform(0.105, 0.14)
    sway = canvas.noise(canvas.x * 1.6, canvas.y * 1.6, octaves=2) * 0.035
    chip = canvas.noise(canvas.x * 20, canvas.y * 20, octaves=3) * 0.006
    x, y = canvas.turned(canvas.normal(0.12))
    sett = courses(canvas, x + sway, y + sway, side * 1.18, side, shift=0.43, ragged=0.42, uneven=0.12)
    own, other = canvas.cell(sett.column, sett.row, 3), canvas.cell(sett.column, sett.row, 4)
    deep = sett.inside(0.007 + other * 0.004, 0.032) + chip
    cover = step(deep, canvas.pixel)
    rough = canvas.noise(canvas.x * 16, canvas.y * 16, octaves=5, persistence=0.65, shift=own * 40)
    fine = canvas.noise(canvas.x * 70, canvas.y * 70, octaves=3, persistence=0.8)
    dome = rise(deep, -0.004, 0.035) * 0.022 + rise(deep, 0.01, 0.075) * 0.006
    tilt = (sett.dx * (own - 0.5) + sett.dy * (other - 0.5)) * 0.10
    height = dome + cover * (tilt + rough * 0.0030 + fine * 0.0008) + (1 - cover) * fine * 0.002
    greys: tuple[tuple[Rgb, ...], ...] = (
        ((0.42, 0.43, 0.45), (0.50, 0.51, 0.52), (0.57, 0.56, 0.55), (0.47, 0.45, 0.44), (0.38, 0.39, 0.42)),
        ((0.52, 0.47, 0.42), (0.60, 0.55, 0.49), (0.50, 0.48, 0.46), (0.64, 0.58, 0.52), (0.45, 0.42, 0.40)),
    )
    face = parted(canvas, own, greys) * (1.0 + rough * 0.12 + fine * 0.05)[:, None]
    sand = chosen(canvas, ((0.30, 0.27, 0.23), (0.36, 0.33, 0.27), (0.25, 0.24, 0.22)))
    moss = rise(canvas.noise(canvas.x * 3, canvas.y * 3, octaves=4), 0.1, 0.7) * canvas.chance(0.5)
    bed = mix(sand.expand_as(face), tone(canvas, (0.27, 0.34, 0.15), 0.03), moss) * (1.0 + fine * 0.16)[:, None]
    light = relief(canvas, height, depth=canvas.uniform(0.75, 1.1), angle=daylight(canvas))
    hidden = 0.52 + 0.48 * rise(deep, -0.012, 0.016)
    picture = mix(bed, face, cover) * (light * hidden)[:, None]
    wet = (light - 1.12).clamp(min=0) * cover * 0.35
    return shaded(canvas, picture + wet[:, None] * (1 - picture))


def paving(canvas: Canvas, paint: Paint) -> Tensor:
    """Paving slabs: large, sawn or riven, of close tones, with narrow sanded joints."""
    side = canvas.uniform(0.26, 0.36)
    x, y = canvas.turned(canvas.normal(0.01))
    wide = 1.0 + canvas.chance(0.6) * 0.5
    slab = courses(canvas, x, y, side * wide, side, shift=0.5 * canvas.chance(0.8), ragged=0.0)
    own, other = canvas.cell(slab.column, slab.row, 3), canvas.cell(slab.column, slab.row, 4)
    chip = canvas.noise(canvas.x * 26, canvas.y * 26, octaves=3) * 0.0022
    deep = slab.inside(canvas.uniform(0.004, 0.007), 0.008) + chip
    cover = step(deep, canvas.pixel)
    broad = canvas.noise(canvas.x * 2.2, canvas.y * 2.2, octaves=5, persistence=0.6, shift=own * 50)
    grit = canvas.noise(canvas.x * 48, canvas.y * 48, octaves=4, persistence=0.85)
    specks = canvas.points(canvas.x * 60, canvas.y * 60, jitter=1.0)
    kinds: tuple[tuple[Rgb, ...], ...] = (
        ((0.60, 0.59, 0.57), (0.64, 0.63, 0.61), (0.67, 0.66, 0.64), (0.57, 0.56, 0.55)),
        ((0.74, 0.67, 0.56), (0.70, 0.62, 0.51), (0.77, 0.71, 0.61), (0.66, 0.60, 0.52)),
        ((0.45, 0.46, 0.48), (0.50, 0.51, 0.52), (0.41, 0.42, 0.44), (0.53, 0.53, 0.54)),
    )
    face = parted(canvas, own, kinds)
    face = face * (1.0 + broad * 0.075 + grit * 0.045 + (specks.tone - 0.5) * 0.07)[:, None]
    riven = canvas.uniform(0.0, 1.0) ** 2
    layers = canvas.noise(canvas.x * 3, canvas.y * 3, octaves=5, ridged=True, shift=other * 50)
    height = rise(deep, -0.002, 0.009) * 0.009 + cover * (grit * 0.0005 + riven * layers * 0.007)
    height = height + cover * (slab.dx * (own - 0.5) + slab.dy * (other - 0.5)) * 0.03 + (1 - cover) * grit * 0.002
    joint = chosen(canvas, ((0.40, 0.37, 0.33), (0.28, 0.27, 0.25), (0.52, 0.48, 0.42)))
    light = relief(canvas, height, depth=canvas.uniform(0.7, 1.1), angle=daylight(canvas))
    hidden = 1.0 - 0.45 * rise(-deep, -0.003, 0.005)
    edge = 1.0 - 0.10 * (1.0 - rise(deep, 0.0, 0.03))
    stain = 1.0 + canvas.noise(canvas.x * 1.1, canvas.y * 1.1, octaves=5) * 0.06
    picture = mix(joint * (1.0 + grit * 0.12)[:, None], face, cover)
    return shaded(canvas, picture * (light * hidden * edge * stain)[:, None])


def asphalt(canvas: Canvas, paint: Paint) -> Tensor:
    """Road: grey aggregate in black binder, patches of wear, a crack now and then."""
    size = canvas.uniform(40, 56)
    stone = canvas.points(canvas.x * size, canvas.y * size, jitter=1.0)
    fine = canvas.points(canvas.x * size * 2.2, canvas.y * size * 2.2, jitter=1.0, salt=5)
    rough = canvas.noise(canvas.x * 60, canvas.y * 60, octaves=2)
    wear = canvas.noise(canvas.x * 1.4, canvas.y * 1.4, octaves=5)
    radius = 0.22 + 0.30 * stone.tone
    grain = step(radius - stone.near, canvas.pixel * size)
    crumbs = step(0.34 - fine.near, canvas.pixel * size * 2.2)
    pale = (stone.tone * 9.0) % 1.0
    base = chosen(canvas, ((0.36, 0.36, 0.37), (0.44, 0.44, 0.44), (0.28, 0.28, 0.29)), 0.006)
    value = 0.72 + grain * (0.10 + 0.65 * pale**2) + crumbs * (fine.tone - 0.4) * 0.40 + rough * 0.10
    picture = base * (value * (1.0 + wear * 0.09))[:, None]
    dome = (1.0 - (stone.near / radius) ** 2).clamp(min=0)
    height = (dome * 0.13 + crumbs * 0.05 * fine.tone) / size + rough * 0.0006
    bend = canvas.noise(canvas.x * 7, canvas.y * 7, octaves=4, persistence=0.6) * 0.03
    crack = canvas.noise(canvas.x * 0.7 + bend, canvas.y * 0.7 - bend, octaves=2).abs()
    cracked = (1.0 - rise(crack, 0.003, 0.009)) * canvas.chance(0.35)
    light = relief(canvas, height - cracked * 0.006, depth=0.85, angle=daylight(canvas))
    return shaded(canvas, picture * (light * (1.0 - 0.6 * cracked))[:, None])


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("marble", _M, marble, 0, ("marble slab", "carrara", "polished marble", "marble texture")),
    Material("granite", _M, granite, 0, ("granite slab", "granite worktop", "speckled stone")),
    Material("terrazzo", _M, terrazzo, 0, ("terrazzo floor", "stone chips")),
    Material("concrete", _M, concrete, 0, ("cement", "concrete wall", "bare concrete", "fair-faced concrete")),
    Material("cobblestones", _M, cobblestones, 0, ("cobbles", "cobblestone", "setts", "cobbled street")),
    Material("paving", _M, paving, 0, ("paving slabs", "paving stones", "pavement", "patio", "flagstones")),
    Material("asphalt", _M, asphalt, 0, ("tarmac", "road", "road surface", "blacktop")),
)
