"""Rows of several edits on their way through the blocks: layers run for all at once, attention a row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.meissonic.layers import EPS, DoubleBlock, SingleBlock
from engine.models.meissonic.places import turned

_Qkv = tuple[Tensor, Tensor, Tensor]
_HALF_LIMIT = 65504.0


@dataclass(slots=True, eq=False)
class Frozen:
    """Keys and values of all that is not the region (words, cells outside, source), (n, heads, head_dim) a block."""

    keys: list[tuple[Tensor, Tensor]] = field(default_factory=list[tuple[Tensor, Tensor]])


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What of one row is computed.

    Attributes:
        words: (T, C). picture: (n, C), cells. source: (M, C). Words and source are empty with a frozen context.
        turns, source_turns: of the picture's and the source's places.
        strength: of the source. sources: cells of the source, computed or frozen.
        inside: (cells,) bool. frozen, keeps: as in `network.Row`.
    """

    words: Tensor
    picture: Tensor
    source: Tensor
    turns: tuple[Tensor, Tensor]
    source_turns: tuple[Tensor, Tensor] | None
    strength: float
    inside: Tensor
    frozen: Frozen | None
    keeps: bool
    sources: int


class Packed:
    """
    Attributes:
        frozen: of each row, growing with each block where it is kept.
    """

    def __init__(self, parts: Sequence[Part], modulating: Tensor, watched: frozenset[int]) -> None:
        """
        Args:
            modulating: (rows and sources, C): a row's, then its source's where that is computed.
            watched: numbers of blocks whose looks are kept.
        """
        self._parts, self._modulating, self._watched = parts, modulating, watched
        self._words = torch.cat([part.words for part in parts])
        self._picture = torch.cat([each for part in parts for each in (part.picture, part.source)])
        self._word_ends = [0, *accumulate(len(part.words) for part in parts)]
        self._picture_ends = [0, *accumulate(len(part.picture) + len(part.source) for part in parts)]
        self._of_words, self._of_picture = self._owners()
        self._turns = _all_turns(parts)
        self._biases = [_bias(part) for part in parts]
        self._looks: list[list[Tensor]] = [[] for _ in parts]
        self._block = 0
        self.frozen = [part.frozen or Frozen() for part in parts]

    def pictures(self) -> list[Tensor]:
        """(n, C) of each row's computed cells, without its source."""
        return [
            self._picture[start : start + len(part.picture)]
            for part, start in zip(self._parts, self._picture_ends, strict=False)
        ]

    def looks(self) -> list[Tensor]:
        """See `network.Seen.looks`."""
        return [
            torch.stack(own).mean(0) if own else part.picture.new_zeros(0, dtype=torch.float32)
            for own, part in zip(self._looks, self._parts, strict=True)
        ]

    def double(self, block: DoubleBlock) -> None:
        """Words and picture with their own weights."""
        of_words = self._chunks(block.norm1_context(self._modulating), 6, self._of_words)
        of_picture = self._chunks(block.norm1(self._modulating), 6, self._of_picture)
        words = block.attn.words(_modulated(self._words, *of_words[:2]))
        seen_words, seen = self._attend(words, block.attn.picture(_modulated(self._picture, *of_picture[:2])))
        picture = self._picture + of_picture[2] * block.attn.to_out[0](seen)
        self._picture = picture + of_picture[5] * block.ff(_modulated(picture, *of_picture[3:5]))
        text = self._words + of_words[2] * block.attn.to_add_out(seen_words)
        self._words = _held(text + of_words[5] * block.ff_context(_modulated(text, *of_words[3:5])))

    def single(self, block: SingleBlock) -> None:
        """Words and picture with the same weights."""
        count = len(self._words)
        x = torch.cat([self._words, self._picture])
        owners = (
            None
            if self._of_words is None or self._of_picture is None
            else torch.cat([self._of_words, self._of_picture])
        )
        shift, scale, gate = self._chunks(block.norm(self._modulating), 3, owners)
        normed = _modulated(x, shift, scale)
        q, k, v = block.attn.picture(normed)
        seen = torch.cat(self._attend((q[:count], k[:count], v[:count]), (q[count:], k[count:], v[count:])))
        del q, k, v  # the widest moment is to come
        beside = F.gelu(block.proj_mlp(normed), approximate="tanh")
        joined = torch.cat([seen, beside], 1)
        del seen, beside, normed
        x = _held(x + gate * block.proj_out(joined))
        self._words, self._picture = x[:count], x[count:]

    def _owners(self) -> tuple[Tensor | None, Tensor | None]:
        """Which of ``modulating`` is each word's and each cell's; None where there is but one."""
        if len(self._modulating) == 1:
            return None, None
        device = self._modulating.device
        words: list[Tensor] = []
        picture: list[Tensor] = []
        number = 0
        for part in self._parts:
            words.append(torch.full((len(part.words),), number, device=device))
            picture.append(torch.full((len(part.picture),), number, device=device))
            number += 1
            if len(part.source):
                picture.append(torch.full((len(part.source),), number, device=device))
                number += 1
        return torch.cat(words), torch.cat(picture)

    def _chunks(self, modulation: Tensor, parts: int, owners: Tensor | None) -> tuple[Tensor, ...]:
        return (modulation if owners is None else modulation[owners]).chunk(parts, 1)

    def _attend(self, words: _Qkv, picture: _Qkv) -> tuple[Tensor, Tensor]:
        """What words and picture find, (n, C) each."""
        picture = (turned(picture[0], self._turns), turned(picture[1], self._turns), picture[2])
        found_words: list[Tensor] = []
        found: list[Tensor] = []
        for number, part in enumerate(self._parts):
            a, b = self._word_ends[number : number + 2]
            c, d = self._picture_ends[number : number + 2]
            q, k, v = (torch.cat([text[a:b], cells[c:d]]) for text, cells in zip(words, picture, strict=True))
            if self._block in self._watched and part.frozen is None:
                self._looks[number].append(_looks(q, k, b - a, len(part.picture)))
            if part.frozen is not None:
                before = part.frozen.keys[self._block]
                k, v = torch.cat([before[0], k]), torch.cat([before[1], v])
            elif part.keeps:
                outside = _outside(part)
                self.frozen[number].keys.append((k[outside], v[outside]))
            seen = F.scaled_dot_product_attention(
                *(one.transpose(0, 1)[None] for one in (q, k, v)), attn_mask=self._biases[number]
            )
            seen = seen[0].transpose(0, 1).flatten(1)
            found_words.append(seen[: b - a])
            found.append(seen[b - a :])
        self._block += 1
        return torch.cat(found_words), torch.cat(found)


def _modulated(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], eps=EPS) * (1 + scale) + shift


def _held(x: Tensor) -> Tensor:
    """Within float16, whose sums overflow in the published weights."""
    return x.clamp(-_HALF_LIMIT, _HALF_LIMIT) if x.dtype is torch.float16 else x


def _all_turns(parts: Sequence[Part]) -> tuple[Tensor, Tensor]:
    cos: list[Tensor] = []
    sin: list[Tensor] = []
    for part in parts:
        cos.append(part.turns[0])
        sin.append(part.turns[1])
        if len(part.source) and part.source_turns is not None:
            cos.append(part.source_turns[0])
            sin.append(part.source_turns[1])
    return torch.cat(cos), torch.cat(sin)


def _outside(part: Part) -> Tensor:
    """(T + cells + M,) bool: all but the region's cells, where all is computed."""
    return torch.cat(
        [
            torch.ones(len(part.words), dtype=torch.bool, device=part.inside.device),
            ~part.inside,
            torch.ones(len(part.source), dtype=torch.bool, device=part.inside.device),
        ]
    )


def _bias(part: Part) -> Tensor | None:
    """(queries, keys): log of the strength, between the source and all else, as EditMGT's pipeline adds it."""
    if part.strength == 1 or not part.sources:
        return None
    device, dtype = part.picture.device, part.picture.dtype
    own = torch.zeros(len(part.words) + len(part.picture) + len(part.source), dtype=torch.bool, device=device)
    if len(part.source):
        own[-len(part.source) :] = True
        keys = own
    else:  # frozen: words, cells outside, source; then the region
        before = torch.zeros(len(part.frozen.keys[0][0]) if part.frozen else 0, dtype=torch.bool, device=device)
        before[-part.sources :] = True
        keys = torch.cat([before, own])
    return (own[:, None] ^ keys[None]).to(dtype) * math.log(part.strength)


def _looks(q: Tensor, k: Tensor, words: int, cells: int) -> Tensor:
    """(cells,) float32: how much words look at each cell, among words and cells alone."""
    end = words + cells
    scores = torch.einsum("qhd,khd->hqk", q[:words], k[:end]) / math.sqrt(q.shape[-1])
    return scores.softmax(-1)[:, :, words:].float().mean((0, 1))
