"""How well pictures are made larger: photographs made smaller first, and enlarged again by us and by Pillow's filters.

Every photograph is made smaller by 2 and by 4, by area and by a cubic filter. Then, against the photograph:
``psnr`` and ``ssim`` (more is better); ``sharpness`` is the mean gradient length on its strongest edges over the
photograph's own (1: as sharp); ``overshoot`` is by how much, beside those edges, a result leaves the range that the
photograph has around, in per cent of that range (0: no ringing). Figures are medians over photographs. A step between
two greys, enlarged, shows overshoot alone. Crops at 100 % go on a sheet, to look at.
"""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import psutil
from PIL import Image

from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.bench.photos import check_photographs
from engine.api import Alpha, Canvas, Depth, EditRequest, LayerFormat
from engine.geometry import Size

NAME = "upscale"
SUMMARY = "pictures at 2 and 4 times their size, against Lanczos and cubic interpolation: closeness, sharpness, ringing"

Picture = npt.NDArray[np.uint8]  # H×W×3
Floats = npt.NDArray[np.float32]
Enlarge = Callable[[Picture, Size], Picture]

_RGB8 = LayerFormat(Depth.U8, 3, Alpha.NONE)
_FACTORS = (2, 4)
_SMALLER = {"area": Image.Resampling.BOX, "cubic": Image.Resampling.BICUBIC}
_QUICK_PICTURES = 4
# Of a larger photograph the middle of this side is taken: a minute instead of ten.
_MOST_SIDE_PX = 512
# The strongest edges of a photograph: this share of its pixels; the band beside them reaches so many pixels.
_EDGES, _BAND_PX = 0.05, 4
# Where an edge is fainter than this, in 8 bit steps, a rounding would count as ringing.
_LEAST_RANGE = 16.0
# At the border, filters differ in what they take to lie beyond it.
_BORDER_PX = 8
_SHEET_CROP_PX = 200
# Speed and memory are measured on a picture of this side, enlarged twice.
_TIMED_PX = 768
_LOOK_EVERY_S = 0.005
_STEP = (64, 192)


@dataclass(frozen=True, slots=True)
class Score:
    """What one enlarged picture is worth; see the module."""

    psnr: float
    ssim: float
    sharpness: float
    overshoot: float


def run(options: BenchOptions) -> Figures:
    """Enlarge everything by everyone; a sheet of crops goes to ``options.out``."""
    methods: dict[str, Enlarge] = {"inlay": ours, "lanczos": _filter(Image.Resampling.LANCZOS)}
    methods["cubic"] = _filter(Image.Resampling.BICUBIC)
    figures: dict[str, float] = {}
    scores: dict[tuple[str, str], list[Score]] = {}
    rows: list[list[Picture]] = []
    for name, photograph in photographs(options.quick):
        height, width = photograph.shape[:2]
        row = [photograph]
        for factor in _FACTORS:
            for how, kernel in _SMALLER.items():
                small = np.array(Image.fromarray(photograph).resize((width // factor, height // factor), kernel))
                for method, enlarge in methods.items():
                    made = enlarge(small, Size(width, height))
                    scores.setdefault((f"{factor}x {how}", method), []).append(score(photograph, made))
                    if how == "area" and method != "cubic":
                        row.append(made)
        rows.append(row)
        options.note(f"{name}: done")
    for (case, method), own in scores.items():
        for number, field in enumerate(fields(Score)):
            figures[f"{case}.{method}.{field.name}"] = round(statistics.median(astuple(one)[number] for one in own), 4)
    for method, enlarge in methods.items():
        figures[f"step.{method}.overshoot"] = round(step_overshoot(enlarge), 4)
    figures |= _cost()
    _sheet(rows, options.out / "upscale.png")
    return Figures(figures, _bars(figures))


def _bars(figures: dict[str, float]) -> dict[str, Bar]:
    """Closer than both filters and sharper than both, with less ringing than Lanczos."""
    bars: dict[str, Bar] = {}
    for case in (f"{factor}x {how}" for factor in _FACTORS for how in _SMALLER):
        for field in ("psnr", "ssim", "sharpness", "overshoot"):
            rivals = [figures[f"{case}.{rival}.{field}"] for rival in ("lanczos", "cubic")]
            # Cubic interpolation rings least because it blurs most: what is sharp is measured against Lanczos.
            limit = rivals[0] if field == "overshoot" else max(rivals)
            bars[f"{case}: {field}"] = Bar(figures[f"{case}.inlay.{field}"], limit, at_most=field == "overshoot")
    bars["ringing at a step, per cent"] = Bar(figures["step.inlay.overshoot"], figures["step.lanczos.overshoot"])
    return bars


# --- pictures


def photographs(quick: bool) -> Iterator[tuple[str, Picture]]:
    """(name, H×W×3) with sides that are multiples of 4: the check photographs, else those of the demo."""
    folder = check_photographs()
    if folder is None:
        from bridge.demo.photos import demo_photos  # noqa: PLC0415

        found = [(photo.name, np.asarray(photo.pixels, np.uint8)) for photo in demo_photos()]
    else:
        listed = cast(dict[str, list[dict[str, str]]], json.loads((folder / "manifest.json").read_text("utf-8")))
        paths = [folder / entry["file"] for entry in listed["images"]]
        found = [(path.stem, np.array(Image.open(path).convert("RGB"))) for path in paths]
    for name, pixels in found[:_QUICK_PICTURES] if quick else found:
        height, width = (min(side, _MOST_SIDE_PX) // max(_FACTORS) * max(_FACTORS) for side in pixels.shape[:2])
        top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
        yield name, np.ascontiguousarray(pixels[top : top + height, left : left + width, :3])


# --- who enlarges


def ours(small: Picture, size: Size) -> Picture:
    """The engine in this process: the same call the worker makes."""
    from engine.operations.report import SilentReport  # noqa: PLC0415
    from engine.operations.upscale import run as upscale  # noqa: PLC0415

    old = Size(small.shape[1], small.shape[0])
    mask = np.full(small.shape[:2], 255, np.uint8)
    request = EditRequest(
        "bench-upscale", "upscale", old, _RGB8, old.rect, small, mask, 1, previews=False, becomes=Canvas(size, _RGB8)
    )
    return np.asarray(upscale(request, SilentReport(), "cpu").pixels, np.uint8)


def _filter(kernel: Image.Resampling) -> Enlarge:
    def enlarge(small: Picture, size: Size) -> Picture:
        return np.array(Image.fromarray(small).resize((size.width, size.height), kernel))

    return enlarge


# --- what it is worth


def score(photograph: Picture, made: Picture) -> Score:
    """Both H×W×3 uint8."""
    inner = slice(_BORDER_PX, -_BORDER_PX)
    error = float(np.square(photograph[inner, inner].astype(np.float64) - made[inner, inner]).mean())
    wanted, got = _grey(photograph), _grey(made)
    lengths = _gradient_lengths(wanted)
    edges = lengths >= max(1e-6, float(np.quantile(lengths[inner, inner], 1 - _EDGES)))
    edges[:_BORDER_PX] = edges[-_BORDER_PX:] = False
    edges[:, :_BORDER_PX] = edges[:, -_BORDER_PX:] = False
    is_there = bool(edges.any())
    return Score(
        psnr=10 * float(np.log10(255.0**2 / max(error, 0.01))),
        ssim=float(_ssim(wanted, got)[inner, inner].mean()),
        sharpness=float(_gradient_lengths(got)[edges].mean() / lengths[edges].mean()) if is_there else 1.0,
        overshoot=overshoot(wanted, got, edges) if is_there else 0.0,
    )


def overshoot(wanted: Floats, got: Floats, edges: npt.NDArray[np.bool_]) -> float:
    """Per cent of the range that ``wanted`` has around, by which ``got`` leaves it beside ``edges``; all H×W."""
    import cv2  # noqa: PLC0415

    kernel = np.ones((2 * _BAND_PX + 1, 2 * _BAND_PX + 1), np.uint8)
    high, low = (np.asarray(each(wanted, kernel), np.float32) for each in (cv2.dilate, cv2.erode))
    band = (np.asarray(cv2.dilate(edges.astype(np.uint8), kernel)) > 0) & (high - low >= _LEAST_RANGE)
    beyond = np.maximum(np.maximum(got - high, low - got), 0)
    return 100 * float((beyond[band] / (high - low)[band]).mean()) if band.any() else 0.0


def step_overshoot(enlarge: Enlarge) -> float:
    """The most by which an edge between two greys rings when it is enlarged 4 times, in per cent of its height."""
    dark, light = _STEP
    small = np.full((32, 32, 3), dark, np.uint8)
    small[:, 16:] = light
    made = enlarge(small, Size(128, 128)).astype(np.float64)
    return 100 * max(float(made.max()) - light, dark - float(made.min()), 0.0) / (light - dark)


def _grey(picture: Picture) -> Floats:
    return np.asarray(picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32), np.float32)


def _gradient_lengths(of: Floats) -> Floats:
    down, across = np.gradient(of)
    return np.asarray(np.hypot(down, across), np.float32)


def _ssim(one: Floats, other: Floats) -> Floats:
    """(H, W): Wang et al. 2004, with their window: a Gaussian of 1.5 pixels' deviation."""
    import cv2  # noqa: PLC0415

    def blurred(of: Floats) -> Floats:
        return np.asarray(cv2.GaussianBlur(of, (11, 11), 1.5), np.float32)

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    a, b = blurred(one), blurred(other)
    aa, bb, ab = blurred(one * one) - a * a, blurred(other * other) - b * b, blurred(one * other) - a * b
    return np.asarray((2 * a * b + c1) * (2 * ab + c2) / ((a * a + b * b + c1) * (aa + bb + c2)), np.float32)


# --- what it costs, and what it looks like


def _cost() -> dict[str, float]:
    """Seconds a megapixel of the result, and how much more memory than the result itself is held meanwhile."""
    draw = np.random.default_rng(1)
    small = np.repeat(np.repeat(draw.integers(0, 256, (_TIMED_PX // 8, _TIMED_PX // 8, 3), np.uint8), 8, 0), 8, 1)
    size = Size(2 * _TIMED_PX, 2 * _TIMED_PX)
    times: list[float] = []
    began_cpu = time.process_time()
    with _MemoryWatch() as watch:
        for _ in range(3):
            began = time.perf_counter()
            ours(small, size)
            times.append(time.perf_counter() - began)
    cpu_s = (time.process_time() - began_cpu) / len(times)
    return {
        "2x.processor seconds per megapixel": round(cpu_s / (size.area / 1e6), 3),
        "2x.seconds per megapixel": round(statistics.median(times) / (size.area / 1e6), 3),
        "2x.peak memory beside the result, MB": round(max(watch.most - 3 * size.area, 0) / 1e6, 1),
    }


class _MemoryWatch:
    """The most memory that this process held during the block, beyond what it held before; in bytes."""

    def __init__(self) -> None:
        self.most = 0
        self._process = psutil.Process()
        self._before = self._process.memory_info().rss
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_LOOK_EVERY_S):
            self.most = max(self.most, self._process.memory_info().rss - self._before)


def _sheet(rows: list[list[Picture]], path: Path) -> None:
    """Photograph; twice: ours, Lanczos; four times: ours, Lanczos: the middle of each, a row a photograph."""
    if not rows:
        return
    side = _SHEET_CROP_PX
    sheet = Image.new("RGB", (side * len(rows[0]), side * len(rows)), "white")
    for down, row in enumerate(rows):
        for across, picture in enumerate(row):
            top, left = max(0, (picture.shape[0] - side) // 2), max(0, (picture.shape[1] - side) // 2)
            crop = Image.fromarray(picture[top : top + side, left : left + side])
            sheet.paste(crop, (across * side, down * side))
    sheet.save(path)
