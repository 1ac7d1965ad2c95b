"""Finite scalar quantisation (Mentzer et al. 2023): each number of a code is one of a few evenly spaced levels.

No codebook to learn and none to collapse. A code of all dimensions would be one of millions, too many for a softmax
trained on little, so the dimensions are cut in groups and each group has an *id* of its own: (512, 512, 125).

Level *i* of *L* stands for the value ``(2 i + 1) / L - 1``: symmetric around 0 for even and odd *L*.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.tokens.config import Levels


class Fsq(nn.Module):
    """Levels, ids and values of a code. It has no weights.

    Shapes: *D* numbers in a code, *G* groups. ``latent`` and ``codes`` (…, D) float; ``levels`` (…, D) int64;
    ``ids`` (…, G) int64.
    """

    counts: Tensor
    strides: Tensor

    def __init__(self, levels: Levels) -> None:
        super().__init__()
        self.groups = levels
        flat = [level for group in levels for level in group]
        strides = [_product(group[:place]) for group in levels for place in range(len(group))]
        self.register_buffer("counts", torch.tensor(flat), persistent=False)
        self.register_buffer("strides", torch.tensor(strides), persistent=False)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many ids each group has."""
        return tuple(_product(group) for group in self.groups)

    def quantise(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        """Free numbers to the nearest code, and its ids.

        Straight-through: the gradient passes as if ``codes`` were ``tanh(latent)``. Always in float32.

        Returns:
            codes (…, D) float32 in -1 … 1, ids (…, G).
        """
        bounded = torch.tanh(latent.float())
        levels = ((bounded.detach() + 1) / 2 * self.counts).floor().long()
        levels = torch.minimum(levels.clamp(min=0), self.counts - 1)
        codes = bounded + (self._values(levels) - bounded).detach()
        return codes, self.ids_of(levels)

    def codes_of(self, ids: Tensor) -> Tensor:
        """(…, G) ids to (…, D) float32 codes."""
        return self._values(self.levels_of(ids))

    def levels_of(self, ids: Tensor) -> Tensor:
        """(…, G) ids to (…, D) levels."""
        spread = [ids[..., g : g + 1].expand(*ids.shape[:-1], len(group)) for g, group in enumerate(self.groups)]
        return torch.cat(spread, -1) // self.strides % self.counts

    def ids_of(self, levels: Tensor) -> Tensor:
        """(…, D) levels to (…, G) ids."""
        told = levels * self.strides
        ends = [sum(len(group) for group in self.groups[: g + 1]) for g in range(len(self.groups))]
        sums = [told[..., end - len(group) : end].sum(-1) for end, group in zip(ends, self.groups, strict=True)]
        return torch.stack(sums, -1)

    def jitter(self, ids: Tensor, share: float, generator: torch.Generator | None = None) -> Tensor:
        """For training: that share of the tokens has one number moved by one level, up or down.

        What the transformer draws is never quite what the encoder would have said; whoever reads ids must bear it.
        """
        moved = torch.rand(ids.shape[:-1], generator=generator).to(ids.device) < share
        which = torch.randint(len(self.counts), ids.shape[:-1], generator=generator).to(ids.device)
        up = torch.randint(2, ids.shape[:-1], generator=generator).to(ids.device) * 2 - 1
        shift = torch.zeros(*ids.shape[:-1], len(self.counts), dtype=torch.int64, device=ids.device)
        shift.scatter_(-1, which[..., None], (up * moved)[..., None])
        levels = self.levels_of(ids) + shift
        return self.ids_of(torch.minimum(levels.clamp(min=0), self.counts - 1))

    def neighbours(self, group: int) -> Tensor:
        """(V, V) float32, rows sum to 1: from each id of the group evenly to those that differ by one level.

        For label smoothing: ``(1 - s) * log p[id] + s * (neighbours @ log p)`` tells the model that they look alike.
        """
        own = Fsq((self.groups[group],)).to(self.counts.device)
        levels = own.levels_of(torch.arange(own.sizes[0], device=self.counts.device)[:, None])
        apart = (levels[:, None] - levels[None]).abs().sum(-1)
        near = (apart == 1).float()
        return near / near.sum(-1, keepdim=True)

    def _values(self, levels: Tensor) -> Tensor:
        return (2 * levels + 1).float() / self.counts - 1


def _product(numbers: tuple[int, ...]) -> int:
    total = 1
    for number in numbers:
        total *= number
    return total
