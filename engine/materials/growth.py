"""What grows in scenes: rows of conifers, broad trees with crowns of leaves, blades of grass, palm fronds."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.materials.canvas import step
from engine.materials.skies import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A row of plants: all (B, H, W).

    Attributes:
        cover: 1 on a plant, smooth over a pixel.
        own: the plant's own number, 0 … 1.
        lit: 0 (under, inside) … 1 (on top).
    """

    cover: Tensor
    own: Tensor
    lit: Tensor


def conifers(
    frame: Frame, base: Tensor, *, tall: Tensor | float, apart: float, salt: int, slender: float = 0.19
) -> Row:
    """Firs standing on the line ``base`` (B, 1, W), about ``tall`` high and ``apart`` from one another."""
    canvas = frame.canvas
    cover, own, lit = torch.zeros_like(frame.u), torch.zeros_like(frame.u), torch.zeros_like(frame.u)
    front = torch.full_like(frame.u, -1.0)
    size = float(torch.as_tensor(tall).mean())
    ragged = frame.noise(3.4 / size, flat=1.6, octaves=5, persistence=0.75)
    u = frame.u / apart + 300.0
    column = u.floor()
    shift = canvas.whole(0, 200)
    for off in (-1, 1, 0):
        at = column + off
        number = canvas.cell(at + shift, at * 0, salt)
        order = canvas.cell(at + shift, at * 0, salt + 1)
        middle = at + 0.5 + (order - 0.5) * 0.9
        h = tall * (0.45 + 0.75 * canvas.cell(at + shift, at * 0, salt + 2))
        y = (frame.v - (base - h)) / h
        tier = (y * (7.0 + 5.0 * number)) % 1.0
        half = h * slender * (0.8 + 0.5 * number) * y.clamp(0, 1.2) ** 0.9 * (0.62 + 0.38 * tier)
        dx = (u - middle) * apart
        edge = half + ragged * h * 0.024 * y.clamp(0, 1).sqrt() - dx.abs() + frame.pixel * 0.3
        ends = torch.minimum(y + 0.004, 1.0 - y) * h
        seen = step(torch.minimum(edge, ends), frame.pixel)
        # Which stands in front is the plants' own, not this loop's order, which changes from cell to cell.
        new = (seen > 0.5) & (order > front)
        front = torch.where(new, order, front)
        own = torch.where(new, number, own)
        shine = (0.62 - dx / half.clamp(min=1e-4) * 0.30 - tier * 0.30 + ragged * 0.28).clamp(0, 1)
        lit = torch.where(new, shine, lit)
        cover = torch.maximum(cover, seen)
    return Row(cover, own, lit)


def crowns(
    frame: Frame,
    base: Tensor,
    *,
    size: float,
    apart: float,
    salt: int,
    leaf: float = 0.010,
    lumps: float = 0.34,
) -> Row:
    """Broad trees seen from afar: heaps of leaves whose middles lie about the line ``base`` (B, 1, W)."""
    canvas = frame.canvas
    cover, own, lit = torch.zeros_like(frame.u), torch.zeros_like(frame.u), torch.zeros_like(frame.u)
    front = torch.full_like(frame.u, -1.0)
    heap = frame.noise(1.9 / size, octaves=5, persistence=0.62)
    leaves = canvas.points(frame.u / leaf + salt * 3.7, frame.v / leaf, jitter=1.0, salt=salt + 9)
    u = frame.u / apart + 300.0
    column = u.floor()
    shift = canvas.whole(0, 200)
    # Crowns overlap their neighbours' neighbours.
    for off in (-2, 2, -1, 1, 0):
        at = column + off
        number = canvas.cell(at + shift, at * 0, salt)
        order = canvas.cell(at + shift, at * 0, salt + 1)
        middle = at + 0.5 + (order - 0.5) * 0.8
        wide = size * (0.60 + 0.45 * canvas.cell(at + shift, at * 0, salt + 2))
        high = wide * (0.75 + 0.5 * number)
        dx = (u - middle) * apart / wide
        dy = (frame.v - base + (canvas.cell(at + shift, at * 0, salt + 3) - 0.4) * size * 0.8) / high
        inside = 1.0 - (dx * dx + dy * dy + 1e-9).sqrt() + heap * lumps + (leaves.tone - 0.5) * 0.22
        seen = step(inside * size * 0.5, frame.pixel * 1.2)
        # Which stands in front is the plants' own, not this loop's order, which changes from cell to cell.
        new = (seen > 0.5) & (order > front)
        front = torch.where(new, order, front)
        own = torch.where(new, number, own)
        shine = 0.50 - dx * 0.22 - dy * 0.34 + heap * 0.40 + (leaves.tone - 0.5) * 0.42
        lit = torch.where(new, shine.clamp(0, 1), lit)
        cover = torch.maximum(cover, seen)
    return Row(cover, own, lit)


def blades(frame: Frame, base: Tensor, *, tall: Tensor | float, thick: float, salt: int, droop: float = 0.7) -> Row:
    """A row of grass blades rooted about ``base`` (B, 1, 1 or W): each a bent, tapering stroke."""
    canvas = frame.canvas
    cover, own, lit = torch.zeros_like(frame.u), torch.zeros_like(frame.u), torch.zeros_like(frame.u)
    front = torch.full_like(frame.u, -1.0)
    apart = thick * 1.5
    u = frame.u / apart + 3000.0
    shift = canvas.whole(0, 200)
    column = u.floor()
    for off in (-2, 2, -1, 1, 0):
        at = column + off
        number = canvas.cell(at + shift, (at / 250).floor(), salt)
        other = canvas.cell(at + shift, (at / 250).floor(), salt + 1)
        h = tall * (0.45 + 0.75 * other)
        t = (base + (number - 0.5) * h * 0.25 - frame.v) / h
        lean = (canvas.cell(at + shift, (at / 250).floor(), salt + 2) - 0.5) * 2.0
        middle = at + 0.5 + (number - 0.5) + lean * droop * t.clamp(0, 1) ** 1.8 * 2.6
        half = thick * (0.36 + 0.25 * other) * (1.0 - t.clamp(0, 1)) ** 0.7
        seen = step(half - ((u - middle) * apart).abs(), frame.pixel * 0.8) * ((t > -0.6) & (t < 1)).float()
        new = (seen > 0.45) & (other > front)
        front = torch.where(new, other, front)
        own = torch.where(new, number, own)
        lit = torch.where(new, t.clamp(0, 1), lit)
        cover = torch.maximum(cover, seen)
    return Row(cover, own, lit)


def frond(frame: Frame, at_u: Tensor, at_v: Tensor, angle: Tensor, length: Tensor, *, bend: float = 0.9) -> Row:
    """One palm leaf from a place (each B, 1, 1) in a direction, its leaflets hanging from a rib that bends down."""
    canvas = frame.canvas
    dx, dy = frame.u - at_u, frame.v - at_v
    # Along the rib, which is a parabola: bent towards the ground.
    side = torch.where(angle.cos() >= 0, 1.0, -1.0)
    along = (dx * angle.cos() + dy * angle.sin()) / length
    t = along.clamp(0, 1)
    fall = bend * length * t * t * angle.cos().abs() * 0.75
    across = (dy * angle.cos() - dx * angle.sin()) * side - fall
    # Leaflets lean to the tip, and hang.
    number = along * 34.0 - across.abs() / length * 16.0
    strip = (number % 1.0 - 0.5).abs()
    jag = canvas.cell(number.floor() + 400, (across > 0).float(), 31)
    reach = length * 0.24 * (1.0 - (2.0 * t - 0.75).abs() ** 2.2 * 0.55).clamp(0.02, 1) * (0.75 + 0.35 * jag)
    reach = reach * rise_in(t, 0.03, 0.25) * (1.0 - t**3 * 0.85)
    share = (across.abs() / reach.clamp(min=1e-4)).clamp(0, 1.2)
    leaflet = step(((1.0 - share) * 0.46 + 0.02 - strip) * length / 34.0, frame.pixel * 0.8) * (share < 1).float()
    rib = step(length * 0.010 * (1.1 - t) - across.abs(), frame.pixel)
    there = ((along > 0) & (along < 1)).float()
    lit = (0.55 + 0.35 * (0.5 - strip) * 2.0 - 0.25 * share + torch.where(across > 0, -0.12, 0.08)).clamp(0, 1)
    return Row(torch.maximum(leaflet, rib) * there, jag, lit)


def rise_in(t: Tensor, low: float, high: float) -> Tensor:
    """0 … 1 from low to high, straight."""
    return ((t - low) / (high - low)).clamp(0, 1)


def palm(
    frame: Frame, foot_u: Tensor, foot_v: Tensor, top_u: Tensor, top_v: Tensor, size: Tensor
) -> tuple[Row, Tensor]:
    """A palm tree: its fronds as one row, and (B, H, W) the cover of its bent, ringed trunk."""
    canvas = frame.canvas
    t = ((frame.v - top_v) / (foot_v - top_v)).clamp(0, 1)
    middle = top_u + (foot_u - top_u) * (t**1.7)
    thick = size * (0.030 + 0.022 * t) * (1.0 + 0.10 * ((t * 22.0) % 1.0))
    trunk = step(thick - (frame.u - middle).abs(), frame.pixel) * ((frame.v > top_v) & (frame.v < foot_v)).float()
    cover, own, lit = torch.zeros_like(frame.u), torch.zeros_like(frame.u), torch.zeros_like(frame.u)
    for angle in (-1.25, -1.95, -0.55, -2.65, 0.05, 3.05, 0.55, 2.6, -0.95, -2.3):
        turned = canvas.normal(0.14) + angle
        leaf = frond(frame, top_u, top_v, turned, size * canvas.uniform(0.75, 1.05))
        new = leaf.cover > 0.4
        own, lit = torch.where(new, leaf.own, own), torch.where(new, leaf.lit, lit)
        cover = torch.maximum(cover, leaf.cover)
    return Row(cover, own, lit), trunk
