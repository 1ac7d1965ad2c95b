"""OKLab (Ottosson 2020): lightness, and two hues that stay what they are while lightness and chroma change."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.colour.space import ColourSpace

# XYZ of D50 to D65 (Bradford, Lindbloom), then Ottosson's two matrices.
_D50_TO_D65 = (
    (0.9555766, -0.0230393, 0.0631636),
    (-0.0282895, 1.0099416, 0.0210077),
    (0.0122982, -0.0204830, 1.3299098),
)
_TO_LMS = (
    (0.8189330101, 0.3618667424, -0.1288597137),
    (0.0329845436, 0.9293118715, 0.0361456387),
    (0.0482003018, 0.2643662691, 0.6338517070),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


def to_oklab(light: Tensor, space: ColourSpace) -> Tensor:
    """(3, H, W) linear light to L, a, b; white has L 1."""
    lms = _apply(_lms_matrix(space).to(light), light)
    return _apply(torch.tensor(_TO_LAB).to(light), lms.sign() * lms.abs() ** (1 / 3))


def from_oklab(lab: Tensor, space: ColourSpace) -> Tensor:
    """The inverse; colours that the space has not get numbers below 0 or above 1."""
    roots = _apply(torch.tensor(_TO_LAB, dtype=torch.float64).inverse().to(lab), lab)
    return _apply(_lms_matrix(space).inverse().to(lab), roots**3)


def _lms_matrix(space: ColourSpace) -> Tensor:
    parts = [torch.tensor(rows, dtype=torch.float64) for rows in (_TO_LMS, _D50_TO_D65, space.to_xyz)]
    return parts[0] @ parts[1] @ parts[2]


def _apply(matrix: Tensor, colour: Tensor) -> Tensor:
    return torch.einsum("ij,jhw->ihw", matrix, colour)
