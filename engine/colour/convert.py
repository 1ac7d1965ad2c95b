"""Another picture's colour numbers as those of a layer: the same light under another profile."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.colour.space import ColourSpace, space_of
from engine.imaging.layer import Floats

# Spaces closer than this are one: numbers that need no change get none, not even by rounding.
_SAME = 1e-3


def as_in_layer(rgb: Floats, own: ColourSpace, layer: ColourSpace) -> Floats:
    """The numbers that show the same light in the layer; what the layer cannot show is cut off at nought.

    Args:
        rgb: (H, W, 3) float32 straight numbers of ``own``, as all of them are of RGB.
    """
    if _are_one(own, layer):
        return rgb
    return _turned(torch.from_numpy(rgb).permute(2, 0, 1), own, layer).permute(1, 2, 0).contiguous().numpy()


def turned(rgb: Tensor, own: ColourSpace, layer: ColourSpace) -> Tensor:
    """`as_in_layer` of (3, H, W) float32 on the CPU; the same tensor where nothing has to be changed."""
    return rgb if _are_one(own, layer) else _turned(rgb, own, layer)


def _turned(rgb: Tensor, own: ColourSpace, layer: ColourSpace) -> Tensor:
    turn = np.linalg.inv(np.asarray(layer.to_xyz, np.float64)) @ np.asarray(own.to_xyz, np.float64)
    light = torch.einsum("ij,jhw->ihw", torch.from_numpy(turn.astype(np.float32)), own.to_light(rgb))
    return layer.from_light(light.clamp(min=0))


def numbers_of(profile: bytes | None) -> ColourSpace:
    """The space of a picture's numbers, by its profile alone: what is drawn and matted takes those of 32 bits for no
    others than those of 8.
    """
    return space_of(profile, is_linear=False)


def is_unreadable(profile: bytes | None, space: ColourSpace) -> bool:
    """Whether there is a profile that cannot be read: its numbers are then taken for sRGB."""
    return profile is not None and space.is_guess


def _are_one(a: ColourSpace, b: ColourSpace) -> bool:
    matrices = torch.tensor(a.to_xyz), torch.tensor(b.to_xyz)
    numbers = torch.linspace(0, 1, 65)
    lights = _light(a, numbers), _light(b, numbers)
    return bool((matrices[0] - matrices[1]).abs().max() < _SAME and (lights[0] - lights[1]).abs().max() < _SAME)


def _light(space: ColourSpace, numbers: Tensor) -> Tensor:
    return space.to_light(numbers.expand(3, 1, -1))
