"""What a style knows of the picture beyond the tile it draws: scale, place, chance, tones, inks.

Nothing in it depends on how far around the region the layer was seen: tones are measured on the region alone, and
everything else is a function of a pixel's place on the layer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.geometry import PixelRect, Size
from engine.styles.filters import luma
from engine.styles.noise import Floats

Rgb = tuple[float, float, float]
_MOST_SAMPLES = 40_000
_ROUNDS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Tones:
    """Of the region's visible pixels, and of nothing around them.

    Attributes:
        samples: (n, 3) colours, evenly spread.
        black, middle, white: lightness that 2, 50 and 98 per cent lie below.
    """

    samples: Floats
    black: float
    middle: float
    white: float

    def palette(self, count: int, chroma: float = 1.0) -> Floats:
        """(count, 3), dark to light: the colours that the samples gather around (k-means from the farthest points)."""
        colours = self.samples[:: max(1, len(self.samples) // 6000)]
        weights = np.array((0.8, 1.1, 0.7), np.float32)
        points = colours * weights
        chosen = [points[np.argmin(np.abs(luma(colours) - self.middle))]]
        for _ in range(count - 1):
            apart = np.min([((points - each) ** 2).sum(-1) for each in chosen], axis=0)
            # Not the farthest of all, which is a stray pixel, but one that many are as far as.
            chosen.append(points[np.argsort(apart)[int(0.995 * (len(apart) - 1))]])
        centres = np.stack(chosen)
        for _ in range(_ROUNDS):
            nearest = ((points[:, None] - centres) ** 2).sum(-1).argmin(1)
            sums = np.stack([np.bincount(nearest, points[:, channel], count) for channel in range(3)], -1)
            sizes = np.bincount(nearest, minlength=count)[:, None]
            centres = np.where(sizes > 0, sums / np.maximum(sizes, 1), centres).astype(np.float32)
        found = np.asarray(centres / weights, np.float32)
        found = found[np.argsort(luma(found), kind="stable")]
        grey = luma(found)[:, None]
        return np.clip(grey + (found - grey) * np.float32(chroma), 0, 1)

    def ramp(self, count: int, chroma: float = 1.0) -> Floats:
        """(count, 3), dark to light: the usual colour of each of so many even bands of lightness."""
        light = luma(self.samples)
        at = self.black + (self.white - self.black) * (np.arange(count) + 0.5) / count
        width = max(0.02, (self.white - self.black) / count)
        say = np.exp(-(((light[:, None] - at) / width) ** 2) * 2) + 1e-9
        mean = (say.T @ self.samples) / say.sum(0)[:, None]
        grey = luma(mean)[:, None]
        return np.clip(at[:, None] + (mean - grey) * chroma, 0, 1).astype(np.float32)


def tones_of(picture: Floats, weight: Floats) -> Tones:
    """Of the pixels of H×W×3 whose H×W weight is more than 0."""
    seen = np.flatnonzero(weight.ravel() > 0)
    seen = seen[:: max(1, len(seen) // _MOST_SAMPLES)]
    samples = picture.reshape(-1, 3)[seen]
    if not len(samples):
        samples = np.full((1, 3), 0.5, np.float32)
    low, middle, high = (float(each) for each in np.percentile(luma(samples), (2, 50, 98)))
    return Tones(np.ascontiguousarray(samples), low, middle, high)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a style draws with.

    Attributes:
        unit_px: a thousandth of the layer's side (the root of its area), in pixels of the tile; never under 0.6.
        place: the tile, on the layer. layer: the layer's size.
        seed: 0 … 2³²-1.
        tones: of the region.
        inks: colours that were asked for.
        size: how large strokes and dots are, 1 as usual.
        ink: a colour in sRGB as the layer has it (its primaries).
        check: raises when the edit is cancelled.
    """

    unit_px: float
    place: PixelRect
    layer: Size
    seed: int
    tones: Tones
    inks: tuple[Rgb, ...]
    ink: Callable[[Rgb], Floats]
    check: Callable[[], None]
    size: float = 1.0

    @property
    def grid(self) -> int:
        """Pixels of the layer in one of the coarser grid on which wide filters run; 1 for small layers."""
        return grid_of(self.unit_px)

    @property
    def grid_unit(self) -> float:
        """The unit in pixels of that grid."""
        return self.unit_px / self.grid

    def asked(self, number: int, usual: Rgb) -> Floats:
        """The colour asked for, or the usual one, as (3,) of the layer's numbers."""
        return self.ink(self.inks[number] if number < len(self.inks) else usual)

    def larger(self, factor: float) -> Look:
        """The same with other strokes."""
        return replace(self, size=self.size * factor)

    def levelled(self, light: Floats, low: float = 0.0, high: float = 1.0, even: float = 0.5) -> Floats:
        """Lightness with the region's darkest at ``low`` and its lightest at ``high``.

        ``even``: how far the region's middle is pulled towards 0.5, 0 … 1.
        """
        span = max(self.tones.white - self.tones.black, 0.15)
        t = np.clip((light - self.tones.black) / span, 0, 1)
        # Dark pictures are opened; a light one is meant to be light.
        middle = min(0.5, max(0.2, (self.tones.middle - self.tones.black) / span))
        # Only a part of the way to a middle of 0.5: a dark picture stays darker than a light one.
        power = (1 - even) + even * np.log(0.5) / np.log(middle)
        return np.asarray(low + (high - low) * t**power, np.float32)


def grid_of(unit_px: float) -> int:
    """See `Look.grid`."""
    return max(1, round(unit_px))
