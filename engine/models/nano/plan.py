"""Draw a selection's tokens anew: layout, colour and light of what the words say, as it would sit in this picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.batcher import model_for
from engine.errors import EmptySelection
from engine.geometry import Size
from engine.models.nano.weights import Nano
from engine.models.nano.window import Window, box_of, enlarged, pieces_of, shrunk, window_of
from engine.tokens.grid import token_mask
from engine.tokens.ground import fill_ground
from engine.tokens.regenerate import Recipe, Regeneration
from engine.tokens.region import Region, Worded, decode_drawn
from engine.tokens.schedule import steps_for

_MOST_STEPS = 8
# What the words say against what would be drawn without them.
_GUIDANCE = 2.0
# Late tokens are drawn more carefully than early ones.
_TEMPERATURE = (1.0, 0.7)

Look = Callable[["Plan", float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The picture with what is planned in its hole: soft, at `scale` picture pixels a true pixel.

    Attributes:
        picture: (3, H, W) float32 0 … 1; outside the hole as it was given.
        scale: of the coarsest window. steps: all forwards that were run.
    """

    picture: Tensor
    scale: float
    steps: int


@torch.inference_mode()
def draw_plan(
    nano: Nano,
    picture: Tensor,
    hole: Tensor,
    words: str,
    *,
    seed: int,
    most_steps: int = _MOST_STEPS,
    look: Look | None = None,
) -> Plan:
    """Draw every token that the hole touches, in windows that follow it.

    Args:
        picture: (3, H, W) float 0 … 1; what it holds in the hole means nothing. hole: (H, W) bool, not empty.
        words: of the vocabulary; others are left out. Empty: continue what is there.
        seed: 0 … 2⁶³-1: the same draws the same.
        look: called after each step with all that is known so far and the share that is done; may raise to stop.

    Raises:
        EmptySelection: the hole is empty. Whatever ``look`` raises.
    """
    picture, hole = picture.to(nano.device).float(), hole.to(nano.device)
    if not bool(hole.any()):
        raise EmptySelection
    left = hole.clone()
    ids = nano.vocabulary.encode(words).ids
    pieces = pieces_of(box_of(hole))
    scale, steps = 1.0, 0
    for number, piece in enumerate(pieces):
        window = window_of(piece, Size(hole.shape[1], hole.shape[0]), nano.window_px)
        own = torch.zeros_like(hole)
        own[piece.slices()] = hole[piece.slices()]
        if not bool(own.any()):
            continue

        before, small = picture, None
        for small, done in _steps(nano, before, left, own, window, ids, seed + number, most_steps):
            steps += 1
            if look is not None:
                shown = _with(before, small, window, own)
                look(Plan(shown, max(scale, window.scale), steps), (number + done) / len(pieces))
        assert small is not None, "a region has at least one token, and so one step"
        picture = _with(before, small, window, own)
        left &= ~own
        scale = max(scale, window.scale)
    return Plan(picture, scale, steps)


def _steps(
    nano: Nano,
    picture: Tensor,
    unknown: Tensor,
    own: Tensor,
    window: Window,
    words: tuple[int, ...],
    seed: int,
    most_steps: int,
) -> Iterator[tuple[Tensor, float]]:
    """After each step the window's small picture (1, 3, h, w) with its own part of the hole drawn, and what is done."""
    value, known = shrunk(picture, ~unknown, window)
    # What is unknown but belongs to a later piece is ground, neither drawn nor taken for known.
    ground = fill_ground(value, known)
    _, not_own = shrunk(picture, ~own, window)
    opened = nano.opened.open(nano.transformer, ground, known, token_mask(~not_own[0, 0]))
    model = model_for(nano.family, Worded(opened, words), tokens=len(opened.at))
    guidance = _GUIDANCE if len(words) > 1 else 1.0
    steps = steps_for(opened.at.shape[0], most_steps)
    recipe = Recipe(steps=steps, guidance=(guidance, guidance), temperature=_TEMPERATURE)
    state = Regeneration(opened.at, opened.size_tok, model.sizes, recipe, seed=seed, device=nano.device)
    while not state.done:
        state.advance(model([state.ask()])[0])
        yield _decoded(nano, opened, state.ids, state.revealed, ground, known), state.step / state.steps


def _decoded(nano: Nano, region: Region, ids: Tensor, revealed: Tensor, ground: Tensor, known: Tensor) -> Tensor:
    """(1, 3, h, w): only the region's box is decoded."""
    rect_px, pixels = decode_drawn(nano.tokenizer, region, ids, revealed, ground, known)
    out = ground.clone()
    rows, cols = rect_px.slices()
    out[..., rows, cols] = pixels.clamp(0, 1)
    return out


def _with(picture: Tensor, small: Tensor, window: Window, own: Tensor) -> Tensor:
    """The picture with the small one's drawing, enlarged, in its own part of the hole."""
    rows, cols = window.rect_px.slices()
    out = picture.clone()
    out[:, rows, cols] = torch.where(own[rows, cols], enlarged(small, window), picture[:, rows, cols])
    return out
