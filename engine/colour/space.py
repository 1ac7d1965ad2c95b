"""A layer's colour numbers ↔ linear light ↔ XYZ: from its ICC profile, or sRGB where it has none.

Only what changes of light need is read from a profile: its three curves and its three primaries (ICC.1:2022, 9.2.44,
10.6, 10.18). A profile of another kind (CMYK, look-up tables) is treated as sRGB and that is told.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import torch
from torch import Tensor

# Linear sRGB to XYZ, adapted to D50 as ICC has it (Lindbloom).
_SRGB_TO_XYZ = (
    (0.4360747, 0.3850649, 0.1430804),
    (0.2225045, 0.7168786, 0.0606169),
    (0.0139322, 0.0971045, 0.7141733),
)
_HEADER_BYTES = 128
_TABLE_SIZE = 4096
# A profile is a few kilobytes; with look-up tables at most a few megabytes.
_MOST_TAGS = 200


@dataclass(frozen=True, slots=True)
class Curve:
    """From colour number to light, both 0 … 1.

    Attributes:
        points: evenly spaced values, at least two. Beyond 0 … 1 the curve goes on straight.
    """

    points: tuple[float, ...]

    def to_light(self, value: Tensor) -> Tensor:
        """Straight between the points."""
        return _through(value, torch.linspace(0, 1, len(self.points), device=value.device), self._table(value))

    def from_light(self, light: Tensor) -> Tensor:
        """The inverse."""
        return _through(light, self._table(light), torch.linspace(0, 1, len(self.points), device=light.device))

    def _table(self, like: Tensor) -> Tensor:
        return torch.tensor(self.points, device=like.device)


@dataclass(frozen=True, slots=True)
class ColourSpace:
    """How a layer's three numbers become light.

    Attributes:
        curve: the same for the three. None: the numbers are light already.
        to_xyz: rows of the matrix from linear numbers to XYZ (D50).
        is_guess: there was no profile, or one that cannot be read so.
    """

    curve: Curve | None
    to_xyz: tuple[tuple[float, float, float], ...]
    is_guess: bool

    def to_light(self, colour: Tensor) -> Tensor:
        """(3, H, W) numbers to linear light, the same primaries."""
        return colour if self.curve is None else self.curve.to_light(colour)

    def from_light(self, light: Tensor) -> Tensor:
        """The inverse."""
        return light if self.curve is None else self.curve.from_light(light)

    def luminance(self, light: Tensor) -> Tensor:
        """(3, H, W) linear light to (H, W)."""
        weights = torch.tensor(self.to_xyz[1], device=light.device)
        return (light * (weights / weights.sum()).view(3, 1, 1)).sum(0)


def space_of(profile: bytes | None, *, is_linear: bool) -> ColourSpace:
    """The space of a layer.

    Args:
        profile: its ICC profile. is_linear: a layer of 32 bits holds light, whatever the profile's curve.
    """
    read = _read(profile) if profile else None
    curve, to_xyz = read or (srgb_curve(), _SRGB_TO_XYZ)
    return ColourSpace(None if is_linear else curve, to_xyz, is_guess=read is None)


def srgb() -> ColourSpace:
    """The space of what has no profile."""
    return ColourSpace(srgb_curve(), _SRGB_TO_XYZ, is_guess=False)


@cache
def srgb_curve() -> Curve:
    """IEC 61966-2-1."""
    return Curve(tuple(_srgb(number / (_TABLE_SIZE - 1)) for number in range(_TABLE_SIZE)))


def _srgb(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


@cache
def _read(profile: bytes) -> tuple[Curve, tuple[tuple[float, float, float], ...]] | None:
    """Curve and primaries of an RGB or grey profile of matrix type; None for any other and for broken bytes."""
    try:
        if profile[36:40] != b"acsp":
            return None
        (count,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
        tags = {
            name: profile[start : start + size]
            for name, start, size in (
                struct.unpack_from(">4sII", profile, _HEADER_BYTES + 4 + 12 * number)
                for number in range(min(count, _MOST_TAGS))
            )
        }
        if profile[16:20] == b"GRAY":
            return _curve(tags[b"kTRC"]), _SRGB_TO_XYZ
        if profile[16:20] != b"RGB ":
            return None
        curve = _curve(tags[b"gTRC"])
        red, green, blue = (_xyz(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ"))
    except (struct.error, KeyError, ValueError, OverflowError, ZeroDivisionError):
        return None
    return curve, tuple(zip(red, green, blue, strict=True))


def _xyz(tag: bytes) -> tuple[float, float, float]:
    x, y, z = struct.unpack_from(">iii", tag, 8)
    return x / 65536, y / 65536, z / 65536


def _curve(tag: bytes) -> Curve:
    """Of a ``curv`` or ``para`` element.

    Raises:
        ValueError: another kind, or a curve that does not rise.
    """
    inputs = [number / (_TABLE_SIZE - 1) for number in range(_TABLE_SIZE)]
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count == 0:
            return Curve((0.0, 1.0))
        if count == 1:
            (gamma,) = struct.unpack_from(">H", tag, 12)
            return Curve(tuple(x ** (gamma / 256) for x in inputs))
        points = [value / 65535 for value in struct.unpack_from(f">{count}H", tag, 12)]
    elif tag[:4] == b"para":
        (kind,) = struct.unpack_from(">H", tag, 8)
        length = (1, 3, 4, 5, 7)[kind] if kind < 5 else 0
        g, *rest = (value / 65536 for value in struct.unpack_from(f">{length}i", tag, 12))
        points = [_parametric(kind, x, g, rest) for x in inputs]
    else:
        raise ValueError("no curve")
    if points[-1] <= points[0] or any(b < a for a, b in pairwise(points)):
        raise ValueError("a curve rises")
    return Curve(tuple(points))


def _parametric(kind: int, x: float, g: float, rest: list[float]) -> float:
    """ICC.1:2022, table 68."""
    a, b, c, d, e, f = (*rest, *(0.0,) * (6 - len(rest)))
    if kind == 0:
        return x**g
    if kind == 1:
        return max(a * x + b, 0.0) ** g if x >= -b / a else 0.0
    if kind == 2:
        return max(a * x + b, 0.0) ** g + c if x >= -b / a else c
    straight = c * x + (f if kind == 4 else 0.0)
    return max(a * x + b, 0.0) ** g + (e if kind == 4 else 0.0) if x >= d else straight


def _through(value: Tensor, xs: Tensor, ys: Tensor) -> Tensor:
    """Piecewise straight through rising points, its first and last piece going on beyond them."""
    right = torch.searchsorted(xs, value.contiguous()).clamp(1, len(xs) - 1)
    x0, x1, y0, y1 = xs[right - 1], xs[right], ys[right - 1], ys[right]
    flat = x1 <= x0
    return torch.where(flat, y0, y0 + (value - x0) * (y1 - y0) / torch.where(flat, 1.0, x1 - x0))
