"""Blur, sharpness, noise and grain. Pictures are (C, H, W), the layer's own numbers, about 0 … 1."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

# Side of the blocks that noise is looked for in, and how far below noise's usual strength it is cut (Yu & Sapiro 2011).
_BLOCK_PX, _CUT = 8, 2.8
_EVERY_PX = 2
# Denoising at an amount of 1 takes away so many times the noise that is there, so that also none is left.
_MOST_NOISE = 1.4
# Larger pictures are denoised in parts: a block's 64 waves for every pixel take 64 times its memory.
_TILE_PX = 384
# Opponent colours (orthonormal): noise is alike in them, pictures are not.
_OPPONENT = ((1, 1, 1), (1, 0, -1), (1, -2, 1))
_BOX_FROM_PX = 12.0


def blurred(picture: Tensor, sigma_px: float, weight: Tensor) -> Tensor:
    """Gaussian blur that takes colour only from where ``weight`` (H, W) is: nothing bleeds in from outside."""
    if sigma_px <= 0:
        return picture
    counted = torch.cat([picture * weight, weight[None]])
    soft = _gauss(counted, sigma_px)
    return torch.where(soft[-1:] > 1e-6, soft[:-1] / soft[-1:].clamp(min=1e-6), picture)


def sharpened(picture: Tensor, amount: float, sigma_px: float = 1.0) -> Tensor:
    """Unsharp masking of lightness, held within what is near: no halo brighter or darker than the neighbours.

    Args:
        amount: 0 … 1, and up to 3 for strong.
    """
    light = picture.mean(0, keepdim=True)
    detail = light - _gauss(light, sigma_px)
    reach = max(1, round(sigma_px))
    side = 2 * reach + 1
    highest = F.max_pool2d(light[None], side, 1, reach)[0]
    lowest = -F.max_pool2d(-light[None], side, 1, reach)[0]
    # A quarter of the local range beyond it still looks crisp, more looks drawn.
    room = (highest - lowest) * 0.25
    wanted = torch.minimum(torch.maximum(light + detail * (2 * amount), lowest - room), highest + room)
    return picture + (wanted - light)


def grained(picture: Tensor, deviation: float, seed: int) -> Tensor:
    """With a film's grain: mostly in lightness, a little coarser than a pixel, strongest in middle tones."""
    draw = torch.Generator().manual_seed(seed)
    noise = torch.randn(1, *picture.shape[1:], generator=draw)
    noise = _gauss(noise, 0.6)
    noise = (noise / noise.std().clamp(min=1e-6)).to(picture.device)
    light = picture.mean(0, keepdim=True).clamp(0, 1)
    return picture + noise * deviation * (0.4 + 2.4 * light * (1 - light))


def denoised(picture: Tensor, amount: float) -> Tensor:
    """Without noise as strong as is measured in it: waves of every 8×8 block that are weaker than noise are left out.

    Args:
        picture: one or three channels. amount: 0 … 1.
    """
    deviation = noise_of(picture) * amount * _MOST_NOISE
    if deviation <= 0 or min(picture.shape[1:]) < _BLOCK_PX:
        return picture
    turn = F.normalize(torch.tensor(_OPPONENT, dtype=picture.dtype, device=picture.device), dim=1)
    colours = torch.einsum("ij,jhw->ihw", turn, picture) if len(picture) == 3 else picture
    out = torch.empty_like(colours)
    height, width = picture.shape[1:]
    for top in range(0, height, _TILE_PX):
        for left in range(0, width, _TILE_PX):
            y0, x0 = max(0, top - _BLOCK_PX), max(0, left - _BLOCK_PX)
            y1, x1 = min(height, top + _TILE_PX + _BLOCK_PX), min(width, left + _TILE_PX + _BLOCK_PX)
            # At least a block, at the last row and column too.
            y0, x0 = min(y0, y1 - _BLOCK_PX), min(x0, x1 - _BLOCK_PX)
            part = _without_weak_waves(colours[:, y0:y1, x0:x1], deviation)
            bottom, right = min(top + _TILE_PX, height), min(left + _TILE_PX, width)
            out[:, top:bottom, left:right] = part[:, top - y0 : bottom - y0, left - x0 : right - x0]
    return torch.einsum("ji,jhw->ihw", turn, out) if len(picture) == 3 else out


def noise_of(picture: Tensor) -> float:
    """Standard deviation of its noise (Immerkær 1996, by the median: texture counts little)."""
    if min(picture.shape[1:]) < 3:
        return 0.0
    kernel = torch.tensor([[1.0, -2.0, 1.0], [-2.0, 4.0, -2.0], [1.0, -2.0, 1.0]], device=picture.device)
    answers = F.conv2d(picture[:, None], kernel[None, None]).abs().flatten(1)
    return float(answers.median(1).values.mean()) * 1.4826 / 6.0


def _without_weak_waves(colours: Tensor, deviation: float) -> Tensor:
    """Blocks of 8×8, one at every second place both ways: cosine transform, weak waves to nought, back, and the mean
    of all the blocks that hold a pixel.
    """
    across = _cosines(colours.device).to(colours.dtype)
    height, width = colours.shape[1:]
    # So that a block begins at, and before, every second pixel of the part.
    before = _BLOCK_PX - _EVERY_PX
    after = [before + (-side) % _EVERY_PX for side in (height, width)]
    spread = F.pad(colours[:, None], (before, after[1], before, after[0]), mode="replicate")
    # Rows, then columns: an eighth of the work of two-dimensional waves.
    found = F.conv2d(spread, across[:, None, None, :], stride=(1, _EVERY_PX))
    found = F.conv2d(found, across.repeat(_BLOCK_PX, 1)[:, None, :, None], stride=(_EVERY_PX, 1), groups=_BLOCK_PX)
    strong = found.abs() >= deviation * _CUT
    strong[:, 0] = True
    # A block that needs few waves knows better than one that needs many (weights of Dabov et al. 2007).
    trust = 1 / strong.sum(1, keepdim=True).to(colours.dtype)
    kept = found * strong * trust
    columns = across.repeat(_BLOCK_PX, 1)[:, None, :, None]
    back = F.conv_transpose2d(kept, columns, stride=(_EVERY_PX, 1), groups=_BLOCK_PX)
    back = F.conv_transpose2d(back, across[:, None, None, :], stride=(1, _EVERY_PX))
    block = torch.ones(1, 1, _BLOCK_PX, _BLOCK_PX, device=colours.device, dtype=colours.dtype)
    norm = F.conv_transpose2d(trust, block, stride=_EVERY_PX)
    return (back / norm)[:, 0, before : before + height, before : before + width]


def _cosines(device: torch.device) -> Tensor:
    """(8, 8): orthonormal cosine waves, the constant one first."""
    n = torch.arange(_BLOCK_PX, device=device, dtype=torch.float64)
    waves = torch.cos(math.pi / _BLOCK_PX * (n[None] + 0.5) * n[:, None]) * math.sqrt(2 / _BLOCK_PX)
    waves[0] /= math.sqrt(2)
    return waves


def _gauss(picture: Tensor, sigma_px: float) -> Tensor:
    """(C, H, W); wide ones by three box blurs, whose cost does not grow (Wells 1986)."""
    if sigma_px > _BOX_FROM_PX:
        out = picture
        radius = max(1, round(math.sqrt(sigma_px**2 * 12 / 3 + 1) / 2 - 0.5))
        for _ in range(3):
            for dim in (1, 2):
                out = _box(out, radius, dim)
        return out
    reach = max(1, math.ceil(3 * sigma_px))
    taps = torch.exp(-(torch.arange(-reach, reach + 1, device=picture.device) ** 2) / (2 * sigma_px**2))
    taps = (taps / taps.sum()).to(picture.dtype)
    out = F.conv2d(F.pad(picture[:, None], (reach, reach, 0, 0), mode="replicate"), taps.view(1, 1, 1, -1))
    return F.conv2d(F.pad(out, (0, 0, reach, reach), mode="replicate"), taps.view(1, 1, -1, 1))[:, 0]


def _box(picture: Tensor, radius: int, dim: int) -> Tensor:
    """Mean over 2·radius+1 along one side, the border repeated, by running sums."""
    length = picture.shape[dim]
    place = torch.arange(-radius, length + radius, device=picture.device).clamp(0, length - 1)
    spread = picture.index_select(dim, place).double()
    total = F.pad(spread.cumsum(dim), (0, 0, 1, 0) if dim == 1 else (1, 0))
    start = torch.arange(length, device=picture.device)
    out = total.index_select(dim, start + 2 * radius + 1) - total.index_select(dim, start)
    return (out / (2 * radius + 1)).to(picture.dtype)
