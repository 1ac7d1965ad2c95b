"""Fire and light: flames, lava, smoke, sparks, blurred lights."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix, ramp
from engine.materials.light import relief
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, asked, chosen, daylight, exposed, rise, stones
from engine.materials.skies import screened, stops
from engine.materials.strew import moved

# What hot gas and molten rock shine in, from dark red to nearly white.
_HEAT: tuple[tuple[Rgb, ...], ...] = (
    (
        (0.015, 0.005, 0.004),
        (0.34, 0.03, 0.01),
        (0.82, 0.20, 0.02),
        (0.98, 0.52, 0.05),
        (1.0, 0.82, 0.26),
        (1.0, 0.97, 0.76),
    ),
    (
        (0.012, 0.006, 0.006),
        (0.28, 0.04, 0.02),
        (0.76, 0.24, 0.03),
        (0.97, 0.58, 0.10),
        (1.0, 0.86, 0.38),
        (1.0, 0.98, 0.84),
    ),
)


def sparks(canvas: Canvas, x: Tensor, y: Tensor, *, freq: float = 5.0, share: float = 0.5) -> Tensor:
    """(B, H, W), 0 … 1: glowing bits carried upwards, drawn out along their bent ways."""
    light = torch.zeros_like(x)
    bend = canvas.noise(x * 2.2, y * 1.2, octaves=3) * 0.10
    for number, scale in enumerate((1.0, 2.1)):
        bit = canvas.points((x + bend) * freq * scale, y * freq * scale * 0.6, jitter=1.0, salt=30 + number * 5)
        there = (bit.tone < share).float() * (0.35 + 0.65 * bit.tone / share)
        thin = (0.0022 + 0.5 * canvas.pixel) * freq * scale
        long = thin * (1.5 + 5.0 * (bit.tone * 13.0) % 1.0)
        light = light + torch.exp(-((bit.dx / thin) ** 2) - (bit.dy / long) ** 2) * there
        light = light + torch.exp(-((bit.dx**2 + (bit.dy * 1.6) ** 2).sqrt() / (thin * 4.0))) * there * 0.25
    return light.clamp(max=1)


def fire(canvas: Canvas, paint: Paint) -> Tensor:
    """A wall of flames: tongues that lick upwards, bright at their roots, torn off at their tips, sparks above."""
    size = canvas.uniform(0.85, 1.25)
    x, y = canvas.x * size, canvas.y * size
    # Flames swing, and are drawn out upwards.
    sway = canvas.noise(x * 1.0, y * 0.9, octaves=3) * 0.15 + canvas.noise(x * 3.6, y * 2.2, octaves=4) * 0.055
    u, v = x + sway, y * 0.42
    curl = canvas.noise(u * 4.0, v * 6.0, octaves=5, persistence=0.55) * 0.09
    tongue = canvas.noise(u * 3.6 + curl, v * 3.6 + curl, octaves=5, persistence=0.50, ridged=True)
    lick = canvas.noise(u * 7.0 + curl * 2.5, v * 6.0 + curl, octaves=6, persistence=0.58, ridged=True)
    broad = canvas.noise(u * 1.6 + curl, v * 1.8 + curl, octaves=4, persistence=0.5)
    # Hotter below: over the frame, so that a region is one fire.
    low = canvas.down - 0.36
    heat = 0.46 + 0.26 * tongue + 0.17 * lick + 0.20 * broad + 0.72 * low
    sheet = torch.exp(-((tongue - 0.25).abs() / 0.16)) * 0.10 + torch.exp(-((lick - 0.2).abs() / 0.12)) * 0.06
    heat = heat + sheet * rise(heat, 0.15, 0.6)
    colours = stops(canvas, _HEAT, 0.006)
    picture = ramp(rise(heat, 0.05, 1.38), colours)
    smoke = canvas.noise(u * 1.4, v * 1.6, octaves=6, persistence=0.55)
    picture = picture + (0.035 * rise(smoke, 0, 1.2) * rise(-low, -0.1, 0.4))[:, None]
    flying = sparks(canvas, x, y, freq=4.0, share=0.30) * (0.35 + 0.65 * rise(-low, -0.5, 0.3))
    picture = screened(picture, colours[4], flying)
    return exposed(picture)


def lava(canvas: Canvas, paint: Paint) -> Tensor:
    """Lava under a crust that breaks: black plates, wrinkled as they cooled, with fire in the cracks between them."""
    x, y = canvas.turned(canvas.normal(0.4))
    size = canvas.uniform(0.85, 1.2)
    x, y = x * size, y * size
    bend = canvas.noise(x * 1.7, y * 1.7, octaves=5, persistence=0.5) * 0.16
    bend_y = canvas.noise(x * 1.7, y * 1.7, octaves=5, persistence=0.5) * 0.16
    u, v = x + bend, y + bend_y
    plates = stones(canvas, u * 2.5, v * 2.5, jitter=1.0, rounding=0.05)
    small = stones(canvas, u * 6.5, v * 6.5, jitter=1.0, rounding=0.03, salt=11)
    own = canvas.cell(plates.column, plates.row, 5)
    rough = canvas.noise(x * 12, y * 12, octaves=6, persistence=0.66)
    fold = canvas.noise(u * 7 + own * 5, v * 16, octaves=5, persistence=0.55, ridged=True, shift=own * 40)
    flow = canvas.noise(x * 0.8, y * 0.8, octaves=3)
    wide = 0.030 + 0.085 * rise(flow, -0.1, 1.1)
    gap = plates.border - wide + 0.020 * rough
    fine = small.border - 0.020 - 0.02 * rise(-flow, -0.5, 0.6) + 0.02 * rough
    height = rise(gap, 0.0, 0.20) * 0.045 + rise(fine, 0.0, 0.15) * 0.008 + fold * 0.009 + rough * 0.006
    light = relief(canvas, height, angle=daylight(canvas))
    crusts = stops(
        canvas, (((0.05, 0.045, 0.045), (0.20, 0.18, 0.17)), ((0.06, 0.05, 0.055), (0.24, 0.22, 0.22))), 0.01
    )
    crust = ramp((0.42 + 0.20 * fold + 0.18 * rough + 0.2 * (own - 0.5)).clamp(0, 1), crusts) * light[:, None]
    hot = stops(canvas, _HEAT, 0.006)
    # Fluid shows its flow: brighter in the middle of a crack, skin on it here and there.
    skin = canvas.noise(u * 5, v * 5, octaves=6, persistence=0.6, ridged=True)
    melt = (0.50 - gap * 2.8 + 0.14 * skin + 0.05 * rough).clamp(0.30, 0.97)
    seam = torch.exp(-(fine.clamp(min=-0.04) / 0.030)).clamp(max=1.6) * (0.35 + 0.35 * rise(flow, -0.6, 0.6))
    glowing = torch.exp(-(gap.clamp(min=0) / 0.060))
    picture = crust + hot[2] * (glowing * 0.55 * (0.6 + 0.4 * light))[:, None]
    picture = mix(picture, ramp((0.22 + 0.5 * seam).clamp(0, 1), hot), (seam * 1.2).clamp(0, 0.95))
    picture = mix(picture, ramp(melt, hot), step(-gap, 0.014))
    return exposed(picture)


def smoke(canvas: Canvas, paint: Paint) -> Tensor:
    """Smoke before the dark: veils folded over one another, thick where they turn their edge to the eye."""
    x, y = canvas.turned(canvas.normal(0.35))
    size = canvas.uniform(0.8, 1.2)
    x, y = x * size * 1.5, y * size * 1.5
    for strength, freq in ((0.30, 0.7), (0.20, 1.6), (0.09, 3.4), (0.035, 8.0)):
        # Again and again bent by what was bent already: eddies in eddies.
        bend_x = canvas.noise(x * freq, y * freq * 0.7, octaves=3, persistence=0.42)
        bend_y = canvas.noise(x * freq, y * freq * 0.7, octaves=3, persistence=0.42)
        x, y = x + bend_x * strength, y + bend_y * strength
    colour = asked(canvas, paint.first, ((0.82, 0.84, 0.87), (0.74, 0.74, 0.74), (0.86, 0.82, 0.78)))
    deep = chosen(canvas, ((0.030, 0.032, 0.040), (0.045, 0.045, 0.050), (0.020, 0.022, 0.030)), 0.008)
    picture = deep.expand(-1, -1, canvas.height, canvas.width)
    thick = torch.zeros_like(x)
    for number, freq in enumerate((0.75, 1.15, 1.7)):
        veil = canvas.noise(x * freq + number * 5, y * freq * 0.75, octaves=8, persistence=0.54)
        # A sheet seen along itself is bright: near the folds of the noise.
        fold = torch.exp(-(veil.abs() / 0.30)) * 0.45 + rise(veil, -0.7, 1.1) * 0.80
        thick = thick + fold * (0.50, 0.36, 0.26)[number]
    where = rise(canvas.noise(canvas.x * 0.7, canvas.y * 0.6, octaves=3), -1.5, 0.5)
    amount = thick * (0.42 + 0.80 * where)
    light = 0.72 + 0.45 * (amount - moved(canvas, amount, 0.05, 0.09))
    picture = mix(picture, colour * light[:, None].clamp(0.3, 1.25), rise(amount, 0.02, 1.05))
    return exposed(picture)


def bokeh(canvas: Canvas, paint: Paint) -> Tensor:
    """Lights out of focus: soft discs with bright rims, large and small, warm before a dark ground."""
    palettes: tuple[tuple[Rgb, ...], ...] = (
        ((1.00, 0.72, 0.30), (1.00, 0.52, 0.22), (1.00, 0.86, 0.56), (0.96, 0.36, 0.26), (1.00, 0.78, 0.42)),
        ((0.36, 0.66, 1.00), (0.62, 0.46, 1.00), (0.32, 0.88, 0.96), (0.96, 0.50, 0.80), (0.78, 0.86, 1.00)),
        ((1.00, 0.46, 0.60), (1.00, 0.74, 0.42), (0.80, 0.42, 0.90), (1.00, 0.62, 0.70), (1.00, 0.88, 0.72)),
        ((0.60, 0.92, 0.50), (0.96, 0.92, 0.50), (0.36, 0.80, 0.62), (0.82, 0.96, 0.66), (1.00, 0.84, 0.44)),
    )
    grounds = stops(
        canvas,
        (
            ((0.035, 0.020, 0.030), (0.22, 0.10, 0.06)),
            ((0.020, 0.025, 0.060), (0.08, 0.12, 0.26)),
            ((0.040, 0.018, 0.045), (0.24, 0.08, 0.16)),
            ((0.015, 0.035, 0.030), (0.06, 0.18, 0.12)),
        ),
        0.01,
    )
    x, y = canvas.x, canvas.y
    haze = canvas.noise(x * 0.9, y * 0.9, octaves=3, persistence=0.4)
    picture = ramp((0.5 + 0.5 * haze).clamp(0, 1), grounds)
    table = torch.tensor(palettes, dtype=torch.float32, device=canvas.device)
    number = (canvas.uniform(0, 0.9999) * len(palettes)).long().view(-1)
    # All layers of a picture share one palette; a colour that is asked for takes its place.
    own = table[number]
    if paint.first is not None:
        share = torch.tensor((1.0, 0.8, 1.15, 0.65, 0.9), device=canvas.device).view(1, 5, 1)
        own = (paint.first.to(canvas.device).view(-1, 1, 3) * share).clamp(0, 1)
    size = canvas.uniform(0.8, 1.25)
    for layer, (freq, share, strong) in enumerate(
        ((8.5, 0.40, 0.72), (5.0, 0.50, 0.58), (3.2, 0.50, 0.42), (2.1, 0.45, 0.26))
    ):
        picture = _lights(canvas, picture, own, freq * size, share, strong, 10 + layer * 7)
    return exposed(picture)


def _lights(
    canvas: Canvas, picture: Tensor, colours: Tensor, freq: Tensor, share: float, strong: float, salt: int
) -> Tensor:
    """The picture under one layer of blurred lights; colours (B, N, 3). Where discs overlap both are seen."""
    u, v = canvas.x * freq + salt * 0.7, canvas.y * freq
    count = colours.shape[1]
    batch = torch.arange(canvas.batch, device=canvas.device).view(-1, 1, 1)
    upper = (v - 0.5).floor()
    for j in (upper, upper + 1.0):
        along = u + canvas.cell(j, j * 0.0, salt + 2) * 17.0
        left = (along - 0.5).floor()
        for i in (left, left + 1.0):
            first, second = canvas.cell(i, j, salt), canvas.cell(i, j, salt + 1)
            third = (first * 61.0 + second * 17.0) % 1.0
            # Never farther from its cell's middle than the four nearest cells allow.
            dx, dy = along - i - 0.2 - first * 0.6, v - j - 0.2 - second * 0.6
            radius = 0.40 + 0.30 * ((first * 29.0 + second * 83.0) % 1.0)
            away = (dx * dx + dy * dy + 1e-9).sqrt() / radius
            # A lens leaves a disc not quite even: brighter at its rim, its edge a little soft.
            disc = step(1.0 - away, canvas.pixel * freq * 1.5 + 0.035)
            body = disc * (0.55 + 0.25 * away**2 + 0.26 * torch.exp(-(((away - 0.92) / 0.07) ** 2)))
            light = body * strong * (third < share).float() * (0.35 + 0.65 * third / share)
            place = (((second * 131.0) % 1.0) * count).long().clamp(0, count - 1)
            colour = colours[batch.expand_as(place), place].permute(0, 3, 1, 2)
            picture = 1.0 - (1.0 - picture) * (1.0 - colour * light[:, None])
    return picture


def embers(canvas: Canvas, paint: Paint) -> Tensor:
    """A bed of glowing coals: cracked, ashen on top, red and yellow between and within them."""
    x, y = canvas.x, canvas.y
    bend = canvas.noise(x * 7, y * 7, octaves=5, persistence=0.6) * 0.045
    size = canvas.uniform(4.5, 6.5)
    coals = stones(canvas, (x + bend) * size, (y - bend) * size, jitter=1.0, rounding=0.09)
    own = canvas.cell(coals.column, coals.row, 5)
    cracks = stones(
        canvas, (x - bend) * size * 3.2 + own * 7, (y + bend) * size * 3.2, jitter=1.0, rounding=0.02, salt=9
    )
    rough = canvas.noise(x * 20, y * 20, octaves=6, persistence=0.68, shift=own * 40)
    body = rise(coals.border + 0.04 * rough, 0.02, 0.36)
    height = body * 0.050 + rise(cracks.border, 0.0, 0.14) * 0.006 + rough * 0.006
    light = relief(canvas, height, angle=daylight(canvas))
    hot = stops(canvas, _HEAT, 0.006)
    heat = canvas.noise(x * 1.3, y * 1.3, octaves=4) * 0.30 + (own - 0.5) * 0.35
    ash = rise(rough + 1.2 * body - 0.6 + (own - 0.5), 0.0, 1.1)
    greys = chosen(canvas, ((0.56, 0.52, 0.49), (0.48, 0.46, 0.46)))
    coal = mix(torch.full_like(light, 0.055)[:, None].expand(-1, 3, -1, -1), greys * 0.8, ash * 0.55) * light[:, None]
    crack = torch.exp(-(cracks.border.clamp(min=0) / 0.05)) * (0.45 + 0.8 * heat)
    between = torch.exp(-((coals.border - 0.02).clamp(min=0) / 0.045)) * (0.60 + 0.70 * heat + 0.22 * rough)
    inner = rise(heat - 0.30 * rough, 0.0, 0.7) * 0.42 * (1.0 - 0.6 * ash)
    shine = torch.maximum(torch.maximum(crack * 0.72, between * 0.95), inner).clamp(0, 1)
    return exposed(
        screened(coal, hot[2], shine * 0.15) * (1 - shine * 0.6)[:, None]
        + ramp(shine * 0.92, hot) * rise(shine, 0.02, 0.30)[:, None]
    )


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("fire", _M, fire, 0, ("flames", "flame", "burning", "blaze", "bonfire")),
    Material("embers", _M, embers, 0, ("coals", "glowing coals", "ember", "charcoal")),
    Material("lava", _M, lava, 0, ("magma", "molten rock", "volcano", "volcanic")),
    Material("smoke", _M, smoke, 1, ("fumes", "vapour", "steam", "smoky")),
    Material("bokeh", _M, bokeh, 1, ("blurred lights", "lights", "fairy lights", "bokeh lights", "light bokeh")),
)
