"""EditMGT's local mask: tokens at which the words hardly look stay as they are in the source.

What the words look at, a mean over blocks, heads and words, is smoothed where the looks are even and left where they
are not, brought to 0 … 1 and held against a threshold. Numbers as in its published code.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

_SIGMA = 1.5
# scipy's gaussian_filter cuts at four sigmas.
_GAUSSIAN_REACH = int(4 * _SIGMA + 0.5)
_VARIANCE_SIDE = 5
_SMOOTHED_LESS = 0.7
_PEAKS_ABOVE = 0.9
_PEAK_KEPT = 0.7
_TINY = 1e-8


@dataclass(frozen=True, slots=True)
class LocalMask:
    """
    Attributes:
        below: tokens with smaller looks keep the source's; 0 … 1. Its example has 0.01.
        blocks: which are watched, double ones counted first. Its example has 28 … 36, single ones.
    """

    below: float = 0.01
    blocks: tuple[int, ...] = tuple(range(28, 37))


def token_looks(looks: Tensor, size_tok: tuple[int, int], cell_tok: int) -> Tensor:
    """
    Args:
        looks: (cells,) float32 of `network.Seen`.

    Returns:
        (h · w,) float32, about 0 … 1.
    """
    rows, columns = (-(-side // cell_tok) for side in size_tok)
    scores = (looks - looks.min()) / (looks.max() - looks.min() + _TINY)
    scores = smoothed(scores.reshape(rows, columns))
    if cell_tok > 1:
        larger = (rows * cell_tok, columns * cell_tok)
        scores = F.interpolate(scores[None, None], size=larger, mode="bicubic", align_corners=False)[0, 0]
    return scores[: size_tok[0], : size_tok[1]].flatten()


def smoothed(scores: Tensor) -> Tensor:
    """(rows, columns) float32: "adaptive" with peaks preserved."""
    gaussian = _gaussian(scores)
    variance = _variance(scores)
    variance = (variance - variance.min()) / (variance.max() - variance.min() + _TINY)
    weight = 1 - variance * _SMOOTHED_LESS
    out = weight * gaussian + (1 - weight) * scores
    peaks = scores > torch.quantile(scores.flatten().double(), _PEAKS_ABOVE).to(scores.dtype)
    out = torch.where(peaks, _PEAK_KEPT * scores + (1 - _PEAK_KEPT) * out, out)
    if not bool(out.max() > out.min()):
        return out
    out = (out - out.min()) / (out.max() - out.min())
    return out * (scores.max() - scores.min()) + scores.min()


def _gaussian(scores: Tensor) -> Tensor:
    reach = torch.arange(-_GAUSSIAN_REACH, _GAUSSIAN_REACH + 1, dtype=torch.float64, device=scores.device)
    weights = torch.exp(-0.5 * (reach / _SIGMA) ** 2)
    weights = weights / weights.sum()
    out = scores.double()
    for side in (0, 1):
        out = (_mirrored(out, side, _GAUSSIAN_REACH).unfold(side, len(weights), 1) * weights).sum(-1)
    return out.to(scores.dtype)


def _variance(scores: Tensor) -> Tensor:
    reach = _VARIANCE_SIDE // 2
    around = _mirrored(_mirrored(scores.double(), 0, reach), 1, reach)
    windows = around.unfold(0, _VARIANCE_SIDE, 1).unfold(1, _VARIANCE_SIDE, 1)
    return windows.flatten(2).var(-1, correction=0).to(scores.dtype)


def _mirrored(x: Tensor, side: int, reach: int) -> Tensor:
    """With ``reach`` more on both ends, mirrored at its edge (scipy's "reflect"), as often as it needs."""
    count = x.shape[side]
    at = torch.arange(-reach, count + reach, device=x.device) % (2 * count)
    return x.index_select(side, torch.where(at < count, at, 2 * count - 1 - at))
