"""A small convolutional network that draws a picture twice or four times as large.

It works at the small picture's size and gives each of its pixels the square of pixels that it becomes (sub-pixel
convolution, Shi et al. 2016, section 3), as a difference to cubic interpolation, so it learns only what that misses
(Kim et al. 2016, VDSR). One trunk, one head for each factor (Lim et al. 2017, MDSR). At the end what is drawn is made
to agree with what it was drawn from (back-projection, Irani and Peleg 1991).
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Factor = Literal[2, 4]
FACTORS: tuple[Factor, ...] = (2, 4)
# So far around a pixel of the small picture the network looks: nine 3×3 convolutions one after another, then a cubic
# filter of what they missed.
REACH_PX = 9 + 2
_BLOCKS = 3


class ScaleNet(nn.Module):
    """See the module. ``width``: channels of the trunk."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, width, 3, padding=1)
        self.blocks = nn.ModuleList(_Block(width) for _ in range(_BLOCKS))
        self.last = nn.Conv2d(width, width, 3, padding=1)
        self.heads = nn.ModuleDict({str(factor): nn.Conv2d(width, 3 * factor**2, 3, padding=1) for factor in FACTORS})

    def forward(self, small: Tensor, factor: Factor) -> Tensor:
        """(N, 3, H, W) float32 as stored, 0 … 1, to (N, 3, H·factor, W·factor), not clipped.

        The outermost `REACH_PX` pixels of ``small`` are context only: what is made of them is not to be used.
        """
        seen = self.first(small)
        found = seen
        for block in self.blocks:
            found = block(found)
        found = F.relu(self.last(found) + seen)
        detail = F.pixel_shuffle(self.heads[str(factor)](found), factor)
        return agreeing(enlarged(small, factor) + detail.to(small.dtype), small, factor)


class _Block(nn.Module):
    """Two convolutions around which the picture also goes unchanged (He et al. 2016)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.one = nn.Conv2d(width, width, 3, padding=1)
        self.two = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, found: Tensor) -> Tensor:
        return found + self.two(F.relu(self.one(found)))


def enlarged(small: Tensor, factor: int) -> Tensor:
    """(N, C, H, W) ``factor`` times as large by cubic interpolation."""
    return F.interpolate(small, scale_factor=float(factor), mode="bicubic", align_corners=False)


def agreeing(large: Tensor, small: Tensor, factor: int) -> Tensor:
    """``large``, changed smoothly towards having the mean of ``small``'s pixel in each square of ``factor`` pixels."""
    return large + enlarged(small - F.avg_pool2d(large, factor), factor)


def fresh(seed: int, width: int = 32) -> ScaleNet:
    """A network before training: it does little more than cubic interpolation."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = ScaleNet(width)
    for head in net.heads.values():
        assert isinstance(head, nn.Conv2d)
        with torch.no_grad():
            head.weight.mul_(0.1)
    return net
