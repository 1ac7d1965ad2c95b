"""What a picture is like, in 39 numbers, told of its shown pixels only: colours, contrast, and how strong, how directed
and how sparse its steps are at four scales.

In the spirit of texture statistics (Portilla and Simoncelli 2000), far fewer: enough to tell materials apart.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_SCALES = 4
# Logarithms begin here: contrasts and steps below cannot be seen.
_LEAST_CONTRAST, _LEAST_STEP = 0.01, 0.004
# Colour means count four times: they are what tells materials apart first.
_COLOUR = 4.0
# With fewer pixels than this there is nothing to measure at a scale: all are taken.
_LEAST_PIXELS = 8
COUNT = 7 + _SCALES * 8


def statistics(picture: Tensor, shown: Tensor) -> Tensor:
    """(39,) float32 of a picture (3, H, W) 0 … 1, where it is shown: (H, W) bool, at least one pixel."""
    red, green, blue = picture
    # Lightness, red against green, yellow against blue.
    seen = torch.stack([picture.mean(0), (red - green) * 0.7, ((red + green) / 2 - blue) * 0.7])
    values = seen[:, shown]
    mean, spread = values.mean(1), values.std(1, correction=0)
    skew = ((values[0] - mean[0]) / (spread[0] + _LEAST_CONTRAST)).pow(3).mean().clamp(-2, 2) / 2
    parts = [mean * _COLOUR, (spread + _LEAST_CONTRAST).log(), skew[None]]
    share = shown[None].float()
    inside = seen * share
    for _ in range(_SCALES):
        parts.append(_steps(inside / share.clamp(min=1e-6), share[0] > 0.999))
        inside, share = F.avg_pool2d(inside, 2, ceil_mode=True), F.avg_pool2d(share, 2, ceil_mode=True)
    return torch.cat(parts)


def _steps(seen: Tensor, whole: Tensor) -> Tensor:
    """(8,): strength in three channels (log), share across and along the diagonal, sparsity, of a scale's steps."""
    if min(whole.shape) < 2:
        return torch.zeros(8)
    down = seen[:, 1:, :-1] - seen[:, :-1, :-1]
    right = seen[:, :-1, 1:] - seen[:, :-1, :-1]
    usable = whole[1:, :-1] & whole[:-1, :-1] & whole[:-1, 1:]
    if int(usable.sum()) < _LEAST_PIXELS:
        usable = torch.ones_like(usable)
    y, x = down[:, usable], right[:, usable]
    strength = (y.square().mean(1) + x.square().mean(1)).sqrt()
    yy, xx, xy = y[0].square().mean(), x[0].square().mean(), (y[0] * x[0]).mean()
    length = (y[0].square() + x[0].square()).sqrt()
    sparse = ((length.mean() + _LEAST_STEP / 2) / (length.square().mean().sqrt() + _LEAST_STEP / 2)).log() * 2
    colour_to_light = (strength[1:].mean() + _LEAST_STEP).log() - (strength[0] + _LEAST_STEP).log()
    directed = torch.stack([(xx - yy) / (xx + yy + 1e-5), 2 * xy / (xx + yy + 1e-5)])
    return torch.cat(
        [(strength + _LEAST_STEP).log(), directed, sparse[None], colour_to_light[None], length.amax()[None]]
    )
