"""What the library is made of: a word that can be drawn, and the paint it is drawn with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from engine.materials.canvas import Canvas
from engine.materials.words import Kind

__all__ = ["Kind", "Material", "Paint"]


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """The colours asked for by name, each (B, 3, 1, 1) sRGB 0 … 1; the material's own choice where it is None."""

    first: Tensor | None = None
    second: Tensor | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """One entry of the library.

    Attributes:
        name: as it is captioned, of lower-case words: "brick wall".
        kind: pattern, material or scene.
        draw: (canvas, paint) → (B, 3, H, W) float32 sRGB, 0 … 1 (clamped by the caller), every picture of the batch
            another one: other tones, other scale within reason, other light.
        colours: how many colour words it takes, 0, 1 or 2; `Paint` has at most so many.
        synonyms: other words for it.
    """

    name: str
    kind: Kind
    draw: Callable[[Canvas, Paint], Tensor]
    colours: int = 0
    synonyms: tuple[str, ...] = ()
