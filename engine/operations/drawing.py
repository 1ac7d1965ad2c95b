"""What the words say, ready to be drawn into a selection: at the layer's own resolution, or small."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.geometry import Size
from engine.materials import catalogue
from engine.materials.catalogue import Understood
from engine.materials.material import Kind

# A unit (see `materials.canvas`) is this share of the selection's side: a wall in a large selection has more bricks,
# not larger ones, once the unit is as long as this.
_UNIT_OF_SIDE = 0.7
_UNIT_PX = (64.0, 420.0)
# Scenes are composed over the frame, and their texture grows with it.
_SCENE_UNIT_PX = (64.0, 640.0)


@dataclass(frozen=True, slots=True)
class Drawing:
    """An entry of the library for a selection of that size; another seed draws another one.

    Attributes:
        size: of the selection's box. unit_px: pixels in a unit.
    """

    understood: Understood
    size: Size
    unit_px: float
    device: str

    @property
    def name(self) -> str:
        return self.understood.entry or ""

    @property
    def kind(self) -> Kind:
        return catalogue.find(self.name).kind

    @property
    def is_lines(self) -> bool:
        """Whether it varies in one direction only, as stripes and most gradients do."""
        return self.name == "gradient" or self.name.endswith("stripes")

    @property
    def has_words_of_its_own(self) -> bool:
        """Whether a colour or a mood was named."""
        return bool(self.understood.colours or self.understood.attributes)

    def full(self, seed: int) -> Tensor:
        """(3, H, W) float32 0 … 1 on the CPU."""
        return self._drawn(self.size.width, self.size.height, self.unit_px, seed)

    def small(self, seed: int, scale: float) -> Tensor:
        """The same at one pixel in ``scale``, sides rounded up: what will lie where, before it is drawn in full."""
        width, height = math.ceil(self.size.width / scale), math.ceil(self.size.height / scale)
        return self._drawn(width, height, max(self.unit_px / scale, 1.0), seed)

    def _drawn(self, width: int, height: int, unit_px: float, seed: int) -> Tensor:
        drawn = catalogue.render(self.understood, width, height, unit_px=unit_px, seed=seed, device=self.device)
        return drawn.permute(2, 0, 1).cpu()


def drawing_of(understood: Understood, size: Size, device: torch.device | str) -> Drawing:
    """Ready to be drawn, at the scale that a selection of that size asks for.

    Raises:
        KeyError: nothing was understood.
    """
    entry = catalogue.find(understood.entry or "")
    if entry.kind is Kind.SCENE:
        side, (low, high) = float(min(size.width, size.height)), _SCENE_UNIT_PX
    else:
        side, (low, high) = math.sqrt(size.area), _UNIT_PX
    return Drawing(understood, size, min(max(side * _UNIT_OF_SIDE, low), high), str(device))
