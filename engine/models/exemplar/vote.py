"""From matched patches to colours: every hole pixel averages what the patches over it say (Wexler et al. 2007)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def votes(pixels: Tensor, copied_from: Tensor, trust: Tensor, source: Tensor, offsets: Tensor) -> Tensor:
    """(n, C): the trust-weighted mean of what the patches over each pixel copy to it.

    Args:
        pixels: (n,) int64 flat indices to colour.
        copied_from: (H*W,) int64: for each target anchor the anchor of its source patch.
        trust: (H*W,) float32: weight of each anchor's patch; 0 where it is no target.
        source: (H*W, C) colours to copy.
        offsets: (k,) from an anchor to its pixels.
    """
    anchors = pixels[:, None] - offsets[None]
    inside = anchors >= 0
    anchors = anchors.clamp_(min=0)
    weight = trust[anchors] * inside
    weight = weight / weight.sum(1, keepdim=True).clamp(min=1e-20)
    index = (copied_from[anchors] + offsets[None]).clamp_(0, len(source) - 1)
    return F.embedding_bag(index, source, per_sample_weights=weight, mode="sum")


def trust_of(distance: Tensor, depth: Tensor, falloff: float, softness: float = 1.0) -> Tensor:
    """Weight of each patch: less the worse it matches, and the deeper in the hole (where surroundings are guesses)."""
    spread = softness * torch.quantile(distance[:: max(1, len(distance) // 8000)], 0.75).clamp(min=1e-8)
    return torch.exp(-distance / (2 * spread)).clamp(min=1e-9) * falloff**-depth
