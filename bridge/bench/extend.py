"""How well a picture goes on beyond its border: known borders cut off and grown again, ours beside padding.

``mirror`` reflects the picture at the cut, ``replicate`` repeats its last line: what a program does that knows nothing.
Every picture (scikit-image's and, where that folder is there, the check photographs, the longer side at most
``_LONGER_SIDE_PX``) loses each of its four sides, two by 12 % and two by 25 %; the next picture the other way round.

``texture`` and ``seam`` are those of `bench fill` (texture: 0 same, 1 nothing in common; seam: 1 none to be seen).
PSNR and SSIM stand there for information: a sky that goes on otherwise than it did is no error. Three figures say how
much a person would see that it was made up, each 0 … 1, the truth's own beside them:

- ``mirrored``: how well the fine detail of blocks of the grown part is found again, turned round, in the known part;
- ``repeated``: the same, not turned round: copies. What copies patches has some, whole blocks that come again more;
- ``stretched``: the share of the fine detail that is the same all the way outwards.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, cast

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.bench.fill import Picture, pictures, score
from engine.api import Alpha, Canvas, Depth, EditRequest, LayerFormat
from engine.geometry import PixelRect, Size

NAME = "extend"
SUMMARY = "borders cut off and grown again: texture, seam, repetition, against mirrored and replicated padding"

Side = Literal["left", "right", "top", "bottom"]
Grow = Callable[[Picture, PixelRect, Size], Picture]

_SIDES: tuple[Side, ...] = ("left", "right", "top", "bottom")
_SHARES = (0.12, 0.25)
_LONGER_SIDE_PX = 512
_QUICK_PICTURES = 2
_RGB8 = LayerFormat(Depth.U8, 3, Alpha.NONE)
# Detail is what is left without this blur: light that falls off over the picture repeats nothing.
_DETAIL_SIGMA_PX = 4.0
# Side of the blocks that are looked for elsewhere, and how much detail (8-bit steps) one needs to be looked for.
_BLOCK_PX, _LEAST_DETAIL = 32, 1.5
_FIELDS = ("texture", "seam", "mirrored", "repeated", "stretched", "psnr", "ssim")
_TEXTURE_LIMIT, _SEAM_LIMIT, _MIRRORED_LIMIT = 0.15, 1.1, 0.6
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Score:
    """What one grown border is worth; see the module."""

    texture: float
    seam: float
    mirrored: float
    repeated: float
    stretched: float
    psnr: float
    ssim: float
    seconds_per_megapixel: float


@dataclass(frozen=True, slots=True)
class Cut:
    """``known_px``: what is left of a picture whose ``side`` lost ``share``."""

    side: Side
    share: float
    known_px: PixelRect


def run(options: BenchOptions) -> Figures:
    """Grow every border with everyone; the grown pictures go to ``options.out`` as sheets to look at."""
    grows: dict[str, Grow] = {"inlay": grown, "mirror": mirrored, "replicate": replicated}
    scores: dict[str, list[Score]] = {name: [] for name in ("truth", *grows)}
    options.out.mkdir(parents=True, exist_ok=True)
    for number, (name, picture) in enumerate(_pictures(options.quick)):
        rows: list[Picture] = []
        size = Size(picture.shape[1], picture.shape[0])
        for cut in cuts(size, number):
            known = np.ascontiguousarray(picture[cut.known_px.slices()])
            scores["truth"].append(worth(picture, picture, cut, 0.0))
            for who, grow in grows.items():
                began = time.perf_counter()
                whole = grow(known, cut.known_px, size)
                scores[who].append(worth(picture, whole, cut, time.perf_counter() - began))
                if who == "inlay":
                    rows.append(whole)
            ours = scores["inlay"][-1]
            options.note(
                f"{name} {cut.side} {cut.share:.0%}: texture {ours.texture:.3f}, seam {ours.seam:.2f}, "
                f"repeated {ours.repeated:.2f}, {ours.seconds_per_megapixel:.0f} s/MP"
            )
        _sheet(picture, rows).save(options.out / f"extend_{name}.jpg", quality=90)
    return summary(scores)


def summary(scores: dict[str, list[Score]]) -> Figures:
    """Medians over all borders, ours as a ratio to the better padding, and the bars."""
    figures: dict[str, float] = {}
    for name, own in scores.items():
        for field in _FIELDS if name != "truth" else ("seam", "mirrored", "repeated", "stretched"):
            figures[f"{name}.{field}"] = round(statistics.median(getattr(one, field) for one in own), 4)
    speeds = [one.seconds_per_megapixel for one in scores["inlay"]]
    figures["inlay.seconds per megapixel"] = round(statistics.median(speeds), 2)
    for rival in ("mirror", "replicate"):
        ratios = [(a.texture + 0.01) / (b.texture + 0.01) for a, b in zip(scores["inlay"], scores[rival], strict=True)]
        figures[f"texture, ours over {rival}"] = round(statistics.median(ratios), 3)
    return Figures(
        figures,
        bars={
            "texture distance": Bar(figures["inlay.texture"], _TEXTURE_LIMIT),
            "texture distance against replicate": Bar(figures["inlay.texture"], figures["replicate.texture"]),
            "seam ratio": Bar(figures["inlay.seam"], _SEAM_LIMIT),
            "mirrored": Bar(figures["inlay.mirrored"], _MIRRORED_LIMIT),
        },
    )


def cuts(size: Size, number: int) -> Iterator[Cut]:
    """Every side of the picture of that number, by the shares in turn."""
    for turn, side in enumerate(_SIDES):
        share = _SHARES[(number + turn) % len(_SHARES)]
        across, down = round(size.width * share), round(size.height * share)
        yield Cut(
            side,
            share,
            PixelRect(
                across if side == "left" else 0,
                down if side == "top" else 0,
                size.width - (across if side == "right" else 0),
                size.height - (down if side == "bottom" else 0),
            ),
        )


# --- who grows


def grown(known: Picture, known_px: PixelRect, size: Size) -> Picture:
    """The engine in this process: the same call the worker makes."""
    from engine.operations.extend import run as extend  # noqa: PLC0415 -- brings torch, only wanted here
    from engine.operations.report import SilentReport  # noqa: PLC0415

    mask = np.full(known.shape[:2], 255, np.uint8)
    request = EditRequest(
        "bench-extend", "extend", known_px.size, _RGB8, known_px.size.rect, known, mask, 0, previews=False,
        values={"x0": float(known_px.x0), "y0": float(known_px.y0)}, becomes=Canvas(size, _RGB8),
    )  # fmt: skip
    return np.asarray(extend(request, SilentReport(), "cpu").pixels, np.uint8)


def mirrored(known: Picture, known_px: PixelRect, size: Size) -> Picture:
    """The known part reflected at the cut."""
    return np.pad(known, _margins(known_px, size), mode="symmetric")


def replicated(known: Picture, known_px: PixelRect, size: Size) -> Picture:
    """The last line again and again."""
    return np.pad(known, _margins(known_px, size), mode="edge")


def _margins(known_px: PixelRect, size: Size) -> tuple[tuple[int, int], ...]:
    return (known_px.y0, size.height - known_px.y1), (known_px.x0, size.width - known_px.x1), (0, 0)


# --- what it is worth


def worth(truth: Picture, whole: Picture, cut: Cut, seconds: float) -> Score:
    """The grown part of ``whole`` against the truth and against the known part."""
    fresh = np.ones(truth.shape[:2], np.bool_)
    fresh[cut.known_px.slices()] = False
    common = score(truth, whole, fresh, seconds)
    detail = _upright(detail_of(whole), cut.side)
    thick = int(fresh.sum()) // detail.shape[0]
    new, known = detail[:, -thick:], detail[:, :-thick]
    return Score(
        texture=common.texture,
        seam=common.seam,
        mirrored=found_again(new, np.ascontiguousarray(known[:, ::-1])),
        repeated=found_again(new, known),
        stretched=stretched(new),
        psnr=common.psnr,
        ssim=common.ssim,
        seconds_per_megapixel=seconds / (int(fresh.sum()) / 1e6),
    )


def detail_of(picture: Picture) -> Floats:
    """(H, W): lightness in 8-bit steps without what is smooth."""
    grey = picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.asarray(grey - cv2.GaussianBlur(grey, (0, 0), _DETAIL_SIGMA_PX), np.float32)


def _upright(detail: Floats, side: Side) -> Floats:
    """Turned so that it grew at its right side."""
    turned = {"right": detail, "left": detail[:, ::-1], "bottom": detail.T, "top": detail[::-1].T}[side]
    return np.ascontiguousarray(turned)


def found_again(new: Floats, known: Floats) -> float:
    """Mean over the blocks of ``new`` that have detail: their best correlation with any place in ``known``."""
    side = min(_BLOCK_PX, *new.shape, *known.shape)
    best: list[float] = []
    for y in range(0, new.shape[0] - side + 1, side):
        for x in range(0, new.shape[1] - side + 1, side):
            block = np.ascontiguousarray(new[y : y + side, x : x + side])
            if block.std() >= _LEAST_DETAIL:
                best.append(float(cv2.matchTemplate(known, block, cv2.TM_CCOEFF_NORMED).max()))
    return statistics.fmean(best) if best else 0.0


def stretched(new: Floats) -> float:
    """The share of the detail's variance that each line's mean outwards tells."""
    total = float(new.var())
    return float(new.mean(1).var()) / total if total > 0 else 0.0


# --- pictures


def _pictures(quick: bool) -> Iterator[tuple[str, Picture]]:
    for number, (name, picture) in enumerate(pictures(quick)):
        if quick and number >= _QUICK_PICTURES:
            return
        scale = min(1.0, _LONGER_SIDE_PX / max(picture.shape[:2]))
        width, height = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
        small = Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS)
        yield name, cast(Picture, np.array(small))


def _sheet(truth: Picture, rows: list[Picture]) -> Image.Image:
    """The truth, then every border grown again, side by side."""
    height, width = truth.shape[:2]
    sheet = Image.new("RGB", (width * (1 + len(rows)), height))
    for number, cell in enumerate([truth, *rows]):
        sheet.paste(Image.fromarray(cell), (number * width, 0))
    return sheet
