"""One edit's window, opened: its context said once, its region ready for steps; several of them in one forward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.errors import EmptySelection
from engine.geometry import PixelRect
from engine.tokens.grid import pixel_rect, places, positions, rect_of, scatter, window_patches
from engine.tokens.packed import Row, Steps
from engine.tokens.regenerate import Answer, Ask
from engine.tokens.text import START
from engine.tokens.tokenizer import Tokenizer
from engine.tokens.transformer import Cache, Transformer


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A window's region and what its context says. Words and seeds come later: a new prompt opens nothing again.

    Attributes:
        at: (R, 2) int64: row and column of the region's tokens, R ≥ 1. size_tok: the window's rows and columns.
        patches: (R, numbers). positions: (R, 2). places: (R, numbers). cache: of one window.
    """

    at: Tensor
    size_tok: tuple[int, int]
    patches: Tensor
    positions: Tensor
    places: Tensor
    cache: Cache


@torch.inference_mode()
def open_region(model: Transformer, ground: Tensor, known: Tensor, region: Tensor) -> Region:
    """Prefill.

    Args:
        ground: (1, 3, H, W), see `ground.fill_ground`. known: (1, 1, H, W) bool.
        region: (h, w) bool: tokens to be drawn, `grid.token_mask` of what is not known.

    Raises:
        EmptySelection: no token is to be drawn.
    """
    if not bool(region.any()):
        raise EmptySelection
    patches = window_patches(ground, known)[0]
    at, context = region.nonzero(), (~region).nonzero()
    cache = model.prefill(patches[~region][None], positions(context, at)[None])
    size_tok = (region.shape[0], region.shape[1])
    return Region(at, size_tok, patches[region], positions(at, at), places(at), cache)


def codes_of_region(tokenizer: Tokenizer, region: Region, ids: Tensor, revealed: Tensor) -> tuple[Tensor, Tensor]:
    """Codes (1, h, w, D) and where they are (1, h, w) bool, for the decoder.

    Args:
        ids: (R, G). revealed: (R,) bool: all True at the end, fewer for a preview.
    """
    rows, columns = region.size_tok
    drawn = region.at[revealed]
    none = torch.zeros(rows, columns, tokenizer.config.dims, device=ids.device)
    codes = scatter(tokenizer.fsq.codes_of(ids[revealed]), drawn, none)
    coded = scatter(torch.ones_like(drawn[:, 0]), drawn, none[..., 0].bool())
    return codes[None], coded[None]


@torch.inference_mode()
def decode_drawn(
    tokenizer: Tokenizer, region: Region, ids: Tensor, revealed: Tensor, ground: Tensor, known: Tensor
) -> tuple[PixelRect, Tensor]:
    """The region's box in the window's pixels, and its pixels (1, 3, box height, box width): no others are decoded."""
    codes, coded = codes_of_region(tokenizer, region, ids, revealed)
    rect_tok = rect_of(region.at)
    return pixel_rect(rect_tok), tokenizer.decode_region(codes, coded, ground, known, rect_tok)


class Worded:
    """A region and the words for it; what their steps have in common is made when it is first needed."""

    def __init__(self, region: Region, words: Sequence[int]) -> None:
        """``words``: their ids (`text.Encoded.ids`)."""
        self.region, self.words = region, tuple(words)
        self._rows: dict[tuple[int, ...], Row] = {}

    @torch.inference_mode()
    def rows(self, model: Transformer, guided: bool) -> list[Row]:
        """One row with the words and, where they guide, one without any."""
        texts = [self.words, (START,)] if guided and self.words != (START,) else [self.words]
        return [self._row(model, text) for text in texts]

    def _row(self, model: Transformer, words: tuple[int, ...]) -> Row:
        if words not in self._rows:
            text = model.text(torch.tensor([words], device=model.kind.device))
            region = self.region
            self._rows[words] = Row(model, region.cache, region.patches, region.positions, region.places, text)
        return self._rows[words]


class RegionModel:
    """`TokensToLogits` for the edits it is given: one forward answers them all.

    An edit with guidance takes two rows of the batch, one with its words and one without any.
    """

    def __init__(self, model: Transformer | Steps, edits: Sequence[Worded | tuple[Region, Sequence[int]]]) -> None:
        """
        Args:
            edits: each with its word ids (`text.Encoded.ids`).
        """
        self._steps = model if isinstance(model, Steps) else Steps(model)
        self._edits = [edit if isinstance(edit, Worded) else Worded(*edit) for edit in edits]

    @property
    def sizes(self) -> tuple[int, ...]:
        return self._steps.model.head.sizes

    @torch.inference_mode()
    def __call__(self, asks: Sequence[Ask]) -> list[Answer]:
        rows = [self._edits[ask.edit].rows(self._steps.model, ask.guidance != 1) for ask in asks]
        owners = [ask for ask, own in zip(asks, rows, strict=True) for _ in own]
        every = [row for own in rows for row in own]
        hidden = self._steps.step(every, [ask.ids for ask in owners], [ask.revealed for ask in owners])
        answers: list[Answer] = []
        for ask, own in zip(asks, rows, strict=True):
            answers.append(_Guided(self._steps, hidden[: len(own)], ask.guidance))
            hidden = hidden[len(own) :]
        return answers


class RegionFamily:
    """`line.Family` of a transformer of ours: edits of its windows share forwards."""

    def __init__(self, model: Transformer) -> None:
        self.steps = Steps(model)

    def steps_of(self, opened: Sequence[Worded]) -> RegionModel:
        """The model for these edits."""
        return RegionModel(self.steps, opened)


class _Guided:
    """`Answer` (classifier-free guidance, Ho & Salimans 2022): without words plus so much of the difference."""

    def __init__(self, steps: Steps, hidden: list[Tensor], guidance: float) -> None:
        self._steps, self._hidden, self._guidance = steps, hidden, guidance

    @torch.inference_mode()
    def logits(self, at: Tensor, earlier: Tensor) -> Tensor:
        if len(self._hidden) == 1:
            return self._steps.logits(self._hidden[0][at], earlier)
        both = torch.cat([hidden[at] for hidden in self._hidden])
        said, without = self._steps.logits(both, torch.cat([earlier, earlier])).chunk(2)
        return without + self._guidance * (said - without)
