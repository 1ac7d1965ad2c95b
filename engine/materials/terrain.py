"""Ground seen in perspective: planes to the horizon, and heights cast onto the screen column by column."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.materials.canvas import Canvas, slope_at
from engine.materials.skies import Frame

# Rows of the screen that are cast for each row of the picture: hills behind hills have smooth outlines.
_ROWS_A_PIXEL = 2
# About how high the eye is above the ground under it.
_EYE = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A level ground below the horizon: all (B, H, W).

    Attributes:
        x, z: to the right and away, in heights of the eye above the ground.
        below: how far under the horizon, in the frame's lengths; negative above it.
    """

    x: Tensor
    z: Tensor
    below: Tensor


def plane(frame: Frame, horizon: Tensor, *, farthest: float = 60.0) -> Plane:
    """The ground under an eye that looks level, its horizon (B, 1, 1) down from the top."""
    below = frame.v - horizon
    z = 1.0 / below.clamp(min=1.0 / farthest)
    return Plane(frame.u * z, z, below)


@dataclass(frozen=True, slots=True, eq=False)
class Land:
    """What a cast shows at every pixel: all (B, H, W); where there is sky the last land seen is repeated.

    Attributes:
        x, z, height: the place, z from the eye's side to far away.
        light: about 1: how much sun falls on it.
        slope: 0 (level) … 1 (wall).
        hollow: above 0 in valleys, below on ridges, about -1 … 1.
        cover: 1 where there is land, smooth over a pixel at its outline.
    """

    x: Tensor
    z: Tensor
    height: Tensor
    light: Tensor
    slope: Tensor
    hollow: Tensor
    cover: Tensor


def cast(
    frame: Frame,
    horizon: Tensor,
    heights: Callable[[Canvas, Tensor, Tensor], Tensor],
    *,
    near: float = 1.0,
    far: float = 30.0,
    eye: Tensor | float = 0.0,
    sun: Tensor,
    steep: float = 1.0,
    steps: float = 2.2,
) -> Land:
    """Cast a height field onto the screen.

    For each column, heights are taken along the way from near to far, in steps that grow with the distance; the first
    that stands above a pixel's line of sight is what it shows. One running maximum and one search in it do for all.

    ``heights`` gets a canvas, x and z (B, D, W) and returns heights (B, D, W) in the same lengths; its noise should be
    ``local``. ``eye`` is how high the viewer is. ``sun`` (B, 1, 1) is the angle on the ground whence light comes,
    ``steep`` scales heights for the light alone. ``steps``: how many steps for each row of the picture.
    """
    canvas = frame.canvas
    count = int(min(1000, max(96, steps * canvas.height)))
    # The lowest row of a tall picture looks at what lies before the eye's feet.
    near = min(near, _EYE / max(1e-3, float((frame.tall - horizon).max())))
    z = near * (far / near) ** torch.linspace(0, 1, count, device=canvas.device)
    z = z.view(1, -1, 1).expand(canvas.batch, -1, canvas.width)
    x = frame.u[:, :1] * z
    height = heights(canvas, x, z)
    light, slope, hollow = _lit(height, x, z, sun, steep)

    # Up from the horizon, in the frame's lengths.
    rise_of = (height - eye) / z
    highest = _crested(rise_of).cummax(1).values
    rows = canvas.height * _ROWS_A_PIXEL
    down = (torch.arange(rows, device=canvas.device, dtype=torch.float32) + 0.5) / rows * frame.tall
    wanted = (horizon - down.view(1, -1, 1)).expand(canvas.batch, rows, canvas.width)
    found = torch.searchsorted(highest.transpose(1, 2).contiguous(), wanted.transpose(1, 2).contiguous())
    found = found.transpose(1, 2)
    last = highest[:, -1:]
    index = found.clamp(0, count - 1)
    before = (index - 1).clamp(min=0)
    # Between two steps, in proportion: the ground is straight from one to the next, in sight or not.
    high, own = rise_of.gather(1, index), rise_of.gather(1, before)
    part = torch.where(index > 0, (wanted - own) / (high - own).clamp(min=1e-9), 1.0).clamp(0, 1)

    def seen(value: Tensor) -> Tensor:
        both = value.gather(1, before) * (1 - part) + value.gather(1, index) * part
        return F.avg_pool2d(both[:, None], (_ROWS_A_PIXEL, 1))[:, 0]

    # Far steps and pixels differ widely in z: its logarithm is what is averaged.
    outline = ((last - (horizon - frame.v)) / frame.pixel + 0.5).clamp(0, 1)
    at_z = seen(z.log()).exp()
    return Land(frame.u * at_z, at_z, seen(height), seen(light), seen(slope), seen(hollow), outline)


def _crested(rise_of: Tensor) -> Tensor:
    """Each crest as high as the parabola through its three steps: outlines would be notched where steps miss it."""
    before, at, after = rise_of[:, :-2], rise_of[:, 1:-1], rise_of[:, 2:]
    bend = (before - 2.0 * at + after).clamp(max=-1e-9)
    lifted = at - (after - before) ** 2 / (8.0 * bend)
    crest = torch.where((at >= before) & (at >= after), lifted, at)
    return torch.cat((rise_of[:, :1], crest, rise_of[:, -1:]), 1)


def _lit(height: Tensor, x: Tensor, z: Tensor, sun: Tensor, steep: float) -> tuple[Tensor, Tensor, Tensor]:
    """Light, slope and hollow of a grid of heights (B, D, W) at x and z."""
    apart_x = (x[..., 1:] - x[..., :-1]).mean((1, 2), keepdim=True) / z.mean((1, 2), keepdim=True) * z
    apart_z = z.diff(dim=1)
    apart_z = torch.cat((apart_z, apart_z[:, -1:]), 1)
    slope_x = F.pad(height.diff(dim=2), (0, 1, 0, 0)) / apart_x
    # Along a line of sight x changes too: take that part out.
    toward = F.pad(height.diff(dim=1), (0, 0, 0, 1)) / apart_z
    slope_z = toward - slope_x * (x / z)
    # Steps are longer than columns are wide; their slopes are not to be told apart by it.
    slope_x = 0.5 * (slope_x + F.pad(slope_x[..., :-1], (1, 0, 0, 0)))
    length2 = slope_x**2 + slope_z**2
    lean = (slope_x * sun.cos() + slope_z * sun.sin()) * steep
    light = ((1.0 + lean * 1.15) / (1.0 + length2 * steep**2).sqrt()).clamp(0.05, 2.0)
    wide = max(3, height.shape[1] // 24) | 1
    around = F.avg_pool2d(height[:, None], (wide, wide), 1, wide // 2, count_include_pad=False)[:, 0]
    hollow = ((around - height) / (z * 0.02)).clamp(-1, 1)
    return light, (length2.sqrt() / (1.0 + length2).sqrt()), hollow


def eroded(canvas: Canvas, x: Tensor, z: Tensor, *, octaves: int = 9) -> Tensor:
    """(B, D, W), about -0.3 … 1: mountains: folded noise whose fine folds grow on the heights only (Musgrave 1994)."""
    total, weight, amplitude = torch.zeros_like(x), torch.ones_like(x), 1.0
    bend = canvas.noise(x * 0.8, z * 0.8, octaves=3, local=True) * 0.22
    x, z = x + bend, z - bend
    for octave in range(octaves):
        fold = 2.03**octave
        turn = 0.6 * octave
        u, v = (x * math.cos(turn) + z * math.sin(turn)) * fold, (z * math.cos(turn) - x * math.sin(turn)) * fold
        value = canvas.noise(u, v, octaves=1, local=True).clamp(-0.9, 0.9)
        # A crest as sharp as a knife would fall between two steps of a cast: it is as round as three of them are long.
        blunt = torch.maximum(slope_at(u), slope_at(v)).mul(3.0).clamp(0.07, 0.9)
        crest = (
            (1.0 - ((value**2 + blunt**2).sqrt() - blunt * 0.4).clamp(max=0.9) * 1.1) ** 1.5
            if octave < 5
            else 0.5 + value * 0.5
        )
        total = total + crest * weight * amplitude
        weight = (crest * weight * 1.8).clamp(0.25, 1)
        amplitude *= 0.50
    return total * 0.62 - 0.32
