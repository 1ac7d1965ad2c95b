"""An edit drawn by a masked-token model with open weights: remove, replace, extend, a new background, an instruction.

Whoever calls has the words and the hole; what differs between operations is only those.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from engine.api import Alpha, EditFacts, EditRequest, EditResult
from engine.batcher import model_for
from engine.errors import EmptySelection
from engine.geometry import PixelRect
from engine.imaging.composite import composite
from engine.imaging.layer import Flags, Floats, Working, to_stored, to_working
from engine.imaging.mask import bounding_box, hole_of
from engine.imaging.membrane import membrane
from engine.models.exemplar.detail import with_detail
from engine.models.masked.interface import Instructed, Mode, OpenModel, Words
from engine.models.masked.paste import brought_back
from engine.models.masked.window import View, Window, region_of, view_of, windows_of
from engine.operations.first_look import FirstLook
from engine.operations.numbers import painted, seen
from engine.operations.report import Report
from engine.tokens.regenerate import Regeneration
from engine.tokens.schedule import steps_for

# A preview is decoded at most so often: it costs as much as a few steps.
_PREVIEW_EVERY_S = 0.7
_PREVIEW_PX = 320
# The shares of the work before the first step and after the last one.
_BEFORE, _AFTER = 0.03, 0.1
# A drawing that was enlarged more than this lacks detail. It is given in pieces of that side, from as far around.
_ENLARGED, _DETAIL_PX, _DETAIL_AROUND_PX = 1.05, 512, 192
# What continues the layer continues its opacity; what is put there is opaque.
_CONTINUING = frozenset({"remove", "extend"})


@dataclass(frozen=True, slots=True, eq=False)
class _Drawing:
    """The picture as far as it is drawn.

    Attributes:
        picture: (3, H, W) float32 sRGB 0 … 1 of the request's pixels, written window by window.
        unusable: (H, W) bool: broken pixels outside the selection. left: (H, W) bool: yet to be drawn.
    """

    picture: Tensor
    original: Tensor
    unusable: Tensor
    left: Tensor


def run(
    request: EditRequest,
    model: OpenModel,
    words: Words,
    report: Report,
    device: torch.device | str,
    *,
    mode: Mode = Mode.EXACT,
    weights_hash: str = "",
    side_px: int | None = None,
) -> EditResult:
    """Draw the selection.

    Args:
        words: without a picture; each window's own is added for a model that is instructed.
        side_px: of the windows; None: what the model was trained on, in fast mode half of that where the selection has
            room in it. Smaller ones take less memory.

    Returns:
        the patch of the selection's bounding box, in layer coordinates and the layer's own format.

    Raises:
        EmptySelection: no pixel is selected.
        Cancelled: by ``report.check``.
    """
    began = time.perf_counter()
    report.check()
    hole = hole_of(request.mask)
    box = bounding_box(hole)
    if box.is_empty:
        raise EmptySelection("Nothing is selected, so there is no place to draw.")
    report.progress(0.01, "looking at the surroundings")
    working = to_working(request.pixels, request.format)
    # Windows are small work beside a model's; other devices than CUDA lack some of it.
    near = torch.device(device) if torch.device(device).type == "cuda" else torch.device("cpu")
    original = seen(working.pixels, request).float().clamp(0, 1).to(near)
    selected = torch.from_numpy(np.ascontiguousarray(hole))
    native_px = model.instruct_px if _is_shown(words) and isinstance(model, Instructed) else model.native_px
    windows = _windows(selected, native_px, model.tokenizer.token_px, mode, side_px)
    selected = selected.to(near)
    drawing = _Drawing(original.clone(), original, torch.from_numpy(working.broken).to(near), selected.clone())
    look = _Look(request, report, box)
    for number, window in enumerate(windows):
        part = _Part(report, number, len(windows), model.name)
        for shown in _draw(drawing, window, model, words, mode, request.seed + number, part, look):
            look.show(shown)
    for window in windows:
        if window.scale > _ENLARGED:
            report.progress(1 - _AFTER, "giving it the layer's fine detail")
            _give_detail(drawing, window, selected, report)
    report.check()
    report.progress(1 - _AFTER / 2, "putting it into the layer")
    fill = _as_layer(drawing.picture, request, working, hole, box)
    rows, cols = box.slices()
    pixels = composite(
        request.pixels[rows, cols], to_stored(fill, request.format), request.mask[rows, cols], request.format
    )
    notes = tuple(_notes(model.name, windows, mode, bool(working.broken[~hole].any())))
    facts = EditFacts(model.name, weights_hash, str(device), time.perf_counter() - began, notes)
    return EditResult(box.shift(request.reach_px.x0, request.reach_px.y0), pixels, facts)


def _is_shown(words: Words) -> bool:
    """Whether the model is shown pictures with the words."""
    return bool(words.instruction or words.references)


def _windows(selected: Tensor, native_px: int, token_px: int, mode: Mode, side_px: int | None) -> tuple[Window, ...]:
    if side_px is None and mode is Mode.FAST:
        # A quarter of the tokens to look at; only where nothing has to be drawn smaller for it.
        small = windows_of(selected, native_px // (4 * token_px) * (2 * token_px))
        if len(small) == 1 and small[0].scale <= 1:
            return small
    return windows_of(selected, native_px if side_px is None else min(side_px, native_px))


@torch.inference_mode()
def _draw(
    drawing: _Drawing,
    window: Window,
    model: OpenModel,
    words: Words,
    mode: Mode,
    seed: int,
    part: _Part,
    look: _Look,
) -> Iterator[Tensor]:
    """Draw one window; yields the picture (3, H, W) with what is drawn so far where a preview is due."""
    tokenizer = model.tokenizer
    view = view_of(drawing.picture, drawing.left | drawing.unusable, window)
    region = region_of(drawing.left, window, tokenizer.token_px)
    ids = tokenizer.encode(view.pixels)
    part.check()
    if words.instruction:
        words = replace(words, picture=view_of(drawing.original, drawing.unusable, window).pixels[0])
    opened = model.open(ids, region.to(ids.device), words, mode)
    count = opened.at.shape[0]
    # A step of the fast mode computes little beside the region.
    steps = model_for(model, opened, tokens=count if mode is Mode.FAST else region.numel())
    recipe = model.instruct_recipe if _is_shown(words) and isinstance(model, Instructed) else model.recipe
    recipe = replace(recipe, steps=steps_for(count, recipe.steps))
    state = Regeneration(opened.at, opened.size_tok, steps.sizes, recipe, seed=seed, device=ids.device)
    while not state.done:
        part.check()
        state.advance(steps([state.ask()])[0])
        part.progress(state.step / state.steps)
        if not state.done and look.is_due:
            yield _with(drawing, window, model, _filled(ids, opened.at, state), ids, region, view)
    part.check()
    drawing.picture.copy_(_with(drawing, window, model, _filled(ids, opened.at, state), ids, region, view))
    drawing.left[window.own_px.slices()] = False
    yield drawing.picture


@torch.inference_mode()
def _give_detail(drawing: _Drawing, window: Window, hole: Tensor, report: Report) -> None:
    """What was drawn small gets the fine level of what surrounds it, piece by piece so that memory stays small."""
    height, width = hole.shape
    for cell in window.own_px.cells(_DETAIL_PX):
        own_px = cell.rect_px(_DETAIL_PX).intersect(window.own_px)
        if own_px.is_empty or not bool(hole[own_px.slices()].any()):
            continue
        part = own_px.grow(_DETAIL_AROUND_PX).intersect(PixelRect(0, 0, width, height))
        rows, cols = part.slices()
        own = torch.zeros_like(hole[rows, cols])
        own[own_px.slices(part)] = hole[own_px.slices()]
        unusable = (hole[rows, cols] & ~own) | drawing.unusable[rows, cols]
        picture = drawing.picture[:, rows, cols].permute(1, 2, 0).contiguous()
        made = with_detail(picture, own, unusable, window.scale, report.check)
        drawing.picture[:, rows, cols] = made.permute(2, 0, 1).clamp(0, 1)


def _filled(ids: Tensor, at: Tensor, state: Regeneration) -> Tensor:
    """(h, w): the window's tokens; where nothing is drawn yet, what was encoded of the smooth filling."""
    out = ids.clone()
    at = at[state.revealed]
    out[at[:, 0], at[:, 1]] = state.ids[state.revealed, 0].to(out)
    return out


def _with(
    drawing: _Drawing, window: Window, model: OpenModel, ids: Tensor, encoded: Tensor, region: Tensor, view: View
) -> Tensor:
    """The picture with the window's own part of the selection as the tokens say."""
    drawn = brought_back(model.tokenizer, ids, encoded, region, view, window)
    own = torch.zeros_like(drawing.left)
    own[window.own_px.slices()] = drawing.left[window.own_px.slices()]
    rows, cols = window.rect_px.slices()
    out = drawing.picture.clone()
    out[:, rows, cols] = torch.where(own[rows, cols], drawn, out[:, rows, cols])
    return out


def _as_layer(picture: Tensor, request: EditRequest, working: Working, hole: Flags, box: PixelRect) -> Floats:
    """(h, w, C) working pixels of the box."""
    rows, cols = box.slices()
    fill = painted(picture[:, rows, cols].cpu(), request)
    if request.format.alpha is Alpha.NONE or request.operation not in _CONTINUING:
        return fill
    unknown = hole | working.broken
    if unknown.all():
        return fill
    alpha = membrane(torch.from_numpy(working.pixels[..., -1:].copy()), torch.from_numpy(np.ascontiguousarray(unknown)))
    share = alpha.clamp(0, 1).numpy()[rows, cols]
    fill[..., :-1] = np.minimum(fill[..., :-1], share)
    fill[..., -1:] = share
    return fill


def _notes(name: str, windows: tuple[Window, ...], mode: Mode, is_broken: bool) -> Iterator[str]:
    if mode is Mode.FAST:
        yield f"drawn in {name}'s fast mode, an approximation: what surrounds the selection was looked at less often"
    coarsest = max(window.scale for window in windows)
    if coarsest > _ENLARGED:
        yield (
            f"drawn at 1/{coarsest:.1f} of the layer's resolution, as large as {name} draws; finer detail is copied "
            "from around it"
        )
    if len(windows) > 1:
        yield f"drawn in {len(windows)} overlapping windows, one after the other"
    if is_broken:
        yield "pixels that are not a number were not looked at"


class _Part:
    """One window's share of the progress."""

    def __init__(self, report: Report, number: int, windows: int, name: str) -> None:
        self._report, self._number, self._windows, self._name = report, number, windows, name

    def progress(self, fraction: float) -> None:
        share = (self._number + fraction) / self._windows
        self._report.progress(_BEFORE + (1 - _BEFORE - _AFTER) * share, f"drawing with {self._name}")

    def check(self) -> None:
        self._report.check()


class _Look:
    """Previews, not more often than they can be looked at."""

    def __init__(self, request: EditRequest, report: Report, box: PixelRect) -> None:
        self._wanted = request.previews
        scale = 1
        while max(box.width, box.height) > scale * _PREVIEW_PX:
            scale *= 2
        self._first_look = FirstLook(request, report, box, scale)
        self._last = time.monotonic()

    @property
    def is_due(self) -> bool:
        return self._wanted and time.monotonic() - self._last >= _PREVIEW_EVERY_S

    def show(self, picture: Tensor) -> None:
        if not self._wanted:
            return
        rows, cols = torch.from_numpy(self._first_look.rows), torch.from_numpy(self._first_look.cols)
        self._first_look.show(picture.cpu()[:, rows][:, :, cols])
        self._last = time.monotonic()
