"""A layer's light as the styles see it, and back: H×W×3 of the layer's own primaries, with sRGB's curve, 0 … 1."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.colour.space import ColourSpace, srgb, srgb_curve
from engine.styles.look import Rgb
from engine.styles.noise import Floats


def seen_of(light: Tensor) -> tuple[Floats, Floats]:
    """(3, H, W) linear light to what is drawn from, and (H, W) by how much it was brighter than white, 1 … ."""
    excess = light.amax(0).clamp(min=1.0)
    curved = srgb_curve().from_light((light / excess).clamp(0, 1))
    return _rows(curved), np.ascontiguousarray(excess.cpu().numpy(), np.float32)


def light_of(drawn: Floats, device: torch.device | str) -> Tensor:
    """The way back, without what was brighter than white."""
    picture = torch.from_numpy(np.clip(drawn, 0, 1)).permute(2, 0, 1).to(device)
    return srgb_curve().to_light(picture.contiguous())


def ink_in(space: ColourSpace) -> _Inks:
    """Colours named in sRGB, as numbers of the layer's primaries."""
    return _Inks(space)


class _Inks:
    def __init__(self, space: ColourSpace) -> None:
        to_xyz = torch.tensor(srgb().to_xyz, dtype=torch.float64)
        self._matrix = (torch.tensor(space.to_xyz, dtype=torch.float64).inverse() @ to_xyz).to(torch.float32)

    def __call__(self, colour: Rgb) -> Floats:
        """(3,) of sRGB 0 … 1 to (3,) of the layer's primaries, clipped to what it has."""
        light = srgb_curve().to_light(torch.tensor(colour, dtype=torch.float32))
        own = torch.mv(self._matrix, light).clamp(0, 1)
        return np.asarray(srgb_curve().from_light(own).numpy(), np.float32)


def _rows(picture: Tensor) -> Floats:
    return np.ascontiguousarray(picture.permute(1, 2, 0).cpu().numpy(), np.float32)
