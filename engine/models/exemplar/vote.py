"""From matched patches to colours: every hole pixel averages what the patches over it say (Wexler et al. 2007)."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

# Pixels at a time: their indices stay in cache, memory stays flat for large holes, and a cancel is heard in time.
_CHUNK = 8192


def votes(
    pixels: Tensor,
    copied_from: Tensor,
    trust: Tensor,
    source: Tensor,
    offsets: Tensor,
    check: Callable[[], None] = lambda: None,
) -> Tensor:
    """(n, C): the trust-weighted mean of what the patches over each pixel copy to it; 0 where none is trusted.

    Args:
        pixels: (n,) int64 flat indices to colour.
        copied_from: (H*W,) int64: for each target anchor the anchor of its source patch.
        trust: (H*W,) float32: weight of each anchor's patch; 0 where it is no target.
        source: (H*W, C) colours to copy.
        offsets: (k,) from an anchor to its pixels.
    """
    out = source.new_empty(len(pixels), source.shape[1])
    for start in range(0, len(pixels), _CHUNK):
        check()
        part = slice(start, start + _CHUNK)
        named, weight = ballots(pixels[part], copied_from, trust, offsets)
        weight /= weight.sum(1, keepdim=True).clamp_(min=1e-20)
        out[part] = F.embedding_bag(named, source, per_sample_weights=weight, mode="sum")
    return out


def ballots(pixels: Tensor, copied_from: Tensor, trust: Tensor, offsets: Tensor) -> tuple[Tensor, Tensor]:
    """(n, k) int64 source pixel that each patch over a pixel names, and (n, k) float32 how much it is trusted."""
    anchors = pixels[:, None] - offsets[None]
    before_the_first = anchors < 0
    flat = anchors.clamp_(min=0).reshape(-1)
    named = copied_from.index_select(0, flat).reshape(anchors.shape).add_(offsets[None])
    weight = trust.index_select(0, flat).reshape(anchors.shape).masked_fill_(before_the_first, 0.0)
    # Only an untrusted patch can name a pixel beyond the last one.
    return named.clamp_(max=len(trust) - 1), weight


def trust_of(distance: Tensor, depth: Tensor, falloff: float, softness: float = 1.0) -> Tensor:
    """Weight of each patch: less the worse it matches, and the deeper in the hole (where surroundings are guesses)."""
    spread = softness * torch.quantile(distance[:: max(1, len(distance) // 8000)], 0.75).clamp(min=1e-8)
    return torch.exp(-distance / (2 * spread)).clamp(min=1e-9) * falloff**-depth
