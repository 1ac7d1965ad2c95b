"""How sharp and how grainy a picture is, and a fill made to match: so that it sits in the layer and not on it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

# Blurs that are tried, in pixels of standard deviation: none, a soft lens, out of focus.
_SIGMAS_PX = (0.0, 0.5, 0.7, 0.9, 1.2, 1.6, 2.2, 3.0)
# With less contrast than this (root mean square step, 0 … 1) a picture does not show how sharp its lens was.
_LEAST_CONTRAST = 0.006
# Sharpness is only taken down where the fill is so much sharper: materials differ by more than lenses do.
_TOLERANCE = 1.35
# Grain below half an 8-bit step cannot be seen.
_LEAST_GRAIN = 0.002
_MOST_GRAIN = 0.06
# A camera's grain is mostly one of lightness.
_GRAIN_OF_COLOUR = 0.4
# Median absolute deviation of normal noise to its standard deviation; what the kernel below makes of noise.
_MAD, _KERNEL_GAIN = 1.4826, 6.0


@dataclass(frozen=True, slots=True)
class Look:
    """What a camera did to a picture.

    Attributes:
        sharpness: steps between neighbours over those after a small blur, 1 (smooth) … about 3 (crisp); None where
            the picture has too little contrast to tell.
        grain: standard deviation of its noise, 0 … 1.
    """

    sharpness: float | None
    grain: float


def look_of(picture: Tensor, usable: Tensor) -> Look:
    """Measure.

    Args:
        picture: (C, H, W) float 0 … 1. usable: (H, W) bool: where it may be measured.
    """
    light = picture.mean(0)
    return Look(_sharpness(light, usable), _grain(light, usable))


def matched(fill: Tensor, look: Look, seed: int) -> Tensor:
    """The fill (3, H, W) blurred and grained as the look says; never sharpened.

    The same seed gives the same grain on every device.
    """
    everywhere = torch.ones(fill.shape[-2:], dtype=torch.bool, device=fill.device)
    out = fill
    if look.sharpness is not None:
        for sigma in _SIGMAS_PX:
            out = _blurred(fill, sigma)
            own = _sharpness(out.mean(0), everywhere)
            if own is None or own <= look.sharpness * _TOLERANCE:
                break
    own_grain = _grain(out.mean(0), everywhere)
    missing = max(0.0, min(look.grain, _MOST_GRAIN) ** 2 - own_grain**2) ** 0.5
    if missing < _LEAST_GRAIN:
        return out
    draw = torch.Generator().manual_seed(seed)
    light = torch.randn(1, *fill.shape[-2:], generator=draw)
    colour = torch.randn(fill.shape, generator=draw) * _GRAIN_OF_COLOUR
    return out + ((light + colour) * missing).to(fill.device)


def _sharpness(light: Tensor, usable: Tensor) -> float | None:
    fine, coarse = _steps(light, usable), _steps(_blurred(light[None], 1.0)[0], usable)
    if fine is None or coarse is None or fine < _LEAST_CONTRAST:
        return None
    return fine / max(coarse, 1e-6)


def _steps(light: Tensor, usable: Tensor) -> float | None:
    """Root mean square step between usable neighbours; None where there are none.

    Of squares: a blurred edge's steps add up to as much as a sharp one's, their squares do not.
    """
    across = light.diff(dim=1).square()[usable[:, 1:] & usable[:, :-1]]
    down = light.diff(dim=0).square()[usable[1:] & usable[:-1]]
    count = across.numel() + down.numel()
    return None if count == 0 else float((across.sum() + down.sum()) / count) ** 0.5


def _grain(light: Tensor, usable: Tensor) -> float:
    """Noise by a kernel that no edge and no slope answers to (Immerkær 1996), by the median: texture counts little."""
    if min(light.shape) < 3:
        return 0.0
    kernel = torch.tensor([[1.0, -2.0, 1.0], [-2.0, 4.0, -2.0], [1.0, -2.0, 1.0]], device=light.device)
    answer = F.conv2d(light[None, None], kernel[None, None])[0, 0].abs()
    whole = -F.max_pool2d(-usable[None, None].float(), 3, 1)[0, 0] > 0
    if not bool(whole.any()):
        return 0.0
    return float(answer[whole].median()) * _MAD / _KERNEL_GAIN


def _blurred(picture: Tensor, sigma_px: float) -> Tensor:
    """Gaussian blur of (C, H, W), its border repeated."""
    if sigma_px <= 0:
        return picture
    reach = max(1, round(3 * sigma_px))
    taps = torch.arange(-reach, reach + 1, dtype=picture.dtype, device=picture.device)
    weights = torch.exp(-(taps**2) / (2 * sigma_px**2))
    weights = weights / weights.sum()
    rows = F.pad(picture[:, None], (reach, reach, 0, 0), mode="replicate")
    rows = F.conv2d(rows, weights.view(1, 1, 1, -1))
    cols = F.conv2d(F.pad(rows, (0, 0, reach, reach), mode="replicate"), weights.view(1, 1, -1, 1))
    return cols[:, 0]
