"""Where a code begins: the first waves of a patch, as JPEG orders them (Ahmed, Natarajan and Rao 1974).

A tokenizer that begins with random numbers says lightness for thousands of steps before it says a colour. One that
begins with lightness, two colours and the slow waves has all its codes in use at the first step, and learns from there.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.tokens.config import TOKEN_PX

# Orthonormal: lightness, red against blue, green against both.
_LIGHTNESS, _RED_BLUE, _GREEN = (3**-0.5,) * 3, (2**-0.5, 0.0, -(2**-0.5)), (6**-0.5, -2 * 6**-0.5, 6**-0.5)
# Colour axis, waves down, waves across, and the gain that brings it to about the standard deviation 0.8 on photographs.
_WAVES: tuple[tuple[tuple[float, ...], int, int, float], ...] = (
    (_LIGHTNESS, 0, 0, 1.8),
    (_RED_BLUE, 0, 0, 5.0),
    (_GREEN, 0, 0, 7.0),
    (_LIGHTNESS, 0, 1, 6.0),
    (_LIGHTNESS, 1, 0, 6.0),
    (_LIGHTNESS, 1, 1, 10.0),
    (_LIGHTNESS, 0, 2, 9.0),
    (_LIGHTNESS, 2, 0, 9.0),
    (_LIGHTNESS, 2, 2, 14.0),
    (_LIGHTNESS, 1, 2, 12.0),
    (_LIGHTNESS, 2, 1, 12.0),
    (_RED_BLUE, 0, 1, 14.0),
    (_RED_BLUE, 1, 0, 14.0),
)


def first_waves(dims: int) -> tuple[Tensor, Tensor]:
    """The way from a patch's difference to a latent, and back.

    Returns:
        (dims, 192) and (192, dims) float32; a patch is (3·64,), colour by colour, as `grid.to_patches` lays it. Beyond
        the waves that are listed there are zeros.
    """
    there = torch.zeros(dims, 3 * TOKEN_PX**2)
    back = torch.zeros(3 * TOKEN_PX**2, dims)
    for number, (axis, down, across, gain) in enumerate(_WAVES[:dims]):
        wave = torch.outer(_wave(down), _wave(across)).flatten()
        row = torch.cat([wave * share for share in axis])
        there[number] = row * (gain / TOKEN_PX)
        back[:, number] = row * (TOKEN_PX / gain)
    return there, back


def _wave(halves: int) -> Tensor:
    """(8,) a cosine of so many half turns, of length 1."""
    at = (torch.arange(TOKEN_PX) + 0.5) * (math.pi * halves / TOKEN_PX)
    wave = at.cos()
    length: Tensor = wave.square().sum().sqrt()
    return wave / length
