"""A step's tokens of several texts and edits, one after the other in one long batch: no padding, and nothing that one
says reaches another.

What a row draws must not depend on its company, to the bit. Matrix products are where a larger batch pays, and there
each token's numbers are the same in any company, but for the smallest batches, which BLAS multiplies by other kernels:
those are filled up (`ROWS_A_THREAD`). Attention runs for each row by itself; so does whatever torch computes
otherwise at the end of a thread's share (the activation: vector instructions for most of it, plain ones for the rest).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.tokens.blocks import Block, Rotation, rotate, rotation
from engine.tokens.text import TextTokens
from engine.tokens.transformer import Cache, CodeTable, Transformer

# MKL gives each thread its share of the rows, and multiplies up to three rows, or parts of four, by other kernels than
# more of them. Measured with 1, 2, 3, 4, 6, 8 and 16 threads: fewer than six rows a thread were enough to be the same.
ROWS_A_THREAD = 8


class Row:
    """One text on one edit's region: what of a step stays the same from step to step.

    Keys and values of the context lie before those of the row's own tokens, which each step writes anew; so a row
    belongs to one edit and is used by one step at a time.
    """

    def __init__(
        self, model: Transformer, cache: Cache, patches: Tensor, positions: Tensor, places: Tensor, text: TextTokens
    ) -> None:
        """
        Args:
            cache: of one window. patches: (R, numbers). positions: (R, 2). places: (R, numbers). text: of one text.
        """
        self.tokens, self.words = patches.shape[0], text.tokens.shape[1]
        self.base = model.patch(patches.to(model.dtype)) + model.place(places.to(model.dtype)) + text.pooled
        self.text = text.tokens[0]
        # The words sit in the region's middle.
        middle = positions.new_zeros(self.words, 2)
        cos, sin = rotation(torch.cat([positions, middle])[None], model.head_width)
        self.turned: Rotation = (cos[0, 0, :, None], sin[0, 0, :, None])
        self.heard = [_Heard(keys, values, len(self)) for keys, values in cache.layers]

    def __len__(self) -> int:
        return self.tokens + self.words


class _Heard:
    """Keys and values of one layer, (1, heads, C + N, head width): the context's, then room for a row's own."""

    def __init__(self, keys: Tensor, values: Tensor, own: int) -> None:
        self.context = keys.shape[2]
        room = keys.new_empty(*keys.shape[:2], own, keys.shape[3])
        self.keys, self.values = torch.cat([keys, room], 2), torch.cat([values, room], 2)

    def attended(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """(N, heads, head width) each; what the queries hear, (N, width)."""
        self.keys[0, :, self.context :] = k.transpose(0, 1)
        self.values[0, :, self.context :] = v.transpose(0, 1)
        heard = F.scaled_dot_product_attention(q.transpose(0, 1)[None], self.keys, self.values)
        return heard[0].transpose(0, 1).flatten(1)


class Steps:
    """Steps of a transformer whose weights no longer change; its tables of ids are made once."""

    def __init__(self, model: Transformer) -> None:
        self.model = model
        with torch.inference_mode():
            self._said = [cast(CodeTable, table).rows() for table in model.ids]
            self._answers = [cast(CodeTable, table).rows() for table in model.head.answers]
            self._earlier = [cast(CodeTable, table).rows() for table in model.head.earlier]

    @torch.inference_mode()
    def step(self, rows: Sequence[Row], ids: Sequence[Tensor], revealed: Sequence[Tensor]) -> list[Tensor]:
        """One forward of all the rows.

        Args:
            ids: (R, G) int64 of each row, read only where revealed. revealed: (R,) bool of each.

        Returns:
            (R, width) hidden numbers of each row's region, for `logits`.
        """
        model = self.model
        masked, shown = model.kind[1], model.kind[2]
        parts: list[Tensor] = []
        for row, drawn, known in zip(rows, ids, revealed, strict=True):
            said = shown + _looked_up(self._said, drawn)
            parts += [row.base + torch.where(known[:, None], said, masked), row.text]
        lengths = [len(row) for row in rows]
        x, turned = torch.cat(parts), [row.turned for row in rows]
        filler = self._filler(x)
        if filler:
            x = F.pad(x, (0, 0, 0, filler))
        cos, sin = (F.pad(torch.cat([by[n] for by in turned]), (0, 0, 0, 0, 0, filler)) for n in (0, 1))
        for number, block in enumerate(model.blocks):
            x = _through(cast(Block, block), x, (cos, sin), rows, number, lengths)
        x = model.norm(x)
        starts = accumulate(lengths, initial=0)
        return [x[start : start + row.tokens] for start, row in zip(starts, rows, strict=False)]

    @torch.inference_mode()
    def logits(self, hidden: Tensor, earlier: Tensor) -> Tensor:
        """`Transformer.logits`, (n, V) float32, the same for a token in any company."""
        count, group = earlier.shape
        head = self.model.head
        x = hidden
        if filler := self._filler(hidden):
            x, earlier = F.pad(hidden, (0, 0, 0, filler)), F.pad(earlier, (0, 0, 0, filler))
        if group:
            both = torch.cat([x, _looked_up(self._earlier[:group], earlier)], -1)
            x = head.norm(x + head.fall(F.gelu(head.rise(both))))
        return F.linear(x, self._answers[group], head.biases[group]).float()[:count]

    def _filler(self, x: Tensor) -> int:
        """Rows to be added; only a CPU's kernels ask for it."""
        return max(0, ROWS_A_THREAD * torch.get_num_threads() - x.shape[0]) if x.device.type == "cpu" else 0


def _through(block: Block, x: Tensor, by: Rotation, rows: Sequence[Row], layer: int, lengths: Sequence[int]) -> Tensor:
    """One block; (M, width) in and out."""
    count, width = x.shape
    joined = block.queries_keys_values(block.before_attention(x)).view(count, 3, block.heads, width // block.heads)
    q, k, v = joined.unbind(1)
    q, k = rotate(block.query_norm(q), by), rotate(block.key_norm(k), by)
    starts = list(accumulate(lengths, initial=0))
    spans = [slice(*span) for span in pairwise(starts)]
    heard = torch.cat([row.heard[layer].attended(q[own], k[own], v[own]) for row, own in zip(rows, spans, strict=True)])
    x = x + block.out(F.pad(heard, (0, 0, 0, count - starts[-1])))
    gate, value = block.mlp.rise(block.before_mlp(x)).chunk(2, -1)
    for own in spans:
        F.silu(gate[own], inplace=True)
    return x + block.mlp.fall(gate * value)


def _looked_up(tables: Sequence[Tensor], ids: Tensor) -> Tensor:
    """(n, width): the sum of the ids' rows."""
    found = F.embedding(ids[:, 0], tables[0])
    for group, table in enumerate(tables[1:], 1):
        found = found + F.embedding(ids[:, group], table)
    return found
