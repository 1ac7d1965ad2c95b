"""What a layout is made from and what it makes: shapes, the ground they come to stand on, and their slots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.geometry import PixelRect, Size

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Shape:
    """A cut-out: its own size, and at which sides its picture's border cuts it off (left, right, top, bottom)."""

    size: Size
    cut: frozenset[str] = frozenset()
    metres: float | None = None
    in_air: bool = False

    @property
    def longer(self) -> int:
        return max(self.size.width, self.size.height)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What is known of the layer.

    Attributes:
        size: of the layer. subject: the box of what stands out there; None when nothing does. named: of what the words
            name there. selection: of what is selected. covered: (h, w) True where the subject is, at any size of the
            layer's proportions.
    """

    size: Size
    subject: PixelRect | None = None
    named: PixelRect | None = None
    selection: PixelRect | None = None
    covered: Flags | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a cut-out goes.

    Attributes:
        reference: whose. rect_px: its box; may hang over the layer's border.
        foot: the line it stands on, which is also how near it is: larger is nearer.
        behind: the layer's subject hides it.
        in_air: what is placed by it is so too.
        stands: it touches the ground below it.
        touches: it lies against something there: in a hand.
    """

    reference: int
    rect_px: PixelRect
    foot: float
    behind: bool = False
    in_air: bool = False
    stands: bool = True
    touches: bool = False


def rect_on(x: float, bottom: float, width: float, height: float) -> PixelRect:
    """A box of that size on its lower edge, rounded to pixels, at least one either way."""
    wide, high = max(1, round(width)), max(1, round(height))
    x0, y1 = round(x), round(bottom)
    return PixelRect(x0, y1 - high, x0 + wide, y1)
