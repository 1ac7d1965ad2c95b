"""Landscapes: mountains, lakes, hills, deserts, snow."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix, ramp
from engine.materials.growth import conifers
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, exposed, parted, rise
from engine.materials.skies import Frame, clouds, glow, graded, hazed, night, screened, stops, wisps
from engine.materials.terrain import Land, cast, eroded
from engine.materials.waters import mirrored, waves

Heights = Callable[[Canvas, Tensor, Tensor], Tensor]

# From the zenith to the horizon.
DAYS: tuple[tuple[Rgb, ...], ...] = (
    ((0.16, 0.36, 0.68), (0.36, 0.58, 0.84), (0.78, 0.87, 0.93)),
    ((0.22, 0.45, 0.72), (0.48, 0.68, 0.86), (0.86, 0.90, 0.90)),
    ((0.20, 0.40, 0.62), (0.52, 0.66, 0.78), (0.90, 0.88, 0.82)),
    ((0.30, 0.48, 0.66), (0.58, 0.70, 0.80), (0.88, 0.90, 0.91)),
)
EVENINGS: tuple[tuple[Rgb, ...], ...] = (
    ((0.22, 0.28, 0.50), (0.58, 0.50, 0.62), (0.97, 0.72, 0.52)),
    ((0.30, 0.38, 0.58), (0.74, 0.62, 0.64), (0.98, 0.82, 0.62)),
)
NIGHTS: tuple[tuple[Rgb, ...], ...] = (
    ((0.010, 0.018, 0.060), (0.030, 0.055, 0.140), (0.110, 0.170, 0.290)),
    ((0.020, 0.016, 0.055), (0.065, 0.050, 0.140), (0.240, 0.165, 0.260)),
    ((0.008, 0.026, 0.050), (0.022, 0.075, 0.115), (0.120, 0.230, 0.250)),
)


def day_sky(frame: Frame, horizon: Tensor, *, cover: tuple[float, float] = (-0.45, 0.20)) -> tuple[Tensor, Tensor]:
    """A day's or an evening's sky with clouds, (B, 3, H, W), and the colour of its haze, (B, 3, 1, 1)."""
    canvas = frame.canvas
    late = canvas.chance(0.15)[:, None]
    day, evening = stops(canvas, DAYS), stops(canvas, EVENINGS)
    colours = [a * (1 - late) + b * late for a, b in zip(day, evening, strict=True)]
    picture = graded(frame, horizon, colours)
    dense, lit = clouds(frame, horizon, cover=canvas.uniform(*cover))
    white = (1.0 - 0.03 * late) * torch.tensor((1.0, 0.995, 0.985), device=canvas.device).view(1, 3, 1, 1)
    white = white * (1 - late * torch.tensor((0.0, 0.10, 0.20), device=canvas.device).view(1, 3, 1, 1))
    shade = colours[1] * 0.55 + colours[2] * 0.25
    body = ramp(lit, [shade, shade * 0.4 + white * 0.6, white])
    far = rise(frame.v / horizon, 0.55, 1.0)
    body = mix(body, colours[2].expand_as(body), far * 0.6)
    picture = mix(picture, body, dense * (1 - 0.5 * far))
    veil = wisps(frame) * canvas.uniform(0.0, 0.4)
    return mix(picture, white.expand_as(picture), veil * (1 - far)), colours[2]


def _range(lowest: float, tallest: Tensor, start: float, end: float, freq: float) -> Heights:
    """Heights of a range of mountains that begins ``start`` away, over a plain."""

    def heights(canvas: Canvas, x: Tensor, z: Tensor) -> Tensor:
        rock = eroded(canvas, x * freq, z * freq)
        grown = rise(z, start, end)
        plain = canvas.noise(x * 0.5, z * 0.5, octaves=6, persistence=0.45, local=True) * 0.10
        return lowest + plain * (1 - grown * 0.5) + rock * tallest * grown

    return heights


def _rock(frame: Frame, land: Land, palette: list[Tensor], freq: float) -> tuple[Tensor, Tensor]:
    """(B, 3, H, W): bare rock: strata and cracks that follow the height; and the cracks alone, (B, H, W)."""
    canvas = frame.canvas
    strata = canvas.noise(land.x * freq * 0.4, land.height * freq * 3.0, octaves=5, persistence=0.6, local=True)
    across, up = land.x * (freq * 2), (land.z + land.height) * (freq * 2)
    grit = canvas.noise(across, up, octaves=7, persistence=0.80, ridged=True, local=True)
    return ramp((0.5 + 0.24 * strata + 0.34 * grit).clamp(0, 1), palette), grit


def _mountain_land(
    frame: Frame, horizon: Tensor, haze: Tensor, sun: Tensor, *, tall: Tensor, snow: Tensor, thick: Tensor, eye: float
) -> tuple[Tensor, Land]:
    canvas = frame.canvas
    land = cast(frame, horizon, _range(-0.8, tall, 4.5, 12.0, 0.14), near=1.2, far=26.0, eye=eye, sun=sun, steep=1.0)
    rocks = (
        ((0.16, 0.16, 0.18), (0.33, 0.33, 0.35), (0.52, 0.51, 0.51)),
        ((0.20, 0.17, 0.15), (0.38, 0.33, 0.29), (0.58, 0.52, 0.46)),
        ((0.14, 0.17, 0.20), (0.28, 0.32, 0.37), (0.47, 0.51, 0.55)),
    )
    picture, grit = _rock(frame, land, stops(canvas, rocks), 1.2)
    detail = canvas.noise(land.x * 3, (land.z + land.height) * 3, octaves=6, persistence=0.6, local=True)
    woods = stops(canvas, (((0.05, 0.11, 0.06), (0.13, 0.22, 0.09)), ((0.08, 0.13, 0.06), (0.22, 0.27, 0.11))))
    leaf = canvas.noise(land.x * 14, (land.z + land.height * 2) * 14, octaves=6, persistence=0.85, local=True)
    green = ramp((0.45 + 0.35 * leaf + 0.2 * detail).clamp(0, 1), woods)
    treeline = 0.10 * tall
    wood = rise(treeline - land.height + detail * 0.28 - land.slope * 0.2, -0.15, 0.15)
    picture = mix(picture, green, wood)
    meadow = stops(canvas, (((0.24, 0.34, 0.12), (0.46, 0.50, 0.22)), ((0.32, 0.34, 0.14), (0.56, 0.52, 0.28))))
    grass = ramp((0.5 + 0.26 * detail + 0.30 * leaf).clamp(0, 1), meadow)
    open_ground = rise(-0.62 - land.height + detail * 0.20, -0.05, 0.05)
    picture = mix(picture, grass, open_ground)
    wood = wood * (1 - open_ground)
    # Snow lies high, and not on walls.
    line = tall * (0.85 - snow)
    lies = land.height - line + detail * 0.28 + land.hollow * 0.15 - (land.slope - 0.72).clamp(min=0) * 2.5
    white = torch.tensor((0.95, 0.965, 1.0), device=canvas.device).view(1, 3, 1, 1)
    picture = mix(
        picture, white.expand_as(picture), rise(lies, -0.10, 0.14) * (0.97 - 0.62 * wood * rise(leaf, -0.5, 0.5))
    )
    cool = torch.tensor((0.62, 0.74, 1.0), device=canvas.device).view(1, 3, 1, 1)
    shade = (
        0.40 + 0.58 * land.light + 0.11 * grit * rise(land.slope, 0.2, 0.8) - 0.22 * land.hollow.clamp(min=0)
    ).clamp(0.10, 1.25)
    picture = picture * shade[:, None] * mix(cool.expand_as(picture), torch.ones_like(picture), rise(shade, 0.2, 0.75))
    return hazed(picture, haze, (land.z / thick).clamp(min=0) ** 1.5), land


def mountains(canvas: Canvas, paint: Paint) -> Tensor:
    """A range of mountains behind wooded foothills, under a clouded sky."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.56, 0.68)
    picture, haze = day_sky(frame, horizon)
    sun = canvas.chance(0.5) * math.pi + canvas.uniform(-0.5, 0.3)
    snow, tall = canvas.uniform(0.10, 0.38), canvas.uniform(6.0, 8.5)
    ground, land = _mountain_land(
        frame, horizon, haze, sun, tall=tall, snow=snow, thick=canvas.uniform(16, 34), eye=0.1
    )
    return exposed(mix(picture, ground, land.cover))


def snowy_mountains(canvas: Canvas, paint: Paint) -> Tensor:
    """High mountains white to their feet, in clear cold light."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.62, 0.74)
    picture, haze = day_sky(frame, horizon, cover=(-0.55, 0.05))
    sun = canvas.chance(0.5) * math.pi + canvas.uniform(-0.5, 0.3)
    snow, tall = canvas.uniform(0.92, 1.12), canvas.uniform(7.0, 9.5)
    ground, land = _mountain_land(
        frame, horizon, haze, sun, tall=tall, snow=snow, thick=canvas.uniform(22, 40), eye=0.1
    )
    return exposed(mix(picture, ground, land.cover))


def mountain_lake(canvas: Canvas, paint: Paint) -> Tensor:
    """A still lake that mirrors the mountains behind it."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.50, 0.58)
    picture, haze = day_sky(frame, horizon)
    sun = canvas.chance(0.5) * math.pi + canvas.uniform(-0.5, 0.3)
    snow, tall = canvas.uniform(0.25, 0.6), canvas.uniform(7.0, 9.5)
    ground, land = _mountain_land(
        frame, horizon, haze, sun, tall=tall, snow=snow, thick=canvas.uniform(18, 34), eye=-0.4
    )
    above = mix(picture, ground, land.cover)
    # The far shore: a line of firs.
    shore = horizon - 0.004 - frame.line(1.4, octaves=3).abs() * 0.010
    trees = conifers(frame, shore, tall=0.040, apart=0.011, salt=3)
    bank = torch.maximum(trees.cover, step(frame.v - shore, frame.pixel))
    dark = stops(canvas, (((0.05, 0.09, 0.06), (0.16, 0.24, 0.13)),))
    above = mix(above, hazed(ramp(trees.lit, dark), haze, torch.full_like(bank, 0.14)), bank)
    sea = waves(frame, horizon, freq=0.55)
    calm = canvas.uniform(0.25, 0.9)
    mirror = mirrored(frame, above, horizon, sea.tilt, strength=0.25) * 0.86
    deep = stops(canvas, (((0.03, 0.14, 0.17),), ((0.02, 0.18, 0.20),), ((0.05, 0.11, 0.17),)))[0]
    below = sea.ground.below.clamp(min=0)
    water = mix(mirror, frame.full(deep), (rise(below, 0.05, 0.55) * 0.60 + 0.10).clamp(0, 1))
    water = water + (sea.tilt * rise(below, 0.0, 0.3) * 0.05 * calm)[:, None]
    return exposed(mix(above, water.clamp(0, 1), step(frame.v - horizon, frame.pixel)))


def _rolling(low: float, tall: float, freq: float) -> Heights:
    def heights(canvas: Canvas, x: Tensor, z: Tensor) -> Tensor:
        swell = canvas.noise(x * freq, z * freq, octaves=3, persistence=0.35, local=True)
        fine = canvas.noise(x * freq * 9, z * freq * 9, octaves=5, persistence=0.5, local=True)
        return low + (swell + 0.3) * tall * rise(z, 1.0, 9.0) + fine * 0.02

    return heights


def hills(canvas: Canvas, paint: Paint) -> Tensor:
    """Rolling green hills in a patchwork of meadows, hedges and trees."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.42, 0.55)
    picture, haze = day_sky(frame, horizon)
    sun = canvas.chance(0.5) * math.pi + canvas.uniform(-0.5, 0.4)
    land = cast(frame, horizon, _rolling(-0.9, 0.85, 0.22), near=0.9, far=34.0, sun=sun, steep=2.6, steps=2.0)
    patch = canvas.points(land.x * 0.55 + canvas.whole(0, 200), land.z * 0.42, jitter=0.8, salt=3)
    greens: tuple[tuple[Rgb, ...], ...] = (
        ((0.25, 0.42, 0.13), (0.36, 0.52, 0.17), (0.46, 0.58, 0.22), (0.58, 0.62, 0.28), (0.30, 0.46, 0.18)),
        ((0.22, 0.40, 0.16), (0.32, 0.50, 0.20), (0.62, 0.60, 0.32), (0.44, 0.55, 0.22), (0.28, 0.44, 0.16)),
        ((0.36, 0.44, 0.16), (0.48, 0.50, 0.20), (0.66, 0.60, 0.30), (0.56, 0.52, 0.24), (0.34, 0.40, 0.15)),
    )
    grass = parted(canvas, patch.tone, greens, 0.015)
    fine = canvas.noise(land.x * 9, land.z * 9, octaves=6, persistence=0.7, local=True)
    broad = canvas.noise(land.x * 1.5, land.z * 1.5, octaves=5, local=True)
    rows = torch.sin(land.x * (14 + patch.tone * 30) + land.z * (patch.tone - 0.5) * 30) * rise(7.0 / land.z, 0.5, 1.6)
    grass = grass * (1.0 + 0.16 * fine + 0.12 * broad + 0.05 * rows)[:, None]
    # Hedges between the meadows, and copses.
    copse = canvas.noise(land.x * 0.7, land.z * 0.7, octaves=6, persistence=0.6, local=True)
    woods = torch.maximum(
        rise(0.055 + 0.03 * fine - patch.border, 0.0, 0.03), rise(copse + 0.18 * fine - 0.30, 0.0, 0.10)
    )
    woods = woods * rise(land.z, 1.4, 2.6)
    leaf = canvas.noise(land.x * 16, (land.z + land.height * 3) * 16, octaves=4, persistence=0.8, local=True)
    tree = stops(canvas, (((0.06, 0.14, 0.06), (0.20, 0.32, 0.11)), ((0.10, 0.16, 0.05), (0.28, 0.34, 0.12))))
    ground = mix(grass, ramp((0.45 + 0.4 * leaf).clamp(0, 1), tree), woods * 0.92)
    ground = ground * (0.24 + 0.76 * land.light.clamp(0, 1.5))[:, None]
    ground = hazed(ground, haze, (land.z / canvas.uniform(16, 30)) ** 1.4)
    return exposed(mix(picture, ground, land.cover))


def desert(canvas: Canvas, paint: Paint) -> Tensor:
    """Dunes in low sun: sharp crests, a smooth windward side, wind ripples near the eye."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.36, 0.50)
    late = canvas.chance(0.4)[:, None]
    day = stops(canvas, (((0.20, 0.44, 0.76), (0.46, 0.66, 0.86), (0.86, 0.87, 0.84)), DAYS[0]))
    evening = stops(canvas, EVENINGS)
    sky = [a * (1 - late) + b * late for a, b in zip(day, evening, strict=True)]
    picture = graded(frame, horizon, sky)
    veil = wisps(frame) * canvas.uniform(0.0, 0.6)
    picture = mix(picture, frame.full(sky[2] * 0.4 + 0.6), veil * 0.7)
    side = canvas.chance(0.5) * 2 - 1

    def dunes(canvas: Canvas, x: Tensor, z: Tensor) -> Tensor:
        total = torch.zeros_like(x)
        for freq, tall in ((0.17, 1.0), (0.42, 0.30)):
            bend = canvas.noise(x * freq * 0.8, z * freq * 0.8, octaves=2, local=True) * 0.75
            u = x * freq * side + z * freq * 0.55 + bend
            t = u % 1.0
            # A long rise and a short fall, meeting in a crest.
            crest = torch.where(t < 0.72, rise(t, 0.0, 0.98) * 1.0, 0.0)
            peak = 0.827
            fall = peak * (1.0 - ((t - 0.72) / 0.28).clamp(0, 1)) ** 1.2
            shape = torch.where(t < 0.72, crest, fall)
            there = rise(canvas.noise(x * freq * 0.6, z * freq * 0.6, octaves=2, local=True), -0.7, 0.5)
            total = total + shape * tall * there
        return -0.85 + total * 1.15 * rise(z, 0.6, 5.0)

    sun = torch.where(side > 0, 0.0, math.pi) + canvas.uniform(-0.35, 0.35)
    land = cast(frame, horizon, dunes, near=0.8, far=34.0, sun=sun, steep=1.5, steps=2.0)
    bend = canvas.noise(land.x * 1.6, land.z * 1.6, octaves=2, local=True) * 0.06
    ripple = canvas.noise(
        (land.x + bend) * 1.5, (land.z * 2.2 + land.x * 0.5 + bend) * 7.0, octaves=3, persistence=0.6, local=True
    )
    grain = canvas.noise(land.x * 40, land.z * 40, octaves=4, persistence=0.9, local=True)
    sands = (
        ((0.40, 0.20, 0.10), (0.78, 0.47, 0.23), (0.96, 0.72, 0.42)),
        ((0.50, 0.33, 0.19), (0.84, 0.63, 0.38), (0.97, 0.84, 0.60)),
        ((0.44, 0.24, 0.15), (0.82, 0.50, 0.30), (0.96, 0.70, 0.46)),
    )
    lit = 0.14 + 0.50 * land.light + ripple * 0.045 * rise(3.5 / land.z, 0.3, 1.4) + grain * 0.035
    ground = ramp(lit.clamp(0, 1), stops(canvas, sands))
    ground = hazed(ground, sky[2], (land.z / canvas.uniform(20, 40)) ** 1.4)
    return exposed(mix(picture, ground, land.cover))


def winter(canvas: Canvas, paint: Paint) -> Tensor:
    """Snow over rolling ground, firs in frost, a pale low sun."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.46, 0.58)
    skies = (
        ((0.46, 0.60, 0.76), (0.70, 0.79, 0.87), (0.93, 0.93, 0.92)),
        ((0.52, 0.58, 0.72), (0.80, 0.76, 0.80), (0.98, 0.88, 0.80)),
        ((0.66, 0.71, 0.77), (0.80, 0.83, 0.86), (0.92, 0.93, 0.94)),
    )
    sky = stops(canvas, skies)
    picture = graded(frame, horizon, sky)
    picture = mix(picture, frame.full(sky[2] * 0.3 + 0.7), wisps(frame) * 0.5)
    at = canvas.uniform(-0.4, 0.4)
    picture = screened(
        picture,
        sky[2] * torch.tensor((1.0, 0.94, 0.82), device=canvas.device).view(1, 3, 1, 1),
        glow(frame, at, horizon - 0.14, 0.22) * 0.7,
    )
    sun = torch.where(at > 0, 0.55, math.pi - 0.55) + canvas.normal(0.1)
    greens = stops(
        canvas,
        (
            ((0.17, 0.23, 0.26), (0.40, 0.47, 0.50), (0.90, 0.93, 0.97)),
            ((0.15, 0.21, 0.20), (0.36, 0.42, 0.42), (0.86, 0.89, 0.93)),
        ),
    )
    for number, (lift, tall, thick) in enumerate(((-0.015, 0.085, 0.9), (0.012, 0.15, 0.5))):
        line = horizon + lift + frame.line(1.1, octaves=4) * 0.035
        trees = conifers(frame, line, tall=tall, apart=tall * 0.20, salt=5 + number * 9)
        frost = rise(trees.lit + frame.noise(40.0, octaves=3, persistence=0.8) * 0.25, 0.35, 0.95)
        wood = hazed(ramp(frost * 0.85, greens), sky[2] * 0.97, torch.full_like(frame.u, thick))
        picture = mix(picture, wood, torch.maximum(trees.cover, step(frame.v - line, frame.pixel)))
    land = cast(frame, horizon + 0.03, _rolling(-0.85, 0.22, 0.35), near=0.8, far=20.0, sun=sun, steep=3.6, steps=2.0)
    drift = canvas.noise(land.x * 3, land.z * 5, octaves=6, persistence=0.55, local=True)
    sparkle = canvas.grain() * rise(2.5 / land.z, 0.3, 1.5)
    lit = (land.light * 0.62 + drift * 0.10 + sparkle * 0.006).clamp(0, 1)
    blue = stops(canvas, (((0.50, 0.60, 0.78), (0.83, 0.88, 0.94), (0.985, 0.98, 0.965)),), 0.01)
    ground = hazed(ramp(lit, blue), sky[2], (land.z / 16) ** 1.6)
    picture = mix(picture, ground, land.cover)
    # Firs that stand in the snow, nearer ones larger.
    for number, (foot, tall, apart) in enumerate(((0.10, 0.22, 0.34), (0.26, 0.42, 0.95))):
        line = horizon + foot + frame.line(0.9, octaves=2) * 0.02
        trees = conifers(frame, line, tall=tall, apart=apart, salt=31 + number * 9, slender=0.24)
        frost = rise(trees.lit + frame.noise(30.0, octaves=4, persistence=0.8) * 0.22, 0.10, 0.98)
        picture = mix(picture, ramp(frost, greens), trees.cover)
    return exposed(picture)


def starry_mountains(canvas: Canvas, paint: Paint) -> Tensor:
    """Dark mountains, snow on them, under the milky way."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.70, 0.80)
    picture = night(frame, horizon, NIGHTS)
    low = stops(canvas, (((0.14, 0.22, 0.34),), ((0.30, 0.20, 0.28),), ((0.15, 0.28, 0.28),)), 0.02)[0]
    sun = canvas.uniform(0.2, 2.9)
    land = cast(
        frame, horizon, _range(-0.8, canvas.uniform(6.5, 9.0), 4.5, 12.0, 0.14), near=1.2, far=26.0, eye=0.1, sun=sun
    )
    detail = canvas.noise(land.x * 3, (land.z + land.height) * 3, octaves=6, persistence=0.6, local=True)
    rock = stops(canvas, (((0.012, 0.016, 0.034), (0.110, 0.140, 0.210)),), 0.004)
    ground = ramp((0.15 + 0.7 * land.light + 0.2 * detail).clamp(0, 1), rock)
    snow = rise(land.height + detail * 0.4 - canvas.uniform(-0.8, 1.0) + land.hollow * 0.3, -0.2, 0.3)
    snow = snow * rise(0.85 - land.slope, 0.0, 0.3)
    white = torch.tensor((0.40, 0.48, 0.64), device=canvas.device).view(1, 3, 1, 1)
    ground = mix(ground, white * land.light.clamp(0, 1.4)[:, None], snow * 0.75)
    ground = hazed(ground, low, (land.z / 26) ** 1.6 * 0.8)
    return exposed(mix(picture, ground, land.cover))


_S = Kind.SCENE
MATERIALS: tuple[Material, ...] = (
    Material("mountains", _S, mountains, 0, ("mountain", "mountain range", "alps", "peaks")),
    Material(
        "snowy mountains",
        _S,
        snowy_mountains,
        0,
        ("mountains with snow", "snowy mountain", "snow mountains", "snow capped mountains"),
    ),
    Material("lake with mountains", _S, mountain_lake, 0, ("mountain lake", "lake", "alpine lake")),
    Material("hills", _S, hills, 0, ("rolling hills", "countryside", "green hills", "landscape")),
    Material("desert", _S, desert, 0, ("dunes", "sand dunes", "sahara")),
    Material("winter landscape", _S, winter, 0, ("winter", "snowy landscape", "snow landscape")),
    Material("starry mountains", _S, starry_mountains, 0, ("mountains at night", "milky way", "night mountains")),
)
