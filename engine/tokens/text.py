"""A closed vocabulary: words ↔ ids, and the small encoder that reads them. A word it lacks is told, never dropped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.tokens.blocks import Block, Norm, init_weights
from engine.tokens.config import TransformerConfig

# Ids before the words: padding is never attended to; every text begins with the start, so the empty text has a token.
PAD, START = 0, 1
_SPECIALS = 2
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text as the model reads it.

    Attributes:
        ids: `START`, then the known words in order.
        unknown: words that are not in the vocabulary.
        left_out: known words beyond the most that the model reads.
    """

    ids: tuple[int, ...]
    unknown: tuple[str, ...]
    left_out: tuple[str, ...]


class Vocabulary:
    """Words that the model was trained on, in the order of its embedding's rows."""

    def __init__(self, words: Sequence[str], most_words: int) -> None:
        """
        Raises:
            ValueError: a word is twice in the list, or is no single lower-case word.
        """
        self.words = tuple(words)
        self.most_words = most_words
        self._ids = {word: number + _SPECIALS for number, word in enumerate(self.words)}
        if len(self._ids) != len(self.words):
            raise ValueError("a vocabulary has each word once")
        wrong = [word for word in self.words if _split(word) != [word]]
        if wrong:
            raise ValueError(f"no single lower-case words: {wrong[:5]}")

    def __len__(self) -> int:
        """Rows of the embedding: the words, padding and start."""
        return len(self.words) + _SPECIALS

    def encode(self, text: str) -> Encoded:
        """Ids of a text in any case; whatever is no letter or digit parts words, but for ' and - inside one."""
        found = _split(text)
        known = [word for word in found if word in self._ids]
        unknown = tuple(dict.fromkeys(word for word in found if word not in self._ids))
        read = known[: self.most_words]
        return Encoded((START, *(self._ids[word] for word in read)), unknown, tuple(known[self.most_words :]))

    @property
    def null(self) -> Encoded:
        """The empty text, for guidance and for what has no caption."""
        return self.encode("")


def pad_texts(texts: Sequence[Sequence[int]], device: torch.device | str = "cpu") -> Tensor:
    """(B, T) int64 ids, padded to the longest."""
    longest = max(len(ids) for ids in texts)
    return torch.tensor([[*ids, *[PAD] * (longest - len(ids))] for ids in texts], device=device)


@dataclass(frozen=True, slots=True, eq=False)
class TextTokens:
    """A text as the transformer takes it.

    Attributes:
        tokens: (B, T, width). pooled: (B, width), added to every region token.
        there: (B, T) bool, False for padding; None: no padding in it.
    """

    tokens: Tensor
    pooled: Tensor
    there: Tensor | None


class TextEncoder(nn.Module):
    """Word embeddings and a few transformer blocks."""

    def __init__(self, config: TransformerConfig, rows: int) -> None:
        """``rows``: ``len(vocabulary)``."""
        super().__init__()
        self.heads = config.text_heads
        self.most_words = config.most_words
        width = config.text_width
        self.word = nn.Embedding(rows, width)
        self.place = nn.Parameter(torch.randn(config.most_words + 1, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, config.text_heads, 2 * width) for _ in range(config.text_layers))
        self.norm = Norm(width)
        self.to_tokens = nn.Linear(width, config.width)
        self.to_pooled = nn.Linear(width, config.width)
        init_weights(self, max(1, config.text_layers))

    def forward(self, ids: Tensor) -> TextTokens:
        """(B, T) ids with `START` first, padded with `PAD`; T at most ``most_words + 1``."""
        there = ids != PAD
        x = self.word(ids) + self.place[: ids.shape[1]]
        allowed = there[:, None, None]
        for block in self.blocks:
            assert isinstance(block, Block)
            q, k, v = block.project(x, None)
            x = block.finish(x, q, k, v, allowed)
        x = self.norm(x)
        weight = there[..., None].to(x.dtype)
        pooled = (x * weight).sum(1) / weight.sum(1)
        return TextTokens(self.to_tokens(x), self.to_pooled(pooled), None if ids.shape[0] == 1 else there)


def _split(text: str) -> list[str]:
    return _WORD.findall(text.lower())
