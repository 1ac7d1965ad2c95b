"""The transformer: published names, our own forward, so arranged that it costs what is asked.

Rows of several edits are packed one after another, (n₁ + n₂ + …, C), and attend apart: nothing is padded, and a row's
numbers do not depend on who shares its forward but for the order in which a matrix product sums. Next to upstream's:

- what depends on the words alone, and the embedded source of EditMGT, is computed once an edit and not once a step;
- the last layers run for the tokens whose logits are asked for;
- with a `Frozen` context only the region's cells are computed.

A *cell* is what the blocks see: 2×2 tokens at 1024 px, one token in models that do not downsample.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.models.masked.sines import sines
from engine.models.meissonic.config import MICRO_NUMBERS, MICRO_SINES, Config
from engine.models.meissonic.layers import (
    Connector,
    DoubleBlock,
    Down,
    Embedding,
    Head,
    Resample,
    RmsNorm,
    SingleBlock,
    StepAndWords,
    TwoLayers,
    Up,
)
from engine.models.meissonic.packed import Frozen, Packed, Part
from engine.models.meissonic.places import in_cells, turns

# Steps are told in thousandths.
_STEP_SCALE = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """Words and micro-conditioning of one row.

    Attributes:
        words: (words, C). pooled: (1, C).
    """

    words: Tensor
    pooled: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The picture that is to be edited (EditMGT), embedded.

    Attributes:
        cells: (n, C). turns: (n, head_dim) float32 twice: cosines and sines of its places.
        strength: 1: as loud as everything else; more: louder.
    """

    cells: Tensor
    turns: tuple[Tensor, Tensor]
    strength: float


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One window under one set of words.

    Attributes:
        ids: (h, w) int64, `Config.mask_id` where nothing is drawn yet.
        step: () float32: the step's number as the published pipelines count, or what training told in its place.
        said: its words. source: for EditMGT; None: nothing is looked at.
        inside: (cells,) bool: cells that hold a token of the region.
        frozen: what the other cells, the words and the source said; None: all is computed.
        wanted: (n,) int64: tokens whose logits may be asked for, as places in the flat grid, ascending.
        keeps: whether what is not inside is to be kept, where all is computed.
    """

    ids: Tensor
    step: Tensor
    said: Said
    source: Source | None
    inside: Tensor
    frozen: Frozen | None
    wanted: Tensor
    keeps: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a forward gives.

    Attributes:
        hidden: (wanted, C) of each row: see `Network.logits`.
        frozen: of each row: anew where it was computed whole and is kept, else as it was.
        looks: (cells,) float32 of each row: how much its words look at each cell, a mean over the watched blocks;
            empty where none was watched.
    """

    hidden: list[Tensor]
    frozen: list[Frozen]
    looks: list[Tensor]


class Network(nn.Module):
    """Upstream's Transformer2DModel; the state dict's names are those published."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        width = config.width
        self.config = config
        self.time_text_embed = StepAndWords(MICRO_SINES, width)
        self.context_embedder = nn.Linear(width if config.edits else config.words_dim, width)
        self.transformer_blocks = nn.ModuleList([DoubleBlock(width, config.head_dim) for _ in range(config.layers)])
        self.single_transformer_blocks = nn.ModuleList(
            [SingleBlock(width, config.head_dim) for _ in range(config.single_layers)]
        )
        self.embed = Embedding(config.vocab, width)
        self.mlm_layer = Head(width, config.codes)
        self.cond_embed = TwoLayers(MICRO_NUMBERS * MICRO_SINES + config.pooled_dim, width, bias=False)
        self.encoder_proj_layer_norm = RmsNorm(width)
        self.project_to_hidden_norm, self.project_from_hidden_norm = RmsNorm(width), RmsNorm(width)
        self.project_to_hidden = nn.Linear(width, width, bias=False)
        self.project_from_hidden = nn.Linear(width, width, bias=False)
        whole = config.cell_tok == 1
        self.down_block = Resample(downsample=None if whole else Down(width))
        self.up_block = Resample(upsample=None if whole else Up(width))
        self.connector = Connector(config.words_dim, width) if config.edits else None

    @property
    def device(self) -> torch.device:
        return self.embed.embeddings.weight.device

    @property
    def dtype(self) -> torch.dtype:
        return self.embed.embeddings.weight.dtype

    def cells_of(self, region: Tensor) -> Tensor:
        """(h, w) bool tokens to (cells,) bool: any of its tokens."""
        return F.max_pool2d(region[None].float(), self.config.cell_tok, ceil_mode=True)[0].flatten() > 0

    @torch.inference_mode()
    def say(self, hidden: Tensor, pooled: Tensor, micro: Tensor) -> Said:
        """
        Args:
            hidden: (words, text width): the text encoder's last but one layer. pooled: (pooled width,).
            micro: (5,) float32: width, height, crop and looks, as the published pipelines give them.
        """
        if self.connector is not None:
            hidden = self.connector(hidden.to(self.dtype))
        words = self.encoder_proj_layer_norm(self.context_embedder(hidden.to(self.dtype)))
        # Upstream rounds them to the text encoder's floats and computes sines in float32.
        numbers = sines(micro.to(hidden.dtype).float(), MICRO_SINES).flatten()
        cond = self.cond_embed(torch.cat([pooled.float(), numbers])[None].to(self.dtype))
        return Said(words, self.time_text_embed.text_embedder(cond))

    @torch.inference_mode()
    def look_at(self, ids: Tensor, strength: float) -> Source:
        """
        Args:
            ids: (h, w) int64 of the picture that is to be edited.
        """
        cells, _ = self._embedded([ids], [None])
        return Source(cells[0], self._turns(ids), strength)

    @torch.inference_mode()
    def forward(self, rows: Sequence[Row], watched: Collection[int] = ()) -> Seen:
        """
        Args:
            watched: numbers of blocks, double ones first, for `Seen.looks`.
        """
        picture, cells = self._embedded(
            [row.ids for row in rows], [None if row.frozen is None else row.inside.nonzero()[:, 0] for row in rows]
        )
        packed = self._packed(rows, picture, cells, watched)
        for block in self.transformer_blocks:
            packed.double(cast(DoubleBlock, block))
        for block in self.single_transformer_blocks:
            packed.single(cast(SingleBlock, block))
        return Seen(self._wanted(rows, packed.pictures(), cells), packed.frozen, packed.looks())

    @torch.inference_mode()
    def logits(self, hidden: Tensor) -> Tensor:
        """(n, C) to (n, codes), in the network's dtype."""
        return self.mlm_layer.logits(hidden)

    def _turns(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        side = self.config.cell_tok
        grid = (-(-ids.shape[0] // side), -(-ids.shape[1] // side))
        return turns(grid, self.config.axes, ids.device)

    def _embedded(
        self, grids: Sequence[Tensor], chosen: Sequence[Tensor | None]
    ) -> tuple[list[Tensor], list[Tensor | None]]:
        """(n, C) of each grid's chosen cells, all where None; and the chosen, as they came."""
        found = [in_cells(ids, self.config.cell_tok) for ids in grids]
        picked = [
            cells if which is None else (cells[0][which], None if cells[1] is None else cells[1][which])
            for cells, which in zip(found, chosen, strict=True)
        ]
        x = self.embed(torch.cat([ids for ids, _ in picked]))
        if self.down_block.downsample is None:
            x = x[:, 0]
        else:
            there = None
            if any(one is not None for _, one in picked):
                there = torch.cat(
                    [torch.ones_like(ids, dtype=torch.bool) if one is None else one for ids, one in picked]
                )
            x = self.down_block.downsample(x, there)
        x = self.project_to_hidden(self.project_to_hidden_norm(x))
        return list(x.split([len(ids) for ids, _ in picked])), list(chosen)

    def _packed(
        self, rows: Sequence[Row], pictures: Sequence[Tensor], cells: Sequence[Tensor | None], watched: Collection[int]
    ) -> Packed:
        parts: list[Part] = []
        modulating: list[Tensor] = []
        for row, picture, chosen in zip(rows, pictures, cells, strict=True):
            cos, sin = self._turns(row.ids)
            if chosen is not None:
                cos, sin = cos[chosen], sin[chosen]
            whole = row.frozen is None
            parts.append(
                Part(
                    words=row.said.words if whole else row.said.words[:0],
                    picture=picture,
                    source=row.source.cells if whole and row.source is not None else picture[:0],
                    turns=(cos, sin),
                    source_turns=None if row.source is None else row.source.turns,
                    strength=1.0 if row.source is None else row.source.strength,
                    inside=row.inside,
                    frozen=row.frozen,
                    keeps=row.keeps,
                    sources=0 if row.source is None else len(row.source.cells),
                )
            )
            modulating.append(self._modulating(row.step, row.said))
            if whole and row.source is not None:
                modulating.append(self._modulating(torch.zeros_like(row.step), row.said))
        return Packed(parts, torch.cat(modulating), frozenset(watched))

    def _modulating(self, step: Tensor, said: Said) -> Tensor:
        """(1, C): SiLU of step and words."""
        numbers = sines(step.reshape(1) * _STEP_SCALE, MICRO_SINES).to(self.dtype)
        return F.silu(self.time_text_embed.timestep_embedder(numbers) + said.pooled)

    def _wanted(self, rows: Sequence[Row], pictures: Sequence[Tensor], cells: Sequence[Tensor | None]) -> list[Tensor]:
        """The head's hidden values of each row's wanted tokens, from its computed cells."""
        side = self.config.cell_tok
        needed: list[Tensor] = []
        places: list[Tensor] = []
        start = 0
        for row, picture, chosen in zip(rows, pictures, cells, strict=True):
            width = row.ids.shape[1]
            y, x = row.wanted // width, row.wanted % width
            cell = (y // side) * -(-width // side) + x // side
            at = cell if chosen is None else torch.searchsorted(chosen, cell)
            own, of_own = cast("tuple[Tensor, Tensor]", torch.unique(at, return_inverse=True))
            needed.append(picture[own])
            places.append((start + of_own) * side**2 + (y % side) * side + x % side)
            start += len(own)
        x = self.project_from_hidden(self.project_from_hidden_norm(torch.cat(needed)))
        tokens = x if self.up_block.upsample is None else self.up_block.upsample(x).flatten(0, 1)
        return list(self.mlm_layer(tokens[torch.cat(places)]).split([len(row.wanted) for row in rows]))
