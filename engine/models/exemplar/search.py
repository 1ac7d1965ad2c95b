"""Which known patch looks most like this one: exactly, by matrix product, or among a few good guesses."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

# Rows of the distance matrix at a time: small enough to stay in cache and to hear a cancel in time.
_CHUNK = 256


def exact_nearest(
    wanted: Tensor, offered: Tensor, handicap: Tensor, check: Callable[[], None]
) -> tuple[Tensor, Tensor]:
    """For each wanted row its nearest offered row.

    Args:
        wanted: (n, D). offered: (m, D). handicap: (m,) added to the squared distance to that row.

    Returns:
        (n,) int64 row of ``offered``; (n,) float32 squared distance with handicap, at least 0.
    """
    scores = torch.cat([offered.T * -2, (offered.square().sum(1) + handicap)[None]])
    asked = torch.cat([wanted, wanted.new_ones(len(wanted), 1)], 1)
    index = torch.empty(len(wanted), dtype=torch.int64, device=wanted.device)
    best = torch.empty(len(wanted), device=wanted.device)
    for start in range(0, len(wanted), _CHUNK):
        check()
        part = slice(start, start + _CHUNK)
        best[part], index[part] = (asked[part] @ scores).min(1)
    return index, (best + wanted.square().sum(1)).clamp(min=0)


def masked_nearest(wanted: Tensor, weight: Tensor, offered: Tensor, handicap: Tensor) -> Tensor:
    """(n,) int64: nearest offered row by squared differences weighted by ``weight`` (n, D), plus the handicap."""
    distance = weight @ offered.square().T - 2 * ((weight * wanted) @ offered.T)
    return (distance + handicap[None] * weight.mean(1, keepdim=True)).argmin(1)


def take_better(
    nearest: Tensor, best: Tensor, guess: Tensor, wanted: Tensor, features: Tensor, handicap: Tensor
) -> tuple[Tensor, Tensor]:
    """Keep each guess that beats what was there.

    Args:
        nearest, guess: (n,) int64 anchors; a guess may be any integer. best: (n,) distances of ``nearest``.
        wanted: (n, D). features: (H*W, D). handicap: (H*W,), infinite where nothing may be copied from.
    """
    guess = guess.clamp(0, len(features) - 1)
    distance = (features.index_select(0, guess) - wanted).square_().sum(1)
    distance += handicap.index_select(0, guess)
    better = distance < best
    return torch.where(better, guess, nearest), torch.where(better, distance, best)
