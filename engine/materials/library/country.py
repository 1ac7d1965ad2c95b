"""Woods, meadows and fields."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, slope_at, step
from engine.materials.colours import mix, ramp
from engine.materials.growth import blades, conifers, crowns
from engine.materials.library.land import day_sky
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, asked, exposed, parted, rise
from engine.materials.skies import Frame, glow, hazed, screened, stops
from engine.materials.terrain import plane

# Shadow, leaf and light of grass.
_GRASSES: tuple[tuple[Rgb, ...], ...] = (
    ((0.07, 0.17, 0.03), (0.30, 0.50, 0.11), (0.66, 0.78, 0.30)),
    ((0.06, 0.18, 0.05), (0.22, 0.47, 0.14), (0.55, 0.73, 0.32)),
    ((0.09, 0.14, 0.03), (0.34, 0.44, 0.12), (0.72, 0.74, 0.34)),
)


def forest(canvas: Canvas, paint: Paint) -> Tensor:
    """A wood of firs on a slope, row behind row in the mist."""
    frame = Frame(canvas)
    mists = (
        ((0.74, 0.80, 0.80), (0.90, 0.92, 0.90), (0.05, 0.10, 0.07), (0.18, 0.28, 0.15)),
        ((0.62, 0.72, 0.78), (0.84, 0.88, 0.90), (0.04, 0.09, 0.09), (0.15, 0.25, 0.19)),
        ((0.78, 0.76, 0.66), (0.95, 0.90, 0.78), (0.06, 0.10, 0.05), (0.24, 0.30, 0.12)),
    )
    high, low, dark, light = stops(canvas, mists)
    picture = ramp(frame.v / frame.tall, [high, low])
    at = canvas.uniform(-0.4, 0.4)
    picture = screened(picture, low, glow(frame, at, frame.tall * 0.15, 0.35) * 0.5)
    # A tall picture has room for more rows.
    start, count = canvas.uniform(0.14, 0.30), min(12, round(6 * max(1.0, frame.tall * 0.8)))
    for number in range(count):
        t = number / (count - 1)
        slope = canvas.normal(0.10) * (1 - 0.5 * t)
        foot = frame.tall * (start + (1.06 - start) * t**1.15)
        line = foot + frame.u[:, :1] * slope + frame.line(1.3, octaves=4) * 0.045
        tall = 0.17 + 0.34 * t
        trees = conifers(frame, line, tall=tall, apart=tall * 0.16, salt=3 + number * 7, slender=0.17)
        needles = frame.noise(26.0 / (0.4 + t), flat=0.7, octaves=4, persistence=0.85)
        wood = ramp((trees.lit * 0.75 + trees.own * 0.16 + needles * 0.20).clamp(0, 1), [dark, light])
        # Mist lies thicker at the feet.
        inside = rise(frame.v - line + tall * 0.8, 0.0, tall * 1.3)
        thick = (1 - t) ** 1.4 * 1.7 + inside * (0.75 - 0.45 * t)
        wood = hazed(wood, low * 0.97 + high * 0.03, thick)
        picture = mix(picture, wood, torch.maximum(trees.cover, step(frame.v - line, frame.pixel)))
    return exposed(picture)


def autumn_forest(canvas: Canvas, paint: Paint) -> Tensor:
    """Broad trees in all the colours of autumn, trunks in the haze, leaves on the ground."""
    frame = Frame(canvas)
    lights = (
        ((0.93, 0.86, 0.70), (0.98, 0.94, 0.82)),
        ((0.80, 0.84, 0.84), (0.92, 0.92, 0.88)),
        ((0.95, 0.78, 0.52), (0.99, 0.90, 0.70)),
    )
    high, low = stops(canvas, lights)
    picture = ramp(frame.v / frame.tall, [high, low])
    picture = screened(picture, low, glow(frame, canvas.uniform(-0.4, 0.4), frame.tall * 0.3, 0.4) * 0.6)
    leaves: tuple[tuple[Rgb, ...], ...] = (
        ((0.66, 0.20, 0.06), (0.86, 0.42, 0.07), (0.93, 0.64, 0.12), (0.78, 0.30, 0.08), (0.52, 0.46, 0.12)),
        ((0.86, 0.52, 0.08), (0.94, 0.70, 0.16), (0.74, 0.34, 0.08), (0.90, 0.60, 0.10), (0.60, 0.52, 0.16)),
        ((0.58, 0.13, 0.07), (0.78, 0.26, 0.08), (0.88, 0.46, 0.10), (0.66, 0.18, 0.08), (0.92, 0.58, 0.14)),
    )
    bark = stops(canvas, (((0.16, 0.12, 0.10),), ((0.22, 0.19, 0.17),)), 0.01)[0]
    ground = frame.tall * canvas.uniform(0.76, 0.84)
    floor_noise = frame.noise(2.0, flat=3.0, octaves=4)
    count = 4
    for number in range(count):
        t = number / (count - 1)
        foot = ground + 0.13 * t
        thick = (1 - t) ** 1.3 * 1.15
        # Trunks, a few in each row, nearer ones thicker.
        apart = 0.16 + 0.30 * t
        u = frame.u / apart + 40.0 + canvas.whole(0, 200)
        sway = canvas.noise(frame.v * 1.3 + u.floor() * 7.3, u.floor() * 3.1, octaves=3) * 0.022
        u = u + sway / apart
        own = canvas.cell(u.floor(), u.floor() * 0, 11 + number)
        middle = u.floor() + 0.5 + (own - 0.5) * 0.5
        girth = (0.006 + 0.022 * t) * (0.65 + 0.7 * own) * (0.75 + 0.5 * frame.v / frame.tall)
        from_middle = (u - middle) * apart
        stem = step(girth - from_middle.abs(), frame.pixel) * step(foot - frame.v + own * 0.02, frame.pixel)
        rough = canvas.noise(frame.u * 60, frame.v * 9, octaves=4, persistence=0.7)
        wood = bark * (0.9 + 0.35 * rough - 0.5 * from_middle / girth.clamp(min=1e-4)).clamp(0.2, 2.0)[:, None]
        picture = mix(picture, hazed(wood, low, torch.full_like(frame.u, thick)), stem)
        # Crowns.
        for layer in range(2):
            size = 0.13 + 0.10 * t
            line = frame.tall * (0.40 - 0.22 * layer - 0.05 * t) + frame.line(1.6, octaves=3) * 0.10
            tree = crowns(
                frame, line, size=size, apart=size * 1.05, salt=5 + number * 11 + layer * 5, leaf=0.007 + 0.007 * t
            )
            face = parted(canvas, (tree.own + 0.12 * (tree.lit - 0.5)).clamp(0, 0.999), leaves, 0.015)
            face = face * (0.30 + 0.95 * tree.lit)[:, None]
            picture = mix(picture, hazed(face, low, torch.full_like(frame.u, thick)), tree.cover)
        # The ground before it.
        view = plane(frame, ground - 0.12)
        litter = canvas.points(view.x * 14 + number * 9, view.z * 14, jitter=1.0, salt=60 + number)
        bed = parted(canvas, litter.tone, leaves, 0.01) * (0.34 + 0.40 * rise(litter.border, 0.0, 0.4))[:, None]
        bed = bed * (1.0 + 0.35 * floor_noise)[:, None]
        edge = step(frame.v - foot + frame.line(3.0, octaves=4) * 0.012, frame.pixel * 2)
        picture = mix(picture, hazed(bed, low, torch.full_like(frame.u, thick * 0.7)), edge)
    return exposed(picture)


def _ground(frame: Frame, horizon: Tensor, grass: list[Tensor], haze: Tensor) -> Tensor:
    """(B, 3, H, W): grassland to the horizon."""
    canvas = frame.canvas
    ground = plane(frame, horizon, farthest=40.0)
    broad = canvas.noise(ground.x * 0.7, ground.z * 0.7, octaves=6, persistence=0.6, local=True)
    turf = canvas.noise(ground.x * 26, ground.z * 9, octaves=5, persistence=0.8, local=True)
    fibre = canvas.noise(frame.u * 46, frame.v * 12, octaves=3, persistence=0.8)
    near = rise(ground.below, 0.0, 0.45)
    t = 0.52 + 0.16 * broad + 0.26 * turf + 0.16 * fibre * near
    picture = ramp(t.clamp(0, 1), grass)
    return hazed(picture, haze, (ground.z / 40).clamp(max=1.0) * 0.55)


def _trees_afar(frame: Frame, picture: Tensor, horizon: Tensor, haze: Tensor) -> Tensor:
    """The picture with a line of woods along the horizon."""
    canvas = frame.canvas
    greens = stops(canvas, (((0.05, 0.12, 0.06), (0.30, 0.42, 0.18)), ((0.07, 0.13, 0.05), (0.38, 0.42, 0.16))))
    line = horizon + 0.004 - frame.line(0.8, octaves=4).clamp(min=0) * 0.03
    wood = crowns(frame, line, size=0.026, apart=0.024, salt=3, leaf=0.004, lumps=0.45)
    cover = torch.maximum(wood.cover, step(frame.v - line, frame.pixel))
    return mix(picture, hazed(ramp(wood.lit, greens), haze, torch.full_like(cover, 0.55)), cover)


def _sward(frame: Frame, picture: Tensor, grass: list[Tensor], top: Tensor, rows: int, tall: float) -> Tensor:
    """The picture with grass standing before it: rows of blades from ``top`` down to the lower edge and beyond."""
    for number in range(rows):
        t = number / max(1, rows - 1)
        foot = top + (frame.tall + tall * 0.55 - top) * t**1.2
        line = foot + frame.line(2.5, octaves=3) * 0.012
        size = tall * (0.25 + 0.75 * t)
        row = blades(frame, line, tall=size, thick=0.0045 + 0.0075 * t, salt=7 + number * 5)
        light = (0.24 + 0.66 * row.lit + 0.40 * (row.own - 0.45) + 0.12 * (1 - t)).clamp(0, 1)
        picture = mix(picture, ramp(light, grass), row.cover)
    return picture


def sky_over_grass(canvas: Canvas, paint: Paint) -> Tensor:
    """A wide sky over a meadow, blades of grass standing before it."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.58, 0.72)
    picture, haze = day_sky(frame, horizon, cover=(-0.35, 0.10))
    picture = _trees_afar(frame, picture, horizon, haze)
    grass = stops(canvas, _GRASSES)
    picture = mix(picture, _ground(frame, horizon, grass, haze), step(frame.v - horizon, frame.pixel))
    picture = _sward(frame, picture, grass, horizon + 0.09, 9, 0.17)
    return exposed(picture)


def meadow(canvas: Canvas, paint: Paint) -> Tensor:
    """A meadow in flower: poppies, daisies, cornflowers among high grass, smaller towards the horizon."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.26, 0.42)
    picture, haze = day_sky(frame, horizon, cover=(-0.45, 0.05))
    picture = _trees_afar(frame, picture, horizon, haze)
    grass = stops(canvas, _GRASSES)
    picture = mix(picture, _ground(frame, horizon, grass, haze), step(frame.v - horizon, frame.pixel))
    blooms: tuple[Rgb, ...] = (
        (0.88, 0.12, 0.08), (0.97, 0.95, 0.92), (0.36, 0.36, 0.84), (0.97, 0.80, 0.14), (0.74, 0.36, 0.72),
        (0.95, 0.56, 0.70),
    )  # fmt: skip
    first, second = asked(canvas, paint.first, blooms, 0.03), asked(canvas, paint.second or paint.first, blooms, 0.03)
    rows = 11
    for number in range(rows):
        t = number / (rows - 1)
        foot = horizon + 0.012 + (frame.tall + 0.05 - horizon) * t**1.7
        size = 0.012 + 0.115 * t
        line = foot + frame.line(2.5, octaves=3) * (0.004 + 0.014 * t)
        row = blades(frame, line, tall=size, thick=0.0022 + 0.0085 * t, salt=7 + number * 5)
        light = (0.26 + 0.62 * row.lit + 0.38 * (row.own - 0.45) + 0.12 * (1 - t)).clamp(0, 1)
        blade = hazed(ramp(light, grass), haze, torch.full_like(frame.u, (1 - t) ** 3 * 0.5))
        picture = mix(picture, blade, row.cover)
        picture = _flowers(frame, picture, line - size * 0.62, 0.0035 + 0.021 * t, (first, second), number)
    return exposed(picture)


def _flowers(
    frame: Frame, picture: Tensor, line: Tensor, radius: float, colours: tuple[Tensor, Tensor], salt: int
) -> Tensor:
    """The picture with a row of open flowers about a line (B, 1, W)."""
    canvas = frame.canvas
    apart = radius * 3.4
    u = frame.u / apart + 20.0 + canvas.whole(0, 200)
    # Each stalk has a length of its own: no row of heads is seen.
    length = (canvas.cell(u.floor(), u.floor() * 0, 33 + salt) - 0.5) * 1.6
    v = (frame.v - line) / apart + 0.5 + length
    column, row = u.floor(), v.floor()
    own, other = canvas.cell(column, row + 9, 71 + salt), canvas.cell(column, row + 9, 90 + salt)
    patch = canvas.cell((column / 7).floor(), row * 0 + salt, 51)
    dx = (u - column - 0.5 - (own - 0.5) * 0.4) * apart
    dy = (v - row - 0.5 - (other - 0.5) * 0.4) * apart * 1.35
    away, angle = (dx * dx + dy * dy + 1e-12).sqrt(), torch.atan2(dy, dx)
    petals = radius * (0.62 + 0.40 * own) * (0.82 + 0.18 * torch.cos(angle * 5 + own * 6.28))
    there = ((row >= -1) & (row <= 0) & (other < 0.20 + 0.45 * patch)).float()
    cover = step(petals - away, frame.pixel) * there
    shade = 0.70 + 0.34 * (away / petals.clamp(min=1e-4)).clamp(0, 1) - dy / radius * 0.14
    face = mix(frame.full(colours[0]), frame.full(colours[1]), (own * 7 % 1.0 > 0.62).float()) * shade[:, None]
    picture = mix(picture, face, cover)
    heart = step(radius * 0.24 - away, frame.pixel) * there
    pale = (colours[0].amin(1, keepdim=True) > 0.5).float()
    gold = torch.tensor((0.93, 0.70, 0.12), device=canvas.device).view(1, 3, 1, 1)
    return mix(picture, frame.full(gold * pale + 0.12 * (1 - pale)), heart)


def field(canvas: Canvas, paint: Paint) -> Tensor:
    """A field of crops in rows that run to the horizon: wheat, lavender, green corn, ploughed earth."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.32, 0.48)
    picture, haze = day_sky(frame, horizon)
    picture = _trees_afar(frame, picture, horizon, haze)
    crops: tuple[tuple[Rgb, ...], ...] = (
        ((0.30, 0.19, 0.06), (0.72, 0.52, 0.18), (0.95, 0.82, 0.46)),
        ((0.16, 0.22, 0.10), (0.42, 0.26, 0.56), (0.72, 0.56, 0.84)),
        ((0.14, 0.10, 0.06), (0.24, 0.42, 0.12), (0.58, 0.70, 0.28)),
        ((0.13, 0.09, 0.07), (0.34, 0.24, 0.17), (0.56, 0.44, 0.34)),
        ((0.34, 0.24, 0.08), (0.80, 0.64, 0.26), (0.97, 0.88, 0.58)),
    )
    crop = stops(canvas, crops)
    ground = plane(frame, horizon, farthest=40.0)
    angle = canvas.uniform(-0.55, 0.55)
    across = ground.x * angle.cos() - ground.z * angle.sin()
    along = ground.z * angle.cos() + ground.x * angle.sin()
    freq = canvas.uniform(2.2, 4.2)
    sway = canvas.noise(across * 2, along * 2, octaves=3, local=True) * 0.05
    rows = torch.cos((across * freq + sway) * 2 * math.pi)
    # Where a row is narrower than two pixels only its mean is seen.
    rows = rows * rise(1.0 / (slope_at(across) * freq).clamp(min=1e-6), 2.5, 7.0)
    tuft = canvas.noise(across * 20, along * 11, octaves=5, persistence=0.78, local=True)
    fibre = canvas.noise(frame.u * 60, frame.v * 16, octaves=3, persistence=0.8)
    broad = canvas.noise(ground.x * 0.5, ground.z * 0.5, octaves=4, local=True)
    near = rise(ground.below, 0.0, 0.4)
    t = 0.50 + 0.24 * rows + 0.24 * tuft + (0.10 + 0.12 * near) * fibre * (rows + 1) * 0.5 + 0.10 * broad
    land = hazed(ramp(t.clamp(0, 1), crop), haze, (ground.z / 40).clamp(max=1.0) * 0.55)
    return exposed(mix(picture, land, step(frame.v - horizon, frame.pixel)))


_S = Kind.SCENE
MATERIALS: tuple[Material, ...] = (
    Material("forest", _S, forest, 0, ("woods", "woodland", "trees", "pine forest", "misty forest")),
    Material("autumn forest", _S, autumn_forest, 0, ("autumn", "fall forest", "autumn trees", "autumn leaves forest")),
    Material("meadow", _S, meadow, 1, ("flower meadow", "wildflowers", "flower field", "spring meadow")),
    Material("field", _S, field, 0, ("fields", "wheat field", "farmland", "crops")),
    Material("sky over grass", _S, sky_over_grass, 0, ("grass and sky", "sky and grass", "green field")),
)
