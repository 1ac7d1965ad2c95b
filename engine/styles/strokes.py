"""Brush strokes: curved marks that follow the picture, drawn one over the other (Hertzmann 1998), tile by tile alike.

Every stroke is seeded on a lattice of the layer, and its place in the order is a function of its seed alone, so a tile
shows the same strokes whatever it is cut from. There is no canvas that is looked back at: where fine strokes go is
told by the detail of the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.geometry import PixelRect
from engine.styles.noise import Floats, hashed

# Fractions of a pixel that OpenCV takes for the ends of lines.
_SHIFT = 3
_POINTS = 7


@dataclass(frozen=True, slots=True)
class Brush:
    """One layer of strokes.

    Attributes:
        spacing_px: between seeds. width_px: of a stroke. length_px: at most.
        detail: only where the picture has at least so much of it; 0: everywhere.
        veer: a stroke ends where the colour differs by more than this from its own.
        wander: radians that its direction strays by.
        is_dot: round dabs instead.
    """

    spacing_px: float
    width_px: float
    length_px: float
    detail: float = 0.0
    veer: float = 0.12
    wander: float = 0.25
    is_dot: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """What the strokes left.

    Attributes:
        ids: (H, W) int32: the topmost stroke of each pixel; 0 where there is none.
        colours: (n, 3) by id. chance: (n,) 0 … 1 by id.
        across: (H, W): how near a pixel is to its stroke's middle: 1 in the core, 0 at its rim.
    """

    ids: npt.NDArray[np.int32]
    colours: Floats
    chance: Floats
    across: Floats

    def shown(self, ground: Floats) -> Floats:
        """H×W×3: the strokes' colours over a ground."""
        return np.asarray(np.where((self.ids > 0)[..., None], self.colours[self.ids], ground), np.float32)


def painted(
    picture: Floats,
    tangent: tuple[Floats, Floats],
    detail: Floats,
    brushes: tuple[Brush, ...],
    place: PixelRect,
    seed: int,
) -> Painted:
    """The strokes of all layers, coarse first.

    Args:
        picture: H×W×3 of ``place``, already as flat as the strokes should be. tangent: their direction, H×W each.
        detail: H×W. seed: 0 … 2³²-1.
    """
    height, width = picture.shape[:2]
    ids = np.zeros((height, width), np.int32)
    core = np.zeros((height, width), np.int32)
    colours: list[Floats] = [np.zeros((1, 3), np.float32)]
    chances: list[Floats] = [np.zeros(1, np.float32)]
    count = 1
    for number, brush in enumerate(brushes):
        x, y, order, chance = _seeds(place, brush.spacing_px, seed + 7919 * number)
        wanted = _at(detail, x, y) >= brush.detail + 0.4 * brush.detail * (chance - 0.5)
        keep = np.flatnonzero(wanted)
        keep = keep[np.argsort(order[keep], kind="stable")]
        x, y, chance = x[keep], y[keep], chance[keep]
        colour = _colours(picture, x, y)
        if brush.is_dot:
            _dots(ids, core, x, y, chance, brush, count)
        else:
            paths, lengths = _paths(picture, tangent, x, y, colour, chance, brush)
            _draw(ids, core, paths, lengths, brush, count)
        colours.append(colour)
        chances.append(chance)
        count += len(x)
    across = np.asarray(cv2.blur((core == ids).astype(np.float32), (3, 3)), np.float32)
    return Painted(ids, np.concatenate(colours), np.concatenate(chances), across)


def _seeds(place: PixelRect, spacing_px: float, seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Jittered lattice points in the tile's pixels, row by row of the layer's lattice; order and chance of each."""
    spacing = max(1.0, spacing_px)
    rows = np.arange(math.floor(place.y0 / spacing) - 1, math.ceil(place.y1 / spacing) + 1)
    cols = np.arange(math.floor(place.x0 / spacing) - 1, math.ceil(place.x1 / spacing) + 1)
    row, col = (each.ravel() for each in np.meshgrid(rows, cols, indexing="ij"))
    x = (col + 0.5 + 0.9 * (hashed(col, row, seed) - 0.5)) * spacing - place.x0
    y = (row + 0.5 + 0.9 * (hashed(col, row, seed + 1) - 0.5)) * spacing - place.y0
    return (
        x.astype(np.float32),
        y.astype(np.float32),
        hashed(col, row, seed + 2),
        hashed(col, row, seed + 3),
    )


def _at(values: Floats, x: Floats, y: Floats) -> Floats:
    """Values at scattered places."""
    row = np.clip(np.rint(y), 0, values.shape[0] - 1).astype(np.int64)
    col = np.clip(np.rint(x), 0, values.shape[1] - 1).astype(np.int64)
    return values[row, col]


def _colours(picture: Floats, x: Floats, y: Floats) -> Floats:
    return np.asarray(_at(picture, x, y), np.float32)


def _paths(
    picture: Floats,
    tangent: tuple[Floats, Floats],
    x: Floats,
    y: Floats,
    colour: Floats,
    chance: Floats,
    brush: Brush,
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """(n, points, 2) along the field to both sides of the seed, and how many of them count at each end."""
    half = _POINTS // 2
    stride = np.float32(brush.length_px / (_POINTS - 1))
    paths = np.zeros((len(x), _POINTS, 2), np.float32)
    paths[:, half] = np.stack([x, y], -1)
    ends = np.zeros((len(x), 2), np.int64)
    angle = (chance - 0.5) * np.float32(2 * brush.wander)
    cos, sin = np.cos(angle), np.sin(angle)
    for side, sign in enumerate((-1, 1)):
        px, py = x.copy(), y.copy()
        tx, ty = _at(tangent[0], px, py), _at(tangent[1], px, py)
        dx, dy = np.float32(sign) * tx, np.float32(sign) * ty
        going = np.ones(len(x), np.bool_)
        for point in range(1, half + 1):
            px = px + (dx * cos - dy * sin) * stride
            py = py + (dx * sin + dy * cos) * stride
            differs = np.abs(_colours(picture, px, py) - colour).max(-1)
            # A stroke has a length at least, so that it never is a dot.
            going &= (differs < brush.veer) | (point == 1)
            paths[:, half + sign * point] = np.stack([px, py], -1)
            ends[:, side] += going
            tx, ty = _at(tangent[0], px, py), _at(tangent[1], px, py)
            turn = np.where(tx * dx + ty * dy < 0, np.float32(-1), np.float32(1))
            dx, dy = tx * turn, ty * turn
    return paths, ends


def _draw(
    ids: npt.NDArray[np.int32],
    core: npt.NDArray[np.int32],
    paths: Floats,
    ends: npt.NDArray[np.int64],
    brush: Brush,
    first: int,
) -> None:
    half = _POINTS // 2
    points = np.rint(paths * (1 << _SHIFT)).astype(np.int32)
    wide, narrow = max(1, round(brush.width_px)), max(1, round(0.55 * brush.width_px))
    for number in range(len(points)):
        line = [points[number, half - ends[number, 0] : half + ends[number, 1] + 1]]
        cv2.polylines(ids, line, False, first + number, wide, cv2.LINE_8, _SHIFT)
        cv2.polylines(core, line, False, first + number, narrow, cv2.LINE_8, _SHIFT)


def _dots(
    ids: npt.NDArray[np.int32],
    core: npt.NDArray[np.int32],
    x: Floats,
    y: Floats,
    chance: Floats,
    brush: Brush,
    first: int,
) -> None:
    xs = np.rint(x * (1 << _SHIFT)).astype(np.int32)
    ys = np.rint(y * (1 << _SHIFT)).astype(np.int32)
    radii = np.rint(brush.width_px / 2 * (0.75 + 0.5 * chance) * (1 << _SHIFT)).astype(np.int32)
    for number in range(len(xs)):
        middle, radius = (int(xs[number]), int(ys[number])), int(radii[number])
        cv2.circle(ids, middle, radius, first + number, -1, cv2.LINE_8, _SHIFT)
        cv2.circle(core, middle, max(1, radius // 2), first + number, -1, cv2.LINE_8, _SHIFT)


def relief(height: Floats, strength: float, angle: float = -2.3) -> Floats:
    """H×W factor about 1: light that falls on a rough surface from ``angle`` (radians; upper left)."""
    dx = np.asarray(cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=1 / 8), np.float32)
    dy = np.asarray(cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=1 / 8), np.float32)
    lit = -(dx * math.cos(angle) + dy * math.sin(angle)) * np.float32(-strength)
    return np.asarray(1 + np.clip(lit, -0.35, 0.45), np.float32)
