"""A stage of its own: the network that names what a picture shows learns it from worlds, whole and in part."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.materials import catalogue
from engine.materials.light import blurred
from engine.models.sight.network import SIDE_PX, Network
from engine.training.data import Pictures
from engine.training.presets import StageName, StagePlan
from engine.training.sheets import contact_sheet

# Parts of a picture are so long at least, of its side.
_LEAST_PART = 0.6
# Of what is shown so much is a ring around a hole, so much a selection; the rest is all.
_RINGS, _SELECTIONS = 0.5, 0.3
_SMOOTHING = 0.05
_EVALUATED = 384
_SEED = 78
_SHOWN = 10


class NamingStage:
    """See `engine.training.loop.Stage`."""

    name: StageName = "naming"

    def __init__(self, module: Network, names: Sequence[str], plan: StagePlan, worlds: Pictures, held_out: int) -> None:
        self.module: nn.Module = module
        self._plan = plan
        self._names = tuple(names)
        self._worlds, self._held = worlds.split(held_out)
        self._labels, self._held_labels = (labels_of(part.captions, names) for part in (self._worlds, self._held))

    def loss(self, draw: torch.Generator, along: float) -> dict[str, Tensor]:
        """Cross entropy of a random batch, parts of it hidden."""
        del along
        which = torch.randint(len(self._worlds), (self._plan.batch,), generator=draw)
        pictures, shown = as_it_may_come(self._worlds.pixels[which], draw)
        device = next(self.module.parameters()).device
        said = self.module(pictures.to(device), shown.to(device))
        loss = F.cross_entropy(said, self._labels[which].to(device), label_smoothing=_SMOOTHING)
        return {"loss": loss}

    def evaluate(self) -> dict[str, float]:
        """The share of held-out worlds that is named rightly, parts of them hidden."""
        draw = torch.Generator().manual_seed(_SEED)
        count = min(_EVALUATED, len(self._held))
        pictures, shown = as_it_may_come(self._held.pixels[:count], draw)
        device = next(self.module.parameters()).device
        said = self.module(pictures.to(device), shown.to(device)).argmax(1).cpu()
        return {"named rightly": float((said == self._held_labels[:count]).float().mean())}

    def sheet(self, path: Path) -> None:
        """Some of what it is shown."""
        pictures, shown = as_it_may_come(self._held.pixels[:_SHOWN], torch.Generator().manual_seed(_SEED))
        contact_sheet([pictures * shown + 0.5 * (1 - shown)], path)


def labels_of(captions: Sequence[str], names: Sequence[str]) -> Tensor:
    """(n,) numbers of the entries that the captions are about."""
    number = {name: place for place, name in enumerate(names)}
    known = {caption: catalogue.understand(caption).entry or "" for caption in set(captions)}
    return torch.tensor([number[known[caption]] for caption in captions])


def as_it_may_come(pixels: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """Parts of pictures, mirrored, in other light, soft, grainy, with some of each hidden.

    Args:
        pixels: (B, 3, side, side) uint8.

    Returns:
        (B, 3, 96, 96) 0 … 1 and (B, 1, 96, 96) 0 or 1.
    """
    batch, _, side, _ = pixels.shape

    def of(*shape: int) -> Tensor:
        return torch.rand(shape, generator=draw)

    cut: list[Tensor] = []
    for picture in pixels:
        length = int(side * (_LEAST_PART + (1 - _LEAST_PART) * float(of(1))))
        top, left = (int(share * (side - length + 1)) for share in of(2))
        part = picture[None, :, top : top + length, left : left + length].float() / 255
        cut.append(F.interpolate(part, (SIDE_PX, SIDE_PX), mode="bilinear", antialias=True, align_corners=False))
    out = torch.cat(cut)
    out = torch.where(of(batch, 1, 1, 1) < 0.5, out.flip(-1), out)
    soft = blurred(out, 1.0)
    out = out + (soft - out) * of(batch, 1, 1, 1) * (of(batch, 1, 1, 1) < 0.3)
    out = out.clamp(0, 1) ** torch.exp((of(batch, 1, 1, 1) - 0.5) * 0.4) * (1 + (of(batch, 3, 1, 1) - 0.5) * 0.1)
    out = out + torch.randn(out.shape, generator=draw) * of(batch, 1, 1, 1) ** 2 * 0.04
    return out.clamp(0, 1), _shown(batch, draw)


def _shown(batch: int, draw: torch.Generator) -> Tensor:
    """(B, 1, side, side) 0 or 1: rings around boxes with round corners, such boxes, and all."""

    def of(low: float, high: float) -> Tensor:
        return torch.rand(batch, 1, 1, generator=draw) * (high - low) + low

    along = ((torch.arange(SIDE_PX) + 0.5) / SIDE_PX * 2 - 1)[None]
    power, y, x = of(2, 8), of(-0.25, 0.25), of(-0.25, 0.25)

    def inside(low: float, high: float) -> Tensor:
        rows = ((along[:, :, None] - y) / of(low, high)).abs() ** power
        cols = ((along[:, None] - x) / of(low, high)).abs() ** power
        return rows + cols <= 1

    hole, selection = inside(0.3, 0.75), inside(0.6, 1.2)
    which = of(0, 1)
    shown = torch.where(which < _RINGS, ~hole, (which >= _RINGS + _SELECTIONS) | selection)
    return shown[:, None].float()
