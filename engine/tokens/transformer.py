"""The masked transformer: context attends to context alone, the region and the words attend to everything.

So what the context says never depends on the region, and its keys and values are computed once for a window: exact,
not an approximation. A step then runs the region's and the words' tokens only (`packed.Steps`). The words are on the
region's side, so a new prompt or seed keeps the cache.

`Transformer.forward_full` is the same in one plain pass with a mask: for training, and to compare with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.tokens.blocks import Block, Norm, Rotation, init_weights, rotation
from engine.tokens.config import TOKEN_PX, TransformerConfig
from engine.tokens.fsq import Fsq
from engine.tokens.grid import PLACE_NUMBERS
from engine.tokens.text import TextEncoder

# Numbers of a patch: the ground's three colours and whether it is known, for 64 pixels (`grid.window_patches`).
PATCH_NUMBERS = 4 * TOKEN_PX**2
# Rows of the embedding that says what a token is.
_CONTEXT, _MASKED, _REVEALED = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Cache:
    """What the context says, in each layer.

    Attributes:
        layers: keys (already turned by their positions) and values, each (B, heads, C, head width).
        there: (B, C) bool, False for padding; None: no padding in it.
    """

    layers: tuple[tuple[Tensor, Tensor], ...]
    there: Tensor | None


@dataclass(frozen=True, slots=True, eq=False)
class RegionTokens:
    """The region at one step.

    Attributes:
        patches: (B, R, `PATCH_NUMBERS`); region patches may be partly known.
        positions: (B, R, 2), see `grid.positions`. places: (B, R, `PLACE_NUMBERS`), see `grid.places`.
        ids: (B, R, G) int64, read only where revealed. revealed: (B, R) bool.
        there: (B, R) bool, False for padding; None: no padding in it.
    """

    patches: Tensor
    positions: Tensor
    places: Tensor
    ids: Tensor
    revealed: Tensor
    there: Tensor | None = None


class CodeTable(nn.Module):
    """A row for each id of one group: its own, and the sum of its levels', so that rare ids learn from their kin."""

    def __init__(self, levels: tuple[int, ...], width: int) -> None:
        super().__init__()
        fsq = Fsq((levels,))
        starts = torch.tensor([0, *levels[:-1]]).cumsum(0)
        found = fsq.levels_of(torch.arange(fsq.sizes[0])[:, None]) + starts
        self.own = nn.Parameter(torch.randn(fsq.sizes[0], width) * 0.01)
        self.level = nn.Parameter(torch.randn(sum(levels), width) * 0.02)
        # (V, all levels): 1 at each id's levels.
        self.register_buffer("has", F.one_hot(found, sum(levels)).sum(1).float(), persistent=False)

    has: Tensor

    def rows(self) -> Tensor:
        """(V, width)."""
        return self.own + self.has.to(self.level.dtype) @ self.level

    def forward(self, ids: Tensor) -> Tensor:
        """(…) ids to (…, width)."""
        return F.embedding(ids, self.own) + F.embedding(ids, self.has).to(self.level.dtype) @ self.level


class ChainedHead(nn.Module):
    """Logits of each group of an id, given the groups before it: 512 + 512 + 125 of them instead of 33 million."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        width = config.width
        self.answers = nn.ModuleList(CodeTable(levels, width) for levels in config.levels)
        self.biases = nn.ParameterList(nn.Parameter(torch.zeros(table.own.shape[0])) for table in self._tables())
        self.earlier = nn.ModuleList(CodeTable(levels, width) for levels in config.levels[:-1])
        self.rise = nn.Linear(2 * width, 2 * width)
        self.fall = nn.Linear(2 * width, width)
        self.norm = Norm(width)

    def _tables(self) -> list[CodeTable]:
        return [cast(CodeTable, table) for table in self.answers]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Vocabulary of each group."""
        return tuple(table.own.shape[0] for table in self._tables())

    def forward(self, hidden: Tensor, earlier: Tensor) -> Tensor:
        """Logits of the next group.

        Args:
            hidden: (…, width). earlier: (…, g) int64: the ids of the groups before, g = 0 for the first; in
                training the true ones.

        Returns:
            (…, V of group g) float32.
        """
        group = earlier.shape[-1]
        x = hidden
        if group:
            told = torch.stack([table(earlier[..., g]) for g, table in enumerate(list(self.earlier)[:group])]).sum(0)
            both = torch.cat([hidden, told.to(hidden.dtype)], -1)
            x = self.norm(hidden + self.fall(F.gelu(self.rise(both))))
        rows = self._tables()[group].rows()
        return F.linear(x, rows.to(x.dtype), self.biases[group].to(x.dtype)).float()


class Transformer(nn.Module):
    """Image tokens and words in one sequence. B windows, N tokens of which C are context and R region."""

    def __init__(self, config: TransformerConfig, vocabulary_rows: int) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.head_width = width // config.heads
        self.patch = nn.Sequential(nn.Linear(PATCH_NUMBERS, width), nn.GELU(), nn.Linear(width, width))
        self.kind = nn.Parameter(torch.randn(3, width) * 0.02)
        self.place = nn.Linear(PLACE_NUMBERS, width)
        self.ids = nn.ModuleList(CodeTable(levels, width) for levels in config.levels)
        self.blocks = nn.ModuleList(Block(width, config.heads, config.mlp_width) for _ in range(config.layers))
        self.norm = Norm(width)
        self.head = ChainedHead(config)
        init_weights(self, config.layers)
        self.text = TextEncoder(config, vocabulary_rows)

    @property
    def dtype(self) -> torch.dtype:
        return self.kind.dtype

    def prefill(self, patches: Tensor, positions: Tensor, there: Tensor | None = None) -> Cache:
        """The context, once.

        Args:
            patches: (B, C, `PATCH_NUMBERS`); C may be 0. positions: (B, C, 2). there: (B, C) bool or None.
        """
        x = self.patch(patches.to(self.dtype)) + self.kind[_CONTEXT]
        by = rotation(positions, self.head_width)
        allowed = None if there is None else there[:, None, None]
        layers: list[tuple[Tensor, Tensor]] = []
        blocks = self._blocks()
        for number, block in enumerate(blocks):
            q, k, v = block.project(x, by)
            layers.append((k, v))
            # Nobody reads what the last layer makes of the context.
            if number < len(blocks) - 1:
                x = block.finish(x, q, k, v, allowed)
        return Cache(tuple(layers), there)

    def forward_full(self, tokens: RegionTokens, is_region: Tensor, words: Tensor) -> Tensor:
        """All tokens of a window in one pass.

        Args:
            tokens: every field with N instead of R; ids, revealed and places are read only in the region.
            is_region: (B, N) bool. words: (B, T) ids, see `text.pad_texts`.

        Returns:
            (B, N, width) hidden numbers; those of context tokens mean nothing.
        """
        text = self.text(words)
        count = is_region.shape[1]
        context = self.patch(tokens.patches.to(self.dtype)) + self.kind[_CONTEXT]
        x = torch.where(is_region[..., None], self._region(tokens, text.pooled), context.to(text.pooled.dtype))
        x = torch.cat([x, text.tokens], 1)
        by = self._with_words(tokens.positions, words.shape[1])
        asks_all = torch.cat([is_region, torch.ones_like(words, dtype=torch.bool)], 1)
        there = torch.ones_like(is_region) if tokens.there is None else tokens.there
        there = torch.cat([there, words != 0], 1)
        allowed = ((asks_all[:, :, None] | ~asks_all[:, None]) & there[:, None])[:, None]
        for block in self._blocks():
            q, k, v = block.project(x, by)
            x = block.finish(x, q, k, v, allowed)
        return self.norm(x[:, :count])

    def logits(self, hidden: Tensor, earlier: Tensor) -> Tensor:
        """See `ChainedHead.forward`."""
        return self.head(hidden, earlier)

    def _blocks(self) -> list[Block]:
        return [cast(Block, block) for block in self.blocks]

    def _region(self, region: RegionTokens, pooled: Tensor) -> Tensor:
        """(B, R, width) in."""
        said = torch.stack([table(region.ids[..., g]) for g, table in enumerate(self.ids)]).sum(0)
        told = torch.where(region.revealed[..., None], self.kind[_REVEALED] + said, self.kind[_MASKED])
        place = self.place(region.places.to(self.dtype))
        return self.patch(region.patches.to(self.dtype)) + told + place + pooled[:, None]

    def _with_words(self, positions: Tensor, words: int) -> Rotation:
        """The words sit in the region's middle."""
        middle = positions.new_zeros(positions.shape[0], words, 2)
        return rotation(torch.cat([positions, middle], 1), self.head_width)
