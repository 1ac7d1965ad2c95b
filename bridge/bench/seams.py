"""How an object's edge is best put into another picture: objects over known backgrounds, so that the truth is known.

An object of a check photograph (its mask shrunk and made soft, its colours drawn out under the soft edge) is mixed with
an old background; it is cut out of that with an outline that is wrong by a pixel or two, put over a new background, and
compared with the same object mixed with the new background. ``rmse`` (8 bit steps) and ``gradient`` (mean difference of
gradient lengths) in a band of 5 pixels around the outline. The ways:

- ``hard``: the outline's pixels as they are. ``clone``: those, the difference at their rim spread over them (a
  membrane: Pérez et al. 2003). ``alpha``: by the matte, with the old background still in the colours.
- ``matte``: by the matte with the subject's own colours: what `combine` does.
- of ``matte``, the seam (where alpha is neither 0 nor 1) made anew: ``membrane`` across it, ``exemplar`` from the
  picture's patches, ``tokens`` decoded from the truth's own codes, which no model could better.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.bench.photos import check_photographs
from engine.imaging.mask import bounding_box
from engine.imaging.membrane import membrane
from engine.matting.foreground import foreground_and_background
from engine.matting.matte import Matte, matte_of
from engine.matting.picture import Picture
from engine.models.exemplar import regenerate
from engine.models.nano import load
from engine.tokens.grid import token_mask
from engine.tokens.ground import fill_ground

NAME = "seams"
SUMMARY = "edges of cut-outs on another background against the truth: matte, membrane, exemplar, tokens"

_WAYS = ("hard", "clone", "alpha", "matte", "membrane", "exemplar", "tokens")
# The object's mask is coarse: this much of it is surely object; its edge is made as soft as a lens makes it.
_SHRUNK_PX, _SOFT_PX = 4, 1.0
_BAND_PX = 5
_OUTLINE_OFF_PX = 1
_SIDE_PX = 256
_BACKGROUNDS = ("cc0_lake-sherburne", "tex_gravel", "clic_21", "cc0_orange-hallway")
_SEED = 7
Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """All (H, W[, 3]) float32 0 … 1. ``mixed``: the object before the old background; ``truth``: before the new one."""

    name: str
    alpha: Floats
    mixed: Floats
    fresh: Floats
    truth: Floats


class _Quiet:
    def progress(self, fraction: float, stage: str) -> None: ...

    def preview(self, pixels: torch.Tensor, scale: int) -> None: ...

    def check(self) -> None: ...


def run(options: BenchOptions) -> Figures:
    """Every object before every pair of backgrounds, every way; without the check photographs nothing is measured."""
    cases = _cases(options.quick)
    errors: dict[str, list[float]] = {way: [] for way in _WAYS}
    gradients: dict[str, list[float]] = {way: [] for way in _WAYS}
    spent: dict[str, list[float]] = {way: [] for way in _WAYS}
    rows: list[Floats] = []
    for case in cases:
        band = band_of(case.alpha)
        shown = [case.mixed, case.truth]
        for way, made, seconds in _made(case):
            errors[way].append(255 * float(np.sqrt(np.square(made - case.truth)[band].mean())))
            gradients[way].append(255 * float(np.abs(_lengths(made) - _lengths(case.truth))[band].mean()))
            spent[way].append(seconds)
            shown.append(made)
        rows.append(np.concatenate(shown, 1))
        options.note(f"{case.name}: " + ", ".join(f"{way} {errors[way][-1]:.1f}" for way in _WAYS))
    if not rows:
        return Figures({}, {})
    sheet = np.concatenate([row for row in rows if row.shape == rows[0].shape][:12], 0)
    Image.fromarray(np.rint(np.clip(sheet, 0, 1) * 255).astype(np.uint8)).save(options.out / "seams.png")
    figures = {f"{way}.rmse": round(statistics.fmean(errors[way]), 2) for way in _WAYS}
    figures |= {f"{way}.gradient": round(statistics.fmean(gradients[way]), 2) for way in _WAYS}
    figures |= {f"{way}.seconds": round(statistics.median(spent[way]), 3) for way in _WAYS}
    best = min(figures[f"{way}.rmse"] for way in _WAYS)
    return Figures(figures, {"what combine does, over the best way": Bar(figures["matte.rmse"] / best, 1.05)})


def band_of(alpha: Floats) -> Flags:
    """(H, W) True within 5 pixels of the outline."""
    solid = (alpha > 0.5).astype(np.uint8)
    kernel = np.ones((2 * _BAND_PX + 1, 2 * _BAND_PX + 1), np.uint8)
    return np.asarray(cv2.dilate(solid, kernel) > cv2.erode(solid, kernel), np.bool_)


def _made(case: Case) -> list[tuple[str, Floats, float]]:
    """Each way's picture and the seconds it took beyond what it goes on from."""
    done: list[tuple[str, Floats, float]] = []

    def add(way: str, make: Callable[[], Floats]) -> Floats:
        began = time.perf_counter()
        made = np.clip(make(), 0, 1).astype(np.float32)
        done.append((way, made, time.perf_counter() - began))
        return made

    kernel = np.ones((2 * _OUTLINE_OFF_PX + 1, 2 * _OUTLINE_OFF_PX + 1), np.uint8)
    outline = np.asarray(cv2.dilate((case.alpha > 0.5).astype(np.uint8), kernel) > 0, np.bool_)
    mattes: list[Matte] = []

    def matted() -> Floats:
        mattes.append(matte_of(Picture(case.mixed, np.ones_like(case.alpha)), outline))
        share = mattes[0].alpha[..., None]
        return over(mattes[0].subject, share, case.fresh)

    hard = add("hard", lambda: np.where(outline[..., None], case.mixed, case.fresh))
    add("clone", lambda: cloned(case.mixed, case.fresh, outline))
    made = add("matte", matted)
    share = mattes[0].alpha[..., None]
    add("alpha", lambda: over(case.mixed, share, case.fresh))
    seam = np.asarray(cv2.dilate(((share[..., 0] > 0) & (share[..., 0] < 1)).astype(np.uint8), np.ones((3, 3))) > 0)
    unknown = torch.from_numpy(seam)
    add("membrane", lambda: membrane(torch.from_numpy(made), unknown).numpy())
    add("exemplar", lambda: regenerate(torch.from_numpy(made), unknown, seed=_SEED, report=_Quiet()).numpy())
    add("tokens", lambda: _through_codes(case.truth, made, seam))
    assert hard.shape == made.shape
    return sorted(done, key=lambda each: _WAYS.index(each[0]))


def over(subject: Floats, share: Floats, behind: Floats) -> Floats:
    """One over the other by that share."""
    return (subject * share + behind * (1 - share)).astype(np.float32)


def cloned(source: Floats, target: Floats, inside: Flags) -> Floats:
    """The source's pixels inside, the difference at their rim spread over them so that no step is left."""
    rim = np.asarray(cv2.dilate(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0, np.bool_) & ~inside
    difference = np.where(rim[..., None], target - source, 0).astype(np.float32)
    # Only the rim is known: what lies farther out has no say.
    box = bounding_box(inside | rim)
    here = box.slices()
    spread = membrane(torch.from_numpy(np.ascontiguousarray(difference[here])), torch.from_numpy(~rim[here])).numpy()
    out = target.copy()
    part = out[here]
    part[inside[here]] = (source[here] + spread)[inside[here]]
    return out


@torch.inference_mode()
def _through_codes(truth: Floats, made: Floats, seam: Flags) -> Floats:
    """The seam decoded from the truth's codes, everything else known."""
    nano = load()
    picture, known = (_planes(values) for values in (truth, ~seam[..., None]))
    around = torch.where(known, _planes(made), picture)
    ground = fill_ground(around, known)
    ids = nano.tokenizer.encode(picture, ground, known)
    drawn = nano.tokenizer.decode(nano.tokenizer.fsq.codes_of(ids), token_mask(~known[:, 0]), ground, known)
    decoded = drawn[0].permute(1, 2, 0).numpy()
    return np.where(seam[..., None], decoded, made).astype(np.float32)


def _planes(values: npt.NDArray[np.float32] | Flags) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values)).permute(2, 0, 1)[None]


def _lengths(of: Floats) -> Floats:
    light = of.mean(-1)
    padded = np.pad(light, 1, mode="edge")
    down, across = padded[2:, 1:-1] - padded[:-2, 1:-1], padded[1:-1, 2:] - padded[1:-1, :-2]
    return np.asarray(np.sqrt(down * down + across * across) / 2, np.float32)


def _cases(quick: bool) -> list[Case]:
    folder = check_photographs()
    if folder is None:
        return []
    listed = cast(dict[str, list[dict[str, str]]], json.loads((folder / "manifest.json").read_text("utf-8")))
    masked = [entry for entry in listed["images"] if entry.get("mask")]
    grounds = [_crop(_read(folder / f"images/{name}.png")) for name in _BACKGROUNDS]
    cases: list[Case] = []
    for number, entry in enumerate(masked[: 2 if quick else None]):
        photo = _read(folder / entry["file"])
        mask = np.asarray(Image.open(folder / entry["mask"]).convert("L")) > 127
        for pair in range(1 if quick else 2):
            old, fresh = grounds[(number + pair) % len(grounds)], grounds[(number + pair + 2) % len(grounds)]
            case = _case(f"{Path(entry['file']).stem} {pair}", photo, mask, old, fresh)
            if case is not None:
                cases.append(case)
    return cases


def _case(name: str, photo: Floats, mask: Flags, old: Floats, fresh: Floats) -> Case | None:
    """The largest part of the object in a square around it, brought to 256 pixels; None where too little is left."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    largest = np.asarray(labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])), np.uint8)
    box = bounding_box(largest > 0)
    side = min(round(1.3 * max(box.width, box.height)), *photo.shape[:2])
    x = min(max((box.x0 + box.x1 - side) // 2, 0), photo.shape[1] - side)
    y = min(max((box.y0 + box.y1 - side) // 2, 0), photo.shape[0] - side)
    part, inside = photo[y : y + side, x : x + side], largest[y : y + side, x : x + side]
    part = np.asarray(cv2.resize(part, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA), np.float32)
    inside = cv2.resize(inside, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_NEAREST)
    surely = np.asarray(cv2.erode(inside, np.ones((2 * _SHRUNK_PX + 1,) * 2, np.uint8)), np.float32)
    if surely.sum() < 0.02 * surely.size:
        return None
    alpha = np.asarray(cv2.GaussianBlur(surely, (0, 0), _SOFT_PX), np.float32)
    alpha[alpha < 1 / 255] = 0
    own, _ = foreground_and_background(part, surely)
    own = np.where(surely[..., None] > 0, part, own).astype(np.float32)
    share = alpha[..., None]
    return Case(name, alpha, over(own, share, old), fresh, over(own, share, fresh))


def _crop(picture: Floats) -> Floats:
    """The middle, smaller: a background as it is seen behind things."""
    side = min(picture.shape[:2])
    y, x = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
    square = picture[y : y + side, x : x + side]
    return np.asarray(cv2.resize(square, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA), np.float32)


def _read(path: Path) -> Floats:
    return (np.asarray(Image.open(path).convert("RGB")) / 255).astype(np.float32)
