"""Light on dark: neon tubes."""

from __future__ import annotations

import numpy as np

from engine.styles import filters as f
from engine.styles.fields import flat, lines
from engine.styles.look import Look
from engine.styles.noise import Floats, fractal


def neon(picture: Floats, look: Look) -> Floats:
    """Contours as glowing tubes in the colours of their places, or in the one asked for; the rest sinks into night."""
    unit = look.unit_px * look.size
    area = flat(picture, look, 3.5 * look.size, rounds=2)
    look.check()
    outline = f.soft(np.abs(lines(area, look, 1.5 * look.size)), 0.5 * unit)
    tube = f.step(outline, 0.05, 0.20)
    hue = f.soft(area, 6 * unit)
    light = f.luma(hue)[..., None]
    vivid = hue - light
    strength = np.sqrt((vivid**2).sum(-1, keepdims=True))
    # Where the picture is grey the tubes change slowly from cyan to magenta.
    drift = fractal(look.place, 260 * unit, 2, look.seed + 3)[..., None]
    usual = np.clip(look.ink((0.10, 0.85, 1.0)) + (look.ink((1.0, 0.15, 0.75)) - look.ink((0.10, 0.85, 1.0)))
                    * f.step(np.asarray(drift, np.float32), 0.35, 0.65), 0, 1)  # fmt: skip
    own = np.clip(0.5 + vivid / np.maximum(strength, 1e-4) * 0.62, 0.02, 1)
    colour = f.mix(np.asarray(usual, np.float32), np.asarray(own, np.float32), f.step(strength, 0.03, 0.12))
    if look.inks:
        colour = np.broadcast_to(look.ink(look.inks[0]), picture.shape).astype(np.float32)
    look.check()
    lit = colour * tube[..., None]
    core = f.step(outline, 0.14, 0.34)[..., None]
    glow = 0.9 * f.soft(lit, 2.6 * unit) + 0.8 * f.soft(lit, 8 * unit) + 0.7 * f.soft(lit, 22 * unit)
    look.check()
    night = f.soft(area, 1.0 * unit) * look.ink((0.10, 0.10, 0.17)) + look.ink((0.012, 0.012, 0.03))
    shown = 1 - (1 - np.clip(night, 0, 1)) * (1 - np.clip(0.85 * lit, 0, 1)) * (1 - np.clip(glow, 0, 1) * 0.85)
    return np.asarray(shown + 0.65 * core * (1 - shown), np.float32)
