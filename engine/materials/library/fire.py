"""What glows: fire, lava, lights out of focus."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix, ramp, tone
from engine.materials.light import relief
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import chosen, exposed, rise


def fire(canvas: Canvas, paint: Paint) -> Tensor:
    """Flames: tongues of bent noise that thin out upwards, white at the root, red at the tips."""
    x, y = canvas.x * 1.7, canvas.y * 0.8
    bend = canvas.noise(x * 1.1, y * 1.4, octaves=4) * 0.35
    tongue = canvas.noise(x * 1.4 + bend, y * 1.1, octaves=7, persistence=0.55, ridged=True)
    flicker = canvas.noise(x * 3.2 + bend * 2, y * 1.7, octaves=6, persistence=0.6)
    heat = canvas.down * 1.15 - 0.28 + 0.30 * tongue + 0.22 * flicker
    dark = tone(canvas, (0.02, 0.008, 0.008), 0.004)
    stops = [
        dark,
        tone(canvas, (0.28, 0.03, 0.01), 0.01),
        tone(canvas, (0.82, 0.20, 0.02), 0.02),
        tone(canvas, (0.99, 0.56, 0.08), 0.02),
        tone(canvas, (1.0, 0.88, 0.42), 0.01),
        tone(canvas, (1.0, 0.98, 0.86), 0.005),
    ]
    picture = ramp(heat.clamp(0, 1), stops)
    spark = canvas.points(canvas.x * 16, canvas.y * 16, jitter=1.0)
    glow = torch.exp(-((spark.near / 0.07) ** 2)) * (spark.tone > 0.90).float()
    return exposed(picture + glow[:, None] * tone(canvas, (1.0, 0.6, 0.2), 0.01) * 0.9)


def lava(canvas: Canvas, paint: Paint) -> Tensor:
    """Black crust, broken in plates, and the glow between them."""
    bend = canvas.noise(canvas.x * 2.2, canvas.y * 2.2, octaves=6) * 0.28
    plate = canvas.points((canvas.x + bend) * 3.2, (canvas.y - bend) * 3.2, jitter=1.0)
    small = canvas.points((canvas.x + bend) * 9, (canvas.y - bend) * 9, jitter=1.0, salt=5)
    flow = canvas.noise(canvas.x * 1.4, canvas.y * 1.4, octaves=4)
    rough = canvas.noise(canvas.x * 12, canvas.y * 12, octaves=6, persistence=0.68)
    crack = plate.border - 0.10 * (flow + 0.4) + rough * 0.035
    heat = (1.0 - rise(crack, -0.02, 0.16)) + 0.45 * (1 - rise(small.border + rough * 0.05, 0.0, 0.10)) * rise(
        flow, 0, 0.8
    )
    height = rise(crack, 0.0, 0.3) * 0.05 + rough * 0.014
    crust = tone(canvas, (0.13, 0.11, 0.11), 0.01) * relief(canvas, height, depth=1.2)[:, None]
    stops = [crust, tone(canvas, (0.55, 0.07, 0.02)), tone(canvas, (0.96, 0.38, 0.04)), tone(canvas, (1.0, 0.85, 0.35))]
    picture = ramp(heat.clamp(0, 1), [stop.expand_as(crust) for stop in stops])
    halo = torch.exp(-crack.clamp(min=0) / 0.16) * 0.30
    return exposed(picture + tone(canvas, (0.9, 0.25, 0.04), 0.01) * halo[:, None])


def bokeh(canvas: Canvas, paint: Paint) -> Tensor:
    """Lights out of focus: discs of light with a brighter rim, over a soft dark ground."""
    ground = canvas.noise(canvas.x * 0.9, canvas.y * 0.9, octaves=3)
    dark = chosen(canvas, ((0.05, 0.07, 0.14), (0.10, 0.06, 0.05), (0.04, 0.09, 0.09), (0.10, 0.05, 0.10)), 0.015)
    picture = ramp((0.5 + 0.5 * ground).clamp(0, 1), [dark * 0.6, dark * 1.4, dark * 2.6])
    warm = chosen(canvas, ((1.0, 0.74, 0.36), (1.0, 0.60, 0.30), (0.55, 0.75, 1.0), (1.0, 0.50, 0.70)), 0.03)
    cool = chosen(canvas, ((0.45, 0.70, 1.0), (1.0, 0.85, 0.60), (0.70, 0.50, 1.0), (0.40, 0.95, 0.80)), 0.03)
    for layer, (count, radius) in enumerate(((3.0, 0.34), (4.2, 0.38), (6.0, 0.36))):
        light = canvas.points(canvas.x * count + layer * 3.3, canvas.y * count, jitter=1.0, salt=layer * 5)
        size = radius * (0.75 + 0.5 * ((light.tone * 5.1) % 1.0))
        disc = step(size - light.near, canvas.pixel * count * 2.5)
        rim = torch.exp(-(((light.near - size * 0.93) / (0.06 * size)) ** 2)) * 0.35
        bright = rise((light.tone * 8.9) % 1.0, 0.35, 1.0) * 0.55
        which = ((light.tone * 3.7) % 1.0 > 0.5).float()
        colour = mix(warm.expand_as(picture), cool.expand_as(picture), which)
        amount = ((disc * 0.75 + rim * disc) * bright)[:, None]
        picture = 1.0 - (1.0 - picture) * (1.0 - (colour * amount).clamp(0, 1))
    return exposed(picture)


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("fire", _M, fire, 0, ("flames", "flame")),
    Material("lava", _M, lava, 0, ("magma",)),
    Material("bokeh", _M, bokeh, 0, ("bokeh lights", "blurred lights", "fairy lights", "city lights bokeh")),
)
