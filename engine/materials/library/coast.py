"""The sea: open water, beaches, sunsets over it."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix, ramp
from engine.materials.growth import Row, palm
from engine.materials.library.land import day_sky
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, exposed, rise
from engine.materials.skies import Frame, clouds, glow, graded, hazed, screened, stops, wisps
from engine.materials.terrain import Plane
from engine.materials.waters import Sea, mirrored, sun_path, surface, waves

# Deep water, and water with light in it.
_SEAS: tuple[tuple[Rgb, ...], ...] = (
    ((0.02, 0.13, 0.30), (0.08, 0.34, 0.56)),
    ((0.02, 0.17, 0.25), (0.12, 0.44, 0.50)),
    ((0.04, 0.15, 0.24), (0.15, 0.36, 0.46)),
)
_LAGOONS: tuple[tuple[Rgb, ...], ...] = (
    ((0.02, 0.27, 0.46), (0.06, 0.58, 0.66), (0.56, 0.88, 0.84)),
    ((0.03, 0.33, 0.48), (0.12, 0.66, 0.66), (0.66, 0.91, 0.82)),
)
# From the zenith to the horizon.
SUNSETS: tuple[tuple[Rgb, ...], ...] = (
    ((0.12, 0.13, 0.33), (0.40, 0.24, 0.43), (0.86, 0.39, 0.31), (0.99, 0.68, 0.32)),
    ((0.20, 0.24, 0.44), (0.56, 0.38, 0.50), (0.94, 0.54, 0.38), (1.00, 0.80, 0.50)),
    ((0.10, 0.20, 0.40), (0.34, 0.40, 0.55), (0.92, 0.58, 0.36), (1.00, 0.76, 0.36)),
    ((0.23, 0.13, 0.34), (0.60, 0.22, 0.40), (0.94, 0.40, 0.34), (0.99, 0.64, 0.42)),
)


def sunset_sky(frame: Frame, horizon: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """A sky with a low sun: the picture, its horizon's colour (B, 3, 1, 1), the sun's place u and v (B, 1, 1)."""
    canvas = frame.canvas
    sky = stops(canvas, SUNSETS)
    picture = graded(frame, horizon, sky, bend=1.15)
    at_u = canvas.uniform(-0.32, 0.32) * min(frame.wide, 1.6)
    at_v = horizon - canvas.uniform(0.005, 0.14)
    gold = torch.tensor((1.0, 0.70, 0.34), device=canvas.device).view(1, 3, 1, 1)
    pale = torch.tensor((1.0, 0.94, 0.74), device=canvas.device).view(1, 3, 1, 1)
    near = glow(frame, at_u, at_v, 0.34)
    picture = screened(picture, gold, near * 0.55)
    # Clouds lit from below and behind: their rims burn, their bodies are dusk.
    dense, lit = clouds(frame, horizon, cover=canvas.uniform(-0.40, 0.20), softness=0.5, sun_right=0.0, sun_down=0.9)
    veil = wisps(frame, freq=4.0, flat=6.0, low=-0.2, high=0.9)
    dusk = sky[1] * 0.72 + sky[0] * 0.10
    fire = sky[2] * 0.55 + gold * 0.5
    rim = (lit * (0.40 + 0.75 * near) + near * 0.30).clamp(0, 1)
    body = ramp(rim, [dusk, sky[2] * 0.85 + sky[1] * 0.10, fire, pale])
    picture = mix(picture, body, dense * 0.88)
    streak = ramp((0.30 + 0.9 * near).clamp(0, 1), [sky[2] * 0.9, fire, pale])
    picture = mix(picture, streak, veil * (1 - dense) * 0.55)
    radius = canvas.uniform(0.024, 0.046)
    away = ((frame.u - at_u) ** 2 + (frame.v - at_v) ** 2 + 1e-9).sqrt()
    picture = screened(picture, gold, torch.exp(-away / 0.085) * 0.85 * (1 - dense * 0.5))
    disc = step(radius - away, frame.pixel * 1.5) * (1 - dense * 0.65)
    return mix(picture, frame.full(pale), disc), sky[3], at_u, at_v


def sunset(canvas: Canvas, paint: Paint) -> Tensor:
    """A burning sky over dark hills, ridge behind ridge in the haze."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.68, 0.82)
    picture, low, at_u, at_v = sunset_sky(frame, horizon)
    dark = stops(canvas, (((0.07, 0.045, 0.085),), ((0.05, 0.05, 0.09),), ((0.10, 0.05, 0.07),)), 0.008)[0]
    count = 4
    for number in range(count):
        t = number / (count - 1)
        line = horizon - 0.055 + 0.16 * t**1.3 + frame.line(1.0 + t, octaves=7, persistence=0.45) * (0.035 + 0.02 * t)
        inside = frame.v - line
        haze = low * (0.62 * (1 - t) ** 1.5) + dark * (1 - 0.62 * (1 - t) ** 1.5)
        shine = glow(frame, at_u, at_v, 0.28) * 0.50 * (1 - t)
        body = screened(frame.full(haze), low, shine + rise(inside, 0.0, 0.14) * 0.16 * (1 - t))
        # Treetops on the nearest.
        rough = frame.noise(60.0, octaves=3, persistence=0.8) * 0.006 * t
        picture = mix(picture, body, step(inside + rough, frame.pixel * 1.2))
    return exposed(picture)


def sunset_sea(canvas: Canvas, paint: Paint) -> Tensor:
    """The sun going down over the sea, its path glittering on the waves."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.48, 0.64)
    picture, low, at_u, _ = sunset_sky(frame, horizon)
    sea = waves(frame, horizon, freq=0.9)
    below = sea.ground.below.clamp(min=0)
    mirror = mirrored(frame, picture, horizon, sea.tilt, strength=1.1)
    deep = stops(canvas, (((0.05, 0.07, 0.15),), ((0.07, 0.06, 0.13),), ((0.04, 0.09, 0.15),)), 0.01)[0]
    trough = (0.34 + rise(below, 0.0, 0.5) * 0.34 - sea.tilt * 0.34).clamp(0.08, 0.92)
    water = mix(mirror, frame.full(deep), trough)
    gold = low * 0.5 + torch.tensor((1.0, 0.78, 0.48), device=canvas.device).view(1, 3, 1, 1) * 0.5
    water = screened(water, gold, sun_path(frame, sea, at_u))
    return exposed(mix(picture, water, step(frame.v - horizon, frame.pixel * 1.2)))


def sea_and_sky(canvas: Canvas, paint: Paint) -> Tensor:
    """Open sea to the horizon under a clouded sky."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.34, 0.58)
    picture, haze = day_sky(frame, horizon)
    water = _water(frame, waves(frame, horizon), stops(canvas, _SEAS), haze)
    return exposed(mix(picture, water, step(frame.v - horizon, frame.pixel * 1.2)))


def _water(frame: Frame, sea: Sea, colours: list[Tensor], sky: Tensor) -> Tensor:
    """The open sea, a few crests breaking into foam."""
    water = surface(frame, sea, colours[0], colours[1], sky * 0.86)
    crest = rise(sea.ripple + sea.swell * 0.7, 0.78, 1.15) * rise(sea.ground.below, 0.05, 0.3)
    white = torch.full_like(sky, 0.93)
    return mix(water, white.expand_as(water), crest * 0.55)


def _shore(frame: Frame, ground: Plane) -> tuple[Tensor, Tensor]:
    """How far inland a place is, in the frame's lengths (negative: in the sea), and the lace of the foam 0 … 1."""
    canvas = frame.canvas
    edge = frame.tall * canvas.uniform(0.60, 0.74)
    # A diagonal shore in most pictures.
    slant = canvas.normal(0.16)
    tongues = frame.line(2.0, octaves=5, persistence=0.5) * 0.030
    inland = frame.v - edge - frame.u * slant - tongues
    lace = canvas.noise(ground.x * 5, ground.z * 6, octaves=6, persistence=0.62, ridged=True, local=True)
    return inland, lace


def _beach(
    frame: Frame, horizon: Tensor, water: list[Tensor], sands: list[Tensor], haze: Tensor, sky: Tensor
) -> Tensor:
    """Sea, breakers and sand below the horizon."""
    canvas = frame.canvas
    sea = waves(frame, horizon, freq=1.0)
    inland, lace = _shore(frame, sea.ground)
    off = -inland
    tinted = ramp((1.0 - off / (inland.amin((1, 2), keepdim=True).abs() * 0.9 + 0.05)).clamp(0, 1) ** 1.6, water)
    picture = tinted * (1.0 + 0.22 * sea.tilt)[:, None]
    flat = (0.50 / (1.0 + 9.0 * sea.ground.below.clamp(min=0))).clamp(0, 1)
    picture = mix(picture, frame.full(haze), (flat * (0.7 + 0.6 * sea.tilt)).clamp(0, 0.85))
    white = torch.full_like(haze, 0.965)
    # Breakers: bright lines along the shore, dark on the side of the eye.
    roll = frame.line(1.3, octaves=5) * 0.010
    for number, (place, size) in enumerate(((0.045, 0.0065), (0.115, 0.004))):
        from_line = off - place - roll * (1 + number)
        body = torch.exp(-((from_line / size) ** 2)) * rise(frame.line(1.6, octaves=4), -0.5, 0.4)
        under = torch.exp(-(((from_line + size * 1.6) / size) ** 2)) * 0.20
        picture = picture * (1 - under)[:, None]
        foam = (
            body * (0.75 + 0.4 * lace)
            + torch.exp(-((from_line + size * 2.2).abs() / (size * 3))) * rise(lace, 0.1, 0.7) * 0.35
        )
        picture = mix(picture, frame.full(white), foam.clamp(0, 0.95))
    # The last of a wave, thin over wet sand.
    film = rise(0.040 - off + lace * 0.012, -0.01, 0.03) * rise(off + lace * 0.010, -0.014, 0.004)
    foam = film * rise(lace + (0.02 - off) * 6, 0.10, 0.65) + torch.exp(
        -(((off - 0.003 + lace * 0.003) / 0.0035).clamp(-9, 9) ** 2)
    )

    grain = canvas.noise(sea.ground.x * 60, sea.ground.z * 60, octaves=3, persistence=0.9, local=True)
    dune = canvas.noise(sea.ground.x * 2.2, sea.ground.z * 3.4, octaves=6, persistence=0.55, local=True)
    prints = canvas.points(sea.ground.x * 9, sea.ground.z * 9, jitter=1.0)
    pit = (0.35 - prints.near).clamp(min=0) * rise(inland, 0.06, 0.12) * (prints.tone > 0.45).float()
    bowl = (prints.dy * 0.8 + prints.dx * 0.3) * (pit > 0).float() * rise(prints.near, 0.40, 0.25)
    dry = ramp((0.72 + 0.20 * dune + 0.09 * grain - pit * 0.5 + bowl * 0.30).clamp(0, 1), sands)
    wet = mix(sands[0] * 0.80 + 0 * dry, frame.full(sky), (0.34 + 0.22 * sea.tilt).clamp(0, 0.7))
    soaked = 1.0 - rise(inland + dune * 0.012, 0.030, 0.075)
    sand = mix(dry, wet, soaked * 0.85)
    ashore = rise(inland, -0.030, 0.002)
    picture = mix(picture, sand, ashore)
    return mix(picture, frame.full(white), (foam * (0.55 + 0.45 * lace.clamp(0, 1))).clamp(0, 0.95))


_SANDS: tuple[tuple[Rgb, ...], ...] = (
    ((0.50, 0.40, 0.28), (0.82, 0.72, 0.55), (0.96, 0.90, 0.77)),
    ((0.46, 0.38, 0.30), (0.78, 0.69, 0.57), (0.94, 0.88, 0.79)),
    ((0.52, 0.39, 0.25), (0.86, 0.72, 0.50), (0.97, 0.88, 0.70)),
)


def beach(canvas: Canvas, paint: Paint) -> Tensor:
    """A sandy beach: breakers, wet sand that mirrors the sky, footprints in the dry."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.30, 0.42)
    picture, haze = day_sky(frame, horizon)
    colours = stops(canvas, _SEAS)
    shallow = colours[1] * 0.55 + torch.tensor((0.44, 0.68, 0.66), device=canvas.device).view(1, 3, 1, 1) * 0.45
    sands = stops(canvas, _SANDS)
    ground = _beach(frame, horizon, [colours[0], colours[1], shallow], sands, haze, haze * 0.9)
    return exposed(mix(picture, ground, step(frame.v - horizon, frame.pixel * 1.2)))


def tropical_beach(canvas: Canvas, paint: Paint) -> Tensor:
    """A lagoon, white sand, palms leaning over it, an island far out."""
    frame = Frame(canvas)
    horizon = frame.tall * canvas.uniform(0.36, 0.46)
    picture, haze = day_sky(frame, horizon, cover=(-0.5, 0.0))
    # Islands on the horizon.
    line = horizon + 0.012 - (frame.line(0.9, octaves=6).clamp(min=0.05) - 0.05) * 0.15
    isle = ramp(
        (0.4 + 0.5 * frame.noise(40.0, octaves=4, persistence=0.7)).clamp(0, 1),
        stops(canvas, (((0.10, 0.22, 0.16), (0.30, 0.44, 0.26)),)),
    )
    picture = mix(picture, hazed(isle, haze, torch.full_like(frame.u, 0.6)), step(frame.v - line, frame.pixel))
    sands = stops(canvas, (((0.66, 0.56, 0.42), (0.93, 0.87, 0.74), (0.99, 0.96, 0.90)),))
    ground = _beach(frame, horizon, stops(canvas, _LAGOONS), sands, haze, haze * 0.95)
    picture = mix(picture, ground, step(frame.v - horizon, frame.pixel * 1.2))
    side = canvas.chance(0.5) * 2 - 1
    edge = frame.wide * 0.5
    foliage = stops(canvas, (((0.03, 0.10, 0.03), (0.16, 0.36, 0.08), (0.56, 0.68, 0.22)),))
    bark = stops(canvas, (((0.30, 0.23, 0.17),), ((0.38, 0.31, 0.24),)))[0]
    for size, foot, root, reach, top in ((0.25, 0.16, 0.84, 0.10, 0.42), (0.40, 0.02, 1.04, 0.24, 0.22)):
        foot_u = side * (edge - foot + canvas.normal(0.03))
        top_u = side * (edge - foot - reach + canvas.normal(0.04))
        foot_v, top_v = frame.tall * torch.full_like(side, root), frame.tall * (top + canvas.normal(0.03))
        leaves, trunk = palm(frame, foot_u, foot_v, top_u, top_v, size * canvas.uniform(0.9, 1.15))
        picture = _with_palm(frame, picture, leaves, trunk, bark, foliage, side)
    return exposed(picture)


def _with_palm(
    frame: Frame, picture: Tensor, leaves: Row, trunk: Tensor, bark: Tensor, foliage: list[Tensor], side: Tensor
) -> Tensor:
    fibre = frame.canvas.noise(frame.u * 30, frame.v * 90, octaves=4, persistence=0.7)
    wood = bark * (0.85 + 0.30 * fibre)[:, None]
    picture = mix(picture, wood, trunk)
    return mix(picture, ramp((leaves.lit * 0.8 + leaves.own * 0.15).clamp(0, 1), foliage), leaves.cover)


_S = Kind.SCENE
MATERIALS: tuple[Material, ...] = (
    Material("beach", _S, beach, 0, ("seaside", "shore", "sandy beach", "coast")),
    Material("tropical beach", _S, tropical_beach, 0, ("palm beach", "lagoon", "palm trees", "tropical island")),
    Material("sunset", _S, sunset, 0, ("sunrise", "dusk", "dawn", "evening sky", "sunset sky")),
    Material(
        "sunset sea",
        _S,
        sunset_sea,
        0,
        ("sunset over the sea", "sea sunset", "ocean sunset", "sunset beach", "beach at sunset"),
    ),
    Material("sea and sky", _S, sea_and_sky, 0, ("seascape", "open sea", "sea horizon", "ocean horizon")),
)
