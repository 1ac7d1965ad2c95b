"""A small network that tells figure from ground, whatever the figure is.

Down by halves, a look at the whole, up again (U-Net, Ronneberger et al. 2015), with residual blocks (He et al. 2016).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Pictures are looked at in a square of this side, whatever their proportions; the answer has half of it.
SIDE_PX = 128
_WIDTHS = (16, 32, 64, 128)
# About the mean and the spread of photographs.
_MEAN, _SPREAD = 0.45, 0.25


class FigureNet(nn.Module):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        one, two, three, four = _WIDTHS
        self.down = nn.ModuleList(
            (
                nn.Sequential(_Conv(3, one, 2), _Conv(one, one)),
                nn.Sequential(_Conv(one, two, 2), _Residual(two)),
                nn.Sequential(_Conv(two, three, 2), _Residual(three), _Residual(three)),
                nn.Sequential(_Conv(three, four, 2), _Residual(four), _Residual(four, reach=2)),
            )
        )
        self.whole = nn.Linear(2 * four, four)
        self.up = nn.ModuleList(
            (
                nn.Sequential(_Conv(three + four, three), _Residual(three)),
                nn.Sequential(_Conv(two + three, two)),
                nn.Sequential(_Conv(one + two, one)),
            )
        )
        self.head = nn.Conv2d(one, 1, 1)

    def forward(self, rgb: Tensor) -> Tensor:
        """(N, 3, S, S) sRGB 0 … 1, S a multiple of 16, to (N, S/2, S/2): the logit of being the figure's."""
        seen: list[Tensor] = []
        now = (rgb - _MEAN) / _SPREAD
        for step in self.down:
            now = step(now)
            seen.append(now)
        # How much there is of everything, anywhere, is added everywhere.
        everywhere = self.whole(torch.cat([now.mean((2, 3)), now.amax((2, 3))], 1))
        now = F.relu(seen.pop() + everywhere[..., None, None])
        for step in self.up:
            larger = F.interpolate(now, scale_factor=2.0, mode="bilinear", align_corners=False)
            now = step(torch.cat([seen.pop(), larger], 1))
        return self.head(now)[:, 0]


class _Conv(nn.Module):
    def __init__(self, channels: int, made: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, made, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(made)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.conv(x)))


class _Residual(nn.Module):
    """``reach``: of both convolutions, in pixels."""

    def __init__(self, channels: int, reach: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, 1, reach, reach, bias=False)
        self.first_norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, 1, reach, reach, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        more = self.second(F.relu(self.first_norm(self.first(x))))
        return F.relu(x + self.second_norm(more))


def fresh(seed: int) -> FigureNet:
    """Untrained; the same seed gives the same weights and leaves torch's own generator as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return FigureNet()
