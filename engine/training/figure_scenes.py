"""Pictures whose figure is known, for `engine.models.figure`: pasted as in `engine.training.pasted`, many of them.

Photographs and pieces are kept small in memory, so a picture costs milliseconds. No outline here was drawn by anybody:
pieces are what contrast alone finds for sure, their silhouettes filled with something else, and drawn shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from engine.imaging.mask import bounding_box
from engine.matting.picture import resized
from engine.models.figure.network import SIDE_PX
from engine.training.pasted import Composed, Draw, Floats, Piece, composed, drawn_piece, found_piece, read

Bytes = npt.NDArray[np.uint8]

_GROUND_PX = 192
# Of all pieces so many are found ones; of those so many keep their silhouette alone; flowers, a quarter of the
# photographs, are taken so much less often.
_FOUND, _REFILLED, _FLOWERS, _FLOWERS_TAKEN = 0.75, 0.3, "flowers_", 0.35
_TURNED, _TURN_DEGREES, _STRETCHED, _STRETCH, _RECOLOURED = 0.5, 25.0, 0.4, 0.2, 0.4
# The ground: a part of a photograph, often out of focus (standard deviations in pixels, e to these), now and then with
# a smaller thing in it that is not asked for.
_PART, _OUT_OF_FOCUS, _SIGMAS, _DISTRACTED = (0.45, 1.0), 0.35, (-0.7, 1.2), 0.2
# A figure's share of its picture.
_LEAST, _MOST, _TRIES = 0.05, 0.75, 20


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """``pieces``: found for sure. ``grounds``: photographs in which nothing is; their names are ``used`` with them."""

    paths: tuple[Path, ...]
    pieces: tuple[Piece, ...]
    grounds: tuple[Bytes, ...]
    used: tuple[str, ...]

    @staticmethod
    def of(paths: Sequence[Path], tell: Callable[[int], None] = lambda _: None) -> Sources:
        """Look at all photographs once: seconds each.

        Args:
            tell: called with the number of photographs done.

        Raises:
            ValueError: all or none of them have a figure.
        """
        pieces: list[Piece] = []
        grounds: list[Bytes] = []
        for number, path in enumerate(paths):
            piece = found_piece(path)
            if piece is None:
                grounds.append(np.rint(_within(read(path), _GROUND_PX) * 255).astype(np.uint8))
            else:
                pieces.append(piece)
            tell(number + 1)
        if not pieces or not grounds:
            raise ValueError("photographs with a clear figure and such without one are needed")
        return Sources(tuple(paths), tuple(pieces), tuple(grounds), tuple(path.name for path in paths))


def scene(sources: Sources, draw: Draw) -> tuple[Bytes, Bytes]:
    """One picture: (S, S, 3) sRGB and (S, S) the figure, 0 … 255, S as `engine.models.figure` sees it."""
    made = _one(sources, draw)
    for _ in range(_TRIES):
        if _LEAST < made.truth.mean() < _MOST:
            break
        made = _one(sources, draw)
    rgb = resized(made.rgb, SIDE_PX, SIDE_PX)
    truth = resized(made.truth.astype(np.float32), SIDE_PX, SIDE_PX)
    return np.rint(rgb * 255).astype(np.uint8), np.rint(truth * 255).astype(np.uint8)


def _one(sources: Sources, draw: Draw) -> Composed:
    ground = _ground(sources, draw)
    if draw.random() < _OUT_OF_FOCUS:
        ground = np.asarray(cv2.GaussianBlur(ground, (0, 0), float(np.exp(draw.uniform(*_SIGMAS)))), np.float32)
    if draw.random() < _DISTRACTED:
        ground = composed(_piece(sources, draw), ground, draw)[0]
    rgb, truth = composed(_piece(sources, draw), ground, draw)
    return Composed(np.clip(rgb, 0, 1), truth, ())


def _ground(sources: Sources, draw: Draw) -> Floats:
    whole = sources.grounds[int(draw.integers(len(sources.grounds)))]
    tall, wide = int(whole.shape[0]), int(whole.shape[1])
    height, width = (min(each, max(24, round(each * float(draw.uniform(*_PART))))) for each in (tall, wide))
    top, left = int(draw.integers(tall - height + 1)), int(draw.integers(wide - width + 1))
    part = whole[top : top + height, left : left + width][:, :: 1 if draw.random() < 0.5 else -1]
    scale = _GROUND_PX / max(height, width)
    shown = np.ascontiguousarray(part, np.float32) / np.float32(255)
    return resized(shown, max(24, round(width * scale)), max(24, round(height * scale)))


def _piece(sources: Sources, draw: Draw) -> Piece:
    if draw.random() > _FOUND:
        return drawn_piece(draw, sources.paths)
    taken = np.array([_FLOWERS_TAKEN if piece.made_of[0].startswith(_FLOWERS) else 1.0 for piece in sources.pieces])
    piece = sources.pieces[int(draw.choice(len(sources.pieces), p=taken / taken.sum()))]
    if draw.random() < _REFILLED:
        other = drawn_piece(draw, sources.paths)
        piece = replace(piece, rgb=resized(other.rgb, piece.alpha.shape[1], piece.alpha.shape[0]))
    if piece.at == (None, None) and draw.random() < _TURNED:
        piece = _turned(piece, float(draw.normal(0, _TURN_DEGREES)))
    if draw.random() < _STRETCHED:
        wide, high = max(8, round(piece.alpha.shape[1] * np.exp(draw.normal(0, _STRETCH)))), piece.alpha.shape[0]
        piece = replace(piece, rgb=resized(piece.rgb, wide, high), alpha=resized(piece.alpha, wide, high))
    if draw.random() < _RECOLOURED:
        piece = replace(piece, rgb=recoloured(piece.rgb, draw))
    return piece


def _turned(piece: Piece, degrees: float) -> Piece:
    high, wide = piece.alpha.shape
    side = int(np.hypot(high, wide)) + 2
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1.0)
    turn[:, 2] += ((side - wide) / 2, (side - high) / 2)
    rgb = np.asarray(cv2.warpAffine(piece.rgb, turn, (side, side), borderMode=cv2.BORDER_REPLICATE), np.float32)
    alpha = np.asarray(cv2.warpAffine(piece.alpha, turn, (side, side)), np.float32)
    here = bounding_box(alpha > 0.05).slices()
    return replace(piece, rgb=rgb[here], alpha=alpha[here])


def recoloured(rgb: Floats, draw: Draw) -> Floats:
    """Other colours: channels exchanged, another curve and tint, or none."""
    kind = draw.random()
    if kind < 0.4:
        other = rgb[..., draw.permutation(3)]
    elif kind < 0.8:
        other = np.clip(rgb, 0, 1) ** np.exp(draw.normal(0, 0.25)) * np.exp(draw.normal(0, 0.15, 3))
    else:
        other = np.repeat(rgb.mean(-1, keepdims=True), 3, -1)
    return np.clip(other, 0, 1).astype(np.float32)


def _within(rgb: Floats, side: int) -> Floats:
    scale = min(1.0, side / max(rgb.shape[:2]))
    return resized(rgb, max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
