"""Flat graphics: illustration shapes, and panels like those of an interface."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import COLOURS, mix
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, box, chosen, disc

_PALETTES: tuple[tuple[Rgb, ...], ...] = (
    ((0.95, 0.92, 0.85), (0.90, 0.36, 0.26), (0.95, 0.71, 0.28), (0.16, 0.34, 0.45), (0.38, 0.64, 0.62)),
    ((0.98, 0.95, 0.93), (0.95, 0.55, 0.55), (0.35, 0.30, 0.60), (0.98, 0.80, 0.45), (0.45, 0.70, 0.85)),
    ((0.13, 0.16, 0.28), (0.96, 0.42, 0.40), (0.98, 0.78, 0.38), (0.35, 0.75, 0.72), (0.93, 0.93, 0.90)),
    ((0.92, 0.95, 0.92), (0.22, 0.48, 0.38), (0.62, 0.76, 0.46), (0.95, 0.76, 0.42), (0.88, 0.48, 0.36)),
    ((0.96, 0.93, 0.96), (0.54, 0.36, 0.76), (0.94, 0.56, 0.70), (0.30, 0.56, 0.86), (0.99, 0.84, 0.56)),
    ((0.96, 0.94, 0.90), (0.10, 0.10, 0.12), (0.86, 0.22, 0.18), (0.15, 0.32, 0.72), (0.96, 0.77, 0.16)),
)


def _palette(canvas: Canvas) -> Tensor:
    """(B, 3, N): one palette for each picture."""
    table = torch.tensor(_PALETTES, dtype=torch.float32, device=canvas.device)
    number = (canvas.uniform(0, 0.9999) * len(_PALETTES)).long().view(-1)
    return (table[number].transpose(1, 2) + canvas.normal(0.015, channels=3)[..., 0]).clamp(0, 1)


def _of(colours: Tensor, part: Tensor) -> Tensor:
    """(B, 3, H, W): the part-th (0 … 1) of the colours (B, 3, N)."""
    place = (part.clamp(0, 0.9999) * colours.shape[-1]).long().flatten(1)[:, None].expand(-1, 3, -1)
    return colours.gather(2, place).view(part.shape[0], 3, *part.shape[1:])


def flat_shapes(canvas: Canvas, paint: Paint) -> Tensor:
    """A quilt of geometric shapes: discs, quarters, half moons, triangles, rings, stripes, leaves, flatly coloured."""
    side = canvas.uniform(0.19, 0.30)
    column, row = (canvas.x / side).floor(), (canvas.y / side).floor()
    u, v = canvas.x / side - column - 0.5, canvas.y / side - row - 0.5
    # Every cell is turned by a quarter at random.
    quarter = (canvas.cell(column, row, 1) * 4).floor() * (math.pi / 2)
    cos, sin = quarter.cos().round(), quarter.sin().round()
    u, v = u * cos + v * sin, v * cos - u * sin
    corner = disc(u + 0.5, v + 0.5, 1.0)
    half = torch.maximum(disc(u, v + 0.5, 0.5), torch.zeros_like(u) - 1)
    shapes = (
        disc(u, v, 0.40),
        corner,
        half,
        (u + v) * math.sqrt(0.5),
        disc(u, v, 0.31).abs() - 0.10,
        (((v + 0.5) * 3.0) % 1.0 - 0.5).abs() / 3.0 - 0.25 / 3.0,
        torch.maximum(disc(u + 0.5, v + 0.5, 1.0), disc(u - 0.5, v - 0.5, 1.0)),
        torch.minimum(disc(u + 0.5, v, 0.5), disc(u - 0.5, v, 0.5)),
        torch.maximum(corner, -disc(u + 0.5, v + 0.5, 0.5)),
        box(u, v, 0.27, 0.27, 0.0),
    )
    kind = (canvas.cell(column, row, 2) * len(shapes)).floor()
    distance = shapes[0]
    for number, shape in enumerate(shapes[1:], 1):
        distance = torch.where(kind == number, shape, distance)
    colours = _palette(canvas)
    count = colours.shape[-1]
    first = (canvas.cell(column, row, 3) * count).floor()
    # Another colour than the first, whichever it is.
    second = (first + 1 + (canvas.cell(column, row, 4) * (count - 1)).floor()) % count
    under, over = _of(colours, (first + 0.5) / count), _of(colours, (second + 0.5) / count)
    return mix(under, over, step(-distance, canvas.pixel / side))


@dataclass(frozen=True, slots=True, eq=False)
class _Cards:
    """A wall of cards, and how to draw on them: lengths in units.

    Attributes:
        left, top: (B, H, W) from a card's upper left corner.
        edge: (B, H, W) distance to the card, negative on it.
        half_w, half_h: (B, 1, 1) half its size.
        kind, own, other: (B, H, W) a card's own random numbers, 0 … 1.
        accent, second, text: (B, 3, 1, 1) colours.
        pixel: (B, 1, 1).
    """

    left: Tensor
    top: Tensor
    edge: Tensor
    half_w: Tensor
    half_h: Tensor
    kind: Tensor
    own: Tensor
    other: Tensor
    accent: Tensor
    second: Tensor
    text: Tensor
    pixel: Tensor

    def on(
        self, picture: Tensor, colour: Tensor, distance: Tensor, cards: Tensor, cover: Tensor | float = 1.0
    ) -> Tensor:
        """The picture with a shape drawn in a colour on some of the cards."""
        shape = step(-torch.maximum(distance, self.edge + 0.001), self.pixel)
        return mix(picture, colour, shape * cards.float() * cover)

    def bar(self, x0: Tensor | float, y0: Tensor | float, length: Tensor, thick: float) -> Tensor:
        """(B, H, W): distance to a line of text that begins at x0, its middle y0 below the card's top."""
        return box(self.left - x0 - length * 0.5, self.top - y0, length * 0.5, thick * 0.5, thick * 0.5)

    @property
    def inner(self) -> Tensor:
        """(B, 1, 1): the width between the paddings."""
        return 2.0 * self.half_w - 2.0 * _PAD


# Between a card's border and what is on it, in units.
_PAD = 0.030


def _picture_cards(cards: _Cards, picture: Tensor, which: Tensor, tall: Tensor) -> Tensor:
    """At the top of the card a landscape: a sky of the accent colours, a sun, hills."""
    left, top = cards.left, cards.top
    sky = cards.accent + (cards.second - cards.accent) * (top / tall).clamp(0, 1)[:, None] * 0.8
    sky = sky + (1.0 - sky) * (0.20 + 0.35 * cards.own)[:, None]
    hills = tall * (0.62 + 0.16 * (left * 9 + cards.own * 30).sin() + 0.08 * (left * 21 + cards.own * 50).sin())
    sun = disc(left - cards.half_w * (0.5 + cards.other), top - tall * 0.36, 0.032)
    scene = mix(sky, sky + (1 - sky) * 0.7, step(-sun, cards.pixel))
    scene = mix(scene, cards.accent * 0.75 + cards.second * 0.1, step(top - hills, cards.pixel))
    return cards.on(picture, scene, top - tall, which)


def _person_cards(cards: _Cards, picture: Tensor, which: Tensor) -> Tensor:
    """A round portrait, a name, a line under it; on some a button."""
    x, y = cards.left - _PAD, cards.top - _PAD
    portrait = disc(x - 0.034, y - 0.034, 0.034)
    tint = cards.accent + (1 - cards.accent) * (0.1 + 0.5 * cards.own)[:, None]
    picture = cards.on(picture, tint, portrait, which)
    person = torch.minimum(disc(x - 0.034, y - 0.026, 0.012), disc(x - 0.034, y - 0.066, 0.024))
    white = torch.full_like(cards.accent, 0.97)
    picture = cards.on(picture, white, torch.maximum(person, portrait + 0.002), which)
    name = cards.bar(_PAD + 0.084, _PAD + 0.022, cards.inner * (0.25 + 0.3 * cards.other), 0.015)
    role = cards.bar(_PAD + 0.084, _PAD + 0.050, cards.inner * (0.20 + 0.2 * cards.own), 0.010)
    picture = cards.on(picture, cards.text, name, which, 0.85)
    picture = cards.on(picture, cards.text, role, which, 0.35)
    from_x = cards.left - _PAD - cards.inner + 0.050
    from_y = cards.top - 2.0 * cards.half_h + _PAD * 0.5 + 0.016
    pressed = which & (cards.other > 0.35)
    picture = cards.on(picture, cards.accent, box(from_x, from_y, 0.050, 0.017, 0.017), pressed)
    return cards.on(picture, white, box(from_x, from_y, 0.024, 0.004, 0.004), pressed)


def _chart_cards(canvas: Canvas, cards: _Cards, picture: Tensor, which: Tensor) -> Tensor:
    """A title and a bar chart."""
    x, apart = cards.left - _PAD, 0.042
    number = (x / apart).floor()
    card = (cards.kind * 999).floor()
    tall = (0.18 + 0.82 * canvas.cell(number, card, 9)) * cards.half_h
    foot = 2.0 * cards.half_h - _PAD
    bars = box(x - (number + 0.5) * apart, cards.top - foot + tall * 0.5, apart * 0.30, tall * 0.5, 0.006)
    bars = torch.maximum(bars, torch.maximum(-x, x - cards.inner))
    other = (canvas.cell(number, card, 10) > 0.65).float()
    picture = cards.on(picture, cards.accent + (cards.second - cards.accent) * other[:, None], bars, which)
    title = cards.bar(_PAD, _PAD + 0.012, cards.inner * (0.25 + 0.25 * cards.own), 0.016)
    return cards.on(picture, cards.text, title, which, 0.85)


def interface_panels(canvas: Canvas, paint: Paint) -> Tensor:
    """A wall of cards as in an app: rounded, softly shadowed, with pictures, portraits, lines of text and charts."""
    dark = canvas.chance(0.35)[:, None]
    light_page = chosen(canvas, ((0.93, 0.94, 0.96), (0.95, 0.95, 0.95), (0.90, 0.92, 0.95), (0.96, 0.94, 0.92)))
    dark_page = chosen(canvas, ((0.08, 0.09, 0.12), (0.10, 0.10, 0.11), (0.07, 0.10, 0.15)))
    page = light_page * (1 - dark) + dark_page * dark
    face = (1 - dark) + (dark_page + 0.075) * dark
    names = tuple(COLOURS[name] for name in "blue teal purple red orange green pink".split())

    width, height, gap = canvas.uniform(0.42, 0.56), canvas.uniform(0.30, 0.40), 0.022
    column = (canvas.x / width).floor()
    # Columns are shifted against one another in most.
    down = canvas.y / height + canvas.cell(column, column * 0, 5) * canvas.chance(0.6)
    row = down.floor()
    dx, dy = (canvas.x / width - column - 0.5) * width, (down - row - 0.5) * height
    half_w, half_h, radius = width * 0.5 - gap, height * 0.5 - gap, canvas.uniform(0.010, 0.030)
    cards = _Cards(
        left=dx + half_w,
        top=dy + half_h,
        edge=box(dx, dy, half_w, half_h, radius),
        half_w=half_w,
        half_h=half_h,
        kind=canvas.cell(column, row, 6),
        own=canvas.cell(column, row, 7),
        other=canvas.cell(column, row, 8),
        accent=chosen(canvas, names),
        second=chosen(canvas, names),
        text=0.22 * (1 - dark) + 0.88 * dark + torch.zeros_like(page),
        pixel=canvas.pixel,
    )
    shadow = 1.0 - 0.16 * torch.exp(-box(dx, dy - 0.008, half_w, half_h, radius).clamp(min=0) / 0.013)
    picture = page.expand(-1, -1, canvas.height, canvas.width) * shadow[:, None]
    picture = mix(picture, face, step(-cards.edge, canvas.pixel))
    picture = mix(picture, cards.text, step(0.0022 - (cards.edge + 0.0022).abs(), canvas.pixel) * 0.10)

    pictured, person = cards.kind < 0.36, (cards.kind >= 0.36) & (cards.kind < 0.70)
    tall = half_h * 1.05
    picture = _picture_cards(cards, picture, pictured, tall)
    picture = _chart_cards(canvas, cards, picture, cards.kind >= 0.70)
    # Lines of text below a picture or a name, as many as there is room for.
    first = torch.where(pictured, tall + 0.034, torch.full_like(dx, _PAD + 0.104))
    for index in range(5):
        heading = pictured & (index == 0)
        share = torch.where(heading, 0.35 + 0.3 * cards.own, 0.55 + 0.45 * canvas.cell(column * 7 + index, row, 11))
        y0 = first + index * 0.027
        room = (y0 + 0.05 < 2.0 * half_h - _PAD * 0.6) & (pictured | person)
        line = cards.bar(_PAD, y0, cards.inner * share, 0.011)
        picture = cards.on(picture, cards.text, line, room, torch.where(heading, 0.85, 0.30))
    return _person_cards(cards, picture, person)


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("flat shapes", _M, flat_shapes, 0, ("geometric shapes", "flat illustration", "geometric", "shapes")),
    Material(
        "interface panels", _M, interface_panels, 0, ("interface", "user interface", "cards", "panels", "dashboard")
    ),
)
