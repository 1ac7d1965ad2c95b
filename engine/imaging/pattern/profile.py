"""What varies in one direction only, or not at all: stripes, linear gradients, plain colours.

Such a picture is a function of one number, the place across the stripes. The function is read off the known pixels,
finer than a pixel, and asked for the missing ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

# The function is kept at so many places a pixel.
_PLACES_PER_PX = 4
# Directions: tried so far around the first guess, as a turn that moves the far corner by so many pixels; then finer.
_TURN_PX, _FINER, _ROUNDS = 4.0, 5, 4
# The direction is judged by so many known pixels at most.
_JUDGED = 40_000
# The first guesses are of the picture at these scales: a slow gradient has no direction from pixel to pixel.
_SCALES_PX = (1, 4, 16)
# With weaker steps than this (root mean square, 0 … 1) any direction will do.
_PLAIN = 1e-4


def along_lines(picture: Tensor, unknown: Tensor, known: Tensor, check: Callable[[], None]) -> Tensor | None:
    """``picture`` with its unknown pixels as the function says; None where it does not know them all.

    Args:
        picture: (C, H, W) float32. unknown, known: (H, W) bool; pixels that are neither are left out.
    """
    where = known.nonzero()
    values = picture[:, known]
    directions = [found for scale in _SCALES_PX if (found := _direction(picture, known, scale)) is not None]
    if not directions:
        return torch.where(unknown, values.mean(1)[:, None, None], picture)
    # Drawn by chance: every n-th pixel would be a pattern of its own.
    some = torch.randperm(len(where), generator=torch.Generator().manual_seed(0))[:_JUDGED]
    sample, told = where[some], values[:, some]
    check()
    refined = [_refined(one, sample, told, max(picture.shape[1:])) for one in directions]
    angle = min(refined, key=lambda one: _spread(_across(sample, one), told))
    check()
    asked = unknown.nonzero()
    start = float(min(_across(where, angle).min(), _across(asked, angle).min()))
    answers = _asked(_function(_across(where, angle) - start, values), _across(asked, angle) - start)
    if answers is None:
        return None
    out = picture.clone()
    out[:, unknown] = answers
    return out


def _direction(picture: Tensor, known: Tensor, scale: int) -> float | None:
    """Angle across the lines (structure tensor) at one pixel in ``scale``, None for what is plain there."""
    if scale > 1:
        share = F.avg_pool2d(known[None].float(), scale)
        picture = F.avg_pool2d(torch.where(known, picture, 0.0), scale) / share.clamp(min=1e-6)
        known = share[0] > 1 - 1e-6
    down = picture[:, 1:, :-1] - picture[:, :-1, :-1]
    right = picture[:, :-1, 1:] - picture[:, :-1, :-1]
    whole = known[:-1, :-1] & known[1:, :-1] & known[:-1, 1:]
    if not bool(whole.any()):
        return None
    y, x = down[:, whole].double(), right[:, whole].double()
    yy, xx, xy = float((y * y).mean()), float((x * x).mean()), float((x * y).mean())
    if yy + xx < _PLAIN**2:
        return None
    return 0.5 * math.atan2(2 * xy, xx - yy)


def _across(where: Tensor, angle: float) -> Tensor:
    """(n, 2) rows and columns to (n,) places across the lines."""
    return where[:, 1] * math.cos(angle) + where[:, 0] * math.sin(angle)


def _refined(angle: float, where: Tensor, values: Tensor, side_px: int) -> float:
    """The direction in which pixels at the same place differ least."""
    turn = _TURN_PX / side_px
    for _ in range(_ROUNDS):
        tried = [angle + turn * step / _FINER for step in range(-_FINER, _FINER + 1)]
        angle = min(tried, key=lambda one: _spread(_across(where, one), values))
        turn /= _FINER
    return angle


def _spread(places: Tensor, values: Tensor) -> float:
    """Mean square difference of values from the mean of their place."""
    cells = ((places - places.min()) * 2).round().long()
    count = torch.zeros(int(cells.max()) + 1).index_add_(0, cells, torch.ones(len(cells)))
    total = 0.0
    for channel in values:
        sums = torch.zeros(len(count)).index_add_(0, cells, channel)
        total += float((channel - (sums / count.clamp(min=1))[cells]).square().mean())
    return total


def _function(places: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """(C, n) the mean value at each place, and (n,) how many pixels told it; each tells its two nearest places."""
    at = places * _PLACES_PER_PX
    low = at.floor().long()
    share = at - low
    count = torch.zeros(int(low.max()) + 2)
    count.index_add_(0, low, 1 - share).index_add_(0, low + 1, share)
    sums = torch.zeros(len(values), len(count))
    sums.index_add_(1, low, values * (1 - share)).index_add_(1, low + 1, values * share)
    return sums / count.clamp(min=1e-6), count


def _asked(told: tuple[Tensor, Tensor], places: Tensor) -> Tensor | None:
    """(C, n) values at places; short gaps between known places are bridged, others are not known."""
    values, count = told
    at = places * _PLACES_PER_PX
    known = (count > 1e-3).nonzero()[:, 0]
    if len(known) == 0 or float(at.min()) < float(known[0]) or float(at.max()) > float(known[-1]):
        return None
    after = torch.searchsorted(known, at.ceil().long()).clamp(1, len(known) - 1)
    right, left = known[after], known[after - 1]
    if bool((right - left > 2 * _PLACES_PER_PX).any()):
        return None
    share = ((at - left) / (right - left)).clamp(0, 1)
    return values[:, left] * (1 - share) + values[:, right] * share
