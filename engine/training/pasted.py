"""Pictures with known masks, made of photographs that have none: to fit to, where nobody has drawn outlines.

*Pieces* are pasted onto other photographs. Half of them are what our own matte finds by contrast alone (there is no
fitted number in that), kept where it finds the same in the mirrored, smaller picture; half are drawn shapes, filled
with one to four drawn materials or parts of photographs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.imaging.mask import bounding_box
from engine.materials.catalogue import draw as draw_material
from engine.materials.catalogue import entries
from engine.materials.material import Kind
from engine.matting.matte import matte_of
from engine.matting.picture import picture_of, resized
from engine.matting.subject import find_subject

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Draw = np.random.Generator

_SIDE_PX = 320
# What is found is kept when it is found twice, is in one part, of this size, and leaves three borders free.
_SAME_IOU, _AGAIN_SCALE, _ONE_PART, _SIZES = 0.9, 0.7, 0.85, (0.05, 0.6)
_TOUCHES_SHARE = 0.03
# So many of the pictures' number, each used three times; so many photographs may be looked at for each.
_PIECES_OF_COUNT, _TRIES_A_PIECE = 1 / 6, 12
# A piece's share of the ground's side; where its middle is, by and large.
_EXTENT, _MIDDLE, _ASTRAY = (0.35, 0.9), (0.55, 0.5), 0.2
# How far its colours go towards the ground's: subjects share their picture's light, and often its colours.
_ALIKE = (0.0, 0.9)
_SHADOW_SHARE, _SHADOW = 0.6, (0.15, 0.5)
# Shares of the drawn shapes: ellipses that hang together, like bodies, leave about half their box free, as real
# subjects do; below the second number blobs, above it polygons.
_JOINTED, _BLOBS = 0.6, 0.85
# Most fillings are of photographs: a subject is seldom one material.
_OF_PHOTOGRAPHS = 0.7
# What is so much sharper than the ground is blurred, by the first of these that is enough.
_SHARPER, _BLURS = 1.5, (0.6, 1.0, 1.6)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """``rgb``: (h, w, 3) sRGB 0 … 1. ``alpha``: (h, w) 0 … 1. ``at``: row, column, 0 … 1, of a border that cuts it."""

    rgb: Floats
    alpha: Floats
    at: tuple[float | None, float | None]
    made_of: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """``rgb``: (H, W, 3) sRGB 0 … 1. ``truth``: (H, W) the piece's pixels. ``made_of``: photographs, by name."""

    rgb: Floats
    truth: Flags
    made_of: tuple[str, ...]


def read(path: Path) -> Floats:
    """(H, W, 3) sRGB 0 … 1, small."""
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    image.thumbnail((_SIDE_PX, _SIDE_PX))
    return np.asarray(np.asarray(image, np.float32) / 255, np.float32)


def found_piece(path: Path) -> Piece | None:
    """The subject of a photograph that we are sure of; None: of this one we are not."""
    rgb = read(path)
    height, width = rgb.shape[:2]
    found = find_subject(picture_of(rgb, has_alpha=False), by_contrast_alone=True)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8))
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if len(stats) > 1 else 0
    part = np.asarray(labels == largest, np.bool_) & found
    edges = (part[0], part[-1], part[:, 0], part[:, -1])
    cut = [number for number, edge in enumerate(edges) if edge.mean() > _TOUCHES_SHARE]
    if not _SIZES[0] < part.mean() < _SIZES[1] or part.sum() < _ONE_PART * found.sum() or len(cut) > 1:
        return None
    again = np.ascontiguousarray(resized(rgb, round(width * _AGAIN_SCALE), round(height * _AGAIN_SCALE))[:, ::-1])
    second = find_subject(picture_of(again, has_alpha=False), by_contrast_alone=True)[:, ::-1].astype(np.float32)
    if _overlap(resized(second, width, height) > 0.5, found) < _SAME_IOU:
        return None
    matte = matte_of(picture_of(rgb, has_alpha=False), part)
    rows_cols = bounding_box(part).slices()
    at = ((None, None), (0.0, None), (1.0, None), (None, 0.0), (None, 1.0))[cut[0] + 1 if cut else 0]
    return Piece(matte.subject[rows_cols], matte.alpha[rows_cols], at, (path.name,))


def _overlap(one: Flags, other: Flags) -> float:
    return int((one & other).sum()) / max(int((one | other).sum()), 1)


def drawn_piece(draw: Draw, paths: Sequence[Path]) -> Piece:
    """A shape of one to four fillings, shaded like something round in light from one side."""
    side = int(draw.integers(140, 240))
    shape = _shape(draw, side)
    rgb, made_of = _filling(draw, side, paths)
    for _ in range(int(draw.integers(0, 4))):
        more, name = _filling(draw, side, paths)
        rgb, made_of = np.where((_shape(draw, side) > 0.5)[..., None], more, rgb), made_of + name
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side - 0.5
    turn, strength = draw.uniform(0, 2 * np.pi), draw.uniform(0, 0.9)
    shade = 1 + strength * (np.cos(turn) * x + np.sin(turn) * y) - strength * (x * x + y * y)
    alpha = np.asarray(cv2.GaussianBlur(shape, (0, 0), draw.uniform(0.5, 1.2)), np.float32)
    box = bounding_box(alpha > 0.02).slices()
    return Piece(np.clip(rgb * shade[..., None], 0, 1).astype(np.float32)[box], alpha[box], (None, None), made_of)


def _shape(draw: Draw, side: int) -> Floats:
    """(side, side) 0 or 1: a blob, a polygon, or ellipses that hang together."""
    out = np.zeros((side, side), np.float32)
    kind = draw.random()
    if kind < _JOINTED:
        x, y = side / 2, side / 2
        for _ in range(int(draw.integers(2, 7))):
            size = (round(draw.uniform(0.12, 0.30) * side), round(draw.uniform(0.04, 0.2) * side))
            cv2.ellipse(out, (round(x), round(y)), size, float(draw.uniform(0, 180)), 0, 360, 1.0, -1)
            x, y = (min(max(draw.normal(at, 0.17 * side), 0.25 * side), 0.75 * side) for at in (x, y))
        return out
    is_blob = kind < _BLOBS
    points = 90 if is_blob else int(draw.integers(4, 10))
    angle = np.arange(points) / points * 2 * np.pi
    waves = [draw.normal(0, 0.3 / n) * np.cos(n * angle + draw.uniform(0, 6.3)) for n in range(2, 7)]
    radius = np.exp(np.sum(waves, 0) if is_blob else draw.normal(0, 0.25, points))
    xy = np.stack([np.cos(angle), np.sin(angle)], 1) * radius[:, None] * draw.uniform(0.45, 1.0, 2)
    xy = (xy - (xy.max(0) + xy.min(0)) / 2) / np.ptp(xy, 0).max() * 0.9 * side + side / 2
    cv2.fillPoly(out, [np.rint(xy).astype(np.int32)], 1.0)
    return out


def _filling(draw: Draw, side: int, paths: Sequence[Path]) -> tuple[Floats, tuple[str, ...]]:
    """(side, side, 3): a drawn material, or part of a photograph; and the photograph's name."""
    if draw.random() > _OF_PHOTOGRAPHS:
        materials = [material for material in entries().values() if material.kind is not Kind.SCENE]
        material, seed = materials[int(draw.integers(len(materials)))], int(draw.integers(2**31))
        drawn = draw_material(material, 1, side, side, seed=seed, unit_px=float(draw.uniform(25, 120)))
        return drawn[0].permute(1, 2, 0).numpy(), ()
    path = paths[int(draw.integers(len(paths)))]
    rgb = read(path)
    height, width = rgb.shape[:2]
    part = min(height, width) * float(draw.uniform(0.3, 1.0))
    top, left = int(draw.random() * (height - part)), int(draw.random() * (width - part))
    return resized(rgb[top : top + int(part), left : left + int(part)], side, side), (path.name,)


def composed(piece: Piece, ground: Floats, draw: Draw) -> tuple[Floats, Flags]:
    """The piece on a photograph: the picture (H, W, 3) and where the piece is (H, W)."""
    if draw.random() < 0.5:
        at = (piece.at[0], None if piece.at[1] is None else 1 - piece.at[1])
        piece = replace(piece, rgb=piece.rgb[:, ::-1], alpha=piece.alpha[:, ::-1], at=at)
    height, width = ground.shape[:2]
    scale = draw.uniform(*_EXTENT) * min(height / piece.alpha.shape[0], width / piece.alpha.shape[1])
    high, wide = (max(8, round(length * scale)) for length in piece.alpha.shape)
    free = np.clip(draw.normal(_MIDDLE, _ASTRAY), 0, 1)
    top, left = (
        round(room * float(usual if fixed is None else fixed))
        for room, usual, fixed in zip((height - high, width - wide), free, piece.at, strict=True)
    )
    place = (slice(top, top + high), slice(left, left + wide))
    alpha, rgb = np.zeros((height, width), np.float32), ground.copy()
    alpha[place] = np.clip(resized(np.ascontiguousarray(piece.alpha), wide, high), 0, 1)
    rgb[place] = resized(np.ascontiguousarray(piece.rgb), wide, high)
    rgb = _as_the_camera_sees(rgb, alpha, ground, draw)
    below = ground
    if draw.random() < _SHADOW_SHARE:
        fallen = np.roll(alpha, (round(0.04 * high), round(draw.uniform(-0.08, 0.08) * wide)), (0, 1))
        soft = np.asarray(cv2.GaussianBlur(fallen, (0, 0), 0.03 * max(high, wide) + 1), np.float32)
        below = ground * (1 - np.float32(draw.uniform(*_SHADOW)) * soft[..., None])
    mixed = alpha[..., None] * rgb + (1 - alpha[..., None]) * below
    return np.clip(mixed, 0, 1).astype(np.float32), alpha >= 0.5


def _as_the_camera_sees(rgb: Floats, alpha: Floats, ground: Floats, draw: Draw) -> Floats:
    """The pasted pixels with some of the ground's colours (its mean and spread), about as sharp and as noisy as it."""
    weight = alpha[..., None] / max(float(alpha.sum()), 1.0)
    mean, wanted_mean = (rgb * weight).sum((0, 1)), ground.mean((0, 1))
    spread = np.sqrt((np.square(rgb - mean) * weight).sum((0, 1)))
    alike = np.clip((rgb - mean) * np.clip(ground.std((0, 1)) / (spread + 0.02), 0.5, 2) + wanted_mean, 0, 1)
    rgb = (rgb + draw.uniform(*_ALIKE) * (alike - rgb)).astype(np.float32)
    wanted = _SHARPER * float(_detail(ground).mean())
    for blur in _BLURS:
        if float((_detail(rgb) * weight[..., 0]).sum()) <= wanted:
            break
        rgb = np.asarray(cv2.GaussianBlur(rgb, (0, 0), blur), np.float32)
    grain = float(np.median(_detail(ground))) - float(np.median(_detail(rgb)[alpha > 0.5]))
    return (rgb + draw.normal(0, max(grain, 0.0) / 2, rgb.shape)).astype(np.float32)


def _detail(rgb: Floats) -> Floats:
    return np.abs(np.asarray(cv2.Laplacian(rgb.astype(np.float32).mean(-1), cv2.CV_32F), np.float32))


def pictures(paths: Sequence[Path], count: int, seed: int) -> list[Composed]:
    """So many, of nothing but these photographs (two or more); the same arguments give the same."""
    draw = np.random.default_rng(seed)
    pieces: list[Piece] = []
    wanted = max(1, round(count * _PIECES_OF_COUNT))
    for number in draw.permutation(len(paths))[: wanted * _TRIES_A_PIECE]:
        piece = found_piece(paths[int(number)]) if len(pieces) < wanted else None
        pieces += [piece] if piece else []
    out: list[Composed] = []
    for number in range(count):
        piece = pieces[number // 2 % len(pieces)] if pieces and number % 2 == 0 else drawn_piece(draw, paths)
        others = [path for path in paths if path.name not in piece.made_of] or list(paths)
        ground = others[int(draw.integers(len(others)))]
        out.append(Composed(*composed(piece, read(ground), draw), (*piece.made_of, ground.name)))
    return out
