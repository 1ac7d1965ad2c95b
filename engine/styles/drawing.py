"""Lines on paper: pencil, coloured pencil, charcoal, ink, hatching, engraving, woodcut, chalk, blueprint."""

from __future__ import annotations

import math

import numpy as np

from engine.styles import filters as f
from engine.styles.fields import flat, flow_of, inked, lines
from engine.styles.look import Look
from engine.styles.noise import Floats, fractal, hashed, smooth
from engine.styles.surface import grain, paper, tooth

_PAPER = (0.975, 0.965, 0.94)
_GRAPHITE = (0.17, 0.17, 0.19)
_INK = (0.07, 0.07, 0.09)


def pencil(picture: Floats, look: Look) -> Floats:
    """Graphite: outlines of a varying pressure over tone that is hatched along the form (Lu, Xu & Jia 2012)."""
    unit = look.unit_px * look.size
    tone = _tone(picture, look, 1.2)
    drawn = _pressure(lines(picture, look, 0.8), look, 0.13, 0.42)
    look.check()
    flow = flow_of(picture, look, 6.0, resting=-0.85)
    turned = _towards(flow.tx, flow.ty, flow.sure, -0.85)
    strokes = 2.2 * f.flowing(grain(look, 0.9), *turned, 11 * unit, max(1.0, 0.9 * unit))
    look.check()
    across = _hatch(look, 0.55, 2.6 * unit, 0.8)
    dark = np.clip(1.04 - 1.1 * tone, 0, 1) ** np.float32(1.25) * np.float32(1.12)
    lead = dark * (0.82 + 0.26 * strokes) + f.step(dark, 0.55, 0.95) * (across - 0.5) * np.float32(0.25)
    rough = tooth(look)
    lead = np.clip(lead, 0, 1) * (0.86 + 0.55 * (rough - 0.5)) + drawn * (0.82 + 0.5 * (rough - 0.5))
    return _on_paper(np.clip(lead, 0, 0.97), look, _GRAPHITE)


def coloured_pencil(picture: Floats, look: Look) -> Floats:
    """Layers of coloured strokes, paper between them."""
    unit = look.unit_px * look.size
    area = flat(picture, look, 2.0)
    light = f.luma(area)
    tone = look.levelled(light, 0.06, 0.99) ** np.float32(0.8)
    grey = tone[..., None]
    colour = np.clip(grey + (area - light[..., None]) * np.float32(1.5), 0, 1)
    flow = flow_of(picture, look, 5.0, resting=-0.9)
    look.check()
    turned = _towards(flow.tx, flow.ty, flow.sure, -0.9)
    strokes = 2.6 * f.flowing(grain(look, 1.0), *turned, 12 * unit, max(1.0, 0.9 * unit))
    look.check()
    rough = tooth(look)
    cover = np.clip(0.84 + 0.26 * strokes + 0.35 * (rough - 0.5) - 0.22 * tone, 0.15, 1)
    sheet = look.ink(_PAPER)[None, None]
    drawn = f.mix(np.broadcast_to(sheet, picture.shape).astype(np.float32), colour, np.asarray(cover, np.float32))
    line = _pressure(lines(picture, look, 0.8), look, 0.15, 0.45)
    deep = colour * np.float32(0.35)
    return f.mix(drawn, np.asarray(deep, np.float32), np.asarray(np.clip(0.75 * line, 0, 1), np.float32))


def charcoal(picture: Floats, look: Look) -> Floats:
    """Broad, smudged blacks on rough paper, wiped highlights."""
    unit = look.unit_px * look.size
    tone = _tone(f.soft(picture, 1.2 * unit), look, 1.0)
    flow = flow_of(picture, look, 6.0, resting=-0.7)
    look.check()
    turned = _towards(flow.tx, flow.ty, flow.sure, -0.7)
    strokes = 2.2 * f.flowing(grain(look, 1.6), *turned, 14 * unit, max(1.0, 1.2 * unit))
    look.check()
    smudge = fractal(look.place, 45 * unit, 3, look.seed + 5)
    dark = np.clip(1.02 * (1 - tone) + 0.10 * (smudge - 0.5) + 0.16 * strokes * (1 - tone), 0, 1)
    deep = f.step(np.asarray(dark, np.float32), 0.10, 1.0)
    rough = tooth(look, 1.2)
    caught = f.step(np.asarray(deep + 0.55 * (rough - 0.5) + 0.10 * strokes, np.float32), 0.14, 0.66)
    line = _pressure(lines(picture, look, 1.5), look, 0.12, 0.4)
    coal = np.clip(0.30 * deep + 0.66 * caught * (0.35 + 0.65 * deep), 0, 1)
    coal = np.maximum(coal, line * np.clip(0.75 + 0.7 * (rough - 0.4), 0, 1))
    return _on_paper(np.asarray(coal, np.float32), look, (0.09, 0.085, 0.085), (0.95, 0.935, 0.90), 1.2)


def ink(picture: Floats, look: Look) -> Floats:
    """Black and white: contours and solid shadows, an extended difference of Gaussians (Winnemöller et al. 2012)."""
    area = flat(picture, look, 2.5 * look.size)
    light = look.levelled(f.luma(area), 0.0, 1.0)
    look.check()
    outline = lines(area, look, 1.15 * look.size)
    wobble = (fractal(look.place, 6 * look.unit_px, 2, look.seed + 3) - 0.5) * np.float32(0.06)
    whole = np.asarray(light - 0.27 + 2.4 * np.minimum(outline + 0.02, 0.12) + wobble, np.float32)
    edge = 0.035 / max(1.0, look.unit_px)
    solid = f.step(whole, -edge, edge)
    line = inked(outline, -0.15, 0.10)
    return _on_paper(np.asarray(1 - np.minimum(solid, line), np.float32), look, look.inks[0] if look.inks else _INK)


def line_drawing(picture: Floats, look: Look) -> Floats:
    """Nothing but contours, of one pen, a little thicker where the edge is strong."""
    area = flat(picture, look, 2.2 * look.size, rounds=2)
    outline = lines(area, look, 1.0 * look.size)
    look.check()
    pen = _pressure(outline, look, 0.07, 0.20)
    return _on_paper(pen, look, look.inks[0] if look.inks else _INK, (0.99, 0.985, 0.97), 0.3)


def hatching(picture: Floats, look: Look) -> Floats:
    """Pen and ink: up to four crossing layers of strokes, the darker the more; outlines on top."""
    unit = look.unit_px * look.size
    tone = _tone(picture, look, 2.0)
    look.check()
    flow = flow_of(picture, look, 7.0, resting=-0.75)
    dark = np.zeros_like(tone)
    for number, (angle, begins) in enumerate(((-0.75, 0.74), (0.62, 0.46), (0.02, 0.28), (-1.45, 0.14))):
        look.check()
        bend = 0.28 * np.sin(2 * (np.arctan2(flow.ty, flow.tx) - angle)) * flow.sure
        hatch = _hatch(look, angle, 4.4 * unit, 0.9, number, np.asarray(f.soft(bend, 5 * unit), np.float32))
        room = np.clip((begins - tone) / 0.34, 0, 1)
        thick = np.asarray(0.62 * np.sqrt(room), np.float32)
        sharp = 0.5 / max(1.0, 4.4 * unit)
        dark = np.maximum(dark, f.step(np.asarray(hatch - 1 + thick, np.float32), -sharp, sharp) * (room > 0))
    line = _pressure(lines(picture, look, 0.9), look, 0.10, 0.26)
    return _on_paper(np.asarray(np.maximum(dark * 0.93, line), np.float32), look, look.inks[0] if look.inks else _INK)


def engraving(picture: Floats, look: Look) -> Floats:
    """As on a banknote: even lines that swell with the shadow and bend with the form, crossed in the deep."""
    unit = look.unit_px * look.size
    tone = _tone(picture, look, 1.4)
    form = f.soft(look.levelled(f.luma(picture)), 9 * unit)
    look.check()
    xs, ys = _layer_places(look)
    pitch = 4.6 * unit
    dark = np.zeros_like(tone)
    for angle, bend, low, high, most in ((0.12, 26.0, 0.0, 1.0, 1.0), (-0.95, 18.0, 0.0, 0.42, 0.8)):
        at = (ys * math.cos(angle) - xs * math.sin(angle)) / pitch + form * np.float32(bend * unit / pitch)
        ridge = np.abs(np.asarray(at - np.floor(at), np.float32) * 2 - 1)
        wanted = np.clip((high - tone) / (high - low), 0, 1) ** np.float32(0.9) * np.float32(most)
        blade = np.asarray(ridge - (1 - 0.98 * wanted), np.float32)
        sharp = 1.1 / max(2.0, pitch)
        dark = np.maximum(dark, f.step(blade, -sharp, sharp) * f.step(wanted, 0.03, 0.10))
        look.check()
    line = _pressure(lines(picture, look, 0.75), look, 0.12, 0.32)
    return _on_paper(
        np.asarray(np.maximum(dark, 0.9 * line), np.float32), look, look.inks[0] if look.inks else (0.10, 0.13, 0.14),
        (0.955, 0.94, 0.89), 0.6,
    )  # fmt: skip


def woodcut(picture: Floats, look: Look) -> Floats:
    """Carved along the form: the block's black stays in the shadows, the gouge leaves tapering white cuts."""
    unit = look.unit_px * look.size
    area = flat(picture, look, 4.0 * look.size)
    tone = look.levelled(f.luma(area), 0.0, 1.0)
    look.check()
    flow = flow_of(area, look, 6.0, resting=0.15)
    cuts = f.flowing(grain(look, 2.6), *flow.tangent, 22 * unit, max(1.0, 1.1 * unit))
    cuts = f.soft(cuts, 0.5 * unit)
    look.check()
    outline = lines(area, look, 1.4 * look.size)
    whole = np.asarray(1.05 * (tone - 0.47) + 0.62 * cuts + 1.2 * np.minimum(outline, 0.1), np.float32)
    whole = np.where(tone > 0.80, whole + 0.35 * (tone - 0.80) / 0.2, whole)
    whole = np.where(tone < 0.16, whole - 0.3, whole)
    edge = 0.09 / max(1.0, unit)
    white = np.minimum(f.step(np.asarray(whole, np.float32), -edge, edge), inked(outline, -0.16, 0.10))
    press = 1 - 0.16 * f.step(fractal(look.place, 3.0 * unit, 3, look.seed + 9, 0.8), 0.60, 0.85)
    return _on_paper(
        np.asarray((1 - white) * press, np.float32), look, look.inks[0] if look.inks else (0.09, 0.085, 0.08),
        (0.945, 0.915, 0.85), 1.0,
    )  # fmt: skip


def chalk(picture: Floats, look: Look) -> Floats:
    """White and pale chalk on a slate board that was wiped before."""
    unit = look.unit_px * look.size
    area = flat(picture, look, 2.5)
    light = f.luma(area)
    tone = look.levelled(light)
    look.check()
    # The lit side of an edge is drawn, as one draws on black.
    outline = np.maximum(lines(area, look, 1.3 * look.size), 0)
    line = f.step(f.soft(outline, 0.4 * unit), 0.04, 0.18)
    look.check()
    strokes = _hatch(look, -0.7, 3.4 * unit, 1.4)
    rough = tooth(look, 1.1)
    rubbed = np.clip(1.15 * tone - 0.12, 0, 1)
    fill = rubbed * (
        0.22 + 0.78 * f.step(np.asarray(tone + 1.1 * (rough - 0.5) + 0.45 * (strokes - 0.5), np.float32), 0.30, 0.80)
    )
    dust = np.clip(np.maximum(line * np.clip(0.95 + 1.5 * (rough - 0.5), 0, 1), fill), 0, 1)
    wiped = fractal(look.place, 120 * unit, 3, look.seed + 6) * 0.5 + 0.5 * smooth(
        look.place, 90 * unit, look.seed + 7, 9 * unit
    )
    board = look.ink((0.13, 0.17, 0.16))[None, None] * (0.85 + 0.45 * wiped)[..., None]
    hue = np.clip(0.94 + (area - light[..., None]) * 0.6, 0, 1)
    return f.mix(np.asarray(board, np.float32), np.asarray(hue, np.float32), np.asarray(dust, np.float32))


def blueprint(picture: Floats, look: Look) -> Floats:
    """A technical drawing: white lines and shading by hatch on blue, with a grid."""
    unit = look.unit_px * look.size
    area = flat(picture, look, 3.2, rounds=2)
    tone = look.levelled(f.luma(area))
    look.check()
    outline = lines(area, look, 0.85 * look.size)
    line = f.step(np.asarray(-outline, np.float32), 0.05, 0.17)
    look.check()
    hatch = _hatch(look, -math.pi / 4, 6.5 * unit, 0.0)
    sharp = 0.6 / max(1.0, 6.5 * unit)
    shade = f.step(np.asarray(hatch - 0.86, np.float32), -sharp, sharp) * f.step(
        np.asarray(0.42 - tone, np.float32), 0, 0.1
    )
    xs, ys = _layer_places(look)
    fine, wide = (
        np.maximum(_rule(xs, pitch, 0.8 * unit), _rule(ys, pitch, 0.8 * unit)) for pitch in (20 * unit, 100 * unit)
    )
    chalk_ = np.clip(0.95 * line + 0.34 * shade + 0.10 * fine + 0.16 * wide + 0.12 * tone, 0, 1)
    rough = paper(look)
    blue = look.asked(0, (0.07, 0.22, 0.48))[None, None] * (0.92 + 0.22 * (rough - 0.5))[..., None]
    white = look.ink((0.90, 0.95, 1.0))[None, None]
    return f.mix(
        np.asarray(blue, np.float32),
        np.broadcast_to(white, picture.shape).astype(np.float32),
        np.asarray(chalk_, np.float32),
    )


def _tone(picture: Floats, look: Look, soft_units: float) -> Floats:
    return look.levelled(f.soft(f.luma(picture), soft_units * look.unit_px * look.size), 0.0, 1.0, 0.85)


def _pressure(outline: Floats, look: Look, light: float, full: float) -> Floats:
    """H×W 0 … 1 of a drawn line: a hand presses now more, now less."""
    hand = 0.75 + 0.5 * smooth(look.place, 28 * look.unit_px, look.seed + 51)
    return f.step(np.asarray(-outline * hand, np.float32), light * 0.35, full)


def _on_paper(
    dark: Floats, look: Look, ink_: tuple[float, float, float], sheet: tuple[float, float, float] = _PAPER,
    rough: float = 0.6,
) -> Floats:  # fmt: skip
    height = paper(look)
    ground = look.ink(sheet)[None, None] * (1 + 0.07 * rough * (height - 0.5))[..., None]
    return f.mix(
        np.asarray(ground, np.float32), np.broadcast_to(look.ink(ink_), (*dark.shape, 3)).astype(np.float32), dark
    )


def _towards(tx: Floats, ty: Floats, sure: Floats, angle: float) -> tuple[Floats, Floats]:
    """The field where it is sure, one hand's direction elsewhere."""
    share = f.step(sure, 0.25, 0.85)
    double_x = f.mix(np.full_like(tx, math.cos(2 * angle)), np.asarray(tx * tx - ty * ty, np.float32), share)
    double_y = f.mix(np.full_like(tx, math.sin(2 * angle)), np.asarray(2 * tx * ty, np.float32), share)
    turned = np.float32(0.5) * np.arctan2(double_y, double_x)
    return np.cos(turned), np.sin(turned)


def _layer_places(look: Look) -> tuple[Floats, Floats]:
    """x and y on the layer, in pixels."""
    xs = np.arange(look.place.x0, look.place.x1, dtype=np.float32) + np.float32(0.5)
    ys = np.arange(look.place.y0, look.place.y1, dtype=np.float32) + np.float32(0.5)
    shape = (look.place.height, look.place.width)
    return np.broadcast_to(xs[None], shape).astype(np.float32), np.broadcast_to(ys[:, None], shape).astype(np.float32)


def _rule(at: Floats, pitch_px: float, width_px: float) -> Floats:
    """1 on the lines of a ruler."""
    off = np.abs((at / np.float32(pitch_px) + 0.5) % 1 - 0.5) * np.float32(pitch_px)
    return f.step(np.asarray(width_px - off, np.float32), 0.0, max(0.7, width_px))


def _hatch(
    look: Look, angle: float, pitch_px: float, wander: float, number: int = 0, bend: Floats | None = None
) -> Floats:
    """H×W: 1 on the middle of a stroke, 0 between two; strokes waver, differ and end."""
    xs, ys = _layer_places(look)
    down = ys * math.cos(angle) - xs * math.sin(angle)
    over = xs * math.cos(angle) + ys * math.sin(angle)
    waver = (smooth(look.place, 16 * pitch_px, look.seed + 61 + number) - 0.5) * np.float32(wander * 2.2)
    at = down / np.float32(pitch_px) + waver
    if bend is not None:
        at = at + bend * np.float32(3.0)
    row = np.floor(at)
    part = np.asarray(at - row, np.float32)
    length = 26.0 * pitch_px
    begin = hashed(row.astype(np.int64), np.full_like(row, number).astype(np.int64), look.seed + 67) * np.float32(
        length
    )
    end = np.abs(((over + begin) / np.float32(length)) % 1 - 0.5) * 2
    taper = 1 - 0.5 * f.step(np.asarray(end, np.float32), 0.95, 1.0) * np.float32(wander > 0)
    return np.asarray((1 - np.abs(part * 2 - 1)) * taper, np.float32)
