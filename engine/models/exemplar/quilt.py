"""Whole pieces of what is around, set into the hole side by side and cut where they agree best.

Votes of small patches average what they do not agree on: in a large hole, leaves and pebbles run into each other. Large
pieces keep things whole (Efros & Freeman 2001, image quilting), and a minimum cut through their overlap leaves few of
them torn (Kwatra et al. 2003, graphcut textures). For what looks alike everywhere: it knows of no structure.

Pieces are looked for in a small picture and copied from the true one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

# Pieces are looked for with the longer side at most so long.
_SEARCHED_PX = 512
# Sides of a piece: the largest that can still be taken from so many places.
_SIDES_PX = (112, 96, 80, 64, 48, 36, 24)
_LEAST_PLACES = 2500
# A piece may fit worse than the best by this share: there the seed chooses.
_AS_GOOD = 1.05
# What was taken already costs so many mean misfits more, fading over a quarter of a piece: nothing is seen twice.
_TAKEN_COSTS = 0.35
# OpenCV's cut ties known pixels with a weight of 10,000 and counts squared differences: colours 0 … 8 stay below.
_CUT_SCALE = 8.0
# So much of the picture around a piece takes part in the cut; OpenCV looks ten pixels far.
_CUT_MARGIN_PX = 12
# Not one of the pieces: a pixel as it was.
_OWN = -1
# More pieces than this take longer than they are worth: little is known, and what is known is thin.
_MOST_PIECES = 200
# Labels of so many pieces fit into a byte, and only bytes are smoothed.
_MOST_SMOOTHED = 254


@dataclass(frozen=True, slots=True)
class _Piece:
    """Set down at row y, column x; taken from row, column."""

    y: int
    x: int
    row: int
    column: int


def quilted(crop: Tensor, hole: Tensor, unusable: Tensor, *, seed: int, check: Callable[[], None]) -> Tensor | None:
    """Fill the hole with pieces of the crop; its border is met where it can be, and shows where it cannot.

    Args:
        crop: (H, W, C) float32, finite. hole: (H, W) bool, not empty. unusable: (H, W) bool: not to be copied.
        seed: 0 … 2⁶³-1: the same sets the same pieces.

    Returns:
        (H, W, C), or None when too little is known to take pieces from.

    Raises:
        Cancelled: by ``check``.
    """
    height, width = hole.shape
    scale = -(-max(height, width) // _SEARCHED_PX)
    known = ~(hole | unusable)
    small, usable, is_hole = _shrunk(crop, known, hole, scale)
    work = _Work(small, usable, is_hole, seed)
    if work.side == 0 or len(work.left) > _MOST_PIECES:
        return None
    for _ in work.set_pieces():
        check()
    return _copied(crop, hole, known, work, scale)


class _Work:
    """The small picture on its way."""

    def __init__(self, picture: Floats, usable: Flags, hole: Flags, seed: int) -> None:
        self.side, self._places = _side_of(usable)
        self.labels = np.full(hole.shape, _OWN, np.int32)
        self.pieces: list[_Piece] = []
        self._hole, self._filled = hole, usable.copy()
        self._source = np.where(usable[..., None], picture, np.float32(0))
        self._out = self._source.copy()
        self._taken = np.zeros(hole.shape, np.float32)
        self._draw = np.random.default_rng(seed)
        size = hole.shape
        self._size = (size[0], size[1])
        self.left = self._grid() if self.side else []
        self._squares_f = self._waves(torch.from_numpy(np.square(self._source).sum(-1)))
        self._source_f = self._waves(torch.from_numpy(self._source).permute(2, 0, 1))

    def _grid(self) -> list[tuple[int, int]]:
        """Upper left corners of all pieces that the hole needs."""
        side, size = self.side, self._size
        rows, columns = np.nonzero(self._hole)
        return [
            (y, x)
            for y in _starts(rows, size[0], side)
            for x in _starts(columns, size[1], side)
            if self._hole[y : y + side, x : x + side].any()
        ]

    def set_pieces(self) -> Iterator[None]:
        """One piece after the other, those first whose place is known best."""
        side, left = self.side, self.left
        while left:
            y, x = max(left, key=lambda at: int(self._filled[at[0] : at[0] + side, at[1] : at[1] + side].sum()))
            left.remove((y, x))
            if not self._filled[y : y + side, x : x + side].all():
                self._set(y, x)
            yield

    def _set(self, y: int, x: int) -> None:
        side = self.side
        here = (slice(y, y + side), slice(x, x + side))
        row, column = self._best_place(self._out[here], self._filled[here])
        piece = self._source[row : row + side, column : column + side]
        takes = self._cut(y, x, piece)
        self._out[here][takes] = piece[takes]
        self.labels[here][takes] = len(self.pieces)
        self._filled[here] |= takes
        self.pieces.append(_Piece(y, x, row, column))
        rows, columns = (np.arange(length, dtype=np.float32) for length in self._size)
        near = [np.exp(-((along - at) ** 2) / (2 * (side / 4) ** 2)) for along, at in ((rows, row), (columns, column))]
        self._taken = np.maximum(self._taken, near[0][:, None] * near[1][None])

    def _best_place(self, there: Floats, told: Flags) -> tuple[int, int]:
        """Row and column whence the piece comes that fits best to what is told of its place."""
        weight = torch.from_numpy(told.astype(np.float32))
        wanted = torch.from_numpy(there).permute(2, 0, 1) * weight
        told_f, wanted_f = self._waves(weight).conj(), self._waves(wanted).conj()
        # Σ told · (source - wanted)², at every place at once.
        both = self._squares_f * told_f - 2 * (self._source_f * wanted_f).sum(0)
        summed: Tensor = torch.fft.irfft2(both, s=self._size)  # pyright: ignore[reportUnknownVariableType]
        misfit = np.asarray(summed.numpy(), np.float32) + np.float32(wanted.square().sum())
        misfit = np.maximum(misfit, np.float32(0))
        misfit += np.float32(_TAKEN_COSTS * misfit[self._places].mean()) * self._taken
        least = float(misfit[self._places].min())
        good = np.asarray(self._places & (misfit <= least * _AS_GOOD + 1e-9), np.bool_)
        rows, columns = np.nonzero(good)
        chosen = int(self._draw.integers(len(rows)))
        return int(rows[chosen]), int(columns[chosen])

    def _waves(self, picture: Tensor) -> Tensor:
        return torch.fft.rfft2(picture, s=self._size)  # pyright: ignore[reportUnknownVariableType]

    def _cut(self, y: int, x: int, piece: Floats) -> Flags:
        """(side, side) where the piece is taken: where nothing was, and on its side of the cheapest cut."""
        side = self.side
        here = (slice(y, y + side), slice(x, x + side))
        filled, hole = self._filled[here], self._hole[here]
        free = filled & hole
        if not free.any():
            return ~filled & hole
        top, left = max(0, y - _CUT_MARGIN_PX), max(0, x - _CUT_MARGIN_PX)
        wide = (slice(top, y + side + _CUT_MARGIN_PX), slice(left, x + side + _CUT_MARGIN_PX))
        finder = cv2.detail.GraphCutSeamFinder("COST_COLOR")
        pictures = [_three(self._out[wide]), _three(piece)]
        masks = [np.where(flags, 255, 0).astype(np.uint8) for flags in (self._filled[wide], ~filled | free)]
        found = finder.find(pictures, [(left, top), (x, y)], masks)  # type: ignore[call-overload]
        new = np.asarray(np.asarray(found[1].get()) > 0, np.bool_)
        return (new & free) | (~filled & hole)


def _shrunk(crop: Tensor, known: Tensor, hole: Tensor, scale: int) -> tuple[Floats, Flags, Flags]:
    """The picture (h, w, C) at one pixel in ``scale``, where it is wholly known, and where there is any hole."""
    height, width = hole.shape
    pad = (0, -width % scale, 0, -height % scale)
    value = F.pad(torch.where(known[..., None], crop, 0.0).permute(2, 0, 1)[None].float().cpu(), pad)
    small = F.avg_pool2d(value, scale)[0].permute(1, 2, 0)
    every = F.avg_pool2d(F.pad(known[None, None].float().cpu(), pad), scale)[0, 0] > 1 - 1e-6
    touched = F.max_pool2d(F.pad(hole[None, None].float().cpu(), pad), scale)[0, 0] > 0
    return np.ascontiguousarray(small.numpy()), every.numpy(), touched.numpy()


def _side_of(usable: Flags) -> tuple[int, Flags]:
    """The largest side of a piece that enough places have, and those places' upper left corners; 0: none."""
    for side in _SIDES_PX:
        if side > min(usable.shape):
            continue
        whole = cv2.erode(usable.astype(np.uint8), np.ones((side, side), np.uint8), anchor=(0, 0), borderValue=0)
        # OpenCV takes what is beyond the border for known, whatever it is told.
        whole[usable.shape[0] - side + 1 :] = 0
        whole[:, usable.shape[1] - side + 1 :] = 0
        if int(whole.sum()) >= _LEAST_PLACES:
            return side, whole > 0
    return 0, np.zeros_like(usable)


def _starts(touched: npt.NDArray[np.intp], length: int, side: int) -> list[int]:
    """Where pieces begin along one axis: half of each lies over its neighbour, and over what is known at the ends.

    Args:
        touched: rows, or columns, of the hole's pixels. length: of the axis.
    """
    low, high, last = int(touched.min()), int(touched.max()), length - side
    starts = [low - side // 2]
    while starts[-1] + side <= high:
        starts.append(starts[-1] + side // 2)
    return sorted({min(max(start, 0), last) for start in starts})


def _three(picture: Floats) -> Floats:
    """(h, w, 3) for OpenCV's cut: three channels, or one of them three times."""
    shown = picture[..., :3] if picture.shape[-1] >= 3 else picture[..., :1].repeat(3, -1)
    return np.ascontiguousarray(shown.clip(0, 1) * np.float32(_CUT_SCALE))


def _copied(crop: Tensor, hole: Tensor, known: Tensor, work: _Work, scale: int) -> Tensor:
    """The true pixels of each piece, where its label says so."""
    height, width = hole.shape
    shifts = torch.tensor([(piece.row - piece.y, piece.column - piece.x) for piece in work.pieces]) * scale
    at = hole.cpu().nonzero()
    known = known.cpu()

    def sources(labels: Tensor) -> Tensor:
        return at + shifts[labels[at[:, 0], at[:, 1]].long()]

    labels = torch.from_numpy(work.labels).repeat_interleave(scale, 0).repeat_interleave(scale, 1)[:height, :width]
    source = sources(labels)
    if scale > 1 and len(work.pieces) <= _MOST_SMOOTHED:
        # Cuts go by small pixels: their stairs are taken away, where what the other piece holds there is known.
        stairs = (labels + 1).to(torch.uint8).numpy()
        smoothed = torch.from_numpy(cv2.medianBlur(stairs, 2 * scale + 1)).int() - 1
        smooth = sources(smoothed.clamp(min=0))
        inside = (smoothed[at[:, 0], at[:, 1]] >= 0) & ((smooth >= 0) & (smooth < torch.tensor([height, width]))).all(1)
        kept = smooth.clamp(min=0).minimum(torch.tensor([height - 1, width - 1]))
        inside &= known[kept[:, 0], kept[:, 1]]
        source = torch.where(inside[:, None], kept, source)
    out = crop.clone()
    at, source = at.to(crop.device), source.to(crop.device)
    out[at[:, 0], at[:, 1]] = crop[source[:, 0], source[:, 1]]
    return out
