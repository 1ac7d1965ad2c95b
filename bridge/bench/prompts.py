"""Whether a fill shows what the words say: named by an eye of its own, as sharp as its material, and without a seam.

Thirty-two phrases, four seeds, three surroundings: a neutral grey layer, a photograph, and a layer of the same
material drawn with another seed. Every fill goes the whole way of an edit in the engine.

``named`` is the share of fills that a small network trained on worlds of other seeds names rightly
(`engine.training.eye`); ``reconstructed`` is the same for the library's drawings, at the size of the fills, that only
went through the tokenizer (no fill can be expected to be named better by its codes), ``reconstructed.worlds`` for
worlds of 128 pixels in all scales and moods, which the eye without the tokenizer names as ``worlds`` says, ``raw`` for
what the built-in model's codes decode to before anything is painted.
``raw.refined`` is the same after windows at finer scales (`engine.models.nano.refine`), in selections of the usual
size, ``raw.coarse`` before them. ``planned`` is explained in `bridge.bench.planned`.
``sharpness`` is half the L1 distance between the gradient histograms of a phrase's fills and of its
material's own pictures of other seeds (0: the same), in neutral surroundings: in a photograph a fill is made as soft as
the photograph on purpose. ``seam`` is `bench fill`'s ratio in matching surroundings: elsewhere the words ask for an
edge.
"""

from __future__ import annotations

import statistics
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.bench.fill import Picture, pictures, seam_ratio, texture_distance
from bridge.bench.planned import planned_against_random
from engine.api import Alpha, Depth, EditRequest, LayerFormat
from engine.geometry import PixelRect, Size
from engine.materials import catalogue
from engine.materials.material import Kind
from engine.materials.words import caption
from engine.models.nano import Nano, draw_plan, load
from engine.models.nano.refine import refined
from engine.operations.drawing import drawing_of
from engine.operations.replace import read
from engine.operations.replace import run as replace
from engine.operations.report import SilentReport
from engine.tokens.ground import fill_ground
from engine.training.eye import Eye, Network, train_eye
from engine.training.worlds import world
from engine.weights import read_tensors, write_tensors

NAME = "prompts"
SUMMARY = "fills by words: named by an independent eye, sharpness, seams, and a sheet to look at"

PHRASES = (
    "navy to teal gradient",
    "red and white stripes",
    "black and white checks",
    "yellow dots on blue",
    "brick wall",
    "white tiles",
    "wooden planks",
    "marble",
    "concrete",
    "cobblestones",
    "brushed metal",
    "brown leather",
    "denim",
    "red knitted wool",
    "crumpled paper",
    "grass",
    "pink flowers",
    "sand",
    "gravel",
    "pebbles",
    "snow",
    "autumn leaves",
    "coffee beans",
    "water",
    "clouds",
    "night sky",
    "fire",
    "bokeh",
    "sunset sea",
    "snowy mountains",
    "city skyline",
    "summer beach",
)
_QUICK_PHRASES = 6
Surroundings = Literal["neutral", "photograph", "matching"]
SURROUNDINGS: tuple[Surroundings, ...] = ("neutral", "photograph", "matching")
_SEEDS = 4
_LAYER_PX, _SELECTION_PX = 416, 256
# Exponent of the selection's rounded shape; every second one has a soft edge of so many pixels.
_ROUND, _SOFT_PX = 4, 6
_RGB8 = LayerFormat(Depth.U8, 3, Alpha.NONE)
_EYE_SEED = 20261124 % 1000
_QUICK_EYE = (3, 800)
_CELL_PX = 132
_NAMED, _RECONSTRUCTED, _SHARPNESS, _SEAM = 0.90, 0.85, 0.20, 1.1
# Worlds for the ceiling; no run of training begins there.
_WORLD_SEEDS, _WORLD_PX = 7_000_000, 128


@dataclass(frozen=True, slots=True, eq=False)
class Fill:
    """One edit and what became of it."""

    phrase: str
    surroundings: Surroundings
    seed: int
    before: Picture
    after: Picture
    mask: npt.NDArray[np.uint8]


def run(options: BenchOptions) -> Figures:
    """Fill, name, measure, and write the sheet ``prompts.png`` to ``options.out``."""
    phrases = PHRASES[:: len(PHRASES) // _QUICK_PHRASES] if options.quick else PHRASES
    eye = _eye(options, tuple(catalogue.understand(phrase).entry or "" for phrase in PHRASES))
    options.note(f"the eye names {eye.right:.1%} of held-out worlds rightly")
    fills: list[Fill] = []
    for phrase in phrases:
        fills += _fills(phrase, 1 if options.quick else _SEEDS)
        options.note(f"{phrase}: filled")
    figures = {"eye.held_out": eye.right} | _measured(fills, eye) | _model(phrases, eye, 1 if options.quick else _SEEDS)
    figures |= planned_against_random([_request(fill) for fill in fills if _is_planned(fill)])
    _sheet(fills, eye, options.out / "prompts.png")
    return Figures(
        figures,
        {
            "fills named rightly": Bar(figures["named"], _NAMED, at_most=False),
            "reconstructions named rightly": Bar(figures["reconstructed"], _RECONSTRUCTED, at_most=False),
            "sharpness, the worst phrase": Bar(figures["sharpness.worst"], _SHARPNESS),
            "seam in matching surroundings": Bar(figures["seam"], _SEAM),
            "pixels changed outside": Bar(figures["changed_outside"], 0),
        },
    )


# --- fills


def _fills(phrase: str, seeds: int) -> Iterator[Fill]:
    for surroundings in SURROUNDINGS:
        for seed in range(seeds):
            before, mask = _layer(phrase, surroundings, seed), _selection(seed % 2 == 1)
            fill = Fill(phrase, surroundings, seed, before, before.copy(), mask)
            result = replace(_request(fill), SilentReport(), "cpu")
            fill.after[result.rect_px.slices()] = result.pixels
            yield fill


def _request(fill: Fill) -> EditRequest:
    size = Size(_LAYER_PX, _LAYER_PX)
    return EditRequest(
        "bench", "replace", size, _RGB8, size.rect, fill.before, fill.mask, fill.seed, fill.phrase, previews=False
    )


def _is_planned(fill: Fill) -> bool:
    """A scene within a scene of the same words, where what lies where is seen at the border."""
    return fill.surroundings == "matching" and catalogue.find(read(fill.phrase).entry or "").kind is Kind.SCENE


def _layer(phrase: str, surroundings: Surroundings, seed: int) -> Picture:
    if surroundings == "neutral":
        return np.full((_LAYER_PX, _LAYER_PX, 3), 128, np.uint8)
    if surroundings == "matching":
        drawing = drawing_of(read(phrase), _box().size, "cpu")
        drawn = catalogue.render(
            drawing.understood, _LAYER_PX, _LAYER_PX, unit_px=drawing.unit_px, seed=_number(phrase) + 900 + seed
        )
        return _bytes(drawn.permute(2, 0, 1))
    every = [picture for _, picture in pictures(quick=False) if min(picture.shape[:2]) >= _LAYER_PX]
    picture = every[(_number(phrase) + seed) % len(every)]
    top, left = ((side - _LAYER_PX) // 2 for side in picture.shape[:2])
    return np.ascontiguousarray(picture[top : top + _LAYER_PX, left : left + _LAYER_PX])


def _box() -> PixelRect:
    start = (_LAYER_PX - _SELECTION_PX) // 2
    return PixelRect(start, start, start + _SELECTION_PX, start + _SELECTION_PX)


def _selection(is_soft: bool) -> npt.NDArray[np.uint8]:
    """Round corners, as tall as wide."""
    along = np.abs(np.arange(_LAYER_PX) + 0.5 - _LAYER_PX / 2) / (_SELECTION_PX / 2)
    from_edge = 1 - (along[:, None] ** _ROUND + along[None] ** _ROUND) ** (1 / _ROUND)
    if not is_soft:
        return np.where(from_edge > 0, np.uint8(255), np.uint8(0))
    return np.rint(np.clip(from_edge * (_SELECTION_PX / 2) / _SOFT_PX, 0, 1) * 255).astype(np.uint8)


def _number(phrase: str) -> int:
    return zlib.crc32(phrase.encode()) % 10_000


# --- what they are worth


def _measured(fills: list[Fill], eye: Eye) -> dict[str, float]:
    figures: dict[str, float] = {}
    right: dict[Surroundings, list[bool]] = {each: [] for each in SURROUNDINGS}
    shown: dict[str, list[tuple[Picture, Picture, npt.NDArray[np.bool_]]]] = {}
    seams: list[float] = []
    changed = 0
    for fill in fills:
        right[fill.surroundings].append(_name(fill, eye) == catalogue.understand(fill.phrase).entry)
        changed += int((fill.before != fill.after)[fill.mask == 0].sum())
        if fill.surroundings == "neutral":
            own = _bytes(drawing_of(read(fill.phrase), _box().size, "cpu").full(5000 + fill.seed))
            rows, cols = _box().slices()
            inside = fill.mask[rows, cols] == 255
            shown.setdefault(fill.phrase, []).append((own, fill.after[rows, cols], inside))
        if fill.surroundings == "matching":
            seams.append(seam_ratio(fill.after, fill.mask > 0))
    for surroundings, found in right.items():
        figures[f"named.{surroundings}"] = statistics.fmean(found)
    by_phrase = {phrase: _sharpness(each) for phrase, each in shown.items()}
    return figures | {
        "named": statistics.fmean(one for found in right.values() for one in found),
        "sharpness": statistics.fmean(by_phrase.values()),
        "sharpness.worst": max(by_phrase.values()),
        "seam": statistics.fmean(seams),
        "seam.worst": max(seams),
        "changed_outside": float(changed),
    }


def _sharpness(shown: list[tuple[Picture, Picture, npt.NDArray[np.bool_]]]) -> float:
    """Of all seeds together: two drawings of clouds differ by how many clouds there are."""
    own, fills, inside = zip(*shown, strict=True)
    return texture_distance(np.concatenate(own), np.concatenate(fills), np.concatenate(inside))


def _name(fill: Fill, eye: Eye) -> str:
    rows, cols = _box().slices()
    shown = torch.from_numpy(fill.mask[rows, cols] > 127)[None]
    return eye.name(_floats(fill.after[rows, cols])[None], shown)[0]


def _model(phrases: tuple[str, ...], eye: Eye, seeds: int) -> dict[str, float]:
    """The ceiling and the raw decode, in windows of the model's own size."""
    nano = load()
    titles = ("reconstructed", "reconstructed.worlds", "worlds", "raw", "raw.coarse", "raw.refined")
    named: dict[str, list[bool]] = {title: [] for title in titles}
    for phrase in phrases:
        understood = read(phrase)
        name = understood.entry or ""
        drawing = drawing_of(understood, _box().size, "cpu")
        drawn = torch.stack([drawing.full(_number(phrase) + seed) for seed in range(2 * seeds)])
        worlds = world(_WORLD_PX, _WORLD_SEEDS + _number(phrase), batch=2 * seeds, entry=name).pictures
        for title, shown in (
            ("reconstructed", _through(nano, drawn)),
            ("reconstructed.worlds", _through(nano, worlds)),
            ("worlds", worlds),
        ):
            everything = torch.ones(len(shown), *shown.shape[2:], dtype=torch.bool)
            named[title] += [one == name for one in eye.name(shown, everything)]
        for seed in range(seeds):
            picture, hole = _raw(nano, caption(understood), seed)
            named["raw"].append(eye.name(picture[None], hole[None])[0] == name)
            for title, picture in zip(
                ("raw.coarse", "raw.refined"), _finer(nano, caption(understood), seed), strict=True
            ):
                everything = torch.ones(picture.shape[1:], dtype=torch.bool)
                named[title].append(eye.name(picture[None], everything[None])[0] == name)
    return {title: statistics.fmean(right) for title, right in named.items()}


@torch.inference_mode()
def _through(nano: Nano, picture: Tensor) -> Tensor:
    """Worlds as their codes alone tell them."""
    nothing = torch.zeros_like(picture[:, :1], dtype=torch.bool)
    ground = fill_ground(picture, nothing)
    codes = nano.tokenizer.fsq.codes_of(nano.tokenizer.encode(picture, ground, nothing))
    coded = torch.ones(codes.shape[:3], dtype=torch.bool)
    return nano.tokenizer.decode(codes, coded, ground, nothing).clamp(0, 1)


def _raw(nano: Nano, words: str, seed: int) -> tuple[Tensor, Tensor]:
    """(3, side, side) and (side, side) bool: a hole in grey, drawn by the model alone, at its own scale."""
    side = round(_WORLD_PX * 0.6)
    start = (_WORLD_PX - side) // 2
    hole = torch.zeros(_WORLD_PX, _WORLD_PX, dtype=torch.bool)
    hole[start : start + side, start : start + side] = True
    drawn = draw_plan(nano, torch.full((3, _WORLD_PX, _WORLD_PX), 0.5), hole, words, seed=seed).picture
    part = slice(start, start + side)
    return drawn[:, part, part], hole[part, part]


def _finer(nano: Nano, words: str, seed: int) -> tuple[Tensor, Tensor]:
    """(3, side, side) twice: a selection of the usual size in grey, planned, and that plan refined."""
    hole = torch.zeros(_LAYER_PX, _LAYER_PX, dtype=torch.bool)
    rows, cols = _box().slices()
    hole[rows, cols] = True
    plan = draw_plan(nano, torch.full((3, _LAYER_PX, _LAYER_PX), 0.5), hole, words, seed=seed)
    *_, finest = refined(nano, plan.picture, hole, words, scale=plan.scale, finest=1.0, seed=seed)
    return plan.picture[:, rows, cols], finest[:, rows, cols]


# --- the eye


def _eye(options: BenchOptions, names: tuple[str, ...]) -> Eye:
    """Trained once, and kept in the benchmark's folder."""
    groups, steps = _QUICK_EYE if options.quick else (None, None)
    key = zlib.crc32(repr((names, groups, steps, _EYE_SEED)).encode())
    path = options.out / f"eye-{key:08x}.safetensors"
    if path.exists():
        tensors, header = read_tensors(path)
        network = Network(len(names))
        network.load_state_dict(tensors)
        return Eye(network.eval().requires_grad_(False), names, float(header["right"]))
    more = {} if groups is None or steps is None else {"groups": groups, "steps": steps}
    eye = train_eye(names, _EYE_SEED, options.note, **more)
    write_tensors(path, eye.network.state_dict(), {"right": repr(eye.right)})
    return eye


# --- to look at


def _sheet(fills: list[Fill], eye: Eye, path: Path) -> None:
    """A row a phrase, a column a seed and surroundings; what was named wrongly is told in red."""
    phrases = list(dict.fromkeys(fill.phrase for fill in fills))
    columns = len(fills) // len(phrases)
    sheet = Image.new("RGB", (columns * _CELL_PX, len(phrases) * (_CELL_PX + 14)), "white")
    pen = ImageDraw.Draw(sheet)
    for number, fill in enumerate(fills):
        left, top = number % columns * _CELL_PX, number // columns * (_CELL_PX + 14)
        cell = Image.fromarray(fill.after).resize((_CELL_PX - 2, _CELL_PX - 2), Image.Resampling.LANCZOS)
        sheet.paste(cell, (left, top + 14))
        name = _name(fill, eye)
        is_right = name == catalogue.understand(fill.phrase).entry
        pen.text((left + 2, top + 1), fill.phrase if is_right else f"{name}?", fill="black" if is_right else "red")
    sheet.save(path)


def _bytes(picture: Tensor) -> Picture:
    """(3, H, W) 0 … 1 to (H, W, 3)."""
    return np.ascontiguousarray(picture.clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).numpy())


def _floats(picture: Picture) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1).float() / 255
