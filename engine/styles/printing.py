"""Ink in layers: cartoon, comic, pop art, poster, halftone, newspaper, risograph, paper cut-out."""

from __future__ import annotations

import math

import numpy as np

from engine.styles import filters as f
from engine.styles.fields import flat, inked, lines
from engine.styles.look import Look
from engine.styles.noise import Floats, fractal, smooth, white
from engine.styles.surface import paper

_BLACK = (0.06, 0.05, 0.07)
# Warhol's kind of inks, dark to light, beside black: four sets, chosen by the seed.
_POP = (
    ((0.16, 0.07, 0.35), (0.88, 0.10, 0.45), (1.00, 0.55, 0.10), (1.00, 0.90, 0.25)),
    ((0.05, 0.15, 0.40), (0.00, 0.55, 0.65), (1.00, 0.42, 0.50), (1.00, 0.90, 0.70)),
    ((0.25, 0.03, 0.20), (0.85, 0.12, 0.16), (0.10, 0.70, 0.75), (0.98, 0.93, 0.45)),
    ((0.10, 0.10, 0.30), (0.35, 0.20, 0.75), (0.95, 0.40, 0.70), (0.70, 0.95, 0.60)),
)


def cartoon(picture: Floats, look: Look) -> Floats:
    """Cel shading: flat colours in few steps of light, clean contours, fresh colour."""
    area = flat(picture, look, 5.0 * look.size, rounds=2, flow_units=3.0)
    cel = _cel(area, look, 5, 1.45, 0.13)
    look.check()
    outline = inked(lines(area, look, 1.15 * look.size), -0.10, 0.16)
    line = look.ink((0.10, 0.07, 0.10))[None, None] + 0.18 * area
    return f.mix(np.asarray(line, np.float32), cel, outline)


def comic(picture: Floats, look: Look) -> Floats:
    """A printed page: heavy blacks, few strong colours, dots in the half shadows (Ben Day), yellowed paper."""
    unit = look.unit_px * look.size
    area = flat(picture, look, 5.0 * look.size, rounds=2, flow_units=3.0)
    tone = look.levelled(f.luma(area))
    cel = _cel(area, look, 4, 1.75, 0.16)
    look.check()
    pitch = 6.4 * unit
    radius = np.clip((0.62 - tone) / 0.45, 0, 1) * np.float32(0.60)
    dots = _dots(look, pitch, math.radians(45), radius)
    shaded = f.mix(cel, np.asarray(cel * np.array((0.60, 0.52, 0.66), np.float32), np.float32), dots * np.float32(0.9))
    light = _dots(look, pitch, math.radians(75), np.clip((tone - 0.66) / 0.3, 0, 1) * np.float32(0.42))
    shaded = f.mix(shaded, np.asarray(1 - (1 - shaded) * 0.45, np.float32), light * np.float32(0.6))
    look.check()
    outline = lines(area, look, 1.35 * look.size)
    edge = 0.03 / max(1.0, look.unit_px)
    blacks = f.step(np.asarray(tone - 0.17 + 1.2 * np.minimum(outline, 0.08), np.float32), -edge, edge)
    keep = np.minimum(inked(outline, -0.11, 0.12), blacks)
    sheet = look.ink((0.99, 0.965, 0.90)) * (1 - 0.05 * (1 - paper(look)))[..., None]
    return np.asarray(f.mix(_flood(look, _BLACK, picture), shaded, keep) * sheet, np.float32)


def pop_art(picture: Floats, look: Look) -> Floats:
    """A silkscreen portrait: four loud inks by tone, black on top, printed a little off."""
    unit = look.unit_px * look.size
    area = flat(picture, look, 4.5 * look.size, rounds=2)
    tone = f.soft(look.levelled(f.luma(area)), 1.2 * unit)
    look.check()
    inks = [look.ink(each) for each in _POP[look.seed % len(_POP)]]
    for number in range(min(len(look.inks), len(inks))):
        inks[-1 - number] = look.ink(look.inks[number])
    edge = 0.02 / max(1.0, look.unit_px)
    shown = np.broadcast_to(inks[0], picture.shape).astype(np.float32)
    for number, at in enumerate((0.30, 0.52, 0.74)):
        rag = (fractal(look.place, 7 * look.unit_px, 3, look.seed + number) - 0.5) * np.float32(0.03)
        shown = f.mix(shown, np.broadcast_to(inks[number + 1], picture.shape).astype(np.float32),
                      f.step(np.asarray(tone + rag - at, np.float32), -edge, edge))  # fmt: skip
    look.check()
    outline = lines(area, look, 1.3 * look.size)
    xs, ys = f.places(tone.shape)
    off = np.float32(2.2 * look.unit_px)
    black = np.minimum(f.step(np.asarray(tone - 0.24, np.float32), -edge, edge), inked(outline, -0.15, 0.12))
    black = f.looked_up(black, xs - off, ys - off)
    dry = f.step(fractal(look.place, 3.0 * look.unit_px, 3, look.seed + 9, 0.8), 0.66, 0.86) * np.float32(0.35)
    black = np.maximum(black, dry)
    return f.mix(_flood(look, _BLACK, picture), shown, black)


def poster(picture: Floats, look: Look) -> Floats:
    """A screen print in the picture's own colours, no more than seven of them, with clean edges."""
    unit = look.unit_px * look.size
    area = flat(picture, look, 5.5 * look.size, rounds=2, flow_units=4.0)
    look.check()
    inks = look.tones.palette(7, 1.35)
    shown = _nearest_ink(f.soft(area, 0.8 * unit), inks, 0.018 / max(1.0, look.unit_px))
    rough = paper(look)
    speck = 1 - 0.05 * f.step(fractal(look.place, 2.4 * look.unit_px, 2, look.seed + 9, 0.8), 0.66, 0.9)
    return np.asarray(shown * (1 + 0.03 * (rough - 0.5))[..., None] * speck[..., None], np.float32)


def halftone(picture: Floats, look: Look) -> Floats:
    """Four screens of dots, cyan, magenta, yellow and black, at the printer's angles."""
    pitch = 6.0 * look.unit_px * look.size
    seen = f.soft(picture, 0.18 * pitch)
    light = f.luma(seen)
    tone = f.mix(light, look.levelled(light, 0.04, 1.0, 0.75), 0.85)
    seen = np.clip(tone[..., None] + (seen - light[..., None]) * np.float32(1.35), 0, 1)
    linear = seen ** np.float32(1.25)
    black = (1 - linear.max(-1)) ** np.float32(2.2) * np.float32(0.92)
    rest = np.maximum(1 - black, 1e-3)
    shown = np.broadcast_to(look.ink((0.985, 0.975, 0.945)), picture.shape).astype(np.float32)
    screens = (
        (1 - linear[..., 2] / rest, 0, (1.0, 0.92, 0.10)),
        (1 - linear[..., 1] / rest, 75, (0.90, 0.08, 0.50)),
        (1 - linear[..., 0] / rest, 15, (0.05, 0.62, 0.90)),
        (black, 45, (0.10, 0.09, 0.10)),
    )
    for amount, angle, colour in screens:
        look.check()
        dots = _dots(look, pitch, math.radians(angle), _radius(np.clip(amount, 0, 1)))
        shown = shown * (1 - dots[..., None] * (1 - look.ink(colour)[None, None]))
    return np.asarray(shown, np.float32)


def newspaper(picture: Floats, look: Look) -> Floats:
    """One black screen on grey, fibrous newsprint."""
    pitch = 5.6 * look.unit_px * look.size
    tone = look.levelled(f.soft(f.luma(picture), 0.15 * pitch), 0.03, 1.0, 0.8)
    look.check()
    dots = _dots(look, pitch, math.radians(45), _radius(np.clip(1 - tone ** np.float32(1.25), 0, 1)))
    rough = paper(look)
    faint = 1 - 0.22 * f.step(fractal(look.place, 2.5 * look.unit_px, 2, look.seed + 9, 0.8), 0.6, 0.9)
    sheet = look.ink((0.885, 0.865, 0.82)) * (1 + 0.13 * (rough - 0.5))[..., None]
    fibre = f.step(white(look.place, look.seed + 3), 0.992, 1.0)
    sheet = sheet * (1 - 0.14 * f.soft(fibre, 0.7 * look.unit_px))[..., None]
    ink = _flood(look, look.inks[0] if look.inks else (0.13, 0.12, 0.13), picture)
    return f.mix(np.asarray(sheet, np.float32), ink,
                 np.asarray(dots * faint, np.float32))  # fmt: skip


def risograph(picture: Floats, look: Look) -> Floats:
    """Two or three spot inks, grainy and a little out of register, that multiply where they meet."""
    light = f.luma(picture)
    tone = look.levelled(f.soft(light, 0.8 * look.unit_px))
    warm = np.clip(0.5 + 2.2 * (picture[..., 0] - picture[..., 2]), 0, 1)
    look.check()
    first, second = look.asked(0, (0.98, 0.33, 0.36)), look.asked(1, (0.08, 0.35, 0.62))
    third = look.ink((1.0, 0.86, 0.25))
    golden = 0.15 + 0.75 * np.clip(warm - 0.45, 0, 0.55) / 0.55
    plates = (
        (np.clip((1.08 - tone) * 1.05, 0, 1) * golden, third, (1.2, 0.6), 1),
        (np.clip((1.0 - tone) * 1.1, 0, 1) * (0.35 + 0.65 * warm), first, (-1.4, 0.9), 2),
        (np.clip((0.62 - tone) * 1.55, 0, 1) * (1.0 - 0.35 * warm) + 0.35 * np.clip(0.55 - warm, 0, 1) * (1 - tone),
         second, (0.8, -1.1), 3),
    )  # fmt: skip
    shown = np.broadcast_to(look.ink((0.97, 0.955, 0.92)), picture.shape).astype(np.float32)
    xs, ys = f.places(tone.shape)
    speck_px = max(1.0, 1.15 * look.unit_px * look.size)
    for amount, colour, (dx, dy), number in plates:
        moved = f.looked_up(
            np.asarray(amount, np.float32), xs + np.float32(dx * look.unit_px), ys + np.float32(dy * look.unit_px)
        )
        speck = smooth(look.place, speck_px, look.seed + 17 * number)
        soft_edge = 0.26
        grain_ = f.step(np.asarray(1.15 * moved - 0.14 - 0.62 * speck, np.float32), -soft_edge, soft_edge)
        cover = np.clip(0.35 * moved + 0.65 * grain_, 0, 1)
        uneven = 0.93 + 0.14 * (fractal(look.place, 60 * look.unit_px, 3, look.seed + 23 * number) - 0.5)
        shown = shown * (1 - (cover * uneven)[..., None] * (1 - colour[None, None]))
        look.check()
    return np.asarray(shown * (1 + 0.05 * (paper(look) - 0.5))[..., None], np.float32)


def paper_cut(picture: Floats, look: Look) -> Floats:
    """Sheets of coloured paper, one on the other, the lightest in front; each throws a shadow."""
    unit = look.unit_px * look.size
    area = flat(picture, look, 7.0 * look.size, rounds=2, flow_units=4.0)
    tone = f.soft(look.levelled(f.luma(area)), 2.4 * unit)
    look.check()
    inks = look.tones.ramp(6, 1.5)
    lights = f.luma(inks)
    target = np.linspace(0.14, 0.93, len(inks), dtype=np.float32)
    inks = np.clip(inks + (0.7 * (target - lights))[:, None], 0, 1)
    shown = np.broadcast_to(inks[0], picture.shape).astype(np.float32) * (1 + 0.06 * (paper(look) - 0.5))[..., None]
    xs, ys = f.places(tone.shape)
    off, edge = np.float32(3.2 * unit), 0.012 / max(1.0, look.unit_px)
    for number in range(1, len(inks)):
        look.check()
        at = number / len(inks)
        sheet = f.step(np.asarray(tone - at, np.float32), -edge, edge)
        shadow = f.soft(f.looked_up(sheet, xs - off, ys - off), 2.6 * unit) * np.float32(0.50)
        shown = shown * (1 - shadow)[..., None]
        fibre = paper(look) if number % 2 else 1 - paper(look)
        leaf = inks[number][None, None] * (1 + 0.07 * (fibre - 0.5))[..., None]
        rim = f.step(np.asarray(tone - at - 0.010, np.float32), -edge, edge)
        leaf = leaf * (1 + 0.10 * (1 - rim))[..., None]
        shown = f.mix(np.asarray(shown, np.float32), np.asarray(leaf, np.float32), sheet)
    return np.asarray(shown, np.float32)


def _cel(area: Floats, look: Look, count: int, chroma: float, floor: float) -> Floats:
    """Colours in so many steps of light, fuller than they were."""
    light = f.luma(area)
    tone = look.levelled(light, floor, 1.0)
    at = tone * count
    low = np.floor(at)
    edge = 0.10
    stepped = (low + f.step(np.asarray(at - low, np.float32), 0.5 - edge, 0.5 + edge)) / count
    # The lightest step keeps a colour: white skin would be no skin.
    return f.at_tone(area, light, np.asarray(stepped * np.float32(0.93), np.float32), chroma)


def _nearest_ink(picture: Floats, inks: Floats, edge: float) -> Floats:
    """Every pixel in the ink that is nearest, their borders a pixel soft."""
    weights = np.array((0.8, 1.1, 0.7), np.float32)
    apart = np.stack([(((picture - each) * weights) ** 2).sum(-1) for each in inks], -1)
    say = np.exp(-(apart - apart.min(-1, keepdims=True)) / np.float32(max(edge * 0.25, 4e-4)))
    return np.asarray((say @ inks) / say.sum(-1, keepdims=True), np.float32)


def _radius(amount: Floats) -> Floats:
    """Of a dot that covers this share of its cell, in pitches."""
    return np.asarray(np.sqrt(amount / math.pi) * (1 + 0.22 * amount**4), np.float32)


def _dots(look: Look, pitch_px: float, angle: float, radius: Floats) -> Floats:
    """H×W: a turned screen of dots with these radii (in pitches), their rims a pixel soft."""
    xs = np.arange(look.place.x0, look.place.x1, dtype=np.float32)[None] + np.float32(0.5)
    ys = np.arange(look.place.y0, look.place.y1, dtype=np.float32)[:, None] + np.float32(0.5)
    pitch = max(2.5, pitch_px)
    u = (xs * math.cos(angle) + ys * math.sin(angle)) / np.float32(pitch)
    v = (ys * math.cos(angle) - xs * math.sin(angle)) / np.float32(pitch)
    apart = np.sqrt((u - np.rint(u)) ** 2 + (v - np.rint(v)) ** 2)
    rim = 0.55 / pitch
    return f.step(np.asarray(radius - apart, np.float32), -rim, rim) * f.step(np.asarray(radius, np.float32), 0.0, rim)


def _flood(look: Look, colour: tuple[float, float, float], like: Floats) -> Floats:
    return np.broadcast_to(look.ink(colour), like.shape).astype(np.float32)
