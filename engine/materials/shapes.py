"""How a surface is divided and what lies in a part of it: courses of bricks, stones, herringbone, boxes, threads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.materials.canvas import Canvas
from engine.materials.colours import COLOURS

Rgb = tuple[float, float, float]

# Wide enough that no distance in a picture reaches it.
_FAR = 9.0


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """For each pixel the rectangular block it lies in: all (B, H, W), lengths in the units of x and y.

    Attributes:
        column, row: the block's whole numbers, for `Canvas.cell`.
        dx, dy: from the block's centre to the pixel.
        half_width, half_height: of the block.
    """

    column: Tensor
    row: Tensor
    dx: Tensor
    dy: Tensor
    half_width: Tensor
    half_height: Tensor

    def inside(self, joint: Tensor | float, radius: Tensor | float) -> Tensor:
        """(B, H, W): how deep within the block, half a joint and round corners taken off; negative in the joint."""
        return -box(self.dx, self.dy, self.half_width - joint, self.half_height - joint, radius)


def courses(
    canvas: Canvas,
    x: Tensor,
    y: Tensor,
    width: Tensor | float,
    height: Tensor | float,
    *,
    shift: Tensor | float = 0.5,
    ragged: float = 0.0,
    uneven: float = 0.0,
    salt: int = 0,
) -> Blocks:
    """Rows of blocks, every row shifted by ``shift`` of a block against the one above.

    ``ragged`` moves the joints within a row, ``uneven`` those between rows, each at random by that share of a block
    (under 1); 0 is a regular bond.
    """
    v = y / height
    zero = torch.zeros((), device=canvas.device)
    row, top, bottom = _between(canvas, v, zero.expand_as(v), uneven, salt)
    u = x / width + row * shift
    column, left, right = _between(canvas, u, row, ragged, salt + 1)
    one = torch.ones_like(u)
    return Blocks(
        column=column,
        row=row,
        dx=(u - (left + right) * 0.5) * width,
        dy=(v - (top + bottom) * 0.5) * height,
        half_width=(right - left) * 0.5 * width * one,
        half_height=(bottom - top) * 0.5 * height * one,
    )


def _between(canvas: Canvas, u: Tensor, line: Tensor, ragged: float, salt: int) -> tuple[Tensor, Tensor, Tensor]:
    """The number of the span that u lies in, and its two ends; spans are 1 wide, their ends moved at random."""
    number = u.floor()
    if not ragged:
        return number, number, number + 1.0

    def end(at: Tensor) -> Tensor:
        return at + (canvas.cell(at, line, salt) - 0.5) * ragged

    low, high = end(number), end(number + 1.0)
    number = number - (u < low).float() + (u >= high).float()
    return number, end(number), end(number + 1.0)


def herringbone(x: Tensor, y: Tensor, width: Tensor | float, ratio: int) -> tuple[Blocks, Tensor]:
    """Blocks ``ratio`` times as long as ``width``, and (B, H, W): 1 where they stand upright.

    In steps of the width, a lying block covers the cells whose (column - row) mod 2·ratio is under ratio, a standing
    one the others. dx runs along every block and dy across it.
    """
    i, j = (x / width).floor(), (y / width).floor()
    k = (i - j) % (2 * ratio)
    upright = (k >= ratio).float()
    lying = 1.0 - upright
    first_i = i - k * lying
    first_j = j - (2 * ratio - 1 - k) * upright
    from_x = x - (first_i + (ratio * lying + upright) * 0.5) * width
    from_y = y - (first_j + (ratio * upright + lying) * 0.5) * width
    along = from_x * lying + from_y * upright
    across = from_y * lying + from_x * upright
    half = torch.ones_like(x) * width * 0.5
    return Blocks(first_i + upright * 97, first_j, along, across, half * ratio, half), upright


@dataclass(frozen=True, slots=True, eq=False)
class Stones:
    """For each pixel the random polygon it lies in: all (B, H, W).

    Attributes:
        border: distance to the polygon's border, in the units of x and y; its corners are rounded.
        column, row: the polygon's whole numbers, for `Canvas.cell`.
        dx, dy: from the polygon's point to the pixel.
    """

    border: Tensor
    column: Tensor
    row: Tensor
    dx: Tensor
    dy: Tensor


def stones(
    canvas: Canvas, x: Tensor, y: Tensor, *, jitter: float = 0.8, rounding: float = 0.06, salt: int = 0
) -> Stones:
    """Voronoi polygons about one unit wide with their true distance to the border (Quilez 2012, "Voronoi edges").

    The distances to all sides are joined by a smooth minimum, so that corners are rounded by ``rounding``.
    """
    column, row = x.floor(), y.floor()
    ways: list[tuple[Tensor, Tensor]] = []
    near = torch.full_like(x, _FAR)
    at_x, at_y = torch.zeros_like(x), torch.zeros_like(x)
    own_i, own_j = column, row
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            i, j = column + right, row + down
            to_x = i + 0.5 + (canvas.cell(i, j, salt + 1) - 0.5) * jitter - x
            to_y = j + 0.5 + (canvas.cell(i, j, salt + 2) - 0.5) * jitter - y
            ways.append((to_x, to_y))
            squared = to_x * to_x + to_y * to_y
            closer = squared < near
            near = torch.where(closer, squared, near)
            at_x, at_y = torch.where(closer, to_x, at_x), torch.where(closer, to_y, at_y)
            own_i, own_j = torch.where(closer, i, own_i), torch.where(closer, j, own_j)
    nearness = torch.zeros_like(x)
    sharp = 1.0 / max(rounding, 1e-3)
    for to_x, to_y in ways:
        side_x, side_y = to_x - at_x, to_y - at_y
        length = (side_x * side_x + side_y * side_y).sqrt()
        distance = ((at_x + to_x) * side_x + (at_y + to_y) * side_y) * 0.5 / length.clamp(min=1e-4)
        nearness = nearness + torch.where(length > 1e-3, torch.exp(-distance * sharp), torch.zeros_like(x))
    border = -torch.log(nearness.clamp(min=1e-12)) * rounding
    return Stones(border.clamp(-1, 1), own_i, own_j, -at_x, -at_y)


def facets(canvas: Canvas, x: Tensor, y: Tensor, salt: int = 0) -> Tensor:
    """(B, H, W) in -0.5 … 0.5: flat triangles between random heights a unit apart, as of folded paper."""
    column, row = x.floor(), y.floor()
    fx, fy = x - column, y - row

    def height(i: Tensor, j: Tensor) -> Tensor:
        return canvas.cell(i, j, salt) - 0.5

    # Each square is folded along one of its two diagonals.
    flip = canvas.cell(column, row, salt + 1) > 0.5
    fx = torch.where(flip, 1.0 - fx, fx)
    left, right = column + flip.float(), column + 1.0 - flip.float()
    near, far = height(left, row), height(right, row + 1.0)
    lower = near + fx * (height(right, row) - near) + fy * (far - height(right, row))
    upper = near + fy * (height(left, row + 1.0) - near) + fx * (far - height(left, row + 1.0))
    return torch.where(fx > fy, lower, upper)


# -- distances: negative inside, in the units of dx and dy ----------------------------------------------------------


def box(
    dx: Tensor, dy: Tensor, half_width: Tensor | float, half_height: Tensor | float, radius: Tensor | float = 0.0
) -> Tensor:
    """(B, H, W): distance to a box with rounded corners around the origin."""
    over_x, over_y = dx.abs() - half_width + radius, dy.abs() - half_height + radius
    outside = (over_x.clamp(min=0) ** 2 + over_y.clamp(min=0) ** 2 + 1e-12).sqrt()
    return outside + torch.maximum(over_x, over_y).clamp(max=0) - radius


def disc(dx: Tensor, dy: Tensor, radius: Tensor | float) -> Tensor:
    """(B, H, W): distance to a disc around the origin."""
    return (dx * dx + dy * dy + 1e-12).sqrt() - radius


def turn(dx: Tensor, dy: Tensor, angle: Tensor) -> tuple[Tensor, Tensor]:
    """dx and dy in axes turned by the angle (radians, any shape that fits)."""
    cos, sin = angle.cos(), angle.sin()
    return dx * cos + dy * sin, dy * cos - dx * sin


def rise(value: Tensor, low: Tensor | float, high: Tensor | float) -> Tensor:
    """0 … 1: from 0 at ``low`` to 1 at ``high``, smoothly (Hermite)."""
    t = ((value - low) / (high - low)).clamp(0, 1)
    return t * t * (3.0 - 2.0 * t)


# -- colour by part -------------------------------------------------------------------------------------------------


def chosen(canvas: Canvas, palette: Sequence[Rgb], spread: float = 0.02) -> Tensor:
    """(B, 3, 1, 1): one of the colours for each picture, a little varied."""
    table = torch.tensor(palette, dtype=torch.float32, device=canvas.device)
    number = (canvas.uniform(0, 0.9999) * len(palette)).long().view(-1)
    base = table[number].view(-1, 3, 1, 1)
    return (base + canvas.normal(spread * 0.5, channels=3) + canvas.normal(spread, channels=1)).clamp(0, 1)


def asked(canvas: Canvas, colour: Tensor | None, palette: Sequence[Rgb] | None = None, spread: float = 0.02) -> Tensor:
    """(B, 3, 1, 1): the colour asked for, or one of the palette (default: of all named colours)."""
    own = chosen(canvas, palette or tuple(COLOURS.values()), spread)
    return own if colour is None else colour.to(canvas.device).expand_as(own)


def parted(canvas: Canvas, part: Tensor, palettes: Sequence[Sequence[Rgb]], spread: float = 0.02) -> Tensor:
    """(B, 3, H, W): for each picture one palette (all of one length), for each pixel its colour by part 0 … 1."""
    table = torch.tensor(palettes, dtype=torch.float32, device=canvas.device)
    number = (canvas.uniform(0, 0.9999) * len(palettes)).long().view(-1)
    count = table.shape[1]
    drift = canvas.normal(spread * 0.4, channels=3) + canvas.normal(spread, channels=1)
    own = table[number].transpose(1, 2) + drift[..., 0]
    place = (part.clamp(0, 0.9999) * count).long().flatten(1)[:, None].expand(-1, 3, -1)
    return own.clamp(0, 1).gather(2, place).view(canvas.batch, 3, *part.shape[1:])


def exposed(picture: Tensor) -> Tensor:
    """Bright light pressed softly under 1, as film does, so that white things keep their structure; any shape."""
    return picture - torch.nn.functional.softplus((picture - 0.95) * 20.0) / 20.0


def daylight(canvas: Canvas) -> Tensor:
    """(B, 1, 1): an angle for `light.relief`, from the upper left to the upper right."""
    return canvas.uniform(-0.88 * math.pi, -0.12 * math.pi)
