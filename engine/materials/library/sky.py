"""The sky by day and by night, and what fills the air: clouds, overcast, stars, galaxies, northern lights, fog."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.materials.canvas import Canvas
from engine.materials.colours import mix, ramp
from engine.materials.light import shaded
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import exposed, rise
from engine.materials.skies import Frame, glow, night, screened, stops, wisps
from engine.materials.strew import moved

_BLUES = (
    ((0.12, 0.34, 0.72), (0.30, 0.56, 0.87), (0.66, 0.83, 0.96)),
    ((0.10, 0.38, 0.75), (0.34, 0.63, 0.90), (0.74, 0.89, 0.97)),
    ((0.18, 0.40, 0.70), (0.42, 0.62, 0.84), (0.80, 0.88, 0.94)),
)


def cloudy(
    canvas: Canvas, *, freq: Tensor | float = 1.0, cover: Tensor | float = 0.0, flat: float = 1.25
) -> tuple[Tensor, Tensor]:
    """Heaped clouds everywhere: (B, H, W) how dense they are and how lit, both 0 … 1, in units.

    Billows are folded noise, bent by broader noise (Quilez 2002); light is what the cloud towards the sun, above and to
    the left, leaves of it: four steps that way, each farther (Harris and Lastra 2001).
    """
    x, y = canvas.x * freq / flat, canvas.y * freq
    bend_x = canvas.noise(x * 1.5, y * 1.5, octaves=5, persistence=0.55) * 0.13
    bend_y = canvas.noise(x * 1.5, y * 1.5, octaves=5, persistence=0.55) * 0.10
    u, v = x + bend_x, y + bend_y
    heap = canvas.noise(u * 0.8, v * 0.95, octaves=3, persistence=0.42)
    # Turned inside out, folded noise is a cauliflower: round lumps with creases between.
    lumps = -canvas.noise(u * 2.1, v * 2.3, octaves=7, persistence=0.52, ridged=True)
    shreds = canvas.noise(u * 4.0, v * 5.0, octaves=6, persistence=0.6)
    body = heap * 0.85 + lumps * 0.34 + shreds * 0.10 + cover
    dense = rise(body, 0.02, 0.36)
    shade = torch.zeros_like(dense)
    for way in (0.02, 0.05, 0.10, 0.18):
        # What lies up there is brought here.
        shade = shade + rise(moved(canvas, body, way * 0.5 / freq, way / freq), -0.05, 0.95)
    lit = 1.10 - shade / 4.0 * 0.95 + lumps * 0.20 + shreds * 0.05
    return dense, lit.clamp(0, 1)


def clouds(canvas: Canvas, paint: Paint) -> Tensor:
    """Fair-weather clouds on blue, their edges lit, their undersides blue-grey."""
    frame = Frame(canvas)
    blue = stops(canvas, _BLUES)
    drift = canvas.noise(canvas.x * 0.35, canvas.y * 0.35, octaves=2)
    picture = ramp((0.15 + 0.60 * canvas.down + 0.14 * drift).clamp(0, 1), blue)
    thin = wisps(frame, low=0.2, high=1.7)
    white = stops(
        canvas,
        (
            ((0.53, 0.61, 0.72), (0.82, 0.87, 0.92), (0.995, 0.995, 0.99)),
            ((0.58, 0.61, 0.68), (0.86, 0.87, 0.89), (1.0, 0.99, 0.96)),
        ),
        0.01,
    )
    picture = mix(picture, white[2].expand_as(picture), thin * 0.22)
    dense, lit = cloudy(canvas, freq=canvas.uniform(1.5, 2.4), cover=canvas.uniform(-0.05, 0.35))
    return exposed(mix(picture, ramp(0.12 + 0.92 * lit, white), dense))


def blue_sky(canvas: Canvas, paint: Paint) -> Tensor:
    """A clear sky over the frame, deep above and pale below, brighter to the sun's side, at most a breath of cirrus."""
    frame = Frame(canvas)
    blue = stops(canvas, _BLUES, 0.03)
    lean = (canvas.across - 0.5) * canvas.normal(0.16)
    picture = ramp((canvas.down * 0.95 + lean + canvas.normal(0.05)).clamp(0, 1), blue)
    light = glow(frame, canvas.uniform(-0.9, 0.9), frame.tall * canvas.uniform(-0.5, 0.1), 0.55)
    picture = screened(picture, blue[2] * 0.6 + 0.4, light * 0.30)
    veil = wisps(frame, freq=1.6, flat=6.0, low=0.25, high=1.5) * canvas.uniform(-0.4, 0.5).clamp(min=0)
    return exposed(mix(picture, torch.ones_like(picture), veil))


def overcast(canvas: Canvas, paint: Paint) -> Tensor:
    """A closed grey sky: heavy folds of cloud, lighter where they are thin."""
    x, y = canvas.x, canvas.y * 1.9
    bend = canvas.noise(x * 1.2, y * 1.2, octaves=5) * 0.16
    bend_y = canvas.noise(x * 1.2, y * 1.2, octaves=5) * 0.13
    fold = canvas.noise(x * 0.9 + bend, y * 1.1 + bend_y, octaves=8, persistence=0.50)
    belly = -canvas.noise((x + bend) * 2.0, (y + bend_y) * 2.4, octaves=7, persistence=0.53, ridged=True)
    body = fold * 0.60 + belly * 0.42
    below = body - moved(canvas, body, 0.0, 0.06)
    greys = stops(
        canvas,
        (
            ((0.32, 0.36, 0.42), (0.56, 0.60, 0.65), (0.80, 0.83, 0.86), (0.94, 0.95, 0.95)),
            ((0.24, 0.27, 0.33), (0.44, 0.48, 0.54), (0.66, 0.70, 0.74), (0.88, 0.89, 0.89)),
            ((0.42, 0.43, 0.46), (0.66, 0.67, 0.69), (0.84, 0.84, 0.85), (0.96, 0.95, 0.93)),
        ),
        0.012,
    )
    tone = 0.48 - 0.20 * body + 0.42 * below + 0.16 * (canvas.down - 0.5)
    return exposed(ramp(tone.clamp(0, 1), greys))


def night_sky(canvas: Canvas, paint: Paint) -> Tensor:
    """Stars without end, in most pictures with the milky way's band and its dark lanes."""
    frame = Frame(canvas)
    skies = (
        ((0.014, 0.020, 0.065), (0.032, 0.055, 0.145), (0.080, 0.125, 0.250)),
        ((0.012, 0.014, 0.050), (0.042, 0.038, 0.130), (0.130, 0.095, 0.230)),
        ((0.008, 0.024, 0.060), (0.018, 0.065, 0.130), (0.050, 0.140, 0.220)),
    )
    return night(frame, frame.tall * canvas.uniform(1.15, 1.5), skies)


def _star_field(canvas: Canvas, x: Tensor, y: Tensor) -> Tensor:
    """(B, H, W): stars in units: a few bright ones with a halo and four rays, very many faint ones."""
    light = torch.zeros_like(x)
    for number, (freq, share, bright) in enumerate(
        ((3.2, 0.16, 1.0), (11.0, 0.30, 0.75), (30.0, 0.40, 0.55), (62.0, 0.5, 0.32))
    ):
        star = canvas.points(x * freq, y * freq, jitter=1.0, salt=20 + number * 5)
        size = (0.0016 + 0.55 * canvas.pixel) * (0.7 + 0.6 * star.tone / share) * freq
        there = (star.tone < share).float() * bright * (0.3 + 0.7 * (star.tone / share) ** 2)
        spot = torch.exp(-((star.near / size) ** 2))
        if number == 0:
            halo = torch.exp(-star.near / (0.014 * freq)) * 0.40
            ray = torch.exp(-star.dx.abs() / size * 1.2 - star.dy.abs() / (0.020 * freq))
            ray = ray + torch.exp(-star.dy.abs() / size * 1.2 - star.dx.abs() / (0.020 * freq))
            spot = spot * 1.2 + halo + ray * 0.6
        light = torch.maximum(light, spot * there)
    return light


def galaxy(canvas: Canvas, paint: Paint) -> Tensor:
    """A nebula: glowing gas in two or three colours, filaments, dark dust before it, stars within."""
    x, y = canvas.turned(canvas.uniform(0, math.pi))
    size = canvas.uniform(0.8, 1.2)
    x, y = x * size, y * size
    bend_x = canvas.noise(x * 0.9, y * 0.9, octaves=6, persistence=0.55) * 0.42
    bend_y = canvas.noise(x * 0.9, y * 0.9, octaves=6, persistence=0.55) * 0.42
    u, v = x + bend_x, y + bend_y
    gas = canvas.noise(u * 0.9, v * 0.9, octaves=8, persistence=0.54)
    other = canvas.noise(u * 0.8 + 2, v * 0.8, octaves=7, persistence=0.55)
    thread = canvas.noise(u * 1.8, v * 1.8, octaves=7, persistence=0.56, ridged=True)
    dust = canvas.noise(u * 1.3, v * 1.3, octaves=8, persistence=0.58)
    glows = stops(
        canvas,
        (
            ((0.010, 0.012, 0.040), (0.20, 0.10, 0.48), (0.86, 0.28, 0.56), (0.16, 0.50, 0.86), (1.00, 0.90, 0.88)),
            ((0.006, 0.016, 0.034), (0.04, 0.24, 0.44), (0.10, 0.62, 0.72), (0.72, 0.30, 0.62), (0.94, 0.98, 1.00)),
            ((0.020, 0.010, 0.024), (0.42, 0.10, 0.20), (0.94, 0.46, 0.22), (0.24, 0.32, 0.72), (1.00, 0.94, 0.82)),
            ((0.008, 0.008, 0.040), (0.16, 0.14, 0.56), (0.48, 0.30, 0.88), (0.90, 0.36, 0.72), (0.94, 0.92, 1.00)),
        ),
        0.008,
    )
    picture = glows[0].expand(-1, -1, canvas.height, canvas.width)
    broad = rise(gas, -1.7, 0.9)
    picture = screened(picture, glows[1], broad * 0.95)
    picture = screened(picture, glows[2], rise(gas + 0.26 * thread, -0.25, 1.15) * 0.95)
    picture = screened(picture, glows[3], rise(other + 0.22 * thread, -0.15, 1.15) * 0.80)
    picture = screened(picture, glows[4], rise(gas * 0.75 + thread * 0.38 + other * 0.12, 0.55, 1.30) * 0.62)
    lane = rise(dust - 0.35 * gas, 0.1, 1.35)
    picture = picture * (1.0 - 0.72 * lane)[:, None]
    stars = _star_field(canvas, canvas.x, canvas.y) * (1.0 - 0.6 * lane) * (0.45 + 0.75 * broad)
    tint = glows[4] * 0.5 + 0.5
    return screened(picture, tint, stars)


def northern_lights(canvas: Canvas, paint: Paint) -> Tensor:
    """Curtains of green light with violet tops before the stars: bright below, torn into rays above."""
    frame = Frame(canvas)
    skies = (((0.008, 0.014, 0.040), (0.015, 0.040, 0.085), (0.030, 0.090, 0.120)),)
    picture = night(frame, frame.tall * canvas.uniform(1.1, 1.3), skies) * 0.85
    tops = stops(
        canvas,
        (
            ((0.30, 0.14, 0.56), (0.10, 0.80, 0.46)),
            ((0.54, 0.14, 0.46), (0.16, 0.86, 0.52)),
            ((0.12, 0.34, 0.66), (0.12, 0.82, 0.62)),
        ),
    )
    for number in range(3):
        bend = frame.line(0.9, octaves=4, persistence=0.45) * 0.16
        # Seen from below: a curtain's foot rises and falls, and doubles back on itself.
        u = frame.u + canvas.noise(frame.u * 1.1, frame.v * 0.7, octaves=3) * 0.20
        foot = frame.tall * (0.46 + 0.16 * number) + bend + canvas.normal(0.06) + frame.u * canvas.normal(0.16)
        up = foot - frame.v
        rays = canvas.noise(u * 7.0, up * 0.30, octaves=6, persistence=0.66)
        strong = rise(canvas.noise(u * 1.2, up * 0.15, octaves=3), -0.8, 0.7)
        high = 0.26 * (0.75 + 0.55 * rays).clamp(min=0.15) * (1.15 - 0.2 * number)
        body = rise(up, -0.014, 0.022) * torch.exp(-(up.clamp(min=0) / high))
        light = body * strong * (0.62 + 0.50 * rays).clamp(0.05, 1.5)
        colour = ramp((1.0 - up / (high * 2.2)).clamp(0, 1), tops)
        picture = 1.0 - (1.0 - picture) * (1.0 - (colour * light[:, None] * 1.15).clamp(0, 1))
        picture = screened(picture, tops[1], torch.exp(-(up.abs() / 0.22)) * strong * 0.10)
    return exposed(picture)


def fog(canvas: Canvas, paint: Paint) -> Tensor:
    """Mist that drifts in layers, thicker below, light coming through it from above."""
    x, y = canvas.x, canvas.y * 1.7
    bend = canvas.noise(x * 0.7, y * 0.7, octaves=4) * 0.40
    bend_y = canvas.noise(x * 0.7, y * 0.7, octaves=4) * 0.30
    greys = stops(
        canvas,
        (
            ((0.50, 0.55, 0.60), (0.72, 0.76, 0.79), (0.93, 0.94, 0.94)),
            ((0.42, 0.50, 0.56), (0.66, 0.73, 0.77), (0.90, 0.93, 0.94)),
            ((0.60, 0.58, 0.55), (0.79, 0.77, 0.74), (0.96, 0.95, 0.92)),
        ),
        0.015,
    )
    far = canvas.noise(x * 0.6 + bend * 0.5, y * 0.9, octaves=6, persistence=0.48)
    picture = ramp((0.30 + 0.16 * far).clamp(0, 1), greys)
    for number in range(3):
        freq = 0.7 + 0.35 * number
        bank = canvas.noise(x * freq + bend, y * freq * 1.3 + bend_y + number * 3, octaves=7, persistence=0.50)
        cover = rise(bank + 0.5 * (canvas.down - 0.5), -0.35, 0.95)
        tone = 0.62 + 0.12 * number + 0.16 * (bank - moved(canvas, bank, 0.03, 0.06))
        picture = mix(picture, ramp(tone.clamp(0, 1), greys), cover * 0.62)
    return exposed(shaded(canvas, picture, 0.10))


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("clouds", _M, clouds, 0, ("cloud", "cloudy sky", "cloudy", "cumulus")),
    Material("blue sky", _M, blue_sky, 0, ("sky", "clear sky", "cloudless sky", "summer sky")),
    Material("overcast sky", _M, overcast, 0, ("overcast", "grey sky", "storm clouds", "stormy sky", "rain clouds")),
    Material("night sky", _M, night_sky, 0, ("stars", "starry sky", "starry night", "starlight")),
    Material("galaxy", _M, galaxy, 0, ("nebula", "space", "outer space", "universe", "cosmos")),
    Material("northern lights", _M, northern_lights, 0, ("aurora", "polar lights", "aurora borealis")),
    Material("fog", _M, fog, 0, ("mist", "haze", "foggy", "misty")),
)
