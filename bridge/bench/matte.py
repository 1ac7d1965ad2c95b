"""How well the subject is cut out: check photographs with object masks, a loose box as the hint and no hint at all.

``iou`` compares the pixels that are at least half the subject's with the mask. The masks are coarse polygons, or grown:
outlines drawn by hand over these eight photographs, right to a pixel or two, score 0.76 to 0.94 against them, 0.87 on
average. ``iou off the outline`` therefore leaves out a band of 5 pixels to either side of the mask's own outline.
``edge`` is the mean difference of the two masks' gradient lengths in a band of 10 pixels around the mask's outline (0
same). Each cut-out goes over magenta on a contact sheet, to look at: old background that shines through is seen there
first.
"""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.bench.photos import check_photographs
from engine.api import Alpha, Depth, EditRequest, LayerFormat, Mask
from engine.geometry import Size

if TYPE_CHECKING:
    from engine.operations.cutting import CutOut

NAME = "matte"
SUMMARY = "the subject's outline and edge with a loose box and with no hint, against masks drawn by hand"

_RGB8 = LayerFormat(Depth.U8, 3, Alpha.NONE)
# The box is that of the mask, grown by this share of its sides.
_LOOSE = 0.10
_BAND_PX = 10
_COARSE_PX = 5
_IOU_WITH_BOX, _IOU_ALONE = 0.90, 0.60
_MAGENTA = np.array([255, 0, 255], np.float32)
_CELL_PX = 320
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """``pixels``: H×W×3 uint8. ``truth``: H×W, True on the object."""

    name: str
    pixels: npt.NDArray[np.uint8]
    truth: npt.NDArray[np.bool_]


def run(options: BenchOptions) -> Figures:
    """Cut every object out both ways; without the check photographs there is nothing to measure."""
    from engine.operations.cutting import cut_out  # noqa: PLC0415
    from engine.operations.report import SilentReport  # noqa: PLC0415

    photographs = _photographs()[: 2 if options.quick else None]
    figures: dict[str, float] = {}
    rows: list[list[npt.NDArray[np.uint8]]] = [[one.pixels] for one in photographs]
    for hint in ("box", "none"):
        ious: list[float] = []
        off: list[float] = []
        edges: list[float] = []
        speeds: list[float] = []
        for row, one in zip(rows, photographs, strict=True):
            mask = loose_box(one.truth) if hint == "box" else np.full(one.truth.shape, 255, np.uint8)
            size = Size(one.truth.shape[1], one.truth.shape[0])
            request = EditRequest("bench-matte", "background_remove", size, _RGB8, size.rect, one.pixels, mask, 1)
            began = time.perf_counter()
            cut = cut_out(request, SilentReport())
            speeds.append((time.perf_counter() - began) / (one.truth.size / 1e6))
            ious.append(iou(cut.alpha >= 0.5, one.truth))
            off.append(iou_off_the_outline(cut.alpha >= 0.5, one.truth))
            edges.append(edge_difference(cut.alpha, one.truth))
            row.append(over_magenta(cut))
            options.note(f"{one.name}, {hint}: IoU {ious[-1]:.3f}")
            figures[f"{hint}.iou.{one.name}"] = round(ious[-1], 4)
        figures |= _means(hint, ious, off, edges, speeds)
    if rows:
        _sheet(rows, options.out / "matte.png")
    bars = {
        "mean IoU with a loose box": Bar(figures.get("box.iou", 0.0), _IOU_WITH_BOX, at_most=False),
        "mean IoU with no hint": Bar(figures.get("none.iou", 0.0), _IOU_ALONE, at_most=False),
    }
    return Figures(figures, bars)


def loose_box(truth: npt.NDArray[np.bool_]) -> Mask:
    """The object's box, a tenth longer and wider, as a selection."""
    rows, cols = np.flatnonzero(truth.any(1)), np.flatnonzero(truth.any(0))
    high, wide = rows[-1] + 1 - rows[0], cols[-1] + 1 - cols[0]
    more_y, more_x = round(_LOOSE * high / 2), round(_LOOSE * wide / 2)
    box = np.zeros(truth.shape, np.uint8)
    box[max(0, rows[0] - more_y) : rows[-1] + 1 + more_y, max(0, cols[0] - more_x) : cols[-1] + 1 + more_x] = 255
    return box


def iou(ours: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_]) -> float:
    """What both have over what either has: 0 … 1."""
    either = int((ours | truth).sum())
    return int((ours & truth).sum()) / either if either else 1.0


def iou_off_the_outline(ours: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_]) -> float:
    """`iou` of the pixels that are farther than `_COARSE_PX` from the mask's outline."""
    counted = ~_near_the_outline(truth, _COARSE_PX)
    return iou(ours & counted, truth & counted)


def edge_difference(alpha: Floats, truth: npt.NDArray[np.bool_]) -> float:
    """See the module: mean difference of gradient lengths near the true outline."""
    wanted = truth.astype(np.float32)
    band = _near_the_outline(truth, _BAND_PX)
    differs = np.abs(_gradient_lengths(alpha) - _gradient_lengths(wanted))
    return float(differs[band].mean()) if band.any() else 0.0


def _near_the_outline(truth: npt.NDArray[np.bool_], px: int) -> npt.NDArray[np.bool_]:
    import cv2  # noqa: PLC0415

    kernel = np.ones((2 * px + 1, 2 * px + 1), np.uint8)
    grown, shrunk = cv2.dilate(truth.astype(np.uint8), kernel), cv2.erode(truth.astype(np.uint8), kernel)
    return np.asarray(grown, np.uint8) > np.asarray(shrunk, np.uint8)


def _gradient_lengths(of: Floats) -> Floats:
    """(H, W): central differences, the border repeated."""
    padded = np.pad(of, 1, mode="edge")
    down, across = padded[2:, 1:-1] - padded[:-2, 1:-1], padded[1:-1, 2:] - padded[1:-1, :-2]
    return np.asarray(np.sqrt(down * down + across * across) / 2, np.float32)


def over_magenta(cut: CutOut) -> npt.NDArray[np.uint8]:
    """The cut-out over a colour that no photograph has."""
    share = cut.alpha[..., None]
    return np.clip(np.rint(cut.pixels * 255 * share + _MAGENTA * (1 - share)), 0, 255).astype(np.uint8)


def _means(hint: str, ious: list[float], off: list[float], edges: list[float], speeds: list[float]) -> dict[str, float]:
    if not ious:
        return {}
    return {
        f"{hint}.iou": round(statistics.fmean(ious), 4),
        f"{hint}.iou off the outline": round(statistics.fmean(off), 4),
        f"{hint}.edge": round(statistics.fmean(edges), 4),
        f"{hint}.seconds per megapixel": round(statistics.median(speeds), 2),
    }


def _photographs() -> list[Photograph]:
    folder = check_photographs()
    if folder is None:
        return []
    listed = cast(dict[str, list[dict[str, str]]], json.loads((folder / "manifest.json").read_text("utf-8")))
    return [
        Photograph(
            Path(entry["file"]).stem,
            np.asarray(Image.open(folder / entry["file"]).convert("RGB")).copy(),
            np.asarray(Image.open(folder / entry["mask"]).convert("L")) > 127,
        )
        for entry in listed["images"]
        if entry.get("mask")
    ]


def _sheet(rows: list[list[npt.NDArray[np.uint8]]], path: Path) -> None:
    """Photograph, with a box, with no hint: a row each."""
    cells = [[Image.fromarray(cell) for cell in row] for row in rows]
    for row in cells:
        for cell in row:
            cell.thumbnail((_CELL_PX, _CELL_PX))
    heights = [max(cell.height for cell in row) for row in cells]
    sheet = Image.new("RGB", (_CELL_PX * max(len(row) for row in cells), sum(heights)), "white")
    top = 0
    for row, height in zip(cells, heights, strict=True):
        for number, cell in enumerate(row):
            sheet.paste(cell, (number * _CELL_PX, top))
        top += height
    sheet.save(path)
