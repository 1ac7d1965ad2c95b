"""Pictures laid of pieces: pixels, tesserae, glass, facets. Every piece is a function of its own place and content."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.styles import filters as f
from engine.styles.fields import flat
from engine.styles.look import Look
from engine.styles.noise import Floats, fractal, hashed, smooth
from engine.styles.strokes import relief

_BAYER = (
    np.array(((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5)), np.float32) / np.float32(16)
) - np.float32(15 / 32)


def pixel_art(picture: Floats, look: Look) -> Floats:
    """Large square pixels of few colours, dithered in a checker between two of them."""
    side = max(2, round(8.0 * look.unit_px * look.size))
    rows = np.arange(look.place.y0, look.place.y1) // side
    cols = np.arange(look.place.x0, look.place.x1) // side
    row, col = rows - rows[0], cols - cols[0]
    shape = (int(row[-1]) + 1, int(col[-1]) + 1)
    sharp = picture + 0.7 * (picture - f.soft(picture, 0.45 * side))
    cells = _means((row[:, None] * shape[1] + col[None]).ravel(), sharp.reshape(-1, 3), shape[0] * shape[1])
    small = cells.reshape(*shape, 3)
    look.check()
    light = f.luma(small)
    tone = f.mix(light, look.levelled(light, 0.03, 0.98), 0.5)
    small = np.clip(tone[..., None] + (small - light[..., None]) * np.float32(1.3), 0, 1)
    inks = look.tones.palette(20, 1.3)
    where_y = (rows[0] + np.arange(shape[0])) % 4
    where_x = (cols[0] + np.arange(shape[1])) % 4
    small = small + _BAYER[where_y[:, None], where_x[None]][..., None] * np.float32(0.075)
    weights = np.array((0.8, 1.1, 0.7), np.float32)
    nearest = np.stack([(((small - each) * weights) ** 2).sum(-1) for each in inks], -1).argmin(-1)
    return np.ascontiguousarray(inks[nearest][row][:, col], np.float32)


def mosaic(picture: Floats, look: Look) -> Floats:
    """Hand-cut stones in mortar, each of one colour, laid along the edges of things."""
    unit = look.unit_px * look.size
    pitch = 12.5 * unit
    area = flat(picture, look, 2.5 * look.size)
    look.check()
    laid = _laid(area, look, pitch, 2.2, rounds=1)
    tone = _richer(laid.colours, look, 1.35)
    chance = laid.chance[:, None]
    tone = np.clip(tone * (0.98 + 0.22 * chance) + 0.025 * (laid.chance * 7 % 1)[:, None] - 0.01, 0, 1)
    rim = f.step(laid.gap, 0.35 * unit, 1.05 * unit)
    dome = f.step(laid.gap, 0.2 * unit, 3.4 * unit)
    rough = fractal(look.place, 4.0 * unit, 3, look.seed + 5)
    look.check()
    stone = tone[laid.ids] * relief(np.asarray(dome + 0.22 * rough, np.float32), 1.15)[..., None]
    stone = stone * (1 + 0.10 * (rough - 0.5))[..., None]
    mortar = look.ink((0.50, 0.47, 0.42))[None, None] * (0.8 + 0.4 * rough)[..., None]
    return f.mix(np.asarray(mortar, np.float32), np.asarray(stone, np.float32), rim)


def stained_glass(picture: Floats, look: Look) -> Floats:
    """Panes of glowing glass that follow the shapes, in lead."""
    unit = look.unit_px * look.size
    area = flat(picture, look, 4.0 * look.size, rounds=2)
    look.check()
    laid = _laid(area, look, 30 * unit, 13.0, rounds=2)
    tone = _richer(laid.colours, look, 1.9, lift=0.12)
    glass = tone[laid.ids]
    streaks = fractal(look.place, 22 * unit, 3, look.seed + 3)
    bubbles = smooth(look.place, 3.2 * unit, look.seed + 4)
    glass = (
        glass
        * (0.86 + 0.42 * (streaks - 0.5) + 0.10 * (bubbles - 0.5) + 0.22 * f.step(laid.gap, 0, 9 * unit))[..., None]
    )
    look.check()
    lead = f.step(laid.gap, 1.25 * unit, 2.3 * unit)
    metal = (
        look.ink((0.085, 0.085, 0.095))
        * relief(np.asarray(-f.step(laid.gap, 0, 2.3 * unit), np.float32), 1.3)[..., None]
    )
    shown = f.mix(np.asarray(metal, np.float32), np.asarray(np.clip(glass, 0, 1), np.float32), lead)
    glow = f.soft(np.asarray(np.clip(shown - 0.5, 0, 1), np.float32), 8 * unit)
    return np.asarray(shown + 0.30 * glow, np.float32)


def low_poly(picture: Floats, look: Look) -> Floats:
    """Facets: triangles whose corners sit on the edges of things, each in one colour, shaded a little."""
    unit = look.unit_px * look.size
    area = flat(picture, look, 2.5 * look.size)
    look.check()
    x, y, corner_chance = _corners(picture, look, 17.0 * unit)
    ids, chance = _triangles(x, y, corner_chance, picture.shape[:2])
    look.check()
    colours = _richer(_means(ids.ravel(), area.reshape(-1, 3), len(chance)), look, 1.28)
    colours = np.clip(colours * (0.93 + 0.14 * chance)[:, None], 0, 1)
    return f.soft(colours[ids], 0.35)


@dataclass(frozen=True, slots=True, eq=False)
class _Laid:
    """A tessellation: ids (H, W), colours (n, 3) and chance (n,) by id, and pixels (H, W) to the next piece."""

    ids: npt.NDArray[np.int64]
    colours: Floats
    chance: Floats
    gap: Floats


def _laid(area: Floats, look: Look, pitch_px: float, colour_say: float, rounds: int) -> _Laid:
    """Pieces around jittered seeds that heed colour beside distance: a round or two of SLIC (Achanta et al. 2012)."""
    pitch, jitter = max(4.0, pitch_px), min(0.95, 0.45 + 0.04 * colour_say)
    rows = np.arange(math.floor(look.place.y0 / pitch) - 2, math.ceil(look.place.y1 / pitch) + 3)
    cols = np.arange(math.floor(look.place.x0 / pitch) - 2, math.ceil(look.place.x1 / pitch) + 3)
    row, col = (each.astype(np.int64) for each in np.meshgrid(rows, cols, indexing="ij"))
    shift = (row % 2) * 0.5 - 0.25
    sx = (col + 0.5 + shift + jitter * (hashed(col, row, look.seed) - 0.5)) * pitch - look.place.x0
    sy = (row + 0.5 + jitter * (hashed(col, row, look.seed + 1) - 0.5)) * pitch - look.place.y0
    chance = hashed(col, row, look.seed + 2)
    height, width = area.shape[:2]
    colour = _sampled(area, sx, sy)
    xs, ys = np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]
    home_r, home_c = (
        _cells(look.place.y0, height, pitch, rows)[:, None],
        _cells(look.place.x0, width, pitch, cols)[None],
    )
    count = sx.size
    best = np.zeros((height, width), np.int64)
    for number in range(rounds + 1):
        look.check()
        first = np.full((height, width), np.inf, np.float32)
        for dr in (-2, -1, 0, 1, 2):
            for dc in (-2, -1, 0, 1, 2):
                if abs(dr) + abs(dc) == 4:
                    continue
                r = np.clip(home_r + dr, 0, len(rows) - 1)
                c = np.clip(home_c + dc, 0, len(cols) - 1)
                apart = (xs - sx[r, c].astype(np.float32)) ** 2 + (ys - sy[r, c].astype(np.float32)) ** 2
                apart = apart / np.float32(pitch**2) + ((area - colour[r, c]) ** 2).sum(-1) * np.float32(colour_say)
                apart = np.asarray(apart, np.float32)
                nearer = apart < first
                first = np.where(nearer, apart, first)
                best = np.where(nearer, r * len(cols) + c, best)
            look.check()
        if number < rounds:
            means = _means(best.ravel(), np.concatenate([area.reshape(-1, 3), *_places(height, width)], 1), count)
            sizes = np.bincount(best.ravel(), minlength=count)
            there = (sizes > 0).reshape(sx.shape)
            means = means.reshape(*sx.shape, 5)
            colour = np.where(there[..., None], means[..., :3], colour)
            sx = np.where(there, 0.5 * sx + 0.5 * means[..., 3], sx)
            sy = np.where(there, 0.5 * sy + 0.5 * means[..., 4], sy)
    gap = _borders(best, pitch)
    mean = _means(best.ravel(), area.reshape(-1, 3), count)
    return _Laid(best, mean, chance.ravel(), gap)


def _cells(start: int, length: int, pitch: float, lattice: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For every pixel the index in ``lattice`` of its cell."""
    cells = np.floor((np.arange(start, start + length) + 0.5) / pitch).astype(np.int64)
    return np.asarray(cells - lattice[0], np.int64)


def _borders(ids: npt.NDArray[np.int64], pitch: float) -> Floats:
    """H×W pixels to the next piece, at most a pitch."""
    edge = np.zeros(ids.shape, np.uint8)
    edge[:, 1:] |= (ids[:, 1:] != ids[:, :-1]).astype(np.uint8)
    edge[1:] |= (ids[1:] != ids[:-1]).astype(np.uint8)
    far = np.asarray(cv2.distanceTransform(1 - edge, cv2.DIST_L2, 5), np.float32)
    return f.soft(np.minimum(far, np.float32(pitch)), 0.4)


def _places(height: int, width: int) -> tuple[Floats, Floats]:
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    return xs.reshape(-1, 1), ys.reshape(-1, 1)


def _sampled(area: Floats, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> Floats:
    row = np.clip(np.rint(y), 0, area.shape[0] - 1).astype(np.int64)
    col = np.clip(np.rint(x), 0, area.shape[1] - 1).astype(np.int64)
    return area[row, col]


def _means(ids: npt.NDArray[np.int64], values: Floats, count: int) -> Floats:
    """(count, C) means of the (n, C) values of each id; 0 for an id that is nowhere."""
    sizes = np.maximum(np.bincount(ids, minlength=count), 1)
    sums = [np.bincount(ids, values[:, channel], count) for channel in range(values.shape[1])]
    return np.asarray(np.stack(sums, -1) / sizes[:, None], np.float32)


def _richer(colours: Floats, look: Look, chroma: float, lift: float = 0.03) -> Floats:
    light = f.luma(colours)
    tone = f.mix(light, look.levelled(light, lift, 0.97), 0.65)
    return np.clip(tone[:, None] + (colours - light[:, None]) * np.float32(chroma), 0, 1)


def _corners(picture: Floats, look: Look, pitch_px: float) -> tuple[Floats, Floats, Floats]:
    """A corner a cell of the layer's lattice, where the picture changes most in it; by chance where it does not.

    Returns:
        x, y in the tile's pixels, and a number 0 … 1 of its own for each.
    """
    pitch = max(4.0, pitch_px)
    rows = np.arange(math.floor(look.place.y0 / pitch) - 1, math.ceil(look.place.y1 / pitch) + 1)
    cols = np.arange(math.floor(look.place.x0 / pitch) - 1, math.ceil(look.place.x1 / pitch) + 1)
    row, col = (each.ravel().astype(np.int64) for each in np.meshgrid(rows, cols, indexing="ij"))
    dx, dy = f.slopes(f.soft(picture, 1.6 * look.unit_px))
    # In steps, so that a rounding does not decide between two places.
    change = np.rint(np.sqrt((dx**2 + dy**2).sum(-1)) * np.float32(400))
    best_x, best_y, best = None, None, None
    for number in range(24):
        # Places are tried by chance, the same for a cell in every tile.
        x = (col + 0.08 + 0.84 * hashed(col, row, look.seed + 300 + 2 * number)) * pitch - look.place.x0
        y = (row + 0.08 + 0.84 * hashed(col, row, look.seed + 301 + 2 * number)) * pitch - look.place.y0
        inside_r = np.clip(np.rint(y), 0, picture.shape[0] - 1).astype(np.int64)
        inside_c = np.clip(np.rint(x), 0, picture.shape[1] - 1).astype(np.int64)
        score = change[inside_r, inside_c] + np.float32(2.0 if number == 0 else 0.0)
        if best is None or best_x is None or best_y is None:
            best_x, best_y, best = x, y, score
            continue
        better = score > best
        best_x, best_y, best = np.where(better, x, best_x), np.where(better, y, best_y), np.maximum(score, best)
    assert best_x is not None and best_y is not None
    return best_x.astype(np.float32), best_y.astype(np.float32), hashed(col, row, look.seed + 299)


def _triangles(x: Floats, y: Floats, chance: Floats, shape: tuple[int, ...]) -> tuple[npt.NDArray[np.int64], Floats]:
    """H×W: which triangle of the Delaunay triangulation a pixel is in; and by triangle a number 0 … 1 of its own."""
    left, top = math.floor(float(x.min())) - 9, math.floor(float(y.min())) - 9
    points = [(float(px) - left, float(py) - top) for px, py in zip(x, y, strict=True)]
    plane = cv2.Subdiv2D((0, 0, math.ceil(float(x.max())) - left + 9, math.ceil(float(y.max())) - top + 9))
    plane.insert(points)
    found = np.asarray(plane.getTriangleList(), np.float32).reshape(-1, 3, 2)
    own = {(np.float32(px), np.float32(py)): float(each) for (px, py), each in zip(points, chance, strict=True)}
    sums = np.array([sum(own.get((px, py), 0.0) for px, py in triangle) for triangle in found], np.float64)
    # Neighbours share the pixels of their edge: the later has them, and who is later must not depend on the tile.
    order = np.argsort(sums, kind="stable")
    ids = np.zeros(shape[:2], np.int32)
    corners = np.rint((found[order] + np.array((left, top), np.float32)) * 16).astype(np.int32)
    for number, triangle in enumerate(corners):
        cv2.fillConvexPoly(ids, triangle, number + 1, cv2.LINE_8, 4)
    return ids.astype(np.int64), np.concatenate([[0.0], sums[order] % 1]).astype(np.float32)
