"""Open weights: a part of a picture by our loop, against diffusers' AmusedInpaintPipeline over the same networks.

Random weights of two configurations: tiny, and a middle one (512 wide, 12 layers, 32×32 tokens, the published picture
tokenizer). Both are asked for the published 12 steps and guidance; text encoders are left out on both sides.

- ``P.exact``: the pipeline's seconds over ours, for a region of P % of the canvas; the tokens must be the same ones.
- ``P.fast``: over a whole edit of ours in fast mode: a frozen context, and a window of half the canvas' side where the
  region has room in it at its own scale.
- ``P.agreement``: share of the tokens that a frozen context lets be drawn as exact mode does, from the same random
  numbers; ``P.window_agreement``: in fast mode's window; ``P.window_apart``: how far apart, in total variation, what
  both think of the tokens in the first step is (0: the same, 1: nothing in common). With random weights every token of
  the canvas has as much say as its neighbour; with trained ones what is near has more.
- ``memory``: what `inlay models info` states against what a run holds (`open_weights_memory`).
- ``P.changed_outside``: pixels changed outside the region; ``P.theirs_outside``: share of pixels they changed there.
- ``thin``: pixels changed inside a 3 px line, a 7×7 dot and a 6 px ring by us, and tokens they draw for each.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.bench.open_weights_meissonic import measure_meissonic
from bridge.bench.open_weights_memory import measure_memory
from bridge.bench.open_weights_models import MIDDLE, TINY, Pair, Sizes, pair
from engine.api import Alpha, Depth, EditRequest, LayerFormat
from engine.geometry import PixelRect, Size, TokenRect
from engine.models.masked.interface import Mode, Words
from engine.operations import drawn_by_model
from engine.operations.report import SilentReport
from engine.tokens.grid import rect_of
from engine.tokens.regenerate import Regeneration
from engine.tokens.schedule import steps_for

NAME = "open-weights"
SUMMARY = "aMUSEd by our loop against diffusers' pipeline: same tokens, seconds, what changes outside, thin masks"

# Per cent of a 32×32 grid: rows and columns of the region.
_REGIONS = {2: (4, 5), 5: (7, 7), 20: (14, 15), 100: (32, 32)}
# Of the middle configuration it is this share that is measured more than once, and compared with exact mode.
_MAIN = 5
_REPEATS = 3
_PROMPT = "a red door in a wall"
_SEED = 7
# Fast mode's window, as a share of the model's own.
_FAST_SHARE = 0.5
_LEAST_EXACT, _LEAST_FAST = 2.0, 5.0
Layer = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

_RGB8 = LayerFormat(Depth.U8, 3, Alpha.NONE)


def run(options: BenchOptions) -> Figures:
    """The tiny configuration, and the middle one unless it is to be quick."""
    figures: dict[str, float] = {}
    bars: dict[str, Bar] = {}
    for name, sizes in (("tiny", TINY),) if options.quick else (("tiny", TINY), ("middle", MIDDLE)):
        both = pair(sizes)
        for share in _REGIONS:
            options.note(f"{name}: {share} % of the canvas")
            is_main = name == "tiny" or share == _MAIN
            found = measure(both, sizes, share, _REPEATS if is_main else 1)
            found |= agreement(both, case_of(sizes, share)) if is_main else {}
            figures |= {f"{name}.{share}.{title}": value for title, value in found.items()}
        _bars(name, figures, bars)
    if not options.quick:
        stated, kept = measure_memory(options.note)
        figures |= stated
        bars |= kept
    thin = _thin(pair(TINY))
    figures |= thin
    for title, value in thin.items():
        if title.endswith("pixels"):
            bars[title] = Bar(value, 1, at_most=False)
    if not options.quick:
        found, held = measure_meissonic(options.note)
        figures, bars = figures | found, bars | held
    return Figures(figures, bars)


def _bars(name: str, figures: dict[str, float], bars: dict[str, Bar]) -> None:
    for share in _REGIONS:
        bars[f"{name}.{share}.same_tokens"] = Bar(figures[f"{name}.{share}.same_tokens"], 1, at_most=False)
        bars[f"{name}.{share}.changed_outside"] = Bar(figures[f"{name}.{share}.changed_outside"], 0)
    if name == "middle":  # where the tiny one's time goes is not where a real one's goes
        bars["middle.5.exact"] = Bar(figures["middle.5.exact"], _LEAST_EXACT, at_most=False)
        bars["middle.5.fast"] = Bar(figures["middle.5.fast"], _LEAST_FAST, at_most=False)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One picture and region; ``layer`` is the picture in 8 bits."""

    picture: Tensor
    layer: Layer
    region: Tensor
    rect_tok: TokenRect


def case_of(sizes: Sizes, share: int) -> Case:
    rows, columns = _REGIONS[share]
    top, left = (sizes.side_tok - rows) // 2, (sizes.side_tok - columns) // 2
    region = torch.zeros(sizes.side_tok, sizes.side_tok, dtype=torch.bool)
    region[top : top + rows, left : left + columns] = True
    side = sizes.side_tok * 16
    layer = np.random.default_rng(_SEED).integers(0, 256, (side, side, 3), np.uint8)
    picture = torch.from_numpy(layer).permute(2, 0, 1)[None].float() / 255
    return Case(picture, layer, region, rect_of(region.nonzero()))


def measure(both: Pair, sizes: Sizes, share: int, repeats: int) -> dict[str, float]:
    case = case_of(sizes, share)
    times: dict[str, list[float]] = {"theirs": [], "exact": [], "fast": []}
    theirs = exact = fast = np.zeros(0, np.uint8)
    for _ in range(repeats):  # taking turns, so that a busy machine is busy for all
        theirs = _timed(times["theirs"], lambda: _by_pipeline(both, case))
        exact = _timed(times["exact"], lambda: _exactly(both, case))
        fast = _timed(times["fast"], lambda: _fast(both, case))
    middle = {name: statistics.median(seconds) for name, seconds in times.items()}
    outside = ~_pixels_of(case.region)
    changed = {
        name: _changed(made, case, outside) for name, made in (("exact", exact), ("fast", fast), ("theirs", theirs))
    }
    return {
        "theirs_s": middle["theirs"],
        "exact_s": middle["exact"],
        "fast_s": middle["fast"],
        "exact": middle["theirs"] / middle["exact"],
        "fast": middle["theirs"] / middle["fast"],
        "same_tokens": float(torch.equal(_their_tokens(both, case), _our_tokens(both, case))),
        "changed_outside": changed["exact"] + changed["fast"],
        "theirs_outside": changed["theirs"] / max(1, int(outside.sum())),
    }


def _timed(times: list[float], work: Callable[[], Layer]) -> Layer:
    began = time.perf_counter()
    made = work()
    times.append(time.perf_counter() - began)
    return made


def _by_pipeline(both: Pair, case: Case) -> Layer:
    how = both.ours.as_published
    made = both.published(case.picture, case.region, how.steps, how.guidance, _SEED, _PROMPT, "pt")
    return (made[0].permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()


def _their_tokens(both: Pair, case: Case) -> Tensor:
    how = both.ours.as_published
    return both.published(case.picture, case.region, how.steps, how.guidance, _SEED, _PROMPT, "latent")[0][case.region]


def _our_tokens(both: Pair, case: Case) -> Tensor:
    model = both.ours
    opened = model.open(model.tokenizer.encode(case.picture), case.region, Words(_PROMPT), Mode.EXACT)
    return model.published(opened, model.as_published, seed=_SEED)


def _exactly(both: Pair, case: Case) -> Layer:
    """The published loop: all of the canvas looked at in every step, the region alone decoded."""
    model = both.ours
    ids = model.tokenizer.encode(case.picture)
    opened = model.open(ids, case.region, Words(_PROMPT), Mode.EXACT)
    ids = ids.masked_scatter(case.region, model.published(opened, model.as_published, seed=_SEED))
    drawn = model.tokenizer.decode_region(ids, case.rect_tok)
    patch = (drawn[0].permute(1, 2, 0).clamp(0, 1) * 255).round().to(torch.uint8).numpy()
    out = case.layer.copy()
    rows, cols = _rect_px(case).slices()
    out[rows, cols] = np.where(_pixels_of(case.region)[rows, cols, None], patch, out[rows, cols])
    return out


def _fast(both: Pair, case: Case) -> Layer:
    """An edit as the product makes it, in fast mode."""
    return _edited(both, case.layer, _pixels_of(_shrunk(case.region)), Mode.FAST)


def _edited(both: Pair, layer: Layer, selected: Flags, mode: Mode) -> Layer:
    side = layer.shape[0]
    request = EditRequest(
        "bench",
        "replace",
        Size(side, side),
        _RGB8,
        PixelRect(0, 0, side, side),
        layer,
        (selected * 255).astype(np.uint8),
        _SEED,
        previews=False,
    )
    result = drawn_by_model.run(request, both.ours, Words(_PROMPT), SilentReport(), "cpu", mode=mode)
    out = layer.copy()
    out[result.rect_px.slices()] = result.pixels
    return out


def _shrunk(region: Tensor) -> Tensor:
    """The tokens whose selection makes this region: an edit dilates what is selected by one token."""
    inner = -torch.nn.functional.max_pool2d(-region[None].float(), 3, 1, 1)[0] > 0
    return inner if bool(inner.any()) else region


def agreement(both: Pair, case: Case) -> dict[str, float]:
    """What fast mode draws against what exact mode draws, from the same random numbers in the same order."""
    model = both.ours
    whole = model.tokenizer.encode(case.picture)
    near = _near(case.rect_tok, case.region.shape[0])
    rows, cols = pixel_slices(near, 1)
    rows_px, cols_px = pixel_slices(near, 16)
    part = model.tokenizer.encode(case.picture[:, :, rows_px, cols_px])
    exact, chances = _drawn(both, case, whole, case.region, Mode.EXACT)
    frozen, _ = _drawn(both, case, whole, case.region, Mode.FAST)
    windowed, seen = _drawn(both, case, part, case.region[rows, cols], Mode.FAST)
    return {
        "agreement": float((frozen == exact).float().mean()),
        "window_agreement": float((windowed == exact).float().mean()),
        "window_apart": float((chances - seen).abs().sum(-1).mean()) / 2,
    }


def _drawn(both: Pair, case: Case, ids: Tensor, region: Tensor, mode: Mode) -> tuple[Tensor, Tensor]:
    """(R,) the tokens that our loop draws, and (R, codes) what it thinks of them in the first step.

    Order and random numbers are the canvas', whatever part of it is looked at.
    """
    model = both.ours
    steps = model.steps_of([model.open(ids, region, Words(_PROMPT), mode)])
    at = case.region.nonzero()
    recipe = replace(model.recipe, steps=steps_for(len(at), model.recipe.steps))
    size_tok = (case.region.shape[0], case.region.shape[1])
    state = Regeneration(at, size_tok, (model.network.codes,), recipe, seed=_SEED)
    answer = steps([state.ask()])[0]
    chances = answer.logits(torch.arange(len(at)), torch.zeros(len(at), 0, dtype=torch.int64)).softmax(-1)
    state.advance(answer)
    while not state.done:
        state.advance(steps([state.ask()])[0])
    return state.ids[:, 0], chances


def _near(rect_tok: TokenRect, side_tok: int) -> TokenRect:
    """Fast mode's window: whole cells of 2×2 tokens around a region, as `masked.window` puts it in the middle."""
    spans = ((rect_tok.x0, rect_tok.x1), (rect_tok.y0, rect_tok.y1))
    cells = [(low // 2 * 2, -(-high // 2) * 2) for low, high in spans]
    side = max(round(side_tok * _FAST_SHARE), *(high - low for low, high in cells))
    starts = [min(max(0, (low + high - side) // 4 * 2, high - side), low, side_tok - side) for low, high in cells]
    return TokenRect(starts[0], starts[1], starts[0] + side, starts[1] + side)


def pixel_slices(rect_tok: TokenRect, token_px: int) -> tuple[slice, slice]:
    """Rows and columns of a rectangle of tokens."""
    x0, y0, x1, y1 = (side * token_px for side in rect_tok.as_tuple())
    return slice(y0, y1), slice(x0, x1)


def _thin(both: Pair) -> dict[str, float]:
    """Masks that the published code loses."""
    side = TINY.side_tok * 16
    y, x = np.mgrid[:side, :side]
    middle = side // 2
    from_middle = np.hypot(y - middle, x - middle)
    masks = {
        "line": (abs(y - middle - 3) < 2) & (x > side // 4) & (x < side - side // 4),
        "dot": (abs(y - middle - 4) < 4) & (abs(x - middle - 4) < 4),
        "ring": (from_middle > 60) & (from_middle <= 66),
    }
    layer = np.random.default_rng(_SEED).integers(0, 256, (side, side, 3), np.uint8)
    figures: dict[str, float] = {}
    for name, mask in masks.items():
        edited = _edited(both, layer, mask, Mode.EXACT)
        changed = (edited != layer).any(2)
        figures[f"thin.{name}.pixels"] = float(changed[mask].mean() * mask.sum())
        figures[f"thin.{name}.outside"] = float(changed[~mask].sum())
        figures[f"thin.{name}.their_tokens"] = float(both.their_mask(torch.from_numpy(mask)).sum())
    return figures


def _pixels_of(region: Tensor) -> Flags:
    return region.repeat_interleave(16, 0).repeat_interleave(16, 1).numpy()


def _rect_px(case: Case) -> PixelRect:
    return PixelRect(*(16 * side for side in case.rect_tok.as_tuple()))


def _changed(made: Layer, case: Case, where: Flags) -> float:
    return float((made != case.layer).any(2)[where].sum())
