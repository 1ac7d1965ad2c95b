"""A colour that reads against what is beneath it: contrast as WCAG 2.2 measures it (success criterion 1.4.3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# For text of any size; large text may do with 3.
LEAST_CONTRAST = 4.5
# The darkest and the lightest of what is beneath, but for a few odd pixels.
_PERCENTILES = (5.0, 95.0)
_LUMA = (0.2126, 0.7152, 0.0722)
WHITE, BLACK = (1.0, 1.0, 1.0), (0.07, 0.07, 0.07)
_PURE_BLACK = (0.0, 0.0, 0.0)
Rgb = tuple[float, float, float]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Readable:
    """A colour, and how opaque a ``shade`` of that colour must lie beneath it (0: none is needed)."""

    colour: Rgb
    shade: Rgb
    opacity: float


def luminance(colour: Rgb) -> float:
    """Relative luminance of sRGB 0 … 1."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return sum(share * c for share, c in zip(_LUMA, linear, strict=True))


def contrast(one: float, other: float) -> float:
    """1 (none) … 21 of two luminances."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def least_contrast(colour: Rgb, beneath: Floats, shade: Rgb = _PURE_BLACK, opacity: float = 0.0) -> float:
    """The least contrast of a colour with (N, 3) sRGB beneath it, under a shade; a few odd pixels do not count."""
    own = luminance(colour)
    if not len(beneath):
        return 21.0
    shown = np.clip(beneath, 0, 1) * (1 - opacity) + np.array(shade, np.float32) * opacity
    linear = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
    low, high = np.percentile(linear @ np.array(_LUMA), _PERCENTILES)
    if low <= own <= high:
        return 1.0
    return min(contrast(own, float(low)), contrast(own, float(high)))


def readable(wished: Rgb | None, beneath: Floats) -> Readable:
    """The wished colour, or white or near black, with as faint a shade beneath it as reads.

    Args:
        wished: sRGB 0 … 1, or None for the better of white and near black.
        beneath: (N, 3) float32 sRGB of the pixels around the letters.
    """
    colours = (wished,) if wished is not None else (WHITE, BLACK)
    best = max(colours, key=lambda colour: least_contrast(colour, beneath))
    if least_contrast(best, beneath) >= LEAST_CONTRAST:
        return Readable(best, _PURE_BLACK, 0.0)
    found: list[tuple[float, float, Readable]] = []
    for colour in colours:
        for shade in (_PURE_BLACK, WHITE):
            for step in range(1, 21):
                opacity = step / 20
                reached = least_contrast(colour, beneath, shade, opacity)
                if reached >= LEAST_CONTRAST or step == 20:
                    found.append((min(reached, LEAST_CONTRAST), -opacity, Readable(colour, shade, opacity)))
                    break
    return max(found, key=lambda each: each[:2])[2]
