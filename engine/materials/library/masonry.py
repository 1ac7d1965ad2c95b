"""Walls and roofs: brick, stone, tiles, mosaic, plaster."""

from __future__ import annotations

from torch import Tensor

from engine.materials.canvas import Canvas, step
from engine.materials.colours import mix, tone
from engine.materials.light import relief, shaded
from engine.materials.material import Kind, Material, Paint
from engine.materials.shapes import Rgb, asked, chosen, courses, daylight, exposed, parted, rise, stones

_BRICKS: tuple[tuple[Rgb, ...], ...] = (
    ((0.42, 0.17, 0.12), (0.58, 0.25, 0.17), (0.66, 0.31, 0.21), (0.72, 0.42, 0.30)),
    ((0.46, 0.22, 0.16), (0.62, 0.33, 0.22), (0.70, 0.44, 0.30), (0.74, 0.53, 0.39)),
    ((0.36, 0.16, 0.13), (0.50, 0.20, 0.16), (0.55, 0.26, 0.20), (0.62, 0.33, 0.26)),
)
_TILE_COLOURS: tuple[Rgb, ...] = (
    (0.93, 0.93, 0.91),
    (0.93, 0.93, 0.91),
    (0.86, 0.80, 0.70),
    (0.30, 0.52, 0.55),
    (0.20, 0.36, 0.50),
    (0.42, 0.58, 0.46),
    (0.75, 0.78, 0.80),
    (0.80, 0.60, 0.56),
)


def _wall(canvas: Canvas, palettes: tuple[tuple[Rgb, ...], ...], mortar: Rgb, *, painted: float) -> Tensor:
    """Running bond: every brick its own tone, size and lean; chipped edges, pits, sanded mortar set back."""
    size = canvas.uniform(0.85, 1.2)
    x, y = canvas.turned(canvas.normal(0.008))
    bend = canvas.noise(x * 3, y * 3, octaves=2) * 0.003
    width, height = 0.27 * size, 0.088 * size
    brick = courses(canvas, x + bend, y + bend, width, height, shift=0.5, ragged=0.05, uneven=0.06)
    own = canvas.cell(brick.column, brick.row, 3)
    lean = (canvas.cell(brick.column, brick.row, 4) - 0.5) * 0.03
    chips = canvas.noise(x * 28, y * 28, octaves=3) * 0.0035
    joint = canvas.uniform(0.005, 0.0075) * size + (canvas.cell(brick.column, brick.row, 5) - 0.5) * 0.003
    brick = type(brick)(
        brick.column, brick.row, brick.dx, brick.dy + lean * brick.dx, brick.half_width, brick.half_height
    )
    deep = brick.inside(joint, 0.008) + chips
    cover = step(deep, canvas.pixel)

    rough = canvas.noise(x * 22, y * 26, octaves=5, persistence=0.62)
    pits = rise(canvas.noise(x * 38, y * 38, octaves=2), 0.75 + 0.25 * painted, 1.3 + 0.2 * painted)
    grit = canvas.noise(x * 70, y * 70, octaves=3, persistence=0.75)
    profile = rise(deep, -0.002, 0.011) * 0.0105
    height_map = profile + cover * (rough * 0.0014 * (1 - 0.5 * painted) - pits * 0.004 + own * 0.003)
    height_map = height_map + (1 - cover) * grit * 0.0016

    mottle = canvas.noise(x * 7, y * 9, octaves=4, persistence=0.6, shift=own * 40)
    stops = parted(canvas, own + (mottle * 0.05), palettes)
    fired = parted(canvas, canvas.cell(brick.column, brick.row, 6), palettes, 0.0)
    face = mix(stops, fired, rise(mottle, -0.2, 0.9) * 0.6)
    face = face * (1.0 + mottle * 0.07 + rough * 0.06 - pits * (0.25 - 0.2 * painted) + (own - 0.5) * 0.10)[:, None]
    bed = tone(canvas, mortar, 0.03) * (1.0 + grit * 0.09 + canvas.noise(x * 4, y * 4) * 0.06)[:, None]
    picture = mix(bed, face, cover)
    # The joint lies in the shade of the bricks around it.
    hidden = 1.0 - (0.24 + 0.10 * painted) * rise(-deep, -0.003, 0.006)
    light = relief(canvas, height_map, depth=canvas.uniform(0.7, 1.1), angle=daylight(canvas))
    dirt = 1.0 + canvas.noise(canvas.x * 0.8, canvas.y * 0.8, octaves=4) * 0.05
    return shaded(canvas, exposed(picture * (light * hidden * dirt)[:, None]))


def brick_wall(canvas: Canvas, paint: Paint) -> Tensor:
    """Fired clay in running bond with sandy mortar."""
    return _wall(canvas, _BRICKS, (0.70, 0.66, 0.60), painted=0.0)


def white_brick(canvas: Canvas, paint: Paint) -> Tensor:
    """Bricks painted white, mortar and all."""
    white = (((0.90, 0.89, 0.87), (0.92, 0.91, 0.89), (0.93, 0.93, 0.91), (0.95, 0.95, 0.94)),)
    return _wall(canvas, white, (0.88, 0.87, 0.84), painted=1.0)


def stone_wall(canvas: Canvas, paint: Paint) -> Tensor:
    """Rubble: rounded stones of many sizes and tones in rough mortar."""
    size = canvas.uniform(3.6, 5.0)
    warp = canvas.noise(canvas.x * 4, canvas.y * 4, octaves=3) * 0.035
    x, y = (canvas.x + warp) * size * 0.72, (canvas.y - warp) * size * 1.25
    stone = stones(canvas, x, y, jitter=0.85, rounding=0.07)
    own = canvas.cell(stone.column, stone.row, 3)
    rough = canvas.noise(canvas.x * 9, canvas.y * 9, octaves=6, persistence=0.62, shift=own * 30)
    creases = canvas.noise(canvas.x * 6, canvas.y * 9, octaves=4, ridged=True, shift=own * 30)
    deep = stone.border - 0.07 + rough * 0.025
    pixel = canvas.pixel * size
    cover = step(deep, pixel)
    dome = rise(deep, 0.0, 0.22) * 0.035 + rise(deep, 0.1, 0.5) * 0.015
    tilt = (stone.dx * (canvas.cell(stone.column, stone.row, 4) - 0.5) + stone.dy * (own - 0.5)) * 0.03
    grit = canvas.noise(canvas.x * 55, canvas.y * 55, octaves=3, persistence=0.7)
    height = dome + cover * (tilt + rough * 0.006 + creases * 0.003) + (1 - cover) * grit * 0.0025
    greys: tuple[tuple[Rgb, ...], ...] = (
        ((0.40, 0.38, 0.36), (0.50, 0.48, 0.45), (0.58, 0.55, 0.50), (0.62, 0.55, 0.45), (0.47, 0.47, 0.49)),
        ((0.56, 0.49, 0.40), (0.66, 0.58, 0.46), (0.72, 0.65, 0.54), (0.60, 0.55, 0.48), (0.64, 0.52, 0.40)),
        ((0.36, 0.38, 0.41), (0.46, 0.48, 0.50), (0.52, 0.52, 0.52), (0.42, 0.42, 0.42), (0.56, 0.56, 0.57)),
    )
    face = parted(canvas, own, greys)
    patches = canvas.noise(canvas.x * 5, canvas.y * 5, octaves=4, shift=own * 50)
    face = face * (1.0 + rough * 0.13 + patches * 0.08 + grit * 0.03)[:, None]
    bed = chosen(canvas, ((0.62, 0.58, 0.51), (0.55, 0.53, 0.49), (0.33, 0.31, 0.28))) * (1 + grit * 0.1)[:, None]
    light = relief(canvas, height, depth=canvas.uniform(0.8, 1.2), angle=daylight(canvas))
    hidden = 1.0 - 0.42 * rise(-deep, -0.05, 0.03)
    return shaded(canvas, mix(bed, face, cover) * (light * hidden)[:, None])


def tiles(canvas: Canvas, paint: Paint) -> Tensor:
    """Glazed ceramic: square or metro tiles with rounded edges, grout, and the room mirrored faintly in the glaze."""
    metro = canvas.chance(0.4)
    side = canvas.uniform(0.16, 0.23)
    width, height = side * (1 + metro * 0.55), side * (1 - metro * 0.24)
    x, y = canvas.x, canvas.y
    tile = courses(canvas, x, y, width, height, shift=metro * 0.5)
    own, other = canvas.cell(tile.column, tile.row, 3), canvas.cell(tile.column, tile.row, 4)
    joint = canvas.uniform(0.0035, 0.006)
    deep = tile.inside(joint, 0.008)
    cover = step(deep, canvas.pixel)
    ripple = canvas.noise(x * 9, y * 9, octaves=2, shift=own * 30)
    height_map = rise(deep, -0.004, 0.014) * 0.011 + cover * ripple * 0.0005
    colour = asked(canvas, paint.first, _TILE_COLOURS)
    face = colour * (1.0 + (own - 0.5) * 0.05 + ripple * 0.012)[:, None]
    grit = canvas.noise(x * 60, y * 60, octaves=2)
    grout = chosen(canvas, ((0.74, 0.73, 0.70), (0.60, 0.59, 0.57), (0.86, 0.85, 0.83))) * (1 + grit * 0.05)[:, None]
    angle = daylight(canvas)
    light = relief(canvas, height_map, depth=0.9, angle=angle)
    # Each tile hangs a little askew and mirrors another part of a soft window.
    mirror = canvas.noise(x * 1.6 + (own - 0.5) * 0.5 + ripple * 0.08, y * 1.6 + (other - 0.5) * 0.5, octaves=2)
    gloss = rise(mirror, 0.1, 1.2) * 0.10 + (light - 1.0).clamp(min=0) * 0.5
    picture = mix(grout * 0.92, face * light[:, None], cover)
    picture = picture + (gloss * cover)[:, None] * (1.0 - picture)
    hidden = 1.0 - 0.22 * rise(-deep, -0.002, 0.004)
    return shaded(canvas, picture * hidden[:, None], 0.07)


def mosaic(canvas: Canvas, paint: Paint) -> Tensor:
    """Small hand-cut glass stones, set a little askew in wavy rows, of one family of colours."""
    side = canvas.uniform(0.062, 0.085)
    sway = canvas.noise(canvas.x * 2.2, canvas.y * 2.2, octaves=2) * 0.025
    x, y = canvas.x + sway, canvas.y + sway * 0.8
    stone = courses(canvas, x, y, side, side, shift=0.37, ragged=0.28, uneven=0.08)
    own, other = canvas.cell(stone.column, stone.row, 3), canvas.cell(stone.column, stone.row, 4)
    lean = (own - 0.5) * 0.22
    stone = type(stone)(
        stone.column,
        stone.row,
        stone.dx - lean * stone.dy,
        stone.dy + lean * stone.dx,
        stone.half_width,
        stone.half_height,
    )
    deep = stone.inside(0.0045 + (other - 0.5) * 0.003, 0.005) + canvas.noise(x * 30, y * 30, octaves=2) * 0.0015
    cover = step(deep, canvas.pixel)
    blues: tuple[tuple[Rgb, ...], ...] = (
        ((0.08, 0.20, 0.42), (0.11, 0.36, 0.56), (0.16, 0.52, 0.62), (0.42, 0.70, 0.72), (0.86, 0.86, 0.78)),
        ((0.50, 0.16, 0.12), (0.76, 0.36, 0.16), (0.88, 0.62, 0.25), (0.90, 0.82, 0.60), (0.34, 0.22, 0.20)),
        ((0.12, 0.30, 0.24), (0.22, 0.46, 0.32), (0.48, 0.62, 0.36), (0.80, 0.78, 0.56), (0.20, 0.40, 0.46)),
        ((0.72, 0.68, 0.60), (0.82, 0.78, 0.70), (0.90, 0.87, 0.80), (0.60, 0.53, 0.46), (0.50, 0.48, 0.48)),
    )
    drift = canvas.noise(canvas.x * 1.3, canvas.y * 1.3, octaves=2)
    face = parted(canvas, (own - 0.5) * 0.75 + 0.5 + drift * 0.28, blues)
    face = face * (1.0 + (other - 0.5) * 0.16 + canvas.noise(x * 14, y * 14, octaves=3) * 0.05)[:, None]
    tilt = (stone.dx * (own - 0.5) + stone.dy * (other - 0.5)) * 0.25
    height = rise(deep, -0.003, 0.007) * 0.006 + cover * tilt
    light = relief(canvas, height, depth=1.0, angle=daylight(canvas))
    grit = canvas.noise(x * 60, y * 60, octaves=2)
    grout = chosen(canvas, ((0.66, 0.64, 0.60), (0.80, 0.78, 0.74), (0.36, 0.35, 0.34))) * (1 + grit * 0.06)[:, None]
    picture = mix(grout * 0.85, face, cover) * light[:, None]
    picture = picture + ((light - 1.05).clamp(min=0) * cover * 0.7)[:, None] * (1 - picture)
    return shaded(canvas, picture, 0.07)


def plaster(canvas: Canvas, paint: Paint) -> Tensor:
    """A painted wall: the roller's fine stipple over the trowel's broad marks, in one colour."""
    x, y = canvas.turned(canvas.uniform(0, 3.1))
    bend = canvas.noise(x * 2, y * 2, octaves=2) * 0.3
    trowel = canvas.noise(x * 2.5 + bend, y * 7 + bend, octaves=4, persistence=0.55)
    ridges = canvas.noise(x * 3 + bend, y * 5, octaves=3, ridged=True)
    stipple = canvas.noise(x * 38, y * 38, octaves=3, persistence=0.7)
    amount = canvas.uniform(0.35, 1.0)
    height = trowel * 0.012 * amount + ridges.clamp(min=0.2) * 0.006 * amount + stipple * 0.0012
    light = relief(canvas, height, depth=canvas.uniform(0.7, 1.1), angle=daylight(canvas))
    walls: tuple[Rgb, ...] = (
        (0.90, 0.88, 0.83),
        (0.85, 0.78, 0.66),
        (0.80, 0.62, 0.45),
        (0.72, 0.74, 0.72),
        (0.58, 0.68, 0.72),
        (0.86, 0.72, 0.52),
    )
    colour = asked(canvas, paint.first, walls)
    wash = canvas.noise(canvas.x * 1.3, canvas.y * 1.3, octaves=4) * 0.035 + stipple * 0.01
    return shaded(canvas, colour * (1.0 + wash)[:, None] * (0.35 + 0.65 * light)[:, None], 0.08)


def roof_tiles(canvas: Canvas, paint: Paint) -> Tensor:
    """Clay pantiles: rounded rolls across, every course lying over the next and throwing its shadow on it."""
    width, height = canvas.uniform(0.105, 0.14), canvas.uniform(0.15, 0.19)
    x = canvas.x + canvas.noise(canvas.x * 2, canvas.y * 5, octaves=2) * 0.004
    column = (x / width).floor()
    u = (x / width - column) * 2.0 - 1.0
    # The lower edge bows with the roll; each tile has slipped a little.
    bow = (1.0 - u * u) * 0.028
    slip = (canvas.cell(column, column * 0, 5) - 0.5) * 0.016
    v = (canvas.y - bow + slip) / height
    row = v.floor()
    down = v - row
    own, other = canvas.cell(column, row, 3), canvas.cell(column, row, 4)
    roll = (1.0 - u * u).clamp(min=0).sqrt()
    rough = canvas.noise(canvas.x * 20, canvas.y * 20, octaves=4, persistence=0.6)
    height_map = roll * width * 0.42 + down * 0.012 + rough * 0.0012 + own * 0.003
    light = relief(canvas, height_map, depth=0.85, angle=daylight(canvas))
    clays: tuple[tuple[Rgb, ...], ...] = (
        ((0.52, 0.24, 0.15), (0.66, 0.33, 0.20), (0.72, 0.39, 0.24), (0.78, 0.48, 0.31)),
        ((0.45, 0.22, 0.16), (0.56, 0.27, 0.19), (0.62, 0.34, 0.24), (0.66, 0.42, 0.32)),
        ((0.60, 0.34, 0.21), (0.72, 0.45, 0.29), (0.78, 0.53, 0.36), (0.82, 0.62, 0.46)),
    )
    face = parted(canvas, own, clays)
    mottle = canvas.noise(canvas.x * 6, canvas.y * 6, octaves=5, persistence=0.6, shift=other * 30)
    lichen = rise(canvas.noise(canvas.x * 5, canvas.y * 5, octaves=5, persistence=0.65), 0.7, 1.1) * 0.35
    face = mix(face, tone(canvas, (0.60, 0.58, 0.50), 0.03), lichen) * (1.0 + mottle * 0.11 + rough * 0.04)[:, None]
    # Under the edge of the course above: its shadow; the edge itself catches light; the valleys are dark.
    under = 1.0 - 0.62 * (1.0 - rise(down, 0.02, 0.20))
    edge = 1.0 + 0.18 * rise(down, 0.93, 0.965)
    lip = rise(1.0 - down, 0.0, canvas.pixel * 2.5 / height)
    valley = 1.0 - 0.6 * rise(u.abs(), 0.72, 1.0)
    return shaded(canvas, face * (light * under * edge * valley * (0.4 + 0.6 * lip))[:, None])


_M = Kind.MATERIAL
MATERIALS: tuple[Material, ...] = (
    Material("brick wall", _M, brick_wall, 0, ("brick", "bricks", "red brick", "brickwork")),
    Material("white brick", _M, white_brick, 0, ("white brick wall", "white bricks", "painted brick")),
    Material("stone wall", _M, stone_wall, 0, ("rubble wall", "fieldstone", "dry stone wall", "stonework")),
    Material("tiles", _M, tiles, 1, ("tile", "ceramic tiles", "bathroom tiles", "metro tiles", "tiled wall")),
    Material("mosaic", _M, mosaic, 0, ("mosaic tiles", "mosaics", "tesserae")),
    Material("plaster", _M, plaster, 1, ("painted wall", "wall", "stucco", "plaster wall")),
    Material("roof tiles", _M, roof_tiles, 0, ("roof", "terracotta roof", "pantiles", "clay roof")),
)
