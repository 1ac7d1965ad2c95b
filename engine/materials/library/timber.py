"""Wood and what is made of it: boards, planks, parquet, plywood, cork, wicker."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix, ramp
from engine.materials.light import relief, shaded
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Blocks, Rgb, chosen, courses, daylight, herringbone, parted, rise

# Early wood, middle and late wood (the dark side of a ring), of one kind of tree each.
_TREES: tuple[tuple[Rgb, Rgb, Rgb], ...] = (
    ((0.80, 0.63, 0.42), (0.70, 0.52, 0.32), (0.54, 0.37, 0.20)),  # oak
    ((0.87, 0.72, 0.50), (0.80, 0.61, 0.38), (0.66, 0.44, 0.24)),  # pine
    ((0.47, 0.32, 0.21), (0.37, 0.24, 0.15), (0.24, 0.14, 0.09)),  # walnut
    ((0.62, 0.33, 0.20), (0.52, 0.25, 0.15), (0.37, 0.16, 0.10)),  # mahogany
    ((0.84, 0.74, 0.60), (0.76, 0.65, 0.50), (0.63, 0.51, 0.37)),  # ash
    ((0.66, 0.45, 0.27), (0.56, 0.36, 0.20), (0.42, 0.25, 0.13)),  # teak
)
_BIRCH: tuple[tuple[Rgb, Rgb, Rgb], ...] = (
    ((0.90, 0.79, 0.62), (0.86, 0.73, 0.55), (0.76, 0.60, 0.42)),
    ((0.87, 0.73, 0.53), (0.81, 0.65, 0.45), (0.70, 0.52, 0.33)),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Grain:
    """A board's face: rings 0 … 1 (1: late wood), fibre about -1 … 1, pores 0 … 1; all (B, H, W)."""

    rings: Tensor
    fibre: Tensor
    pores: Tensor


def _grain(
    canvas: Canvas,
    along: Tensor,
    across: Tensor,
    own: Tensor,
    *,
    rings: Tensor | float,
    from_heart: Tensor | None = None,
) -> _Grain:
    """Plain-sawn wood: a plane cut through the cone of a trunk, so that rings run straight at a board's sides and close
    to arches ("cathedrals") at its heart. ``own`` (B, H, W) in 0 … 1 takes every board from another trunk.
    ``from_heart`` (B, H, W) is the way to the trunk's heart line where that is not across itself.
    """
    shift = own * 61.0
    sway = canvas.noise(along * 1.1, across * 2.6, octaves=3, shift=shift) * 0.045
    # The board lies so far from the trunk's heart, and the trunk tapers along it.
    depth = 0.05 + 0.12 * own + 0.15 * (1.0 + (along * 0.9 + own * 7.0).sin())
    heart = ((own * 17.0) % 1.0 - 0.5) * 0.22
    from_heart = across if from_heart is None else from_heart
    radius = ((from_heart + sway + heart) ** 2 + depth**2).sqrt() + sway * 0.5
    wobble = canvas.noise(along * 2.0, across * 22, octaves=3, persistence=0.6, shift=shift) * 0.16
    place = radius * rings + wobble
    saw = place - place.floor()
    # Slow rise to the late wood, quick fall to the next spring; blurred where rings are finer than pixels.
    late = rise(saw, 0.15, 0.86) * (1.0 - rise(saw, 0.90, 1.0))
    fine = (canvas.pixel * rings * 2.0).clamp(0, 1)
    late = late * (1 - fine) + 0.45 * fine
    late = late * (0.75 + 0.35 * canvas.noise(place * 0.5, along * 0.3, octaves=2))
    fibre = canvas.noise(along * 5, across * 110, octaves=3, persistence=0.7, shift=shift)
    pores = rise(canvas.noise(along * 18, across * 125, octaves=2, shift=shift), 0.65, 1.2)
    return _Grain(late.clamp(0, 1), fibre, pores)


def _coloured(canvas: Canvas, grain: _Grain, tree: tuple[Tensor, Tensor, Tensor], broad: Tensor) -> Tensor:
    """(B, 3, H, W): wood's colour by ring, fibre, pore and a broad drift of tone."""
    t = grain.rings * 0.75 + grain.fibre * 0.09 + 0.12 + broad * 0.12
    picture = ramp(t, tree)
    return picture * (1.0 - 0.17 * grain.pores * (0.5 + 0.5 * grain.rings) + grain.fibre * 0.045)[:, None]


def _tree(
    canvas: Canvas, kinds: tuple[tuple[Rgb, Rgb, Rgb], ...] = _TREES, spread: float = 0.025
) -> tuple[Tensor, Tensor, Tensor]:
    """Three tones of one tree for each picture, (B, 3, 1, 1) each."""
    table = torch.tensor(kinds, dtype=torch.float32, device=canvas.device)
    number = (canvas.uniform(0, 0.9999) * len(kinds)).long().view(-1)
    own = (
        table[number]
        + (canvas.normal(spread, channels=1) + canvas.normal(spread * 0.3, channels=3))[..., 0, 0][:, None]
    )
    first, second, third = own.clamp(0.02, 1).unbind(1)
    return first[..., None, None], second[..., None, None], third[..., None, None]


def _knots(canvas: Canvas, along: Tensor, across: Tensor, share: float) -> tuple[Tensor, Tensor, Tensor]:
    """Rare knots: (push of the rings around them, cover of the dark heart, ring phase), all (B, H, W)."""
    point = canvas.points(along * 1.1, across * 2.4, jitter=0.7, salt=9)
    there = (point.tone < share).float()
    size = 0.5 + point.tone / share * 0.6
    dx, dy = point.dx / 1.1 * 0.75, point.dy / 2.4
    away = (dx * dx + dy * dy).sqrt() / (0.03 * size)
    push = there * torch.exp(-((away * 0.42) ** 2)) * dy.sign() * 0.028
    return push, there * rise(-away, -1.25, -0.8), away


def wood(canvas: Canvas, paint: Paint) -> Tensor:
    """One broad board: arches of rings, fine fibre and pores, now and then a knot that the rings flow around."""
    upright = canvas.chance(0.4)
    angle = upright * (math.pi / 2) + canvas.normal(0.05)
    along, across = canvas.turned(angle)
    scale = canvas.uniform(0.8, 1.2)
    along, across = along * scale, across * scale
    push, knot, away = _knots(canvas, along, across, 0.16)
    own = canvas.uniform(0, 1).expand_as(along)
    # Board after board from the same trunk, without a seam: its heart comes again every unit and a half.
    from_heart = (across * 2.1 + canvas.noise(along * 0.3, across * 0.8, octaves=2) * 0.35).sin() / 2.1 - push
    grain = _grain(canvas, along, across, own, rings=canvas.uniform(18, 34), from_heart=from_heart)
    broad = canvas.noise(along * 0.8, across * 3, octaves=3)
    tree = _tree(canvas)
    picture = _coloured(canvas, grain, tree, broad)
    heart = tree[2] * (0.62 + 0.16 * (away * 9.0).sin())[:, None]
    picture = mix(picture, heart * (1 + grain.fibre * 0.05)[:, None], knot * 0.9)
    height = grain.fibre * 0.0003 - grain.pores * 0.0006
    return shaded(canvas, picture * relief(canvas, height, angle=daylight(canvas))[:, None], 0.08)


def _boards(
    canvas: Canvas,
    boards: Blocks,
    along: Tensor,
    across: Tensor,
    joint: Tensor | float,
    *,
    rings: Tensor | float,
    worn: Tensor | float,
    bevel: float,
    differ: float,
) -> Tensor:
    """Boards side by side, each of its own trunk and tone, with dark joints and eased edges."""
    own, other = canvas.cell(boards.column, boards.row, 3), canvas.cell(boards.column, boards.row, 4)
    grain = _grain(canvas, along, across, own, rings=rings)
    tree = _tree(canvas)
    broad = canvas.noise(along * 1.5, across * 4, octaves=3, shift=own * 40)
    picture = _coloured(canvas, grain, tree, broad + (other - 0.5) * differ * 3)
    picture = picture * (1.0 + (other - 0.5) * differ)[:, None]
    weather = rise(canvas.noise(along * 1.2, across * 9, octaves=5, persistence=0.65, shift=other * 30), -0.5, 1.0)
    grey = chosen(canvas, ((0.58, 0.55, 0.51), (0.50, 0.48, 0.46))) * (0.75 + 0.35 * (1 - grain.rings))[:, None]
    picture = mix(picture, grey * (1 + grain.fibre * 0.12)[:, None], weather * worn)
    deep = boards.inside(joint, 0.002) + canvas.noise(along * 8, across * 20, octaves=2) * 0.0005
    cover = step(deep, canvas.pixel)
    height = (
        rise(deep, -0.001, bevel) * bevel * 0.7
        + grain.fibre * (0.0003 + 0.0012 * worn)
        - grain.pores * (0.0005 + 0.001 * worn)
    )
    height = height + (boards.dy * (other - 0.5) + boards.dx * (own - 0.5) * 0.1) * 0.05
    light = relief(canvas, height - grain.rings * 0.0014 * worn, angle=daylight(canvas))
    gap = 0.16 + 0.5 * rise(deep, -0.004, 0.002)
    shade = cover * light * (0.80 + 0.20 * rise(deep, 0.0, 0.010)) + (1.0 - cover) * gap * 0.5
    return picture * shade[:, None]


def planks(canvas: Canvas, paint: Paint) -> Tensor:
    """Long boards nailed side by side, fresh or weathered, lying or upright."""
    along, across = canvas.turned(canvas.chance(0.4) * (math.pi / 2) + canvas.normal(0.006))
    width, length = canvas.uniform(0.15, 0.24), canvas.uniform(1.4, 2.0)
    boards = courses(canvas, along, across, length, width, shift=0.381, ragged=0.6, uneven=0.12)
    worn = canvas.chance(0.5) * canvas.uniform(0.2, 0.8)
    picture = _boards(canvas, boards, along, across, 0.0022, rings=26.0, worn=worn, bevel=0.005, differ=0.20)
    # Two nails near each end.
    end_x = boards.half_width - boards.dx.abs() - 0.03
    end_y = boards.dy.abs() - boards.half_height * 0.55
    nail = (end_x**2 + end_y**2).sqrt()
    head = step(0.0075 - nail, canvas.pixel)
    ring = torch.exp(-((nail / 0.014) ** 2)) * 0.35
    iron = chosen(canvas, ((0.22, 0.20, 0.19), (0.35, 0.33, 0.32)))
    lit = 1.0 + (-boards.dx.sign() * end_x - end_y) * 40
    picture = mix(picture * (1 - ring)[:, None], iron * lit.clamp(0.5, 1.6)[:, None], head)
    return shaded(canvas, picture)


def parquet(canvas: Canvas, paint: Paint) -> Tensor:
    """Herringbone floor, waxed."""
    x, y = canvas.turned(math.pi / 4 * canvas.chance(0.7) + canvas.normal(0.01))
    blocks, upright = herringbone(x, y, canvas.uniform(0.075, 0.105), 5)
    own = canvas.cell(blocks.column, blocks.row, 7)
    along = blocks.dx + (own * 13.0).floor() * 0.37
    picture = _boards(canvas, blocks, along, blocks.dy, 0.0011, rings=30.0, worn=0.0, bevel=0.003, differ=0.22)
    # Wax mirrors more light on the blocks that lie one way.
    gloss = canvas.noise(canvas.x * 0.7, canvas.y * 0.7, octaves=2) * 0.5 + 0.5
    sheen = 0.96 + 0.10 * upright * canvas.uniform(0.2, 1.0) + 0.06 * gloss
    return shaded(canvas, picture * sheen[:, None])


def plywood(canvas: Canvas, paint: Paint) -> Tensor:
    """Rotary-cut birch veneer: broad soft flames, short fine fibre, pale."""
    along, across = canvas.turned(canvas.chance(0.4) * (math.pi / 2) + canvas.normal(0.02))
    flow = canvas.noise(along * 0.55, across * 1.6, octaves=3, persistence=0.45)
    fine = canvas.noise(along * 2.5, across * 26, octaves=3, persistence=0.6)
    place = flow * canvas.uniform(3.0, 4.5) + across * 1.5 + fine * 0.10
    saw = place - place.floor()
    late = rise(saw, 0.1, 0.9) * (1.0 - rise(saw, 0.93, 1.0))
    fibre = canvas.noise(along * 9, across * 120, octaves=3, persistence=0.7)
    flecks = rise(canvas.noise(along * 22, across * 160, octaves=1), 0.95, 1.4)
    tree = _tree(canvas, _BIRCH, 0.02)
    t = 0.12 + late * 0.42 + fibre * 0.10 + canvas.noise(along * 0.9, across * 2.5, octaves=2) * 0.10
    picture = ramp(t, tree) * (1.0 + fibre * 0.03 - flecks * 0.10)[:, None]
    height = fibre * 0.0005 - flecks * 0.0008
    return shaded(canvas, picture * relief(canvas, height, angle=daylight(canvas))[:, None], 0.08)


def cork(canvas: Canvas, paint: Paint) -> Tensor:
    """Pressed cork: granules of many browns, dark crumbs between them."""
    size = canvas.uniform(24, 32)
    x = canvas.x + canvas.noise(canvas.x * 14, canvas.y * 14, octaves=3) * 0.009
    y = canvas.y + canvas.noise(canvas.x * 14, canvas.y * 14, octaves=3) * 0.009
    large = canvas.points(x * size, y * size, jitter=1.0)
    small = canvas.points(x * size * 2.3, y * size * 2.3, jitter=1.0, salt=5)
    browns: tuple[tuple[Rgb, ...], ...] = (
        ((0.62, 0.43, 0.26), (0.72, 0.52, 0.33), (0.78, 0.59, 0.39), (0.82, 0.65, 0.45), (0.69, 0.49, 0.30)),
        ((0.67, 0.46, 0.28), (0.75, 0.55, 0.36), (0.80, 0.62, 0.42), (0.84, 0.68, 0.49), (0.58, 0.39, 0.23)),
    )
    coarse = parted(canvas, large.tone, browns)
    fine = parted(canvas, small.tone, browns)
    picture = mix(coarse, fine, (large.tone * 7 % 1.0 < 0.35).float() * 0.7)
    rough = canvas.noise(x * 50, y * 50, octaves=3, persistence=0.7)
    seam = 1.0 - rise(large.border, 0.02, 0.16)
    crumbs = (small.tone > 0.93).float() * step(0.34 - small.near, canvas.pixel * size * 2.3)
    bark = chosen(canvas, ((0.30, 0.17, 0.09), (0.36, 0.22, 0.12)))
    picture = picture * (1.0 + rough * 0.06 - seam * 0.16)[:, None]
    picture = mix(picture, bark.expand_as(picture), crumbs * 0.85)
    height = rough * 0.0006 + rise(large.border, 0.0, 0.3) * 0.0008 - crumbs * 0.002
    return shaded(canvas, picture * relief(canvas, height, angle=daylight(canvas))[:, None], 0.08)


def wicker(canvas: Canvas, paint: Paint) -> Tensor:
    """Basket weave: round willow rods over and under upright stakes."""
    stake, rod = canvas.uniform(0.11, 0.15), canvas.uniform(0.030, 0.040)
    x = canvas.x + canvas.noise(canvas.x * 3, canvas.y * 3, octaves=2) * 0.006
    y = canvas.y + canvas.noise(canvas.x * 5, canvas.y * 5, octaves=2) * 0.006
    column, row = (x / stake).floor(), (y / rod).floor()
    u, v = x / stake - column - 0.5, y / rod - row - 0.5
    # A rod passes over every other stake, the next rod over the others: a wave along the rod.
    sign = 1.0 - 2.0 * ((column + row) % 2.0)
    wave = sign * (u * math.pi).cos()
    rod_round = (1.0 - (v * 2.0 / 0.98) ** 2).clamp(min=0).sqrt()
    rod_height = wave * 0.016 + rod_round * rod * 0.5
    away = u * stake / (stake * 0.17)
    stake_round = (1.0 - away**2).clamp(min=0).sqrt()
    stake_height = torch.where(away.abs() < 1, stake_round * stake * 0.15 + 0.003, torch.full_like(u, -0.04))
    over = step(rod_height - stake_height, canvas.pixel * 0.8)
    height = torch.maximum(rod_height, stake_height)
    own, post = canvas.cell(row, (column / 5).floor(), 3), canvas.cell(column, row * 0, 4)
    fibre = canvas.noise(x * 7, y * 150, octaves=3, persistence=0.6, shift=own * 40)
    upfibre = canvas.noise(x * 150, y * 7, octaves=3, persistence=0.6)
    willow: tuple[tuple[Rgb, ...], ...] = (
        ((0.66, 0.46, 0.27), (0.74, 0.55, 0.34), (0.80, 0.63, 0.42), (0.70, 0.50, 0.29)),
        ((0.42, 0.26, 0.15), (0.50, 0.32, 0.19), (0.56, 0.38, 0.23), (0.46, 0.28, 0.15)),
        ((0.66, 0.57, 0.43), (0.72, 0.63, 0.49), (0.76, 0.68, 0.54), (0.68, 0.58, 0.42)),
    )
    face = parted(canvas, over * own + (1 - over) * post, willow)
    grain = over * fibre + (1 - over) * upfibre
    picture = face * (1.0 + grain * 0.10 + canvas.noise(x * 6, y * 6, octaves=3) * 0.06)[:, None]
    light = relief(canvas, height + grain * 0.0008, depth=0.9, angle=daylight(canvas))
    # Deep parts lie in the dark.
    hidden = 0.34 + 0.66 * rise(height, -0.012, 0.022)
    picture = picture * (light * hidden * 1.12)[:, None]
    shine = (light - 1.15).clamp(min=0) * rise(height, 0.0, 0.03) * 0.25
    return shaded(canvas, picture + shine[:, None] * (1 - picture))


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("wood", _M, wood, 0, ("wooden", "wood grain", "timber", "oak", "walnut", "wood texture")),
    Material("wooden planks", _M, planks, 0, ("planks", "wood planks", "boards", "wooden boards", "wooden fence")),
    Material("parquet", _M, parquet, 0, ("herringbone", "herringbone floor", "parquet floor", "wooden floor")),
    Material("plywood", _M, plywood, 0, ("veneer", "birch plywood", "ply")),
    Material("cork", _M, cork, 0, ("cork board", "corkboard", "pinboard")),
    Material("wicker", _M, wicker, 0, ("rattan", "basket weave", "basket", "woven basket")),
)
