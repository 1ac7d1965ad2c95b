"""Grass, and what else lies or stands in blades and straws: dry grass, hay, pine needles, moss, a flowering lawn."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix, ramp
from engine.materials.light import relief, shaded
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, asked, daylight, rise
from engine.materials.skies import stops
from engine.materials.strew import Strewn, shadow, stalks, strewn

# Root, blade and tip of a lawn.
_LAWNS: tuple[tuple[Rgb, ...], ...] = (
    ((0.05, 0.13, 0.03), (0.24, 0.45, 0.09), (0.60, 0.76, 0.26)),
    ((0.04, 0.14, 0.05), (0.17, 0.42, 0.13), (0.50, 0.72, 0.32)),
    ((0.07, 0.12, 0.03), (0.31, 0.43, 0.10), (0.72, 0.78, 0.34)),
)
_STRAWS: tuple[tuple[Rgb, ...], ...] = (
    ((0.22, 0.14, 0.06), (0.66, 0.50, 0.26), (0.95, 0.86, 0.62)),
    ((0.24, 0.17, 0.09), (0.74, 0.60, 0.32), (0.97, 0.88, 0.60)),
    ((0.23, 0.16, 0.08), (0.68, 0.54, 0.30), (0.96, 0.88, 0.66)),
)


def grass_blades(
    canvas: Canvas,
    colours: Sequence[Tensor],
    *,
    layers: int = 8,
    width: Tensor | float = 0.013,
    length: Tensor | float = 0.17,
    spread: float = 0.75,
    around: Tensor | float = 0.0,
    taper: float = 0.9,
    curl: float = 1.2,
    deep: float = 0.30,
    differ: float = 0.5,
    salt: int = 0,
) -> Tensor:
    """(B, 3, H, W): layers of blades over one another, the lower ones in the others' shade.

    ``colours``: root, blade and tip, (B, 3, 1, 1). Every layer is turned by up to ``spread`` radians from ``around``
    and combed by the wind; ``deep`` is the light left at the bottom.
    """
    patch = canvas.noise(canvas.x * 1.3, canvas.y * 1.3, octaves=4)
    ground = canvas.noise(canvas.x * 40, canvas.y * 40, octaves=3, persistence=0.8)
    picture = colours[0] * (0.55 + 0.30 * ground)[:, None]
    for number in range(layers):
        t = number / max(1, layers - 1)
        # Steps of the golden ratio: no two layers lie alike.
        angle = around + ((number * 0.618 + 0.31) % 1.0 * 2.0 - 1.0) * spread + canvas.normal(0.08)
        x, y = canvas.turned(angle)
        bend = canvas.noise(x * 1.8, y * 1.8, octaves=3, persistence=0.35) * 0.05
        blade = stalks(
            canvas,
            x + bend,
            y,
            width=width,
            length=length,
            taper=taper,
            curl=curl,
            lean=1.1,
            dense=0.46,
            salt=salt + number * 5,
        )
        cover = step(blade.inside, canvas.pixel * 0.8)
        light = deep + (1.0 - deep) * (0.25 + 0.75 * t) * (0.42 + 0.58 * blade.along)
        # A blade is folded along its middle: one half looks to the light.
        fold = 0.10 * blade.across * (1.0 if number % 2 else -1.0) + 0.10 * torch.exp(-((blade.across / 0.22) ** 2))
        tone = 0.20 + 0.50 * light + differ * (blade.own - 0.5) * 0.8 + 0.12 * patch + fold
        own = ramp(tone.clamp(0, 1), colours) * (0.35 + 0.72 * light)[:, None]
        picture = picture * shadow(canvas, blade.inside, width * 1.2, depth=0.34)[:, None]
        picture = mix(picture, own, cover)
    return picture


def grass(canvas: Canvas, paint: Paint) -> Tensor:
    """A lawn close up: blade over blade, lit at the tips, dark between the roots."""
    size = canvas.uniform(0.8, 1.25)
    picture = grass_blades(canvas, stops(canvas, _LAWNS), width=0.0135 * size, length=0.17 * size, layers=9)
    return shaded(canvas, picture * 1.25, 0.10)


def dry_grass(canvas: Canvas, paint: Paint) -> Tensor:
    """Late summer grass: bleached, thin, blown about, a little green left under it."""
    greens = stops(canvas, (((0.10, 0.12, 0.04), (0.36, 0.38, 0.13), (0.68, 0.64, 0.30)),))
    size = canvas.uniform(0.85, 1.2)
    angle = canvas.normal(0.25)
    under = grass_blades(canvas, greens, width=0.012 * size, length=0.2 * size, layers=3, around=angle, salt=60)
    picture = _over(canvas, under, stops(canvas, _STRAWS), angle, size)
    return shaded(canvas, picture, 0.10)


def _over(canvas: Canvas, under: Tensor, colours: Sequence[Tensor], angle: Tensor, size: Tensor) -> Tensor:
    """Bleached straws over what stands under them."""
    picture = under
    for number in range(6):
        turned = angle + ((number * 0.618) % 1.0 - 0.5) * 1.9 + canvas.normal(0.08)
        x, y = canvas.turned(turned)
        bend = canvas.noise(x * 1.2, y * 1.2, octaves=2) * 0.06
        straw = stalks(
            canvas,
            x + bend,
            y,
            width=0.0085 * size,
            length=0.26 * size,
            taper=0.8,
            curl=1.2,
            lean=1.8,
            dense=0.36,
            reach=2,
            salt=number * 5,
        )
        t = number / 5
        light = (0.45 + 0.55 * t) * (0.65 + 0.35 * straw.along)
        tone = 0.28 + 0.55 * light + 0.5 * (straw.own - 0.5) - 0.10 * straw.across.abs()
        picture = picture * shadow(canvas, straw.inside, 0.014 * size, depth=0.28)[:, None]
        picture = mix(picture, ramp(tone.clamp(0, 1), colours), step(straw.inside, canvas.pixel * 0.8))
    return picture


def _bed(
    canvas: Canvas,
    colours: Sequence[Tensor],
    *,
    width: Tensor,
    length: Tensor,
    layers: int,
    dense: float,
    taper: float,
    curl: float,
    round_: float,
) -> Tensor:
    """Straws or needles lying every way, pressed into a bed; ``round_``: how much light models each one."""
    picture = colours[0] * (0.6 + 0.2 * canvas.noise(canvas.x * 30, canvas.y * 30, octaves=3))[:, None]
    start = canvas.uniform(0, math.pi)
    for number in range(layers):
        t = number / (layers - 1)
        # Every direction comes once; each lies with both ends.
        angle = start + number * 2.399
        x, y = canvas.turned(angle)
        bend = canvas.noise(x * 1.2, y * 1.2, octaves=2) * 0.03
        straw = stalks(
            canvas,
            x + bend,
            y,
            width=width,
            length=length,
            taper=taper,
            curl=curl,
            lean=2.2,
            dense=dense,
            reach=2,
            salt=number * 5,
        )
        # Light from above on the screen: which side of a straw looks up depends on how it lies.
        up = (angle + math.pi / 2).cos() * straw.across
        light = 0.42 + 0.46 * t + round_ * (up * 0.5 + (1.0 - straw.across**2) * 0.5 - 0.3)
        tone = light * 0.75 + 0.45 * (straw.own - 0.5)
        fibre = canvas.noise(x * 150, y * 12, octaves=2) * 0.06
        picture = picture * shadow(canvas, straw.inside, width * 1.2, depth=0.36)[:, None]
        picture = mix(picture, ramp((tone + fibre).clamp(0, 1), colours), step(straw.inside, canvas.pixel * 0.8))
    return picture


def hay(canvas: Canvas, paint: Paint) -> Tensor:
    """Straw lying every way, round and shining."""
    size = canvas.uniform(0.8, 1.2)
    picture = _bed(
        canvas,
        stops(canvas, _STRAWS),
        width=0.017 * size,
        length=0.50 * size,
        layers=9,
        dense=0.36,
        taper=0.1,
        curl=0.6,
        round_=0.55,
    )
    return shaded(canvas, picture, 0.08)


def pine_needles(canvas: Canvas, paint: Paint) -> Tensor:
    """The floor of a pine wood: rust-brown needles, a few still green."""
    browns = stops(
        canvas,
        (
            ((0.12, 0.07, 0.04), (0.52, 0.32, 0.17), (0.90, 0.66, 0.40)),
            ((0.11, 0.07, 0.05), (0.47, 0.31, 0.20), (0.84, 0.65, 0.46)),
        ),
    )
    size = canvas.uniform(0.85, 1.15)
    picture = _bed(
        canvas, browns, width=0.0085 * size, length=0.24 * size, layers=9, dense=0.36, taper=0.5, curl=1.6, round_=0.4
    )
    return shaded(canvas, picture, 0.08)


def moss(canvas: Canvas, paint: Paint) -> Tensor:
    """Cushions of moss: thousands of tiny stars, bright on the crowns, nearly black between the cushions."""
    x, y = canvas.x, canvas.y
    warp = canvas.noise(x * 4, y * 4, octaves=4) * 0.10
    cushion = canvas.points((x + warp) * 3.2, (y - warp) * 3.2, jitter=1.0, salt=80)
    swell = (1.0 - (cushion.near * 1.05) ** 2).clamp(min=0).sqrt()
    lump = canvas.noise(x * 9, y * 9, octaves=3)
    height = swell * 0.6 + lump * 0.16
    colours = stops(
        canvas,
        (
            ((0.03, 0.07, 0.02), (0.22, 0.36, 0.07), (0.66, 0.72, 0.22)),
            ((0.03, 0.08, 0.03), (0.17, 0.34, 0.10), (0.52, 0.66, 0.26)),
            ((0.05, 0.07, 0.02), (0.30, 0.36, 0.08), (0.76, 0.74, 0.26)),
        ),
    )
    form = relief(canvas, height * 0.10, angle=daylight(canvas))

    def star(u: Tensor, v: Tensor, own: Tensor) -> Tensor:
        """A rosette of pointed leaflets."""
        radius = (u * u + v * v + 1e-6).sqrt()
        ray = ((torch.atan2(v, u) * 3.5 + own * 6).cos() * 0.5 + 0.5) ** 0.7
        return (0.30 + 0.70 * ray) - radius

    picture = colours[0].expand(-1, -1, canvas.height, canvas.width)
    for number, freq in enumerate((29.0, 34.0, 40.0)):
        u, v = canvas.turned(number * 0.7 + 0.3)
        tuft = strewn(canvas, u * freq + warp * 9, v * freq - warp * 7, star, size=0.78, vary=0.15, salt=number * 9)
        near = (1.0 - (tuft.u**2 + tuft.v**2).sqrt()).clamp(0, 1)
        t = number / 2
        light = form * (0.35 + 0.65 * swell) * (0.62 + 0.38 * t)
        tone = light * 0.48 + 0.30 * near + 0.26 * (tuft.own - 0.5) + 0.10 * lump - 0.05
        own = ramp(tone.clamp(0, 1), colours) * (0.45 + 0.55 * light.clamp(0, 1.2))[:, None]
        inside = tuft.inside / freq
        picture = picture * shadow(canvas, inside, 0.010, depth=0.45)[:, None]
        picture = mix(picture, own, step(inside, canvas.pixel))
    return shaded(canvas, picture * 1.1, 0.08)


def _daisy(u: Tensor, v: Tensor, own: Tensor) -> Tensor:
    """A flower seen from above: petals all around, eight to thirteen."""
    radius, angle = (u * u + v * v + 1e-6).sqrt(), torch.atan2(v, u)
    petals = (8.0 + 5.0 * own).floor()
    wave = (angle * petals * 0.5).cos().abs()
    return (0.72 + 0.28 * wave**0.5) * (0.55 + 0.45 * wave.clamp(min=0.02) ** 0.35) - radius


def flowers(canvas: Canvas, paint: Paint) -> Tensor:
    """A lawn in flower, seen from above: blossoms of one colour, some still small, over the grass."""
    picture = grass_blades(canvas, stops(canvas, _LAWNS), width=0.0125, length=0.17, layers=6) * 0.86
    blooms: tuple[Rgb, ...] = (
        (0.97, 0.96, 0.94),
        (0.95, 0.78, 0.14),
        (0.88, 0.16, 0.12),
        (0.93, 0.52, 0.70),
        (0.44, 0.36, 0.82),
        (0.62, 0.30, 0.74),
    )
    colour = asked(canvas, paint.first, blooms)
    size = canvas.uniform(0.8, 1.15)
    for number, (freq, share) in enumerate(((14.0, 0.35), (10.5, 0.40), (7.5, 0.40))):
        f = freq / size
        x = canvas.x * f + canvas.noise(canvas.x * 30, canvas.y * 30, octaves=2) * 0.03
        bloom = strewn(canvas, x, canvas.y * f, _daisy, size=0.58, vary=0.3, share=share, salt=100 + number * 7)
        picture = _bloomed(canvas, picture, bloom, colour, f, 0.80 + 0.10 * number)
    return shaded(canvas, picture, 0.08)


def _bloomed(canvas: Canvas, picture: Tensor, bloom: Strewn, colour: Tensor, freq: Tensor, bright: float) -> Tensor:
    """The picture with one layer of blossoms over it."""
    radius, angle = (bloom.u**2 + bloom.v**2 + 1e-6).sqrt(), torch.atan2(bloom.v, bloom.u)
    petals = (8.0 + 5.0 * bloom.own).floor()
    wave = (angle * petals * 0.5).cos().abs()
    rib = ((angle * petals * 2.5).cos() * 0.5 + 0.5) * 0.07
    # Each blossom tilts to some side; petals are cupped and shaded where they meet.
    tilt = bloom.u * (bloom.angle + bloom.own * 9).sin() * 0.10 - bloom.v * 0.02
    light = bright * (
        0.60 + 0.24 * wave**0.6 + 0.26 * rise(radius, 0.15, 0.75) - rib + tilt + 0.16 * (bloom.other - 0.5)
    )
    petal = colour * light[:, None] + (light - 0.8).clamp(min=0)[:, None] * 0.25
    is_yellow = ((colour[:, 0] > 0.8) & (colour[:, 1] > 0.6) & (colour[:, 2] < 0.4)).float()[:, None]
    heart_tone = torch.tensor((0.96, 0.74, 0.12), device=canvas.device).view(1, 3, 1, 1) * (1 - is_yellow * 0.45)
    dots = canvas.points(bloom.u * 14 + bloom.own * 90, bloom.v * 14, jitter=0.7, salt=4)
    heart = heart_tone * (0.62 + 0.5 * (0.6 - dots.near) - radius * 0.6 - bloom.v * 0.5)[:, None]
    petal = mix(petal, heart, rise(0.27 - radius, -0.02, 0.02))
    inside = bloom.inside / freq
    picture = picture * shadow(canvas, inside, 0.03, depth=0.5)[:, None]
    return mix(picture, petal, step(inside, canvas.pixel))


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("grass", _M, grass, 0, ("lawn", "turf", "green grass", "grass texture")),
    Material("dry grass", _M, dry_grass, 0, ("dead grass", "savanna grass", "yellow grass")),
    Material("hay", _M, hay, 0, ("straw", "haystack", "thatch")),
    Material("pine needles", _M, pine_needles, 0, ("needles", "forest floor", "fir needles")),
    Material("moss", _M, moss, 0, ("mossy", "moss carpet", "green moss")),
    Material("flowers", _M, flowers, 1, ("flower", "blossoms", "blooms", "daisies", "flower bed")),
)
