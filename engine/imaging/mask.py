"""Selections: where they are, how they fall apart. A pixel with any selection at all is regenerated. No torch here."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.api import Mask
from engine.geometry import PixelRect

Flags = npt.NDArray[np.bool_]

# Parts of a selection closer than two cells are filled together.
_CELL_PX = 16


def hole_of(mask: Mask) -> Flags:
    """H×W: True where anything is selected, however softly; the composite feathers later."""
    return mask > 0


def bounding_box(selected: Flags) -> PixelRect:
    """The smallest rectangle around all True pixels, in the array's own coordinates; empty when there are none."""
    rows, cols = np.flatnonzero(selected.any(1)), np.flatnonzero(selected.any(0))
    if len(rows) == 0:
        return PixelRect(0, 0, 0, 0)
    return PixelRect(int(cols[0]), int(rows[0]), int(cols[-1]) + 1, int(rows[-1]) + 1)


def separate_parts(selected: Flags) -> list[PixelRect]:
    """Boxes around the parts of a selection that lie well apart, top to bottom; no two overlap.

    Pixels are gathered in cells of a coarse grid; cells that touch belong together. Cost grows with the selection's
    box.
    """
    box = bounding_box(selected)
    inside = selected[box.slices()]
    rows, cols = -(-box.height // _CELL_PX), -(-box.width // _CELL_PX)
    padded = np.zeros((rows * _CELL_PX, cols * _CELL_PX), np.bool_)
    padded[: box.height, : box.width] = inside
    cells: Flags = np.asarray(padded.reshape(rows, _CELL_PX, cols, _CELL_PX).any((1, 3)))
    boxes: list[PixelRect] = []
    for part in _connected(cells):
        ys, xs = [y for y, _ in part], [x for _, x in part]
        around = PixelRect(
            min(xs) * _CELL_PX, min(ys) * _CELL_PX, (max(xs) + 1) * _CELL_PX, (max(ys) + 1) * _CELL_PX
        ).intersect(PixelRect(0, 0, box.width, box.height))
        tight = bounding_box(inside[around.slices()])
        boxes.append(tight.shift(around.x0 + box.x0, around.y0 + box.y0))
    return sorted(_merged(boxes), key=lambda each: (each.y0, each.x0))


def _connected(cells: Flags) -> list[list[tuple[int, int]]]:
    left = {(int(y), int(x)) for y, x in np.argwhere(cells)}
    parts: list[list[tuple[int, int]]] = []
    while left:
        part = [left.pop()]
        for y, x in part:  # grows while it is walked
            for dy in (-1, 0, 1):
                for dx in (-1, 0, 1):
                    beside = (y + dy, x + dx)
                    if beside in left:
                        left.remove(beside)
                        part.append(beside)
        parts.append(part)
    return parts


def _merged(boxes: list[PixelRect]) -> list[PixelRect]:
    """Overlapping boxes become one, until none overlap."""
    done: list[PixelRect] = []
    waiting = list(boxes)
    while waiting:
        box = waiting.pop()
        hit = next((other for other in done if other.meets(box)), None)
        if hit is None:
            done.append(box)
        else:
            done.remove(hit)
            waiting.append(hit.union(box))
    return done
