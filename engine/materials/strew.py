"""What lies about: leaves, stones, petals, blades — cut-outs at random places, each over some and under others."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.materials.canvas import Canvas
from engine.materials.shapes import rise, turn

# Below every distance in a cell's neighbourhood.
_NOWHERE = -9.0
# Lifts what covers a pixel above all that only comes near it.
_OVER = 4.0

Outline = Callable[[Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Strewn:
    """For each pixel the topmost thing there, or where there is none the nearest: all (B, H, W).

    Attributes:
        inside: distance to its outline, positive within, in the units of x and y.
        u, v: the place on the thing itself: along and across, about -1 … 1.
        own, other: its own random numbers, 0 … 1.
        angle: by how much it is turned, radians.
    """

    inside: Tensor
    u: Tensor
    v: Tensor
    own: Tensor
    other: Tensor
    angle: Tensor


def strewn(
    canvas: Canvas,
    x: Tensor,
    y: Tensor,
    outline: Outline,
    *,
    size: float = 0.7,
    vary: float = 0.2,
    spread: float = math.pi,
    share: float = 1.0,
    salt: int = 0,
) -> Strewn:
    """One thing in every unit cell of x and y (in that ``share`` of them), at a random place and angle.

    ``outline(u, v, own)`` is the distance into a thing of half-length 1, positive within. ``size`` is the half-length
    in cells, that varies by the share ``vary``; the largest is under 1. ``spread`` is how far the angle strays to both
    sides of 0.

    Every row of cells is shifted at random, and things stray from their cells' middles only so far that the four
    nearest cells hold all that a pixel can show.
    """
    jitter = min(1.0, max(0.0, 2.0 * (1.0 - size * (1.0 + vary))))
    best = torch.full_like(x, _NOWHERE)
    inside, at_u, at_v = best.clone(), torch.zeros_like(x), torch.zeros_like(x)
    own, other, angle = torch.zeros_like(x), torch.zeros_like(x), torch.zeros_like(x)
    upper = (y - 0.5).floor()
    for j in (upper, upper + 1.0):
        along = x + canvas.cell(j, j * 0.0, salt) * 17.0
        left = (along - 0.5).floor()
        for i in (left, left + 1.0):
            first, second = canvas.cell(i, j, salt + 1), canvas.cell(i, j, salt + 2)
            # More numbers from the same two: the digits that come after.
            third, fourth = (first * 61.0 + second * 17.0) % 1.0, (first * 29.0 + second * 83.0) % 1.0
            turned = ((first * 131.0) % 1.0 - 0.5) * (2.0 * spread)
            scale = size * (1.0 + vary * (third * 2.0 - 1.0))
            dx, dy = along - i - 0.5 - (first - 0.5) * jitter, y - j - 0.5 - (second - 0.5) * jitter
            u, v = turn(dx, dy, turned)
            u, v = u / scale, v / scale
            distance = outline(u, v, fourth) * scale
            if share < 1.0:
                distance = torch.where((first * 7.0 + second * 41.0) % 1.0 < share, distance, _NOWHERE)
            key = torch.where(distance > 0, _OVER + third, distance)
            new = key > best
            best = torch.where(new, key, best)
            inside = torch.where(new, distance, inside)
            at_u, at_v = torch.where(new, u, at_u), torch.where(new, v, at_v)
            own, other = torch.where(new, fourth, own), torch.where(new, third, other)
            angle = torch.where(new, turned, angle)
    return Strewn(inside, at_u, at_v, own, other, angle)


@dataclass(frozen=True, slots=True, eq=False)
class Stalks:
    """For each pixel the topmost stalk, or the nearest: all (B, H, W).

    Attributes:
        inside: distance to its side, positive within, in units.
        along: 0 (root) … 1 (tip).
        across: -1 … 1, from side to side.
        own: its own random number, 0 … 1.
    """

    inside: Tensor
    along: Tensor
    across: Tensor
    own: Tensor


def stalks(
    canvas: Canvas,
    x: Tensor,
    y: Tensor,
    *,
    width: Tensor | float,
    length: Tensor | float,
    lean: float = 0.8,
    curl: float = 0.6,
    taper: float = 0.7,
    dense: float = 0.42,
    reach: int = 1,
    salt: int = 0,
) -> Stalks:
    """Blades, straws or needles that all run along y, their tips at its lower end; lengths in units.

    They stand in columns, each column with a phase of its own: a pixel has one stalk of a column to look at.
    Every one leans by up to ``lean`` columns to both sides, and curls towards its tip by up to ``curl``; it is looked
    for ``reach`` columns to both sides. ``taper`` 0 is a straw, 1 a spike. ``dense`` is the share of the ground that
    one layer covers.
    """
    apart = width / dense
    u, w = x / apart, -y / length
    column = u.floor()
    best = torch.full_like(x, _NOWHERE)
    inside, along, across, own = best.clone(), torch.zeros_like(x), torch.zeros_like(x), torch.zeros_like(x)
    for right in range(-reach, reach + 1):
        i = column + right
        high = w + canvas.cell(i, (i / 240.0).floor(), salt) * 7.0
        row = high.floor()
        first = canvas.cell(i, row, salt + 1)
        second, third = (first * 61.0) % 1.0, (first * 229.0) % 1.0
        t = (high - row - 0.5) / (0.68 + 0.32 * first) + 0.5
        within = t.clamp(0, 1)
        bent = (t - 0.5) * lean * 2.0 * (third - 0.5) + curl * (second - 0.5) * (within**2 - 0.3)
        side = (u - (i + 0.5 + bent)) * apart
        half = 0.5 * width * (0.5 + 0.5 * first) * (1.0 - within * within * taper) * (0.5 + 0.5 * within.sqrt())
        distance = torch.minimum(half - side.abs(), torch.minimum(t, 1.0 - t) * (length * 0.25))
        key = torch.where(distance > 0, _OVER + third, distance)
        new = key > best
        best = torch.where(new, key, best)
        inside = torch.where(new, distance, inside)
        along = torch.where(new, within, along)
        across = torch.where(new, (side / half).clamp(-1, 1), across)
        own = torch.where(new, second, own)
    return Stalks(inside, along, across, own)


def moved(canvas: Canvas, value: Tensor, right: Tensor | float, down: Tensor | float) -> Tensor:
    """(B, H, W): the value moved by that many units; beyond its border it is mirrored."""
    shift_x = torch.as_tensor(right, device=canvas.device) * canvas.unit_px / canvas.width
    shift_y = torch.as_tensor(down, device=canvas.device) * canvas.unit_px / canvas.height
    grid = torch.stack((canvas.across - shift_x, canvas.down - shift_y), -1) * 2.0 - 1.0
    return F.grid_sample(value[:, None], grid, mode="bilinear", padding_mode="reflection", align_corners=False)[:, 0]


def shadow(canvas: Canvas, inside: Tensor, reach: Tensor | float, *, depth: float = 0.6, side: float = 0.6) -> Tensor:
    """(B, H, W), 1 - depth … 1: what things leave of the light on what lies under them; ``reach`` in units.

    ``inside`` is their distance in units. The light comes from above, a little from the left.
    """
    reach = torch.as_tensor(reach, device=canvas.device)
    fallen = moved(canvas, inside, reach * side, reach)
    return 1.0 - depth * rise(fallen, -reach, reach * 0.5)


def seams(thing: Tensor) -> Tensor:
    """(B, H, W), 1 at the pixels where one thing meets the next of its layer, by their own numbers; else 0."""
    found = torch.zeros_like(thing)
    across, down = (thing.diff(dim=-1) != 0).float(), (thing.diff(dim=-2) != 0).float()
    found[..., 1:] += across
    found[..., :-1] += across
    found[..., 1:, :] += down
    found[..., :-1, :] += down
    return found.clamp(max=1)


def smoothed(picture: Tensor, where: Tensor) -> Tensor:
    """The picture with its steps taken off where (B, H, W) is 1: each pixel there a mean with its neighbours."""
    mean = F.avg_pool2d(F.pad(picture, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return picture + (mean - picture) * where[:, None] * 0.8
