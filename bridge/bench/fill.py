"""How good the fills are: holes cut where the truth is known, ours beside four others in one run.

Ours is the exemplar model; ``guided`` is the same begun with the built-in model's guess, ``nano`` that guess alone.

Pictures are scikit-image's bundled photographs and, where that folder is there, the check photographs. Every
picture gets one round hole of each of three sizes, placed by a seeded draw. Higher PSNR and SSIM are better;
``texture`` is half the L1 distance between the gradient histograms of fill and truth (0 same, 1 nothing in
common); ``seam`` is the colour step across the hole's border over the same statistic just outside (1: no seam to
be seen; a blurry fill lowers it, so it is never read alone). Objects with masks have no truth: they go on a contact
sheet to look at.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.bench.photos import check_photographs
from engine.api import Alpha, Depth, EditRequest, LayerFormat
from engine.geometry import PixelRect, Size
from engine.operations.reach import reach_of_fill

if TYPE_CHECKING:
    from types import ModuleType

NAME = "fill"
SUMMARY = "quality of removal where the truth is known, against Telea, Navier-Stokes, biharmonic and G'MIC"

Picture = npt.NDArray[np.uint8]  # H×W×3
Hole = npt.NDArray[np.bool_]  # H×W
Fill = Callable[[Picture, Hole], Picture]

_DIAMETERS_PX = (32, 64, 128)
_BUNDLED = ("astronaut", "coffee", "chelsea", "rocket", "camera", "brick", "grass", "gravel")
_QUICK_PICTURES = 4
_HOLES_SEED = 20261123
# Histogram of gradient length in 8-bit steps: fine where most gradients are, coarse above.
_GRADIENT_BINS = np.array([0, 1, 2, 3, 4, 6, 8, 11, 15, 20, 27, 36, 48, 64, 90, 130, 400], np.float64)
# Width of the ring outside the hole whose steps stand for "elsewhere".
_RING_PX = 12
# Added to both sides of the seam ratio: half an 8-bit step, so that a flat picture has ratio 1 and not 0/0.
_HALF_STEP = 0.5
_SEAM_LIMIT = 1.1
# The other programs see this much around the hole: more than our own reach, and it keeps biharmonic bearable.
_RIVAL_MARGIN_PX = 96
_MASK_DILATION_PX = 7
# The exemplar model, the same begun with the built-in model's guess, and that guess alone.
_OURS = ("inlay", "guided", "nano")


@dataclass(frozen=True)
class Score:
    """What one fill of one hole is worth."""

    psnr: float
    ssim: float
    texture: float
    seam: float
    seconds: float


def run(options: BenchOptions) -> Figures:
    """Fill every hole with everyone, average, and write a contact sheet of the objects to ``options.out``."""
    fills: dict[str, Fill] = {"inlay": our_fill, "guided": guided_fill, "nano": nano_fill, **rival_fills()}
    our_fill(np.zeros((96, 96, 3), np.uint8), round_hole((96, 96), (48, 48), 24))  # warm-up
    scores: dict[str, list[Score]] = {name: [] for name in (*fills, "truth")}
    for title, picture, hole in holes(options.quick):
        for name, fill in fills.items():
            began = time.perf_counter()
            filled = fill(picture, hole)
            scores[name].append(score(picture, filled, hole, time.perf_counter() - began))
        scores["truth"].append(score(picture, picture, hole, 0.0))
        options.note(f"{title}: ours SSIM {scores['inlay'][-1].ssim:.3f}")
    contact_sheets(options)
    return summary(scores)


def summary(scores: dict[str, list[Score]]) -> Figures:
    """Means over all holes, and the bars: ahead of every rival in SSIM and texture, no seam."""
    figures: dict[str, float] = {}
    for name, own in scores.items():
        for field in ("ssim", "texture", "seam") if name == "truth" else ("psnr", "ssim", "texture", "seam"):
            figures[f"{name}.{field}"] = round(statistics.fmean(getattr(one, field) for one in own), 4)
        if name != "truth":
            figures[f"{name}.seconds"] = round(statistics.median(one.seconds for one in own), 4)
    rivals = [name for name in scores if name not in (*_OURS, "truth")]
    best_ssim = max(figures[f"{name}.ssim"] for name in rivals)
    best_texture = min(figures[f"{name}.texture"] for name in rivals)
    return Figures(
        figures=figures,
        bars={
            "ssim against the best rival": Bar(figures["inlay.ssim"], best_ssim, at_most=False),
            "texture distance against the best rival": Bar(figures["inlay.texture"], best_texture),
            "seam ratio": Bar(figures["inlay.seam"], _SEAM_LIMIT),
        },
    )


# --- pictures and holes


def pictures(quick: bool) -> Iterator[tuple[str, Picture]]:
    """(name, H×W×3) of every picture with a truth."""
    data = _rival("skimage.data", "scikit-image")
    for name in _BUNDLED[:_QUICK_PICTURES] if quick else _BUNDLED:
        pixels = cast(Picture, getattr(data, name)())
        yield name, np.ascontiguousarray(np.stack([pixels] * 3, -1) if pixels.ndim == 2 else pixels[..., :3])
    folder = check_photographs()
    if folder is None:
        return
    listed = json.loads((folder / "manifest.json").read_text("utf-8"))["images"]
    for entry in listed[:_QUICK_PICTURES] if quick else listed:
        path = folder / str(entry["file"])
        yield path.stem, np.array(Image.open(path).convert("RGB"))


def holes(quick: bool) -> Iterator[tuple[str, Picture, Hole]]:
    """Every picture with one round hole of each size, at places drawn by a fixed seed, away from the border."""
    draw = np.random.default_rng(_HOLES_SEED)
    for name, picture in pictures(quick):
        height, width = picture.shape[:2]
        for diameter in _DIAMETERS_PX:
            margin = diameter // 2 + 16
            y = between(draw, margin, height - margin)
            x = between(draw, margin, width - margin)
            yield f"{name} {diameter} px", picture, round_hole((height, width), (y, x), diameter / 2)


def between(draw: np.random.Generator, least: int, end: int) -> int:
    """A whole number from ``least`` up to before ``end``."""
    return int(draw.integers(least, end))


def round_hole(size: tuple[int, int], centre: tuple[int, int], radius: float) -> Hole:
    """A disc of True in an H×W array of False."""
    y, x = np.arange(size[0])[:, None], np.arange(size[1])[None]
    return (y - centre[0]) ** 2 + (x - centre[1]) ** 2 < radius**2


# --- who fills


def guided_fill(picture: Picture, hole: Hole) -> Picture:
    """`our_fill`, begun with the built-in model's guess."""
    return our_fill(picture, hole, guided=True)


def nano_fill(picture: Picture, hole: Hole) -> Picture:
    """The built-in model alone: what its codes decode to."""
    import torch  # noqa: PLC0415 — only wanted here

    from engine.models.nano import draw_plan, load  # noqa: PLC0415

    pixels = torch.from_numpy(picture).permute(2, 0, 1).float() / 255
    drawn = draw_plan(load(), pixels, torch.from_numpy(hole), "", seed=0).picture
    return np.rint(drawn.clamp(0, 1).permute(1, 2, 0).numpy() * 255).astype(np.uint8)


def our_fill(picture: Picture, hole: Hole, *, guided: bool = False) -> Picture:
    """The engine in this process: the same call the worker makes."""
    from bridge.bench.guess import guess_of  # noqa: PLC0415 — brings torch, only wanted here
    from engine.operations.remove import run as remove  # noqa: PLC0415
    from engine.operations.report import SilentReport  # noqa: PLC0415

    height, width = hole.shape
    layer = Size(width, height)
    ys, xs = np.nonzero(hole)
    box = PixelRect(int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
    reach = reach_of_fill(box, layer)
    request = EditRequest(
        edit_id="bench",
        operation="remove",
        layer_size=layer,
        format=LayerFormat(Depth.U8, 3, Alpha.NONE),
        reach_px=reach,
        pixels=np.ascontiguousarray(picture[reach.slices()]),
        mask=np.where(hole[reach.slices()], np.uint8(255), np.uint8(0)),
        seed=0,
        previews=False,
    )
    result = remove(request, SilentReport(), "cpu", guess=guess_of if guided else None)
    filled = picture.copy()
    filled[result.rect_px.slices()] = result.pixels
    return filled


def rival_fills() -> dict[str, Fill]:
    """The four others, by name.

    Raises:
        RuntimeError: when one of their packages is missing; says how to install it.
    """
    cv2 = _rival("cv2", "opencv-python-headless")
    restoration = _rival("skimage.restoration", "scikit-image")
    gmic = _rival("gmic", "gmic")

    def telea(picture: Picture, hole: Hole) -> Picture:
        return cv2.inpaint(picture, hole.astype(np.uint8) * 255, 5, cv2.INPAINT_TELEA)

    def navier_stokes(picture: Picture, hole: Hole) -> Picture:
        return cv2.inpaint(picture, hole.astype(np.uint8) * 255, 5, cv2.INPAINT_NS)

    def biharmonic(picture: Picture, hole: Hole) -> Picture:
        smooth = restoration.inpaint_biharmonic(picture, hole, channel_axis=-1, split_into_regions=True)
        return np.clip(np.rint(smooth * 255), 0, 255).astype(np.uint8)

    def matchpatch(picture: Picture, hole: Hole) -> Picture:
        mask = (hole[..., None] * np.float32(255)).astype(np.float32)
        images = gmic.ImageList([gmic.Image.from_yxc(picture.astype(np.float32)), gmic.Image.from_yxc(mask)])
        out = np.asarray(gmic.run("v - inpaint_matchpatch[0] [1]", images)[0].yxc, np.float32)
        return np.clip(np.rint(out), 0, 255).astype(np.uint8)

    named = {"telea": telea, "navier-stokes": navier_stokes, "biharmonic": biharmonic, "matchpatch": matchpatch}
    return {name: _around_the_hole(fill) for name, fill in named.items()}


def _around_the_hole(fill: Fill) -> Fill:
    def filled(picture: Picture, hole: Hole) -> Picture:
        ys, xs = np.nonzero(hole)
        room = max(_RIVAL_MARGIN_PX, int(max(np.ptp(ys), np.ptp(xs))))
        rows = slice(max(0, int(ys.min()) - room), int(ys.max()) + 1 + room)
        cols = slice(max(0, int(xs.min()) - room), int(xs.max()) + 1 + room)
        window = np.ascontiguousarray(picture[rows, cols])
        inside = hole[rows, cols]
        out = picture.copy()
        out[rows, cols][inside] = fill(window, np.ascontiguousarray(inside))[inside]
        return out

    return filled


def _rival(module: str, package: str) -> ModuleType:
    import importlib  # noqa: PLC0415

    try:
        return importlib.import_module(module)
    except ImportError as missing:
        raise RuntimeError(
            f"bench fill compares with {package}, which is not installed: pip install 'inlay[bench]'"
        ) from missing


# --- what a fill is worth


def score(truth: Picture, filled: Picture, hole: Hole, seconds: float) -> Score:
    """Compare inside the hole; SSIM and seam look a few pixels over its border."""
    ys, xs = np.nonzero(hole)
    room = _RING_PX + 8
    rows = slice(max(0, int(ys.min()) - room), int(ys.max()) + 1 + room)
    cols = slice(max(0, int(xs.min()) - room), int(xs.max()) + 1 + room)
    true, fill, inside = truth[rows, cols], filled[rows, cols], hole[rows, cols]
    error = float(np.mean((true[inside].astype(np.float64) - fill[inside]) ** 2))
    return Score(
        psnr=10 * float(np.log10(255.0**2 / max(error, 0.01))),
        ssim=_ssim(true, fill, inside),
        texture=texture_distance(true, fill, inside),
        seam=seam_ratio(fill, inside),
        seconds=seconds,
    )


def _ssim(true: Picture, fill: Picture, inside: Hole) -> float:
    metrics = _rival("skimage.metrics", "scikit-image")
    _, every = metrics.structural_similarity(true, fill, channel_axis=-1, data_range=255, full=True)
    return float(np.asarray(every).mean(-1)[inside].mean())


def texture_distance(true: Picture, fill: Picture, inside: Hole) -> float:
    """Half the L1 distance of gradient histograms inside the hole: 0 same, 1 nothing in common."""

    def histogram(picture: Picture) -> npt.NDArray[np.float64]:
        grey = picture.astype(np.float64) @ np.array([0.299, 0.587, 0.114])
        down, right = np.gradient(grey)
        counts, _ = np.histogram(np.hypot(down, right)[inside], _GRADIENT_BINS)
        return counts / max(int(counts.sum()), 1)

    return 0.5 * float(np.abs(histogram(true) - histogram(fill)).sum())


def seam_ratio(fill: Picture, inside: Hole) -> float:
    """Mean step across the border over the mean step between known neighbours within ``_RING_PX`` of the hole."""
    cv2 = _rival("cv2", "opencv-python-headless")
    near = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 5) <= _RING_PX
    colour = fill.astype(np.float64)
    across: list[npt.NDArray[np.float64]] = []
    elsewhere: list[npt.NDArray[np.float64]] = []
    for a, b in ((np.s_[1:, :], np.s_[:-1, :]), (np.s_[:, 1:], np.s_[:, :-1])):
        step = np.abs(colour[a] - colour[b]).mean(-1)
        across.append(step[inside[a] != inside[b]])
        elsewhere.append(step[~inside[a] & ~inside[b] & near[a] & near[b]])
    jump, usual = float(np.concatenate(across).mean()), float(np.concatenate(elsewhere).mean())
    return (jump + _HALF_STEP) / (usual + _HALF_STEP)


# --- to look at


def contact_sheets(options: BenchOptions) -> None:
    """Before, selection, after of every object of the check photographs: one PNG each, and one of all."""
    folder = check_photographs()
    if folder is None:
        return
    options.out.mkdir(parents=True, exist_ok=True)
    rows: list[Image.Image] = []
    for entry in json.loads((folder / "manifest.json").read_text("utf-8"))["images"]:
        if not entry.get("mask"):
            continue
        path = folder / str(entry["file"])
        picture = np.array(Image.open(path).convert("RGB"))
        hole = object_hole(np.array(Image.open(folder / str(entry["mask"])).convert("L")) > 127)
        row = Image.fromarray(np.concatenate([picture, _shade(picture, hole), our_fill(picture, hole)], axis=1))
        row.save(options.out / f"object_{path.stem}.png")
        rows.append(row.resize((1200, round(row.height * 1200 / row.width))))
        options.note(f"object {path.stem}: written to look at")
    if rows:
        sheet = Image.new("RGB", (1200, sum(row.height for row in rows)))
        top = 0
        for row in rows:
            sheet.paste(row, (0, top))
            top += row.height
        sheet.save(options.out / "objects.png")


def object_hole(mask: Hole) -> Hole:
    """A coarse outline grown by a few pixels, as a person would select it."""
    cv2 = _rival("cv2", "opencv-python-headless")
    side = 2 * _MASK_DILATION_PX + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return cv2.dilate(mask.astype(np.uint8), kernel) > 0


def _shade(picture: Picture, hole: Hole) -> Picture:
    shaded = picture.copy()
    shaded[hole] = picture[hole] // 2 + np.array([127, 0, 127], np.uint8)
    return shaded
