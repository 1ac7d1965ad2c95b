"""Meissonic's and EditMGT's architecture with random weights, of middle size: fast mode against exact mode.

512 wide, 12 blocks, 64×64 tokens convolved to 32×32, guidance; text encoders and the picture tokenizer are left out.

- ``FAMILY.P.fast``: exact mode's seconds over fast mode's, for a region of P % of the canvas.
- ``FAMILY.P.agreement``: the share of tokens that fast mode draws as exact mode does from the same random numbers;
  ``FAMILY.P.agreement_3``: with the context refreshed every 3 steps and not every 6.
- ``FAMILY.memory_off``: how far the stated bytes of a step are from those that tensors held, as a share.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor

from bridge.bench.base import Bar
from bridge.bench.live_bytes import LiveBytes
from engine.geometry import TokenRect
from engine.models.masked.interface import Mode, Words
from engine.models.meissonic.config import Config
from engine.models.meissonic.memory import needed_bytes
from engine.models.meissonic.model import MeissonicModel
from engine.models.meissonic.network import Network
from engine.tokens.regenerate import Recipe, Regeneration, regenerate
from engine.tokens.schedule import Order, steps_for

_SIDE_TOK = 64
# Per cent of the canvas: rows and columns of the region.
_REGIONS = {5: (14, 14)}
_MOST_STEPS = 8
_REFRESHES = {"": 6, "_3": 3}
_MEMORY_TOLERANCE = 0.10
# Random heads find all codes about as likely, which no trained one does: made surer, so that a draw has a favourite.
_SURER = 8.0
_SEED = 7


def measure_meissonic(note: Callable[[str], None]) -> tuple[dict[str, float], dict[str, Bar]]:
    """Both families."""
    figures: dict[str, float] = {}
    bars: dict[str, Bar] = {}
    for family, edits in (("meissonic", False), ("editmgt", True)):
        model = _middle(edits=edits)
        figures[f"{family}.memory_off"] = _memory_off(model)
        bars[f"{family}.memory_off"] = Bar(figures[f"{family}.memory_off"], _MEMORY_TOLERANCE)
        for share, box in _REGIONS.items():
            note(f"{family}: {share} % of the canvas")
            figures |= {f"{family}.{share}.{name}": value for name, value in _fast(model, box).items()}
    return figures, bars


def _fast(model: MeissonicModel, box: tuple[int, int]) -> dict[str, float]:
    region = torch.zeros(_SIDE_TOK, _SIDE_TOK, dtype=torch.bool)
    region[20 : 20 + box[0], 20 : 20 + box[1]] = True
    exact, seconds = _drawn(model, region, Mode.EXACT)
    found: dict[str, float] = {}
    for name, refresh in _REFRESHES.items():
        model.refresh_every = refresh
        fast, fast_seconds = _drawn(model, region, Mode.FAST)
        found[f"fast{name}"] = seconds / fast_seconds
        found[f"agreement{name}"] = float((fast == exact).float().mean())
    return found


def _drawn(model: MeissonicModel, region: Tensor, mode: Mode) -> tuple[Tensor, float]:
    opened = model.open(_ids(model.tokenizer.codes), region, _words(model), mode)
    guidance = (model.as_published.guidance, model.as_published.guidance)
    recipe = Recipe(steps_for(len(opened.at), _MOST_STEPS), Order.HALTON, guidance=guidance, remask_share=0)
    start = time.perf_counter()
    drawn = regenerate(model.steps_of([opened]), opened.at, opened.size_tok, recipe, seed=_SEED)
    return drawn, time.perf_counter() - start


def _memory_off(model: MeissonicModel) -> float:
    """A step of a window that is selected whole, without a draw."""
    region = torch.ones(_SIDE_TOK, _SIDE_TOK, dtype=torch.bool)
    weights = sum(value.numel() * value.element_size() for value in model.network.state_dict().values())
    with LiveBytes() as live, torch.inference_mode():
        opened = model.open(_ids(model.tokenizer.codes), region, _words(model), Mode.EXACT)
        ask = Regeneration(opened.at, opened.size_tok, (model.tokenizer.codes,), model.recipe, seed=_SEED).ask()
        every = torch.arange(len(opened.at))
        model.steps_of([opened])([ask])[0].logits(every, torch.zeros(len(every), 0, dtype=torch.int64))
    size_tok = (_SIDE_TOK, _SIDE_TOK)
    stated = weights + needed_bytes(model.network.config, 4, size_tok, region.numel()).peak
    return abs(stated - weights - live.peak) / (weights + live.peak)


def _middle(*, edits: bool) -> MeissonicModel:
    torch.manual_seed(0)
    config = Config(heads=4, layers=4, single_layers=8, words_dim=768, pooled_dim=512, edits=edits)
    network = Network(config).eval().requires_grad_(False)
    network.mlm_layer.conv2.weight.mul_(_SURER)

    def reader(text: str) -> tuple[Tensor, Tensor]:
        generator = torch.Generator().manual_seed(len(text))
        hidden = torch.randn(config.words, config.words_dim, generator=generator)
        return hidden, torch.randn(config.pooled_dim, generator=generator)

    return MeissonicModel(network, _Ids(config.codes), reader)


def _words(model: MeissonicModel) -> Words:
    side_px = _SIDE_TOK * model.tokenizer.token_px
    picture = torch.zeros(3, side_px, side_px) if model.network.config.edits else None
    return Words("a red door", instruction="make the door red", picture=picture)


def _ids(codes: int) -> Tensor:
    return torch.randint(codes, (_SIDE_TOK, _SIDE_TOK), generator=torch.Generator().manual_seed(_SEED))


class _Ids:
    """In the picture tokenizer's place, whose time is left out: ids alone."""

    token_px = 16

    def __init__(self, codes: int) -> None:
        self.codes = codes

    def encode(self, picture: Tensor) -> Tensor:
        return _ids(self.codes)

    def decode(self, ids: Tensor) -> Tensor:
        raise NotImplementedError

    def decode_region(self, ids: Tensor, rect_tok: TokenRect, halo_tok: int | None = None) -> Tensor:
        raise NotImplementedError
