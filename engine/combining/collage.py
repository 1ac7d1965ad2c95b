"""Whole pictures in a grid, none cut out: a collage."""

from __future__ import annotations

import numpy as np

from engine.api import Reference
from engine.combining.piece import picture_in_full
from engine.combining.put import Board, Put, put
from engine.geometry import PixelRect, Size
from engine.imaging.cover import middle_kept
from engine.matting.picture import Picture, resized
from engine.operations.report import Report

# Between two pictures, as a share of the place's shorter side: the layer is seen there.
_GUTTER = 0.012


def collage(board: Board, references: list[Reference], place: PixelRect, profile: bytes | None, report: Report) -> None:
    """Fill the place with the pictures, row by row; each covers its cell, its middle kept.

    Args:
        profile: the layer's.
    """
    cells = cells_of(place, [reference.pixels.shape[1] / reference.pixels.shape[0] for reference in references])
    for done, (cell, reference) in enumerate(zip(cells, references, strict=True)):
        report.progress(done / len(cells), f"placing image {done + 1}")
        report.check()
        rgb, opacity = _covering(picture_in_full(reference, 4 * max(cell.width, cell.height), profile), cell)
        put(board, Put(cell, rgb, opacity, np.zeros_like(opacity)))


def cells_of(place: PixelRect, aspects: list[float]) -> list[PixelRect]:
    """A cell for each picture of these aspects (width by height): as many rows as crop the pictures least."""
    gutter = max(1, round(_GUTTER * min(place.width, place.height))) if len(aspects) > 1 else 0
    best: tuple[float, list[PixelRect]] | None = None
    for rows in range(1, len(aspects) + 1):
        cells = _in_rows(place, len(aspects), rows, gutter)
        if cells is None:
            continue
        cost = sum(
            abs(float(np.log(cell.width / cell.height / aspect))) for cell, aspect in zip(cells, aspects, strict=True)
        )
        if best is None or cost < best[0]:
            best = (cost, cells)
    return best[1] if best is not None else [place] * len(aspects)


def _in_rows(place: PixelRect, count: int, rows: int, gutter: int) -> list[PixelRect] | None:
    """The pictures as evenly as can be in so many rows, longer rows last; None where a cell would be empty."""
    cells: list[PixelRect] = []
    high = place.height - gutter * (rows - 1)
    for row in range(rows):
        y0, y1 = (place.y0 + high * each // rows + gutter * row for each in (row, row + 1))
        columns = count // rows + (row >= rows - count % rows)
        wide = place.width - gutter * (columns - 1)
        if wide < columns or y1 <= y0:
            return None
        cells += [
            PixelRect(
                place.x0 + wide * column // columns + gutter * column,
                y0,
                place.x0 + wide * (column + 1) // columns + gutter * column,
                y1,
            )
            for column in range(columns)
        ]
    return cells


def _covering(picture: Picture, cell: PixelRect) -> tuple[np.ndarray, np.ndarray]:
    kept = middle_kept(Size(picture.width, picture.height), cell.size).slices()
    return tuple(  # type: ignore[return-value]
        resized(np.ascontiguousarray(values[kept]), cell.width, cell.height)
        for values in (picture.rgb, picture.opacity)
    )
