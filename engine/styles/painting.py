"""Brushes: watercolour, oil, impressionist, pointillism, pastel, gouache."""

from __future__ import annotations

import numpy as np

from engine.styles import filters as f
from engine.styles.fields import flat, flow_of, inked, lines
from engine.styles.look import Look
from engine.styles.noise import Floats, fractal, smooth
from engine.styles.strokes import Brush, Painted, painted, relief
from engine.styles.surface import canvas, grain, paper


def watercolour(picture: Floats, look: Look) -> Floats:
    """Washes of pigment on rough paper: pale, granulated, with darker rims where a wash dried.

    Pigment as in Bousseau et al. 2006, section 3: a density of ``d`` makes C - (C - C²)(d - 1).
    """
    unit = look.unit_px * look.size
    wobbly = _wobbled(picture, look, 2.2 * unit, 14 * unit)
    wash = flat(wobbly, look, 5.5 * look.size, rounds=2, flow_units=4.0)
    look.check()
    # Water lightens: shadows open, what is nearly white is left as paper.
    light = f.luma(wash)
    lifted = look.levelled(light, 0.12, 0.96, 0.65) ** np.float32(0.66)
    wash = f.at_tone(wash, light, lifted, 1.3)
    wash = f.mix(wash, np.ones_like(wash), f.step(lifted, 0.90, 1.0) * np.float32(0.6))
    wash = np.clip(wash, 0.04, 0.985)
    rims = np.abs(f.soft(light, 1.2 * unit) - f.soft(light, 4.5 * unit))
    rough = paper(look)
    density = (
        1.0
        + 0.55 * (fractal(look.place, 70 * unit, 4, look.seed + 1) - 0.5)
        + 0.5 * (0.5 - rough) * (1.2 - lifted)
        + np.minimum(4.5 * rims, 0.75)
    )
    drawn = wash - (wash - wash * wash) * (np.asarray(density, np.float32)[..., None] - 1)
    look.check()
    pencil = inked(lines(wobbly, look, 0.9), -0.16, 0.3)
    drawn = drawn * (0.62 + 0.38 * pencil)[..., None]
    sheet = look.ink((0.985, 0.975, 0.95)) * (1 + 0.05 * (rough - 0.5))[..., None]
    return np.asarray(drawn * sheet * relief(f.soft(rough, 0.5 * look.unit_px), 0.25)[..., None], np.float32)


def gouache(picture: Floats, look: Look) -> Floats:
    """Opaque, matt areas of few tones, dry brush at their rims."""
    unit = look.unit_px * look.size
    wobbly = _wobbled(picture, look, 1.6 * unit, 9 * unit)
    area = flat(wobbly, look, 6.0 * look.size, rounds=2, flow_units=3.0)
    light = f.luma(area)
    tone = look.levelled(light, 0.12, 0.91)
    stepped = _steps(tone, 7, 0.3)
    look.check()
    area = f.at_tone(area, light, stepped, 1.25)
    flow = flow_of(area, look, 3.0)
    bristles = f.flowing(grain(look, 1.0), *flow.tangent, 7 * unit, max(1.0, 0.9 * unit))
    look.check()
    area = area * (1 + 0.05 * bristles)[..., None]
    area = f.mix(area, look.ink((0.96, 0.93, 0.86))[None, None], 0.08)
    return np.asarray(area * relief(paper(look, 0.7), 0.12)[..., None], np.float32)


def oil(picture: Floats, look: Look) -> Floats:
    """Thick paint on canvas: curved strokes over one another, bristle marks and ridges that catch the light."""
    unit = look.unit_px * look.size
    brushes = (
        Brush(9 * unit, 17 * unit, 70 * unit, veer=0.2),
        Brush(5 * unit, 9 * unit, 46 * unit, 0.016, 0.12),
        Brush(2.6 * unit, 4.2 * unit, 26 * unit, 0.045, 0.09, 0.15),
        Brush(1.5 * unit, 2.2 * unit, 13 * unit, 0.09, 0.07, 0.1),
    )
    base = np.clip(_richer(flat(picture, look, 1.8 * look.size), look, 1.18), 0, 1)
    return _impasto(base, picture, look, brushes, ridges=1.0, spread=0.07)


def impressionist(picture: Floats, look: Look) -> Floats:
    """Short, separate, vivid strokes, their hues broken as in open air."""
    unit = look.unit_px * look.size
    brushes = (
        Brush(8 * unit, 13 * unit, 40 * unit, veer=0.3, wander=0.5),
        Brush(5 * unit, 7.5 * unit, 27 * unit, 0.0, 0.2, 0.5),
        Brush(3.2 * unit, 4.4 * unit, 17 * unit, 0.05, 0.14, 0.35),
        Brush(2.2 * unit, 2.8 * unit, 10 * unit, 0.11, 0.1, 0.2),
    )
    base = np.clip(_richer(flat(picture, look, 2.2 * look.size), look, 1.45, 0.10), 0, 1)
    return _impasto(base, picture, look, brushes, ridges=1.25, spread=0.2)


def _impasto(
    base: Floats, picture: Floats, look: Look, brushes: tuple[Brush, ...], ridges: float, spread: float
) -> Floats:
    unit = look.unit_px * look.size
    flow = flow_of(base, look, 3.5 * look.size)
    look.check()
    marks = painted(base, flow.tangent, _detail(picture, look), brushes, look.place, look.seed)
    look.check()
    shown = _broken(marks, marks.shown(base), spread)
    bristles = f.flowing(grain(look, 0.9), *flow.tangent, 8 * unit, max(1.0, 0.9 * unit))
    look.check()
    height = 0.55 * marks.across + 0.35 * marks.chance[marks.ids] + 0.16 * bristles
    light = relief(f.soft(np.asarray(height, np.float32), 0.5 * look.unit_px), 0.8 * ridges)
    cloth = relief(canvas(look), 0.10)
    painted_ = f.soft(shown, 0.35 * look.unit_px) * (1 + 0.028 * bristles)[..., None]
    return np.asarray(painted_ * (light * cloth)[..., None], np.float32)


def pointillism(picture: Floats, look: Look) -> Floats:
    """Dots of purer colours than the picture has, which mix in the eye; on a warm ground."""
    unit = look.unit_px * look.size
    base = np.clip(_richer(flat(picture, look, 2.0), look, 1.5, 0.08), 0, 1)
    brushes = (
        Brush(6.4 * unit, 9.6 * unit, 0, is_dot=True),
        Brush(6.0 * unit, 7.4 * unit, 0, is_dot=True),
        Brush(4.6 * unit, 5.4 * unit, 0, 0.012, is_dot=True),
        Brush(3.2 * unit, 3.6 * unit, 0, 0.05, is_dot=True),
        Brush(2.2 * unit, 2.5 * unit, 0, 0.10, is_dot=True),
    )
    still = np.ones(picture.shape[:2], np.float32)
    look.check()
    marks = painted(base, (still, still), _detail(picture, look), brushes, look.place, look.seed)
    look.check()
    ground = np.broadcast_to(look.ink((0.93, 0.89, 0.80)), picture.shape).astype(np.float32)
    shown = f.soft(_broken(marks, marks.shown(ground), 0.30), 0.3 * look.unit_px)
    light = relief(f.soft(0.5 * marks.across, 0.5 * look.unit_px), 0.45)
    return np.asarray(shown * light[..., None] * relief(canvas(look), 0.07)[..., None], np.float32)


def pastel(picture: Floats, look: Look) -> Floats:
    """Soft sticks on toned paper, which shows through."""
    unit = look.unit_px * look.size
    base = np.clip(_richer(flat(picture, look, 3.0 * look.size), look, 1.3, 0.12), 0, 1)
    brushes = (
        Brush(6.5 * unit, 11 * unit, 52 * unit, veer=0.25, wander=0.25),
        Brush(4 * unit, 5.5 * unit, 34 * unit, 0.02, 0.14, 0.3),
        Brush(2.4 * unit, 2.6 * unit, 18 * unit, 0.06, 0.1, 0.2),
    )
    flow = flow_of(base, look, 4.0 * look.size, resting=0.9)
    look.check()
    marks = painted(base, flow.tangent, _detail(picture, look), brushes, look.place, look.seed)
    look.check()
    shown = f.soft(_broken(marks, marks.shown(base), 0.16), 0.6 * look.unit_px)
    streaks = 2.4 * f.flowing(grain(look, 1.1), *flow.tangent, 6 * unit, max(1.0, unit))
    rough = smooth(look.place, 1.8 * look.unit_px, look.seed + 21)
    covered = f.step(np.asarray(0.5 + 0.5 * (rough - 0.5) + 0.16 * streaks, np.float32), 0.18, 0.52)
    # Toned paper, and what was rubbed into it.
    sheet = f.mix(base * np.float32(0.82), look.ink((0.66, 0.60, 0.53))[None, None], 0.42)
    sheet = sheet * (1 + 0.10 * (rough - 0.5))[..., None]
    chalk = np.clip(shown * (1.02 + 0.045 * streaks)[..., None], 0, 1)
    return f.mix(np.asarray(sheet, np.float32), chalk, np.asarray(0.30 + 0.70 * covered, np.float32))


def _detail(picture: Floats, look: Look) -> Floats:
    """H×W: how much of the picture a broad brush would lose."""
    unit = look.unit_px * look.size
    light = f.luma(picture)
    return f.soft(np.abs(f.soft(light, 0.8 * unit) - f.soft(light, 4.0 * unit)), 2.0 * unit)


def _broken(marks: Painted, shown: Floats, spread: float) -> Floats:
    """Every stroke a little lighter, warmer or cooler than its place."""
    chance = marks.chance[marks.ids] - np.float32(0.5)
    other = (marks.chance[marks.ids] * 7.31) % 1.0 - 0.5
    third = (marks.chance[marks.ids] * 13.7) % 1.0 - 0.5
    shift = np.stack([other + 0.8 * chance, 0.5 * third + 0.8 * chance, -other + 0.8 * chance], -1)
    room = np.minimum(shown, 1 - shown) + 0.12
    return np.asarray(np.clip(shown + shift * room * np.float32(2 * spread), 0, 1), np.float32)


def _richer(picture: Floats, look: Look, chroma: float, lift: float = 0.04) -> Floats:
    """Fuller colour, and light and dark that use the range."""
    light = f.luma(picture)
    tone = f.mix(light, look.levelled(light, 0.03 + lift / 2, 0.97), 0.6)
    grey = tone[..., None]
    return np.asarray(grey + (picture - light[..., None]) * np.float32(chroma), np.float32)


def _steps(tone: Floats, count: int, softness: float) -> Floats:
    """0 … 1 in so many steps, their edges smooth over a share of a step."""
    at = tone * count
    low = np.floor(at)
    return np.asarray((low + f.step(np.asarray(at - low, np.float32), 0.5 - softness / 2, 0.5 + softness / 2)) / count)


def _wobbled(picture: Floats, look: Look, by_px: float, cell_px: float) -> Floats:
    """As a hand that is not a ruler: places moved by smooth noise."""
    xs, ys = f.places(picture.shape)
    dx = (smooth(look.place, cell_px, look.seed + 71) - 0.5) * np.float32(2 * by_px)
    dy = (smooth(look.place, cell_px, look.seed + 72) - 0.5) * np.float32(2 * by_px)
    return f.looked_up(picture, xs + dx, ys + dy)
