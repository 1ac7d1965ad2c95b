"""Captioned pictures of the library: drawn in batches, lit and blurred so that they sit next to photographs."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.materials import catalogue
from engine.materials.colours import COLOURS
from engine.materials.light import blurred
from engine.materials.material import Kind, Material

# Pictures drawn at once: of one entry, in the same words.
GROUP = 8
# A material's unit is between these shares of the picture's side: from far away to close by.
_UNIT_SHARES = (0.6, 2.2)
_ATTRIBUTE_SHARE = 0.25
_COLOUR_SHARE = 0.8
# Of the materials that have colours of their own, so many are drawn in another one.
_TINT_SHARE = 0.15
# Patterns come in so many colours that they deserve more pictures than others, scenes vary more in layout.
_WEIGHTS = {Kind.PATTERN: 1.2, Kind.MATERIAL: 1.0, Kind.SCENE: 1.5}


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A group of pictures with one caption.

    Attributes:
        pictures: (B, 3, side, side) float32 sRGB 0 … 1. caption: of words of `catalogue.words`.
        kind: of the entry; a scene is fitted into a hole as a whole, of a material any part will do.
    """

    pictures: Tensor
    caption: str
    kind: Kind


def world(side_px: int, seed: int, *, batch: int = GROUP, entry: str | None = None, device: str = "cpu") -> World:
    """Pictures of one entry, drawn by chance unless it is named."""
    draw = torch.Generator().manual_seed(seed)
    material = _drawn(draw) if entry is None else catalogue.find(entry)
    names = list(COLOURS)
    colours: list[str] = []
    if material.kind is not Kind.SCENE or material.colours:
        share = _COLOUR_SHARE if material.colours else _TINT_SHARE
        for _ in range(max(1, material.colours)):
            if float(torch.rand((), generator=draw)) < share:
                colours.append(names[int(torch.randint(len(names), (), generator=draw))])
    attributes = [
        attribute
        for attribute in catalogue.ATTRIBUTES
        # A scene is composed over the frame: it has no scale of its own.
        if not (material.kind is Kind.SCENE and attribute in catalogue.SCALES)
        and float(torch.rand((), generator=draw)) < _ATTRIBUTE_SHARE / len(catalogue.ATTRIBUTES) * 2
    ][:1]
    low, high = _UNIT_SHARES
    unit_px = side_px * (low * (high / low) ** torch.rand(batch, generator=draw))
    pictures = catalogue.draw(
        material,
        batch,
        side_px,
        side_px,
        seed=int(torch.randint(2**31, (), generator=draw)),
        unit_px=unit_px,
        device=device,
        colours=[COLOURS[name] for name in colours],
        attributes=attributes,
    )
    caption = " ".join([*attributes, " and ".join(dict.fromkeys(colours)), material.name]).split()
    return World(_as_if_photographed(pictures, draw), " ".join(w for w in caption if w != "and"), material.kind)


def _drawn(draw: torch.Generator) -> Material:
    entries = list(catalogue.entries().values())
    weights = torch.tensor([_WEIGHTS[entry.kind] for entry in entries])
    return entries[int(torch.multinomial(weights, 1, generator=draw))]


def _as_if_photographed(pictures: Tensor, draw: torch.Generator) -> Tensor:
    """A little light from one side, now and then out of focus, grain, and a camera's curve."""
    batch, _, height, width = pictures.shape

    def of(shape: tuple[int, ...]) -> Tensor:
        return torch.rand(shape, generator=draw).to(pictures.device)

    angle = of((batch, 1, 1)) * 6.2832
    rows = torch.linspace(-0.5, 0.5, height, device=pictures.device)[None, :, None]
    cols = torch.linspace(-0.5, 0.5, width, device=pictures.device)[None, None, :]
    light = 1 + (rows * angle.sin() + cols * angle.cos()) * of((batch, 1, 1)) * 0.16
    out = (pictures * light[:, None]).clamp(0, 1) ** torch.exp((of((batch, 1, 1, 1)) - 0.5) * 0.24)
    if float(torch.rand((), generator=draw)) < 0.2:
        out = blurred(out, float(torch.rand((), generator=draw)) * 1.2)
    grain = torch.randn(out.shape, generator=draw).to(pictures.device)
    return (out + grain * of((batch, 1, 1, 1)) ** 3 * 0.03).clamp(0, 1)
