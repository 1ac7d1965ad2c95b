"""The token engine's own costs, on networks of the CPU preset with random weights: what a step costs does not depend on
what was learnt."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.geometry import TokenRect
from engine.tokens.cache import OpenedRegions
from engine.tokens.config import PRESETS, TOKEN_PX
from engine.tokens.grid import positions, token_mask, window_patches
from engine.tokens.ground import fill_ground
from engine.tokens.regenerate import Ask
from engine.tokens.region import Region, RegionModel, open_region
from engine.tokens.text import START
from engine.tokens.tokenizer import Tokenizer
from engine.tokens.transformer import RegionTokens, Transformer

WINDOW_TOK = 32
REGIONS_TOK = (16, 64, 256, 1024)
DECODED_TOK = 12
_WORDS = 150
# An edit's steps (`engine.models.nano.plan`).
_STEPS = 8
# A decode takes a hundredth of a second: so many more of them, so that a busy machine's noise cancels.
_DECODES_A_REPEAT = 4
# A prompt of three words.
_PROMPT, _OTHER = (START, 7, 8, 9), (START, 17, 18, 19)


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    ground: Tensor
    known: Tensor
    region: Tensor


def measure(repeats: int) -> dict[str, float]:
    """Seconds and ratios, medians of so many runs; the ratios' two sides take turns."""
    torch.manual_seed(0)
    preset = PRESETS["cpu"]
    tokenizer, model = Tokenizer(preset.tokenizer).eval(), Transformer(preset.transformer, _WORDS).eval()
    figures: dict[str, float] = {}
    full = _window(WINDOW_TOK)
    for count in REGIONS_TOK:
        side = round(count**0.5)
        window = _window(side)
        region = open_region(model, window.ground, window.known, window.region)
        step_s, full_s, prefill_s = _median(
            repeats,
            lambda region=region: _step(model, region, _PROMPT),
            lambda: _forward(model, full),
            lambda window=window: open_region(model, window.ground, window.known, window.region),
        )
        figures |= {f"{count}.step_s": step_s, f"{count}.prefill_s": prefill_s, f"{count}.of_a_full": step_s / full_s}
        figures[f"{count}.difference"] = _difference(model, window, region)
        figures[f"{count}.second_prompt_of_first"] = _second_prompt(model, window, repeats)
    figures |= _decoding(tokenizer, _DECODES_A_REPEAT * repeats)
    return figures


def _second_prompt(model: Transformer, window: _Window, repeats: int) -> float:
    """Seconds of other words on a window that was opened before, over those of the first words on it."""
    kept = OpenedRegions()
    kept.open(model, window.ground, window.known, window.region)

    def prompted(regions: OpenedRegions, words: tuple[int, ...]) -> None:
        region = regions.open(model, window.ground, window.known, window.region)
        for _ in range(_STEPS):
            _step(model, region, words)

    first_s, second_s = _median(repeats, lambda: prompted(OpenedRegions(), _PROMPT), lambda: prompted(kept, _OTHER))
    return second_s / first_s


def _window(side_tok: int) -> _Window:
    """A window of noise with a square region of that side in its middle."""
    size = WINDOW_TOK * TOKEN_PX
    start = (WINDOW_TOK - side_tok) // 2 * TOKEN_PX
    hole = torch.zeros(size, size, dtype=torch.bool)
    hole[start : start + side_tok * TOKEN_PX, start : start + side_tok * TOKEN_PX] = True
    known = ~hole[None, None]
    picture = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(1))
    return _Window(fill_ground(picture, known), known, token_mask(hole))


def _asked(region: Region) -> Ask:
    """Half drawn already."""
    count = len(region.at)
    draw = torch.Generator().manual_seed(2)
    ids = torch.stack([torch.randint(size, (count,), generator=draw) for size in (512, 512, 125)], 1)
    return Ask(0, ids, torch.rand(count, generator=draw) < 0.5, 1.0)


@torch.inference_mode()
def _step(model: Transformer, region: Region, words: tuple[int, ...]) -> Tensor:
    """One step and its first group's logits for every token of the region."""
    answer = RegionModel(model, [(region, words)])([_asked(region)])[0]
    everything = torch.arange(len(region.at))
    return answer.logits(everything, torch.zeros(len(region.at), 0, dtype=torch.int64))


@torch.inference_mode()
def _forward(model: Transformer, window: _Window, region: Region | None = None) -> Tensor:
    """The same without a cache: all tokens in one pass, and the logits of the region's."""
    region = region or open_region(model, window.ground, window.known, window.region)
    tokens, is_region = _everything(region, window)
    hidden = model.forward_full(tokens, is_region, torch.tensor([_PROMPT]))
    own = hidden[0][is_region[0]]
    return model.logits(own, torch.zeros(len(own), 0, dtype=torch.int64))


def _everything(region: Region, window: _Window) -> tuple[RegionTokens, Tensor]:
    is_region = window.region.flatten()[None]
    every = torch.ones_like(window.region).nonzero()
    ask = _asked(region)
    count = is_region.shape[1]
    ids = torch.zeros(1, count, ask.ids.shape[1], dtype=torch.int64)
    revealed = torch.zeros(1, count, dtype=torch.bool)
    places = torch.zeros(1, count, region.places.shape[1])
    ids[0, is_region[0]], revealed[0, is_region[0]], places[0, is_region[0]] = ask.ids, ask.revealed, region.places
    patches = window_patches(window.ground, window.known).flatten(1, 2)
    return RegionTokens(patches, positions(every, region.at)[None], places, ids, revealed), is_region


def _difference(model: Transformer, window: _Window, region: Region) -> float:
    """The largest difference between cached and uncached logits."""
    return float((_step(model, region, _PROMPT) - _forward(model, window, region)).abs().max())


@torch.inference_mode()
def _decoding(tokenizer: Tokenizer, repeats: int) -> dict[str, float]:
    window = _window(WINDOW_TOK // 2)
    codes = torch.rand(1, WINDOW_TOK, WINDOW_TOK, tokenizer.config.dims) * 2 - 1
    coded = window.region[None]
    start = (WINDOW_TOK - DECODED_TOK) // 2
    rect = TokenRect(start, start, start + DECODED_TOK, start + DECODED_TOK)
    region_s, full_s = _median(
        repeats,
        lambda: tokenizer.decode_region(codes, coded, window.ground, window.known, rect),
        lambda: tokenizer.decode(codes, coded, window.ground, window.known),
    )
    return {"decode.region_s": region_s, "decode.full_s": full_s, "decode.region_of_full": region_s / full_s}


def _median(repeats: int, *works: Callable[[], object]) -> list[float]:
    """Median seconds of each, taking turns, after one of each that does not count."""
    seconds: list[list[float]] = [[] for _ in works]
    for turn in range(repeats + 1):
        for number, work in enumerate(works):
            began = time.perf_counter()
            work()
            if turn:
                seconds[number].append(time.perf_counter() - began)
    return [statistics.median(each) for each in seconds]
