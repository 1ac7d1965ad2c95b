"""aMUSEd's forward over diffusers' own layers, so arranged that it costs what is asked.

Rows of several edits are packed one after another, (n₁ + n₂ + …, C), and not padded: a row's numbers do not depend on
who shares its forward but for the order in which a matrix product sums. Next to `UVit2DModel.forward`:

- what depends on the words alone (text keys and values, modulations) is computed once an edit and not once a step;
- logits are computed for the tokens that are asked for;
- with a `Frozen` context only the region's cells are computed.

A *cell* is what the transformer sees: 2×2 tokens in aMUSEd-512, which downsamples, one token in aMUSEd-256.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.models.amused.uvit import AdaNorm, Attention, Block, ConvBlock, ConvNext, SkipBlock, uvit
from engine.models.masked.sines import sines

Keys = tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """Words and micro-conditioning of one row, as every step needs them, in the order in which they are met.

    Attributes:
        modulations: (1, 2C) each: of the norms and of the convolutional blocks.
        keys: (1, heads, words, C / heads) twice each: of the looks at the text.
    """

    modulations: tuple[Tensor, ...]
    keys: tuple[Keys, ...]


@dataclass(slots=True, eq=False)
class Frozen:
    """What the cells outside the region said when all were last computed.

    Attributes:
        maps: (1, C, cell rows, cell columns) each: the inputs of the depthwise convolutions, of all cells.
        squares: (4C,) float32 each: sums of squares of the global response norms, outside the region alone.
        keys: (1, heads, cells outside, C / heads) twice each: of the looks at the picture.
    """

    maps: list[Tensor] = field(default_factory=list[Tensor])
    squares: list[Tensor] = field(default_factory=list[Tensor])
    keys: list[Keys] = field(default_factory=list[Keys])


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One window under one set of words.

    Attributes:
        ids: (h, w) int64, `Network.mask_id` where nothing is drawn yet.
        said: its words.
        inside: (cells,) bool: cells that hold a token of the region.
        frozen: what the other cells said; None: all cells are computed.
        keeps: whether what the other cells say is to be kept, where all are computed.
        wanted: (n,) int64: tokens whose logits may be asked for, as places in the flat grid, in its order.
    """

    ids: Tensor
    said: Said
    inside: Tensor
    frozen: Frozen | None
    wanted: Tensor
    keeps: bool = False


class Network:
    """diffusers' UVit2DModel.

    Attributes:
        mask_id: the id of a token that is not drawn. codes: ids of the codebook. cell_tok: tokens a cell's side.
    """

    def __init__(self, model: nn.Module) -> None:
        self.module = model
        self._uvit = uvit(model)
        config = self._uvit.config
        # The published scheduler's mask_token_id: the last of the vocabulary, whose end is rounded up.
        self.mask_id, self.codes = config.vocab_size - 1, config.codebook_size
        self.cell_tok = 1 if self._uvit.down_block.downsample is None else 2

    @property
    def device(self) -> torch.device:
        return self._uvit.embed.embeddings.weight.device

    @property
    def dtype(self) -> torch.dtype:
        return self._uvit.embed.embeddings.weight.dtype

    def cells_of(self, region: Tensor) -> Tensor:
        """(h, w) bool tokens to (cells,) bool: any of its tokens.

        Raises:
            ValueError: the grid is no whole cells.
        """
        side = self.cell_tok
        if region.shape[0] % side or region.shape[1] % side:
            raise ValueError(f"a grid of {tuple(region.shape)} tokens is no whole cells of {side}")
        return F.max_pool2d(region[None].float(), side)[0].flatten() > 0

    @torch.inference_mode()
    def say(self, hidden: Tensor, pooled: Tensor, micro: Tensor) -> Said:
        """
        Args:
            hidden: (1, words, text width): the text encoder's last but one layer. pooled: (1, width).
            micro: (1, 5) float32: width, height, crop and aesthetic score, as the published pipeline gives them.
        """
        u = self._uvit
        text = u.encoder_proj_layer_norm(u.encoder_proj(hidden.to(self.dtype)))
        # Upstream rounds them to the text encoder's floats, computes sines in float32.
        numbers = sines(micro.to(hidden.dtype).flatten().float(), u.config.micro_cond_encode_dim).reshape(1, -1)
        cond = u.cond_embed(torch.cat([pooled.float(), numbers], 1).to(self.dtype)).to(text.dtype)
        silu = F.silu(cond)
        modulations: list[Tensor] = []
        keys: list[Keys] = []
        for block in self._parts():
            if isinstance(block, _Conv):
                modulations.append(block.one.cond_embeds_mapper(silu))
                seen = text if block.skip.kv_mapper is None else block.skip.kv_mapper(F.silu(text))
                keys += [_keys(block.skip.attn1, seen), _keys(block.skip.attn2, seen)]
            else:
                modulations += [norm.linear(silu) for norm in (block.norm1, block.norm2, block.norm3)]
                keys.append(_keys(block.attn2, text))
        return Said(tuple(modulations), tuple(keys))

    @torch.inference_mode()
    def __call__(self, rows: Sequence[Row]) -> tuple[list[Tensor], list[Frozen]]:
        """One forward.

        Returns:
            (wanted, C) each: the head's last hidden values, see `logits`; and what the rows' contexts said: anew of
            those that were computed whole and keep it, of the others as it was.
        """
        walk = _Walk(rows, self.cell_tok)
        u = self._uvit
        x = self._embedded(walk)
        x = walk.conv_block(u.down_block, x)
        x = u.project_to_hidden(u.project_to_hidden_norm(x))
        for block in u.transformer_layers:
            x = walk.block(block, x)
        x = u.project_from_hidden(u.project_from_hidden_norm(x))
        x = walk.conv_block(u.up_block, x, is_last=True)
        return self._tokens(walk, x), walk.frozen

    def logits(self, hidden: Tensor) -> Tensor:
        """(n, C) to (n, codes), in the network's dtype."""
        return _one_by_one(self._uvit.mlm_layer.conv2, hidden)

    def _parts(self) -> list[_Conv | Block]:
        """All that looks at the words, in the order of a forward."""
        u = self._uvit
        return [*_convs(u.down_block), *u.transformer_layers, *_convs(u.up_block)]

    def _embedded(self, walk: _Walk) -> Tensor:
        """(N, C) of the cells that are computed; of rows that differ in their words alone once."""
        found: dict[tuple[int, bool], Tensor] = {}
        out: list[Tensor] = []
        for row, cells in walk.computed():
            key = (id(row.ids), row.frozen is None)
            if key not in found:
                found[key] = self._embedded_cells(_in_cells(row.ids, self.cell_tok)[cells])
            out.append(found[key])
        return torch.cat(out)

    def _embedded_cells(self, ids: Tensor) -> Tensor:
        """(n, tokens of a cell) int64 to (n, C)."""
        embed, down = self._uvit.embed, self._uvit.down_block.downsample
        x = _one_by_one(embed.conv, embed.layer_norm(embed.embeddings(ids)))
        if down is None:
            return x[:, 0]
        # A convolution of 2×2 with stride 2 is a matrix over each cell's tokens.
        x = down.norm(x).transpose(1, 2).flatten(1)
        return F.linear(x, down.conv.weight.flatten(1), down.conv.bias)

    def _tokens(self, walk: _Walk, x: Tensor) -> list[Tensor]:
        """The head's hidden values of each row's wanted tokens."""
        up, head = self._uvit.up_block.upsample, self._uvit.mlm_layer
        out: list[Tensor] = []
        for part, (row, cells) in zip(walk.parts(x), walk.computed(), strict=True):
            # Where each wanted token's cell lies among the computed ones.
            place = torch.searchsorted(cells, _cells_of_wanted(row, self.cell_tok))
            if up is None:
                out.append(part[place])
                continue
            needed, of_needed = cast("tuple[Tensor, Tensor]", torch.unique(place, return_inverse=True))
            weight = up.conv.weight
            # And a transposed one gives each cell's tokens: (n, C, 2, 2).
            tokens = F.linear(up.norm(part[needed]), weight.flatten(1).t()).reshape(len(needed), weight.shape[1], 4)
            if up.conv.bias is not None:
                tokens = tokens + up.conv.bias[:, None]
            y, x_tok = row.wanted // row.ids.shape[1], row.wanted % row.ids.shape[1]
            out.append(tokens[of_needed, :, (y % 2) * 2 + x_tok % 2])
        hidden = head.layer_norm(_one_by_one(head.conv1, torch.cat(out)))
        return _split(hidden, [len(row.wanted) for row, _ in walk.computed()])


@dataclass(frozen=True, slots=True, eq=False)
class _Conv:
    one: ConvNext
    skip: SkipBlock


def _convs(block: ConvBlock) -> list[_Conv]:
    return [_Conv(one, skip) for one, skip in zip(block.res_blocks, block.attention_blocks, strict=True)]


class _Walk:
    """Packed rows on their way through the layers."""

    def __init__(self, rows: Sequence[Row], cell_tok: int) -> None:
        self._rows, self._side = rows, cell_tok
        self._cells = [
            torch.arange(len(row.inside), device=row.inside.device)
            if row.frozen is None
            else row.inside.nonzero()[:, 0]
            for row in rows
        ]
        self.counts = [len(cells) for cells in self._cells]
        self._ends = [0, *accumulate(self.counts)]
        self.frozen = [row.frozen or Frozen() for row in rows]
        self._modulation = self._text = self._map = self._square = self._picture = 0

    def computed(self) -> list[tuple[Row, Tensor]]:
        """Each row and its cells that are computed, (n,) int64, ascending."""
        return list(zip(self._rows, self._cells, strict=True))

    def parts(self, x: Tensor) -> list[Tensor]:
        """Each row's own cells."""
        return _split(x, self.counts)

    def conv_block(self, block: ConvBlock, x: Tensor, *, is_last: bool = False) -> Tensor:
        """
        Args:
            is_last: nothing after it looks at other cells: it ends with those that hold a wanted token, and these are
                the computed ones from then on.
        """
        parts = _convs(block)
        for number, part in enumerate(parts):
            x = self._conv(part.one, x, narrows=is_last and number == len(parts) - 1)
            x = x + self._look_at_text(part.skip.attn1, part.skip.norm1(x))
            x = x + self._look_at_text(part.skip.attn2, part.skip.norm2(x))
        return x

    def block(self, block: Block, x: Tensor) -> Tensor:
        x = x + self._look_around(block.attn1, self._normed(block.norm1, x))
        x = x + self._look_at_text(block.attn2, self._normed(block.norm2, x))
        return x + block.ff(self._normed(block.norm3, x))

    def _conv(self, one: ConvNext, x: Tensor, *, narrows: bool) -> Tensor:
        """ConvNeXt V2's block, modulated: a depthwise convolution sees cells that are not computed as they were."""
        conv = self._each(lambda number, part: self._depthwise(one.depthwise, number, part), x)
        y = one.channelwise_act(one.channelwise_linear_1(one.norm(conv)))
        y = self._each(lambda number, part: self._responded(one, number, part), y)
        self._map, self._square = self._map + 1, self._square + 1
        if narrows:
            kept = self._narrow()
            x, y = x[kept], y[kept]
        return self._modulated(one.channelwise_linear_2(y) + x)

    def _narrow(self) -> Tensor:
        """Go on with the cells of wanted tokens alone; where they lie among the packed ones, (n,) int64."""
        wanted = [cast(Tensor, torch.unique(_cells_of_wanted(row, self._side))) for row in self._rows]
        kept = [
            torch.searchsorted(cells, these) + start
            for cells, these, start in zip(self._cells, wanted, self._ends, strict=False)
        ]
        self._cells = wanted
        self.counts = [len(these) for these in wanted]
        self._ends = [0, *accumulate(self.counts)]
        return torch.cat(kept)

    def _depthwise(self, conv: nn.Conv2d, number: int, x: Tensor) -> Tensor:
        row, cells, frozen = self._rows[number], self._cells[number], self.frozen[number]
        rows, columns = row.ids.shape[0] // self._side, row.ids.shape[1] // self._side
        if row.frozen is None:
            whole = x.t().reshape(1, -1, rows, columns)
            if row.keeps:
                frozen.maps.append(whole)
            return conv(whole)[0].flatten(1).t()
        whole = frozen.maps[self._map].flatten(2).index_copy(2, cells, x.t()[None])
        return conv(whole.reshape(1, -1, rows, columns))[0].flatten(1)[:, cells].t()

    def _responded(self, one: ConvNext, number: int, x: Tensor) -> Tensor:
        row, frozen, norm = self._rows[number], self.frozen[number], one.channelwise_norm
        squares = x.float().square()
        if row.frozen is None:
            if row.keeps:
                frozen.squares.append(squares[~row.inside].sum(0))
            total = squares.sum(0)
        else:
            total = squares.sum(0) + frozen.squares[self._square]
        length = total.sqrt()
        response = (length / (length.mean() + 1e-6)).to(x.dtype)
        return norm.gamma.flatten() * (x * response) + norm.beta.flatten() + x

    def _normed(self, norm: AdaNorm, x: Tensor) -> Tensor:
        return self._modulated(norm.norm(x))

    def _modulated(self, x: Tensor) -> Tensor:
        here = self._modulation
        self._modulation += 1

        def one(number: int, part: Tensor) -> Tensor:
            scale, shift = self._rows[number].said.modulations[here].chunk(2, 1)
            return part * (1 + scale) + shift

        return self._each(one, x)

    def _look_at_text(self, attention: Attention, x: Tensor) -> Tensor:
        here = self._text
        self._text += 1
        q = attention.to_q(x)
        seen = self._each(lambda number, part: _attend(attention, part, self._rows[number].said.keys[here]), q)
        return attention.to_out[0](seen)

    def _look_around(self, attention: Attention, x: Tensor) -> Tensor:
        here = self._picture
        self._picture += 1
        q, k, v = attention.to_q(x), attention.to_k(x), attention.to_v(x)

        def one(number: int, part: Tensor) -> Tensor:
            row, frozen = self._rows[number], self.frozen[number]
            start, end = self._ends[number], self._ends[number + 1]
            keys, values = _heads(attention, k[start:end]), _heads(attention, v[start:end])
            if row.frozen is None:
                if row.keeps:
                    frozen.keys.append((keys[:, :, ~row.inside], values[:, :, ~row.inside]))
            else:
                before = frozen.keys[here]
                keys, values = torch.cat([before[0], keys], 2), torch.cat([before[1], values], 2)
            return _attend(attention, part, (keys, values))

        return attention.to_out[0](self._each(one, q))

    def _each(self, work: Callable[[int, Tensor], Tensor], x: Tensor) -> Tensor:
        """What is done to each row's cells apart."""
        return torch.cat([work(number, x[a:b]) for number, (a, b) in enumerate(pairwise(self._ends))])


def _cells_of_wanted(row: Row, side: int) -> Tensor:
    """The cell of each wanted token, (wanted,) int64."""
    width = row.ids.shape[1]
    y, x = row.wanted // width, row.wanted % width
    return (y // side) * (width // side) + x // side


def _split(x: Tensor, counts: Sequence[int]) -> list[Tensor]:
    return [x[a:b] for a, b in pairwise([0, *accumulate(counts)])]


def _heads(attention: Attention, x: Tensor) -> Tensor:
    """(n, C) to (1, heads, n, C / heads)."""
    return x.reshape(len(x), attention.heads, -1).transpose(0, 1)[None]


def _keys(attention: Attention, text: Tensor) -> Keys:
    return _heads(attention, attention.to_k(text)[0]), _heads(attention, attention.to_v(text)[0])


def _attend(attention: Attention, q: Tensor, keys: Keys) -> Tensor:
    """(n, C): what the queries find."""
    return F.scaled_dot_product_attention(_heads(attention, q), *keys)[0].transpose(0, 1).flatten(1)


def _one_by_one(conv: nn.Conv2d, x: Tensor) -> Tensor:
    """A 1×1 convolution of (…, C), as the matrix that it is."""
    return F.linear(x, conv.weight.flatten(1), conv.bias)


def _in_cells(ids: Tensor, side: int) -> Tensor:
    """(h, w) to (cells, side²), row by row."""
    rows, columns = ids.shape[0] // side, ids.shape[1] // side
    return ids.reshape(rows, side, columns, side).transpose(1, 2).reshape(rows * columns, side * side)
