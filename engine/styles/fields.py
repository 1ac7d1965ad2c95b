"""What several styles begin with: flat colour, the direction of strokes, outlines; computed on the coarser grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.styles import filters as f
from engine.styles.look import Look
from engine.styles.noise import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """Unit vectors along the picture's structure, and how sure they are; each H×W."""

    tx: Floats
    ty: Floats
    sure: Floats

    @property
    def tangent(self) -> tuple[Floats, Floats]:
        return self.tx, self.ty


def flow_of(picture: Floats, look: Look, sigma_units: float = 3.0, resting: float = 0.6) -> Flow:
    """At full size. Looks nine times ``sigma_units`` far."""
    grid = look.grid
    tx, ty, sure = f.along(f.shrunk(picture, grid), sigma_units * look.grid_unit, resting)
    if grid == 1:
        return Flow(tx, ty, sure)
    # Directions have no sign: twice their angle has.
    double = f.grown(np.stack([tx * tx - ty * ty, 2 * tx * ty, sure], -1), grid)
    angle = np.float32(0.5) * np.arctan2(double[..., 1], double[..., 0])
    return Flow(np.cos(angle), np.sin(angle), np.clip(double[..., 2], 0, 1))


def flat(picture: Floats, look: Look, radius_units: float = 4.0, rounds: int = 1, flow_units: float = 0.0) -> Floats:
    """Firm areas without texture, at full size. Looks a radius and a half far for every round, and twice the flow."""
    grid, unit = look.grid, look.grid_unit
    small = f.shrunk(picture, grid)
    for _ in range(rounds):
        look.check()
        small = f.flattened(small, max(1.0, radius_units * unit))
    if flow_units:
        tx, ty, _ = f.along(small, 2.0 * unit)
        small = f.flowing(small, tx, ty, flow_units * unit)
    look.check()
    return np.clip(f.grown(small, grid), 0, 1)


def lines(picture: Floats, look: Look, sigma_units: float = 1.0) -> Floats:
    """`filters.contours` of a picture's lightness, at full size. Looks 30 times ``sigma_units`` far."""
    grid, unit = look.grid, look.grid_unit
    small = f.shrunk(picture, grid)
    tx, ty, _ = f.along(f.soft(small, 0.6 * unit), 2.0 * max(sigma_units, 1.0) * unit)
    look.check()
    return f.grown(f.contours(f.luma(small), tx, ty, max(0.55, sigma_units * unit)), grid)


def inked(outlines: Floats, threshold: float = -0.08, softness: float = 0.16) -> Floats:
    """H×W: 1 where there is no line, 0 on one."""
    return f.step(outlines, threshold - softness, threshold + softness / 4)
