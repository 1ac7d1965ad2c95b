"""How many tokens each step reveals, and which.

Only masked tokens are ever in these arrays: n is the count of *masked* tokens and not of the window's, and what is
known has no entry that noise or rounding could pick.
"""

from __future__ import annotations

import math
from enum import StrEnum

import torch
from torch import Tensor


class Order(StrEnum):
    """Which tokens come first.

    HALTON: far apart ones, by a low-discrepancy sequence (Besnier et al. 2025): tokens drawn in one step do not know
    of each other, so they should not be neighbours. CONFIDENCE: the surest ones (Chang et al. 2022, MaskGIT).
    """

    HALTON = "halton"
    CONFIDENCE = "confidence"


def reveal_counts(masked: int, wanted_steps: int) -> list[int]:
    """How many tokens each step reveals: few at first, when little is known (MaskGIT's cosine).

    Returns:
        min(``wanted_steps``, ``masked``) counts, each at least 1, together ``masked``.

    Raises:
        ValueError: fewer than one token or step.
    """
    if masked < 1 or wanted_steps < 1:
        raise ValueError(f"{masked} masked tokens in {wanted_steps} steps")
    steps = min(wanted_steps, masked)
    counts: list[int] = []
    left = masked
    for step in range(1, steps + 1):
        stay = int(masked * math.cos(math.pi / 2 * step / steps)) if step < steps else 0
        # One at least now, and one at least for each step to come.
        stay = max(min(stay, left - 1), steps - step)
        counts.append(left - stay)
        left = stay
    return counts


def steps_for(masked: int, most: int) -> int:
    """Steps that ``masked`` tokens deserve: few tokens need few, and never more than there are tokens."""
    return max(1, min(masked, most, 4 + math.isqrt(masked)))


def halton_order(at: Tensor, size_tok: tuple[int, int], generator: torch.Generator) -> Tensor:
    """The order in which masked tokens are revealed.

    The sequence of the whole grid (bases 2 and 3), filtered to the masked tokens, from a random place on.

    Args:
        at: (R, 2) int64 on the CPU, row and column of each masked token. size_tok: rows and columns of the grid.

    Returns:
        (R,) int64: a permutation of the masked tokens' numbers.
    """
    rank = _halton_rank(*size_tok)
    order = rank[at[:, 0], at[:, 1]].argsort()
    start = int(torch.randint(len(order), (1,), generator=generator)) if len(order) else 0
    return order.roll(-start)


def surest(sureness: Tensor, count: int, noise: float, generator: torch.Generator) -> Tensor:
    """The numbers of the ``count`` tokens with the largest sureness plus Gumbel noise.

    Args:
        sureness: (n,) float32 log probabilities of what was drawn. noise: 0 … ; the caller lets it fall to 0.
    """
    # Drawn even where it counts for nothing: the numbers after it must not depend on the noise.
    uniform = torch.rand(sureness.shape[0], generator=generator).clamp(1e-9, 1 - 1e-7).to(sureness.device)
    return (sureness - noise * torch.log(-torch.log(uniform))).topk(count).indices


def _halton_rank(rows: int, columns: int) -> Tensor:
    """(rows, columns) int64: when the sequence first comes to each cell.

    The sequence is long enough that nearly all cells are met; the rest follow, row by row.
    """
    points = 8 * rows * columns + 64
    index = torch.arange(1, points + 1)
    row = (_radical_inverse(index, 2) * rows).long().clamp(max=rows - 1)
    column = (_radical_inverse(index, 3) * columns).long().clamp(max=columns - 1)
    cell = row * columns + column
    rank = torch.full((rows * columns,), points, dtype=torch.int64)
    rank.scatter_reduce_(0, cell, index, "amin")
    missed = rank == points
    rank[missed] += torch.arange(int(missed.sum()))
    return rank.view(rows, columns)


def _radical_inverse(index: Tensor, base: int) -> Tensor:
    """The digits of each number mirrored at the point, float64 in 0 … 1 (van der Corput)."""
    result = torch.zeros(index.shape, dtype=torch.float64)
    digit, left = 1.0 / base, index.clone()
    while bool(left.any()):
        result += digit * (left % base)
        left //= base
        digit /= base
    return result
