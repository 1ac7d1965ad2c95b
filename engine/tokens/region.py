"""One edit's window, opened: its context said once, its region ready for steps; several of them in one forward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.errors import EmptySelection
from engine.geometry import PixelRect
from engine.tokens.grid import pixel_rect, places, positions, rect_of, scatter, window_patches
from engine.tokens.regenerate import Answer, Ask
from engine.tokens.text import START, TextTokens
from engine.tokens.tokenizer import Tokenizer
from engine.tokens.transformer import Cache, RegionTokens, Transformer


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


class RegionModel:
    """`TokensToLogits` for the edits it is given: one forward answers them all.

    An edit with guidance takes two rows of the batch, one with its words and one without any. Rows of different
    lengths are padded, and nothing attends to padding.
    """

    def __init__(self, model: Transformer, edits: Sequence[tuple[Region, Sequence[int]]]) -> None:
        """
        Args:
            edits: each with its word ids (`text.Encoded.ids`).
        """
        self._model = model
        self._edits = [(region, tuple(words)) for region, words in edits]
        self._texts: dict[tuple[int, ...], TextTokens] = {}
        self._rows: tuple[tuple[int, tuple[int, ...]], ...] = ()
        self._batch: _Batch | None = None

    @property
    def sizes(self) -> tuple[int, ...]:
        return self._model.head.sizes

    @torch.inference_mode()
    def __call__(self, asks: Sequence[Ask]) -> list[Answer]:
        rows: list[tuple[int, tuple[int, ...]]] = []
        owners: list[int] = []
        for number, ask in enumerate(asks):
            words = self._edits[ask.edit][1]
            texts = [words, (START,)] if ask.guidance != 1 and words != (START,) else [words]
            rows += [(ask.edit, text) for text in texts]
            owners += [number] * len(texts)
        batch = self._batch_of(tuple(rows))
        ids, _ = _pad([asks[owner].ids for owner in owners])
        revealed, _ = _pad([asks[owner].revealed for owner in owners])
        tokens = RegionTokens(batch.patches, batch.positions, batch.places, ids, revealed, batch.there)
        hidden = self._model.step(batch.cache, tokens, batch.text)
        answers: list[Answer] = []
        for number, ask in enumerate(asks):
            mine = [row for row, owner in enumerate(owners) if owner == number]
            count = ask.revealed.shape[0]
            answers.append(_Guided(self._model, [hidden[row, :count] for row in mine], ask.guidance))
        return answers

    def _batch_of(self, rows: tuple[tuple[int, tuple[int, ...]], ...]) -> _Batch:
        """What stays the same while the same edits are asked about."""
        if self._batch is None or rows != self._rows:
            regions = [self._edits[edit][0] for edit, _ in rows]
            patches, there = _pad([region.patches for region in regions])
            text = _join_texts([self._text(words) for _, words in rows])
            self._rows = rows
            self._batch = _Batch(
                patches,
                _pad([region.positions for region in regions])[0],
                _pad([region.places for region in regions])[0],
                there,
                _join_caches([region.cache for region in regions]),
                text,
            )
        return self._batch

    def _text(self, words: tuple[int, ...]) -> TextTokens:
        if words not in self._texts:
            ids = torch.tensor([words], device=self._model.kind.device)
            self._texts[words] = self._model.text(ids)
        return self._texts[words]


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    patches: Tensor
    positions: Tensor
    places: Tensor
    there: Tensor | None
    cache: Cache
    text: TextTokens


class _Guided:
    """`Answer` (classifier-free guidance, Ho & Salimans 2022): without words plus so much of the difference."""

    def __init__(self, model: Transformer, hidden: list[Tensor], guidance: float) -> None:
        self._model, self._hidden, self._guidance = model, hidden, guidance

    @torch.inference_mode()
    def logits(self, at: Tensor, earlier: Tensor) -> Tensor:
        said = self._model.logits(self._hidden[0][at], earlier)
        if len(self._hidden) == 1:
            return said
        without = self._model.logits(self._hidden[1][at], earlier)
        return without + self._guidance * (said - without)


def _pad(parts: Sequence[Tensor]) -> tuple[Tensor, Tensor | None]:
    """(n_b, …) each to (B, longest n, …) with zeros, and (B, longest n) bool where they are; None: all as long."""
    lengths = [part.shape[0] for part in parts]
    longest = max(lengths)
    if min(lengths) == longest:
        first = parts[0]
        if all(part is first for part in parts):
            return first[None].expand(len(parts), *first.shape), None
        return torch.stack(list(parts)), None
    padded = [F.pad(part, (0, 0) * (part.dim() - 1) + (0, longest - part.shape[0])) for part in parts]
    counts = torch.tensor(lengths, device=parts[0].device)
    return torch.stack(padded), torch.arange(longest, device=parts[0].device)[None] < counts[:, None]


def _join_texts(texts: Sequence[TextTokens]) -> TextTokens:
    tokens, there = _pad([text.tokens[0] for text in texts])
    return TextTokens(tokens, torch.cat([text.pooled for text in texts]), there)


def _join_caches(caches: Sequence[Cache]) -> Cache:
    """One window's cache serves all its rows as it is; several windows' are padded to the longest context."""
    first = caches[0]
    if all(cache is first for cache in caches):
        return first
    layers: list[tuple[Tensor, Tensor]] = []
    there: Tensor | None = None
    for layer in range(len(first.layers)):
        keys, there = _pad([cache.layers[layer][0][0].transpose(0, 1) for cache in caches])
        values, _ = _pad([cache.layers[layer][1][0].transpose(0, 1) for cache in caches])
        layers.append((keys.transpose(1, 2), values.transpose(1, 2)))
    return Cache(tuple(layers), there)
