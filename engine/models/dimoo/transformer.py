"""The network of Lumina-DiMOO (LLaDA: Nie et al. 2025, arXiv 2502.09992), under its published state-dict names.

Rows of a batch are *packed*, not padded: their tokens stand one behind the other in one long (N, width) tensor, which
is all that the linear layers see, and each row attends within itself. So nothing is computed for padding, rows of
different lengths share a forward, and a row's attention is the very operation that it is when the row is alone.

What a row says does not depend on its company, to the bit (`tokens.packed` tells why and what was measured): products
of few rows are filled up on a CPU, and what torch computes otherwise at the end of a tensor (the activation, sines) is
computed for each row by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.models.dimoo.config import Config
from engine.tokens.packed import ROWS_A_THREAD


class Context:
    """Keys and values of one row's tokens, kept from one forward to the next: what makes a step cheap, not exact.

    Attributes:
        age: forwards since all of the row was computed; None: nothing is known yet.
    """

    def __init__(self) -> None:
        self.age: int | None = None
        self._keys: list[Tensor] = []
        self._values: list[Tensor] = []

    def clear(self) -> None:
        """Forget all; the next forward has to be of the whole row."""
        self.age = None
        self._keys.clear()
        self._values.clear()

    def merge(self, layer: int, at: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Put new keys and values at the positions ``at`` (n,), and give those of the whole row (T, heads, numbers)."""
        if self.age is None:
            # Copies: a view would keep the whole forward's tensor alive, other people's rows too.
            self._keys.append(keys.clone())
            self._values.append(values.clone())
            return keys, values
        known_keys, known_values = self._keys[layer], self._values[layer]
        known_keys[at], known_values[at] = keys, values
        return known_keys, known_values

    def aged(self) -> None:
        """A forward is over."""
        self.age = 0 if self.age is None else self.age + 1


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One sequence's tokens of a forward.

    Attributes:
        ids: (n,) int64. at: (n,) int64: their positions in the sequence, all of them unless ``context`` knows the rest.
        wanted: (m,) int64: which of the ``n`` tokens are asked for; None: all.
    """

    ids: Tensor
    at: Tensor
    wanted: Tensor | None = None
    context: Context | None = None


class RmsNorm(nn.Module):
    """Root mean square norm (Zhang & Sennrich 2019); the mean in float32, the weight in the input's type."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self._eps = eps

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float()
        return self.weight * (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self._eps)).to(x.dtype)


def rotate(x: Tensor, sines: Tensor, cosines: Tensor) -> Tensor:
    """Rotary positions (Su et al. 2021) in float32, the two halves of a head's numbers paired.

    Args:
        x: (N, heads, numbers). sines, cosines: (N, 1, numbers) float32.
    """
    wide = x.float()
    first, second = wide.chunk(2, -1)
    turned = torch.cat([-second, first], -1).mul_(sines)
    return turned.add_(wide * cosines).to(x.dtype)


class Block(nn.Module):
    """Attention, then a gated MLP, each normed before and added after."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        width, hidden = config.width, config.hidden
        self._heads = config.heads
        self.attn_norm = RmsNorm(width, config.rms_eps)
        self.q_proj = nn.Linear(width, width, bias=False)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width, bias=False)
        self.attn_out = nn.Linear(width, width, bias=False)
        self.ff_norm = RmsNorm(width, config.rms_eps)
        self.ff_proj = nn.Linear(width, hidden, bias=False)
        self.up_proj = nn.Linear(width, hidden, bias=False)
        self.ff_out = nn.Linear(hidden, width, bias=False)

    def forward(
        self, x: Tensor, layer: int, rows: Sequence[Row], turns: tuple[Tensor, Tensor], wanted: Sequence[Tensor] | None
    ) -> Tensor:
        """
        Args:
            x: (N, width), the rows' tokens one behind the other. turns: sines and cosines of their positions.
            wanted: for each row (m,) int64: only those go on from here, though they attend to all; None: all.

        Returns:
            (N, width), or (all m together, width).
        """
        on: Tensor | None = None
        if wanted is not None:
            starts = accumulate((row.ids.shape[0] for row in rows[:-1]), initial=0)
            on = torch.cat([at + start for at, start in zip(wanted, starts, strict=True)])
        seen = self.attn_out(self._see(self.attn_norm(x), layer, rows, turns, wanted, on))
        x = (x if on is None else x[on]) + seen
        del seen
        normed = self.ff_norm(x)
        gate = cast(Tensor, self.ff_proj(normed))
        for own in torch.split(
            gate, [row.ids.shape[0] for row in rows] if wanted is None else [len(at) for at in wanted]
        ):
            F.silu(own, inplace=True)
        return x + self.ff_out(gate.mul_(self.up_proj(normed)))

    def _see(
        self,
        normed: Tensor,
        layer: int,
        rows: Sequence[Row],
        turns: tuple[Tensor, Tensor],
        wanted: Sequence[Tensor] | None,
        on: Tensor | None,
    ) -> Tensor:
        """What each token sees of its row, (N, width); ``on``: of these tokens of all rows alone."""
        lengths = [row.ids.shape[0] for row in rows]
        keys = rotate(self._split(self.k_proj(normed)), *turns)
        values = self._split(self.v_proj(normed))
        if on is not None:
            normed, turns = normed[on], (turns[0][on], turns[1][on])
        asking = lengths if wanted is None else [at.shape[0] for at in wanted]
        queries = rotate(self._split(self.q_proj(normed)), *turns)
        seen = torch.empty_like(normed)
        asked, known, told = torch.split(queries, asking), torch.split(keys, lengths), torch.split(values, lengths)
        for row, query, key, value, into in zip(rows, asked, known, told, torch.split(seen, asking), strict=True):
            said = (key, value) if row.context is None else row.context.merge(layer, row.at, key, value)
            into.copy_(_attend(query, *said))
        return seen

    def _split(self, x: Tensor) -> Tensor:
        return torch.unflatten(x, -1, (self._heads, -1))


def _attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """One row's attention, from everything to everything: (n, heads, numbers) and twice (T, …) to (n, width)."""
    query, key, value = (part.transpose(0, 1)[None] for part in (query, key, value))
    return F.scaled_dot_product_attention(query, key, value)[0].transpose(0, 1).flatten(1)


class Head(nn.Linear):
    """Numbers to logits, of the whole vocabulary or of some of its ids alone."""

    def forward(self, input: Tensor, ids: slice = slice(None)) -> Tensor:
        """(n, width) to (n, as many as ``ids``)."""
        return F.linear(input, self.weight[ids])


class _Transformer(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.wte = nn.Embedding(config.vocabulary, config.width)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.ln_f = RmsNorm(config.width, config.rms_eps)
        self.ff_out = Head(config.width, config.vocabulary, bias=False)


class _Model(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.transformer = _Transformer(config)


class Dimoo(nn.Module):
    """The whole network. Its state dict has the published names and no others: ``model.transformer.…``."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.model = _Model(config)

    def forward(self, ids: Tensor, there: Tensor | None = None) -> Tensor:
        """Logits of every token over the whole vocabulary.

        Args:
            ids: (B, T) int64. there: (B, T) bool, False where there is padding, at the left, the right or between:
                a row's positions count the tokens that are there, and its logits are those that it has alone.

        Returns:
            (B, T, vocabulary); 0 at padding.
        """
        kept = torch.ones_like(ids, dtype=torch.bool) if there is None else there
        rows = [Row(row[on], torch.arange(int(on.sum()), device=ids.device)) for row, on in zip(ids, kept, strict=True)]
        found = self.logits(self.hidden(rows))
        return found.new_zeros(*ids.shape, found.shape[-1]).masked_scatter(kept[..., None], found)

    def hidden(self, rows: Sequence[Row]) -> Tensor:
        """The last layer's normed numbers of all rows' wanted tokens, (all m together, width).

        A row whose context knows nothing yet must come whole.
        """
        parts = self.model.transformer
        wanted = [
            torch.arange(len(row.ids), device=row.ids.device) if row.wanted is None else row.wanted for row in rows
        ]
        count = sum(len(at) for at in wanted)
        if filler := _filler(count, rows[0].ids):
            rows = [*rows, Row(rows[0].ids.new_zeros(filler), torch.arange(filler, device=rows[0].ids.device))]
            wanted.append(rows[-1].at)
        x = cast(Tensor, parts.wte(torch.cat([row.ids for row in rows])))
        sines, cosines = zip(*(self._turns(row.at) for row in rows), strict=True)
        turns = torch.cat(sines), torch.cat(cosines)
        last = len(parts.blocks) - 1
        for layer, block in enumerate(parts.blocks):
            x = cast(Tensor, block(x, layer, rows, turns, wanted if layer == last else None))
        for row in rows:
            if row.context is not None:
                row.context.aged()
        return parts.ln_f(x[:count])

    def logits(self, hidden: Tensor) -> Tensor:
        """(n, width) to (n, vocabulary)."""
        return self.model.transformer.ff_out(hidden)

    def code_logits(self, hidden: Tensor) -> Tensor:
        """(n, width) to (n, codes): of the picture's codes alone, a sixteenth of the vocabulary."""
        first, count = self.config.first_code, len(hidden)
        hidden = F.pad(hidden, (0, 0, 0, _filler(count, hidden)))
        return cast(Tensor, self.model.transformer.ff_out(hidden, slice(first, first + self.config.codes)))[:count]

    def _turns(self, at: Tensor) -> tuple[Tensor, Tensor]:
        numbers = self.config.head_width
        powers = torch.arange(0, numbers, 2, dtype=torch.float32, device=at.device) / numbers
        angles = at.float()[:, None] * (1.0 / self.config.rope_theta**powers)
        angles = torch.cat([angles, angles], -1)[:, None]
        return angles.sin(), angles.cos()


def _filler(count: int, like: Tensor) -> int:
    """Rows to be added to ``count``, so that a CPU multiplies them by the kernels that it has for many."""
    return max(0, ROWS_A_THREAD * torch.get_num_threads() - count) if like.device.type == "cpu" else 0
