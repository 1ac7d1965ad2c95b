"""Film and light: grades of colour and tone that keep every detail, with the grain and glow of what they imitate."""

from __future__ import annotations

import numpy as np

from engine.styles import filters as f
from engine.styles.look import Look, Rgb
from engine.styles.noise import Floats
from engine.styles.surface import grain, vignette

_Curve = tuple[tuple[float, float], ...]


def sepia(picture: Floats, look: Look) -> Floats:
    """A brown-toned silver print: warm paper, chocolate shadows, soft shoulder."""
    tone = look.levelled(f.luma(picture), 0.02, 0.98)
    tone = np.asarray(np.clip(tone + 0.018 * grain(look) * (0.4 + tone * (1 - tone) * 2.4), 0, 1), np.float32)
    toned = _ramp(look, tone, ((0.10, 0.055, 0.03), (0.40, 0.26, 0.15), (0.76, 0.62, 0.44), (0.975, 0.93, 0.84)))
    return np.asarray(toned * vignette(look, 0.16)[..., None], np.float32)


def vintage(picture: Floats, look: Look) -> Floats:
    """Faded colour film: lifted blacks, yellowed whites, green-blue shadows, a soft glow."""
    glow = f.soft(picture, 9 * look.unit_px)
    look.check()
    shown = f.mix(picture, 1 - (1 - picture) * (1 - 0.55 * glow), 0.28)
    shown = _curves(
        shown,
        ((0, 0.115), (0.25, 0.29), (0.5, 0.56), (0.75, 0.80), (1, 0.965)),
        ((0, 0.105), (0.25, 0.27), (0.5, 0.525), (0.75, 0.765), (1, 0.925)),
        ((0, 0.155), (0.25, 0.285), (0.5, 0.455), (0.75, 0.64), (1, 0.79)),
    )
    shown = _saturated(shown, 0.80)
    shown = shown + (0.016 * grain(look))[..., None]
    return np.asarray(shown * vignette(look, 0.17)[..., None], np.float32)


def polaroid(picture: Floats, look: Look) -> Floats:
    """Instant film: creamy highlights, cyan shadows, low contrast, soft."""
    shown = f.mix(picture, f.soft(picture, 1.6 * look.unit_px), 0.55)
    look.check()
    shown = _curves(
        shown,
        ((0, 0.075), (0.25, 0.25), (0.5, 0.57), (0.75, 0.86), (1, 1.0)),
        ((0, 0.105), (0.25, 0.29), (0.5, 0.555), (0.75, 0.815), (1, 0.975)),
        ((0, 0.165), (0.25, 0.335), (0.5, 0.53), (0.75, 0.715), (1, 0.865)),
    )
    shown = _saturated(shown, 0.92) + (0.010 * grain(look, 1.8))[..., None]
    return np.asarray(shown * vignette(look, 0.22, 0.5)[..., None], np.float32)


def noir(picture: Floats, look: Look) -> Floats:
    """Black and white with hard light: deep blacks, silver whites, grain, dark corners."""
    seen = np.asarray(picture @ np.array((0.50, 0.40, 0.10), np.float32), np.float32)
    tone = look.levelled(seen, 0.0, 1.0, 0.3)
    wide = f.soft(tone, 22 * look.unit_px)
    look.check()
    tone = np.clip(tone + 0.35 * (tone - wide), 0, 1)
    tone = _along(np.asarray(tone, np.float32), ((0, 0.0), (0.25, 0.105), (0.5, 0.385), (0.75, 0.72), (1, 0.97)))
    glow = f.soft(np.asarray(np.clip(tone - 0.75, 0, 1), np.float32), 10 * look.unit_px)
    tone = tone + 0.5 * glow + 0.030 * grain(look) * (0.35 + 2.2 * tone * (1 - tone))
    tone = np.asarray(np.clip(tone * vignette(look, 0.42, 0.35), 0, 1), np.float32)
    return _ramp(look, tone, ((0.02, 0.02, 0.024), (0.30, 0.305, 0.315), (0.67, 0.67, 0.672), (0.975, 0.972, 0.965)))


def cyanotype(picture: Floats, look: Look) -> Floats:
    """An iron print of the 1840s: Prussian blue on white rag paper."""
    tone = look.levelled(f.luma(picture), 0.0, 1.0)
    tone = np.asarray(np.clip(tone + 0.02 * grain(look, 1.6), 0, 1), np.float32)
    return _ramp(look, tone, ((0.02, 0.07, 0.20), (0.07, 0.26, 0.50), (0.46, 0.66, 0.80), (0.95, 0.965, 0.955)))


def cross_processed(picture: Floats, look: Look) -> Floats:
    """Slide film in the wrong bath: hard contrast, green-yellow lights, blue-violet shadows."""
    shown = _curves(
        picture,
        ((0, 0.0), (0.25, 0.16), (0.5, 0.52), (0.75, 0.87), (1, 1.0)),
        ((0, 0.0), (0.25, 0.21), (0.5, 0.56), (0.75, 0.88), (1, 1.0)),
        ((0, 0.16), (0.25, 0.32), (0.5, 0.48), (0.75, 0.63), (1, 0.80)),
    )
    shown = _saturated(shown, 1.22) + (0.014 * grain(look))[..., None]
    return np.asarray(shown * vignette(look, 0.25)[..., None], np.float32)


def infrared(picture: Floats, look: Look) -> Floats:
    """Colour infrared film: leaves turn crimson and pink, skies deepen, lights bloom."""
    r, g, b = picture[..., 0], picture[..., 1], picture[..., 2]
    # Leaves reflect near infrared: where green outweighs blue and is no less than red.
    leaf = f.step(np.asarray((g - b) * 2.4 + (g - r) * 2.2, np.float32), 0.03, 0.42)
    leaf = f.soft(leaf, 0.8 * look.unit_px)
    look.check()
    light = f.luma(picture)
    bright = np.clip(light * 1.25 + 0.16, 0, 1)
    pink = np.stack([np.clip(bright * 1.18 + 0.06, 0, 1), bright * 0.36, bright * 0.56], -1)
    cool = np.stack([0.86 * r + 0.06 * g, 0.80 * g + 0.10 * b, 0.92 * b + 0.06], -1)
    shown = f.mix(np.asarray(cool, np.float32), np.asarray(pink, np.float32), leaf)
    bloom = f.soft(np.clip(shown - 0.62, 0, 1), 12 * look.unit_px)
    shown = 1 - (1 - np.clip(shown, 0, 1)) * (1 - np.clip(0.9 * bloom, 0, 1))
    return np.asarray(shown + (0.02 * grain(look))[..., None], np.float32)


def duotone(picture: Floats, look: Look) -> Floats:
    """Two inks by tone, dark to light; the first colour named is the shadows'."""
    tone = look.levelled(f.luma(picture), 0.0, 1.0)
    tone = _along(tone, ((0, 0.0), (0.25, 0.21), (0.75, 0.79), (1, 1.0)))
    dark, light = look.asked(0, (0.16, 0.08, 0.36)), look.asked(1, (1.0, 0.66, 0.42))
    if len(look.inks) == 1:
        # One colour: its own tint is the light.
        light = look.ink((0.985, 0.97, 0.94))
    elif float(f.luma(dark[None])[0]) > float(f.luma(light[None])[0]):
        dark, light = light, dark
    return f.mix(
        np.broadcast_to(dark, picture.shape).astype(np.float32),
        np.broadcast_to(light, picture.shape).astype(np.float32),
        tone,
    )


def cinematic(picture: Floats, look: Look) -> Floats:
    """A film's grade: teal shadows, warm skin and lights, soft highlights, a firm curve."""
    light = f.luma(picture)
    tone = f.mix(light, look.levelled(light, 0.02, 0.97), 0.5)
    shown = picture + (tone - light)[..., None]
    shown = _all(shown, ((0, 0.022), (0.25, 0.215), (0.5, 0.505), (0.75, 0.79), (1, 0.965)))
    shown = _saturated(shown, 1.06)
    level = f.luma(shown)
    shadow, high = 1 - f.step(level, 0.0, 0.62), f.step(level, 0.34, 0.92)
    shown = shown + shadow[..., None] * _tint(-0.055, 0.022, 0.050) + high[..., None] * _tint(0.058, 0.012, -0.062)
    halo = f.soft(np.clip(shown - 0.78, 0, 1), 14 * look.unit_px)
    look.check()
    shown = shown + halo * _tint(0.55, 0.35, 0.25)
    shown = shown + (0.011 * grain(look))[..., None]
    return np.asarray(shown * vignette(look, 0.16)[..., None], np.float32)


def golden_hour(picture: Floats, look: Look) -> Floats:
    """The hour before sunset: amber light, long soft glow, warm shadows."""
    shown = _curves(
        picture,
        ((0, 0.045), (0.25, 0.315), (0.5, 0.61), (0.75, 0.86), (1, 1.0)),
        ((0, 0.028), (0.25, 0.245), (0.5, 0.50), (0.75, 0.755), (1, 0.945)),
        ((0, 0.045), (0.25, 0.195), (0.5, 0.385), (0.75, 0.585), (1, 0.77)),
    )
    shown = _saturated(shown, 1.10)
    glow = f.soft(np.clip(shown - 0.30, 0, 1), 26 * look.unit_px)
    look.check()
    glow = glow * _tint(0.62, 0.40, 0.16)
    lit = 1 - (1 - np.clip(shown, 0, 1)) * (1 - np.clip(glow, 0, 0.9))
    return f.mix(picture, np.asarray(lit, np.float32), 0.85)


def blue_hour(picture: Floats, look: Look) -> Floats:
    """Day shot for night: dim, blue, little colour, the brightest places glow warm."""
    light = f.luma(picture)
    tone = look.levelled(light, 0.0, 1.0)
    shown = _saturated(picture, 0.42) * 0.60
    shown = shown * _tint(0.60, 0.80, 1.32) + _tint(0.010, 0.022, 0.065)
    bright = f.step(tone, 0.86, 1.0)[..., None]
    warm = bright * picture * _tint(0.50, 0.36, 0.14)
    glow = f.soft(np.asarray(warm, np.float32), 16 * look.unit_px)
    look.check()
    shown = shown + 0.55 * warm + 0.8 * glow + (0.012 * grain(look))[..., None]
    return np.asarray(shown * vignette(look, 0.3, 0.35)[..., None], np.float32)


def bleach_bypass(picture: Floats, look: Look) -> Floats:
    """Silver left in the print: half the colour, hard and metallic."""
    light = f.luma(picture)[..., None]
    over = np.where(light < 0.5, 2 * picture * light, 1 - 2 * (1 - picture) * (1 - light))
    shown = _saturated(f.mix(picture, np.asarray(over, np.float32), 0.8), 0.55)
    return np.asarray(shown + (0.022 * grain(look))[..., None], np.float32)


def vaporwave(picture: Floats, look: Look) -> Floats:
    """Nineties screens: pink and cyan by tone, lines of a tube, colours pulled apart."""
    off = max(1, round(2.2 * look.unit_px))
    split = picture.copy()
    split[:, off:, 0], split[:, :-off, 2] = picture[:, :-off, 0], picture[:, off:, 2]
    light = f.luma(split)
    tone = look.levelled(light, 0.0, 1.0)
    ramp = _ramp(look, tone, ((0.10, 0.02, 0.28), (0.52, 0.10, 0.62), (1.0, 0.42, 0.76), (0.62, 0.93, 0.98)))
    shown = f.mix(_saturated(split, 1.15), ramp, 0.72)
    glow = f.soft(np.clip(shown - 0.5, 0, 1), 12 * look.unit_px)
    look.check()
    rows = (np.arange(look.place.y0, look.place.y1, dtype=np.float32) + 0.5) / np.float32(max(3.0, 4.2 * look.unit_px))
    tube = 1 - 0.10 * (0.5 + 0.5 * np.cos(2 * np.pi * rows))
    return np.asarray((shown + 0.55 * glow) * tube[:, None, None], np.float32)


def cyberpunk(picture: Floats, look: Look) -> Floats:
    """A city at night: magenta and cyan light, crushed violet shadows, bloom."""
    light = f.luma(picture)
    tone = look.levelled(light, 0.0, 1.0)
    tone = _along(tone, ((0, 0.0), (0.25, 0.13), (0.5, 0.40), (0.75, 0.74), (1, 1.0)))
    warm = f.soft(np.clip(0.5 + 1.9 * (picture[..., 0] - picture[..., 2]), 0, 1), 2.0 * look.unit_px)
    look.check()
    cold = _ramp(look, tone, ((0.03, 0.02, 0.10), (0.04, 0.22, 0.46), (0.10, 0.72, 0.90), (0.86, 1.0, 1.0)))
    hot = _ramp(look, tone, ((0.05, 0.01, 0.10), (0.46, 0.05, 0.42), (1.0, 0.26, 0.62), (1.0, 0.90, 0.86)))
    shown = f.mix(f.mix(cold, hot, f.step(warm, 0.30, 0.75)), _saturated(picture, 1.3), 0.25)
    glow = f.soft(np.clip(shown - 0.42, 0, 1), 14 * look.unit_px)
    shown = 1 - (1 - np.clip(shown, 0, 1)) * (1 - np.clip(0.85 * glow, 0, 1))
    return np.asarray((shown + (0.015 * grain(look))[..., None]) * vignette(look, 0.25)[..., None], np.float32)


def _tint(red: float, green: float, blue: float) -> Floats:
    return np.array((red, green, blue), np.float32)


def _saturated(picture: Floats, factor: float) -> Floats:
    light = f.luma(picture)[..., None]
    return np.asarray(light + (picture - light) * np.float32(factor), np.float32)


def _along(values: Floats, curve: _Curve) -> Floats:
    """Through the points of a curve, monotone and smooth (Fritsch & Carlson 1980)."""
    table_x = np.linspace(0, 1, 257)
    return np.asarray(np.interp(values, table_x, _table(curve)), np.float32)


def _table(curve: _Curve) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    xs, ys = (np.array(part, np.float64) for part in zip(*curve, strict=True))
    rise = np.diff(ys) / np.diff(xs)
    tangent = np.concatenate([[rise[0]], (rise[:-1] + rise[1:]) / 2, [rise[-1]]])
    tangent[1:-1] = np.where(rise[:-1] * rise[1:] <= 0, 0, tangent[1:-1])
    at = np.linspace(0, 1, 257)
    left = np.clip(np.searchsorted(xs, at, side="right") - 1, 0, len(xs) - 2)
    width = xs[left + 1] - xs[left]
    t = (at - xs[left]) / width
    return (
        (2 * t**3 - 3 * t**2 + 1) * ys[left]
        + (t**3 - 2 * t**2 + t) * width * tangent[left]
        + (-2 * t**3 + 3 * t**2) * ys[left + 1]
        + (t**3 - t**2) * width * tangent[left + 1]
    )


def _curves(picture: Floats, red: _Curve, green: _Curve, blue: _Curve) -> Floats:
    return np.stack([_along(picture[..., n], curve) for n, curve in enumerate((red, green, blue))], -1)


def _all(picture: Floats, curve: _Curve) -> Floats:
    return _along(picture, curve)


def _ramp(look: Look, tone: Floats, colours: tuple[Rgb, ...]) -> Floats:
    """H×W×3: the colour of a tone, between even stops."""
    stops = np.stack([look.ink(colour) for colour in colours])
    at = np.linspace(0, 1, len(stops))
    return np.stack([_along(tone, tuple(zip(at.tolist(), stops[:, n].tolist(), strict=True))) for n in range(3)], -1)
