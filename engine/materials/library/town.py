"""The city: its skyline by day and by night, a street in the rain."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix
from engine.materials.library.land import day_sky
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, chosen, exposed, parted, rise
from engine.materials.skies import Frame, graded, hazed, screened, stars, stops
from engine.materials.waters import mirrored, waves

# How far up and down a mirror image is drawn out, in parts of its shake.
_SMEAR = (-2.5, -1.8, -1.1, -0.4, 0.3, 1.0, 1.7, 2.4)


@dataclass(frozen=True, slots=True, eq=False)
class _Houses:
    """A row of houses seen from the front: all (B, H, W).

    Attributes:
        cover: 1 on a house.
        own, other: the house's own numbers, 0 … 1.
        across: 0 … 1 over its width.
        window: 1 on glass.
        pane: the window's own number, 0 … 1.
        depth: how far below its roof.
    """

    cover: Tensor
    own: Tensor
    other: Tensor
    across: Tensor
    window: Tensor
    pane: Tensor
    depth: Tensor


def _houses(frame: Frame, foot: Tensor, *, wide: float, low: float, tall: float, salt: int) -> _Houses:
    """Houses of all widths and heights that stand on ``foot`` (B, 1, 1), some with a narrower top and a mast."""
    canvas = frame.canvas
    u = frame.u / wide + 20.0 + canvas.whole(0, 200)
    number = u.floor()
    zero = number * 0

    def end(at: Tensor) -> Tensor:
        return at + (canvas.cell(at, zero, salt) - 0.5) * 0.7

    number = number - (u < end(number)).float() + (u >= end(number + 1)).float()
    left, right = end(number), end(number + 1)
    across = (u - left) / (right - left)
    span = (right - left) * wide
    own, other = canvas.cell(number, zero, salt + 1), canvas.cell(number, zero, salt + 2)
    third = canvas.cell(number, zero, salt + 3)
    # Higher in the middle of town.
    town = 0.65 + 0.55 * rise(frame.line(0.8, octaves=2), -0.6, 0.8)
    height = (low + (tall - low) * own**1.6) * (town.mean((1, 2), keepdim=True) * 0.4 + 0.6)
    off = (across - 0.5).abs()
    top = foot - height
    # Set back in steps, or a gable, or a mast.
    stepped = (third > 0.45).float()
    back = torch.where(off > 0.34, 0.10, torch.where(off > 0.22, 0.045, 0.0)) * height * stepped
    spire = ((third > 0.30) & (third < 0.45)).float() * (off * 2.2).clamp(0, 1) * span * 0.9
    roof = top + back + spire
    mast = ((other > 0.70) & (own > 0.35)).float()
    pole = step(0.0022 - off * span, frame.pixel * 0.8) * mast * step(frame.v - top + height * 0.16, frame.pixel)
    gap = rise(off, 0.5, 0.485)
    cover = torch.maximum(
        step(frame.v - roof, frame.pixel * 0.8) * (0.35 + 0.65 * gap), pole * (frame.v < foot).float()
    )
    # Windows in floors and bays.
    floor_high, bay = 0.0105 + 0.006 * other, 0.0085 + 0.010 * third
    bays = (span / bay).round().clamp(min=2)
    column, row = (across * bays).floor(), ((frame.v - top) / floor_high).floor()
    fx, fy = across * bays - column, (frame.v - top) / floor_high - row
    band = (other > 0.72).float()
    bay_px = span / bays / frame.pixel
    inner = step(0.34 - (fx - 0.5).abs(), 0.8 / bay_px) * (1 - band) + band
    pane = step(0.30 - (fy - 0.5).abs(), 0.8 * frame.pixel / floor_high)
    inside = ((frame.v - roof) > floor_high * 0.6).float() * (off < 0.46).float()
    return _Houses(
        cover=cover,
        own=own,
        other=other,
        across=across,
        window=inner * pane * inside,
        pane=canvas.cell(column + number * 17, row, salt + 5),
        depth=frame.v - roof,
    )


def skyline(canvas: Canvas, paint: Paint) -> Tensor:
    """The towers of a city by day, row behind row in the haze, their glass mirroring the sky."""
    frame = Frame(canvas)
    foot = frame.tall * torch.ones_like(canvas.uniform(0, 1))
    picture, haze = day_sky(frame, frame.tall * canvas.uniform(0.78, 0.92), cover=(-0.5, 0.1))
    walls: tuple[tuple[Rgb, ...], ...] = (
        ((0.56, 0.58, 0.62), (0.70, 0.68, 0.64), (0.48, 0.52, 0.58), (0.62, 0.54, 0.47), (0.76, 0.75, 0.73)),
        ((0.42, 0.48, 0.56), (0.56, 0.62, 0.68), (0.66, 0.66, 0.66), (0.50, 0.44, 0.40), (0.36, 0.42, 0.50)),
        ((0.72, 0.64, 0.54), (0.60, 0.56, 0.52), (0.80, 0.74, 0.66), (0.52, 0.54, 0.58), (0.66, 0.52, 0.44)),
    )
    sun = canvas.chance(0.5) * 2 - 1
    rows = ((0.050, 0.24, 0.66, 1.15), (0.068, 0.18, 0.56, 0.62), (0.088, 0.12, 0.44, 0.26), (0.125, 0.08, 0.26, 0.06))
    for number, (wide, low, tall, thick) in enumerate(rows):
        house = _houses(frame, foot, wide=wide, low=low * frame.tall, tall=tall * frame.tall, salt=3 + number * 9)
        wall = parted(canvas, house.own * 0.5 + house.other * 0.499, walls, 0.01)
        # Every tower shows a side in the light and one in the shade.
        corner = 0.35 + 0.3 * house.own
        shade = 1.0 - 0.34 * step((house.across - corner) * sun, 0.02)
        wall = wall * (shade * (1.0 + 0.10 * rise(house.depth, 0.3, 0.0)))[:, None]
        glass = mix(wall * 0.42, frame.full(haze * 0.80), (0.16 + 0.5 * house.pane**2).clamp(0, 1))
        wall = mix(wall, glass, house.window * 0.85)
        lower = rise(house.depth, 0.0, 0.5) * 0.25
        picture = mix(picture, hazed(wall, haze, thick + lower * thick), house.cover)
    return exposed(picture)


def night_city(canvas: Canvas, paint: Paint) -> Tensor:
    """A city by night across the water: a thousand windows, the sky aglow, lights drawn long on the river."""
    frame = Frame(canvas)
    foot = frame.tall * canvas.uniform(0.66, 0.80)
    skies = (
        ((0.012, 0.018, 0.055), (0.045, 0.060, 0.145), (0.260, 0.190, 0.260)),
        ((0.015, 0.025, 0.070), (0.050, 0.095, 0.190), (0.340, 0.290, 0.300)),
        ((0.030, 0.020, 0.065), (0.130, 0.070, 0.170), (0.480, 0.250, 0.270)),
    )
    sky = stops(canvas, skies, 0.008)
    picture = graded(frame, foot, sky, bend=1.4)
    picture = (picture + stars(frame, share=0.25) * 0.35 * rise(foot - frame.v, 0.1, 0.6)[:, None]).clamp(0, 1)
    lamps: tuple[tuple[Rgb, ...], ...] = (
        ((1.0, 0.80, 0.46), (1.0, 0.88, 0.64), (0.98, 0.70, 0.36), (0.82, 0.90, 1.0), (1.0, 0.92, 0.76)),
    )
    rows = ((0.046, 0.20, 0.62, 0.55), (0.066, 0.12, 0.50, 0.28), (0.100, 0.05, 0.26, 0.08))
    for number, (wide, low, tall, thick) in enumerate(rows):
        house = _houses(frame, foot, wide=wide, low=low * frame.tall, tall=tall * frame.tall, salt=3 + number * 9)
        body = frame.full(sky[1] * 0.42 + 0.006) * (0.7 + 0.6 * house.own)[:, None]
        body = hazed(body, sky[2] * 0.8, thick * (0.6 + 1.2 * rise(house.depth, 0.0, 0.5)))
        share = 0.24 + 0.46 * house.other
        bright = (house.pane < share).float() * (0.35 + 0.65 * (house.pane * 91 % 1.0))
        light = parted(canvas, house.pane * 37 % 1.0, lamps, 0.01) * bright[:, None]
        face = body + light * (house.window * (1.0 - 0.30 * thick))[:, None]
        # Red lamps on the masts, light thrown up some of the towers.
        crown = rise(0.05 - house.depth, 0.0, 0.05) * (house.own > 0.62).float() * (house.depth > 0).float()
        tint = parted(canvas, house.other, (((0.25, 0.50, 1.0), (0.95, 0.35, 0.70), (1.0, 0.72, 0.35)),), 0.0)
        face = face + tint * (crown * 0.25)[:, None]
        picture = mix(picture, face.clamp(0, 1), house.cover)
    warm = sky[2] * 0.5 + torch.tensor((0.50, 0.34, 0.20), device=canvas.device).view(1, 3, 1, 1)
    picture = screened(picture, warm, torch.exp(-((frame.v - foot).abs() / 0.10)) * 0.34)
    quay = step(0.0035 - (frame.v - foot + 0.004).abs(), frame.pixel)
    lamp = ((frame.u * 34) % 1.0 - 0.5).abs() < 0.10
    gold = torch.tensor((1.0, 0.85, 0.55), device=canvas.device).view(1, 3, 1, 1)
    picture = mix(picture, frame.full(gold), quay * lamp.float() * 0.9)
    sea = waves(frame, foot, freq=1.4)
    # Lights are drawn long: the mirror is smeared downwards.
    water = sum(
        mirrored(frame, picture, foot, sea.swell * 0.5 + sea.tilt * 0.25 + 0.7 * k, strength=0.55) for k in _SMEAR
    )
    water = water * (0.95 / len(_SMEAR)) + (sea.tilt * 0.012)[:, None]
    water = mix(water, frame.full(sky[0] * 1.5 + 0.004), rise(sea.ground.below, 0.0, 0.6) * 0.62)
    picture = mix(picture, water.clamp(0, 1), step(frame.v - foot, frame.pixel))
    return exposed(_bloom(frame, picture, 0.20))


def _bloom(frame: Frame, picture: Tensor, amount: float) -> Tensor:
    """Light that spreads from what is bright, as in a lens."""
    bright = (picture - 0.45).clamp(min=0) * 1.8
    out = picture
    for share, size in ((0.6, 0.008), (0.4, 0.035)):
        radius = max(1, min(round(size / frame.pixel), min(picture.shape[-2:]) // 2 - 1))
        spread = bright
        for _ in range(2):
            spread = torch.nn.functional.avg_pool2d(
                torch.nn.functional.pad(spread, (radius,) * 4, mode="replicate"), 2 * radius + 1, 1
            )
        out = 1.0 - (1.0 - out.clamp(0, 1)) * (1.0 - (spread * (amount * 3 * share)).clamp(0, 1))
    return out


def _facade(frame: Frame, z: Tensor, height: Tensor, side: Tensor, haze: Tensor) -> Tensor:
    """(B, 3, H, W): the houses along a street by night: lit windows above, shops and signs below."""
    canvas = frame.canvas
    salt_side = (side > 0).float() * 31
    # Every picture, and either side of its street, is built of houses of its own.
    z_at = z + (canvas.whole(0, 60) + salt_side) * 3.2
    house = (z_at / 3.2).floor()
    own, other = canvas.cell(house, salt_side, 4), canvas.cell(house, salt_side, 5)
    within = (z_at / 3.2) % 1.0
    top = 4.5 + 7.0 * own
    px_z = z * z * frame.pixel * 0.55
    px_y = z * frame.pixel
    column, row = (z_at / 0.64).floor(), (height / 0.95).floor()
    fx, fy = z_at / 0.64 - column, height / 0.95 - row
    glass = step(0.30 - (fx - 0.5).abs(), px_z / 0.64) * step(0.30 - (fy - 0.52).abs(), px_y / 0.95)
    pane = canvas.cell(column, row + salt_side, 6)
    lit = (pane < 0.18 + 0.34 * other).float() * (0.3 + 0.7 * (pane * 57 % 1.0))
    lamps: tuple[tuple[Rgb, ...], ...] = (
        ((1.0, 0.78, 0.44), (1.0, 0.88, 0.66), (0.94, 0.62, 0.30), (0.74, 0.86, 1.0)),
    )
    wall = chosen(canvas, ((0.055, 0.050, 0.065), (0.045, 0.055, 0.080), (0.075, 0.055, 0.050)), 0.006)
    mottle = canvas.noise(z * 2, height * 2, octaves=4, shift=salt_side, local=True)
    picture = wall * (0.8 + 0.8 * own + 0.25 * mottle)[:, None]
    picture = mix(picture, parted(canvas, pane * 83 % 1.0, lamps, 0.01) * (0.10 + 0.85 * lit)[:, None], glass * 0.92)
    # Shops: a bright band at the height of a door.
    hues: tuple[tuple[Rgb, ...], ...] = (
        (
            (1.0, 0.80, 0.50),
            (1.0, 0.62, 0.34),
            (0.60, 0.86, 1.0),
            (1.0, 0.90, 0.72),
            (1.0, 0.46, 0.52),
            (0.72, 0.60, 1.0),
        ),
    )
    shop = rise(height, 0.0, 0.25) * rise(1.65 - height, 0.0, 0.12) * step(0.40 - (within - 0.5).abs(), px_z / 3.2)
    # Panes between mullions, brighter towards the ceiling, shelves of goods that stand against the light.
    pane_at = z_at / 0.53
    mullion = step(0.455 - (pane_at % 1.0 - 0.5).abs(), px_z / 0.53)
    goods = canvas.cell((z_at / 0.11).floor(), (height / 0.42).floor() + 9, 8)
    stand = step(goods * 0.30 - height % 0.42, px_y) * (goods > 0.35).float() * rise(1.25 - height, 0.0, 0.1)
    bright = (0.62 + 0.30 * rise(height, 0.2, 1.6)) * (1.0 - 0.42 * stand) * (0.25 + 0.75 * mullion)
    front = parted(canvas, own * 0.5 + other * 0.499, hues, 0.01) * bright[:, None]
    picture = mix(picture, front, shop * (0.45 + 0.55 * other))
    # Signs above them, some upright.
    sign = (
        step(0.14 - (height - 1.95).abs(), px_y) * step(0.34 - (within - 0.5).abs(), px_z / 3.2) * (other > 0.3).float()
    )
    upright = step(0.9 - (height - 3.4).abs(), px_y) * step(0.045 - (within - 0.12).abs(), px_z / 3.2)
    neon: tuple[tuple[Rgb, ...], ...] = (
        (
            (1.0, 0.22, 0.42),
            (0.20, 0.80, 1.0),
            (1.0, 0.72, 0.20),
            (0.42, 1.0, 0.62),
            (0.86, 0.36, 1.0),
            (1.0, 0.34, 0.20),
        ),
    )
    glowing = torch.maximum(sign, upright * (own > 0.40).float())
    letters = 0.60 + 0.40 * step(canvas.noise(z * 9, height * 9, octaves=2, local=True), 0.3)
    picture = mix(picture, parted(canvas, other * 13 % 1.0, neon, 0.0) * letters[:, None], glowing)
    sky = rise(height - top, -0.02, 0.02)
    picture = hazed(picture, haze, z / 34)
    return mix(picture, frame.full(haze * 0.42), sky)


def night_street(canvas: Canvas, paint: Paint) -> Tensor:
    """A street by night after rain: lit windows and signs, lamps, tail lights, all of it mirrored in the asphalt."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.50, 0.60)
    at = canvas.normal(0.06) * frame.wide
    u, below = frame.u - at, frame.v - horizon
    half = canvas.uniform(1.9, 2.6) * max(1.0, frame.wide * 0.75)
    haze = stops(
        canvas, (((0.20, 0.18, 0.26),), ((0.26, 0.20, 0.17),), ((0.12, 0.20, 0.26),), ((0.28, 0.16, 0.24),)), 0.015
    )[0]
    side = torch.where(u < 0, -1.0, 1.0)
    far = 46.0
    wall_z = (half / u.abs().clamp(min=half / far)).clamp(max=far)
    street_z = 1.0 / below.clamp(min=1.0 / far)
    above = _facade(frame, wall_z, 1.0 - below * wall_z, side, haze)
    # The wet street throws the same houses back, from under the ground.
    street = (below > 0) & (street_z < wall_z)
    x = u * street_z
    puddle = rise(canvas.noise(x * 0.8, street_z * 0.8, octaves=5, persistence=0.6, local=True), -0.5, 0.6)
    grit = canvas.noise(x * 26, street_z * 26, octaves=4, persistence=0.8, local=True)
    ripple = canvas.noise(x * 3, street_z * 6, octaves=5, persistence=0.65, local=True) * 0.02
    mirror = torch.zeros_like(above)
    for drawn in (-0.35, 0.0, 0.5):
        shaken = below * (1.0 + drawn * (0.25 + 0.3 * (1 - puddle))) + ripple * (0.3 + below)
        mirror = mirror + _facade_again(frame, picture=above, u=frame.u + ripple * 0.6, v=horizon - shaken)
    mirror = mirror / 3.0
    asphalt = (0.030 + 0.012 * grit)[:, None] + haze * 0.16
    wet = (0.40 + 0.55 * puddle).clamp(0, 1)
    road = asphalt * 0.75 + mirror * (wet * (0.78 + 0.25 * grit))[:, None]
    # Markings, and a kerb.
    dash = (
        step(0.05 - (x - canvas.normal(0.05)).abs(), street_z * frame.pixel * 1.5)
        * ((street_z * 0.42) % 1.0 < 0.5).float()
    )
    road = road + (dash * 0.22 * rise(8.0 / street_z, 0.4, 1.0))[:, None]
    kerb = step(x.abs() - half * 0.72, street_z * frame.pixel)
    road = mix(road, asphalt * 1.9 + mirror * 0.45 * (0.8 + 0.4 * grit)[:, None], kerb)
    road = hazed(road, haze, (street_z / 30).clamp(0, 3))
    picture = mix(above, road, street.float())
    picture = screened(picture, haze, torch.exp(-(u.abs() / 0.16 + below.abs() / 0.16)) * 0.9)
    picture = _lights(frame, picture, u, below, half)
    return exposed(_bloom(frame, picture.clamp(0, 1), 0.30))


def _facade_again(frame: Frame, *, picture: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """(B, 3, H, W): the picture at other places."""
    grid = torch.stack((u / frame.wide * 2.0, v / frame.tall * 2.0 - 1.0), -1)
    return torch.nn.functional.grid_sample(
        picture, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )


def _lights(frame: Frame, picture: Tensor, u: Tensor, below: Tensor, half: Tensor) -> Tensor:
    """Street lamps on both sides and the lights of a few cars, each with its mirror image on the road."""
    canvas = frame.canvas
    lamp = chosen(canvas, ((1.0, 0.84, 0.56), (1.0, 0.92, 0.78), (1.0, 0.76, 0.42)), 0.01)
    red = torch.tensor((1.0, 0.10, 0.07), device=canvas.device).view(1, 3, 1, 1)
    white = torch.tensor((1.0, 0.97, 0.88), device=canvas.device).view(1, 3, 1, 1)
    places: list[tuple[Tensor, float, float, Tensor, float]] = []
    for z in (2.6, 4.2, 6.8, 11.0, 18.0):
        for side in (-0.70, 0.70):
            places.append((half * side, 2.3, z, lamp, 0.11))
    for z, lane, colour in ((3.4, 0.30, red), (7.5, 0.34, red), (5.2, -0.32, white), (10.0, -0.30, white)):
        shift = canvas.normal(0.05)
        for pair in (-0.16, 0.16):
            places.append((half * (lane + shift) + pair * 1.6, -0.62, z * 1.0, colour, 0.055))
    for x, y, z, colour, size in places:
        at_u, at_v = x / z, -y / z
        away = ((u - at_u) ** 2 + (below - at_v) ** 2 + 1e-9).sqrt()
        disc = step(size / z * 0.55 - away, frame.pixel)
        halo = torch.exp(-away / (size / z * 2.2)) * 0.45
        picture = screened(picture, colour * 0.75 + 0.25 * white, disc)
        picture = screened(picture, colour, halo)
        mirror_v = (2.0 + y) / z
        long = torch.exp(-((u - at_u).abs() / (size / z * 0.9)) - (below - mirror_v).abs() / (0.9 / z)) * 0.40
        picture = screened(picture, colour, long * (below > 1.0 / z).float())
    return picture


_S = Kind.SCENE
MATERIALS: tuple[Material, ...] = (
    Material("city skyline", _S, skyline, 0, ("city", "skyline", "skyscrapers", "downtown")),
    Material("city at night", _S, night_city, 0, ("night city", "night skyline", "city lights")),
    Material("street at night", _S, night_street, 0, ("night street", "street", "rainy street", "wet street")),
)
