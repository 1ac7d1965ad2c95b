"""A small network that names what a picture shows, as an entry of the material library."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SIDE_PX = 96
_WIDTHS = (32, 64, 128, 192)
_GROUPS = 8
# A place of the last grid counts where at least this share of it is shown.
_LEAST_SHOWN = 0.05


class Network(nn.Module):
    """(B, 3, 96, 96) 0 … 1 and (B, 1, 96, 96) 0 … 1, how much of each pixel is shown, to (B, names) logits.

    What is not shown has no say: it is zero where it goes in, and is left out where the places are gathered.
    """

    def __init__(self, names: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 4
        for width in _WIDTHS:
            layers += [
                nn.Conv2d(before, width, 3, stride=2, padding=1),
                nn.GroupNorm(_GROUPS, width),
                nn.SiLU(),
                nn.Conv2d(width, width, 3, padding=1),
                nn.GroupNorm(_GROUPS, width),
                nn.SiLU(),
            ]
            before = width
        self.look = nn.Sequential(*layers)
        # What is there on the whole, the strongest of it anywhere, and, for scenes, what is above and what below.
        self.say = nn.Linear(before * 4, names)

    def forward(self, pictures: Tensor, shown: Tensor) -> Tensor:
        seen = self.look(torch.cat([(pictures * 4 - 2) * shown, shown], 1))
        weight = F.adaptive_avg_pool2d(shown, seen.shape[2:])
        rows = seen.shape[2] // 2
        parts = [_mean(seen, weight), _mean(seen[:, :, :rows], weight[:, :, :rows])]
        parts += [_mean(seen[:, :, rows:], weight[:, :, rows:])]
        strongest = torch.where(weight > _LEAST_SHOWN, seen, seen.amin((1, 2, 3), keepdim=True)).amax((2, 3))
        return self.say(torch.cat([*parts, strongest], 1))


def _mean(seen: Tensor, weight: Tensor) -> Tensor:
    return (seen * weight).sum((2, 3)) / weight.sum((2, 3)).clamp(min=1e-3)


def fitted(pictures: Tensor, shown: Tensor) -> tuple[Tensor, Tensor]:
    """What the network takes, of pictures of any size.

    Args:
        pictures: (B, 3, h, w) 0 … 1. shown: (B, h, w) bool.
    """
    cover = shown[:, None].float()
    size = (SIDE_PX, SIDE_PX)
    inside = F.interpolate(pictures * cover, size, mode="bilinear", antialias=True, align_corners=False)
    share = F.interpolate(cover, size, mode="bilinear", antialias=True, align_corners=False)
    return inside / share.clamp(min=1e-3), share
