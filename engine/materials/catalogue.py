"""The library as a whole: every entry with its drawing, and how it is drawn in other colours and moods.

Which words mean which entry is in `words`, which needs no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

import torch
from torch import Tensor

from engine.materials.canvas import Canvas
from engine.materials.library import (
    cloth,
    coast,
    country,
    fire,
    flat,
    ground,
    land,
    masonry,
    metal,
    paper,
    patterns,
    plants,
    sky,
    stone,
    studio,
    timber,
    town,
    turf,
    water,
)
from engine.materials.light import blurred
from engine.materials.material import Kind, Material, Paint
from engine.materials.words import ATTRIBUTES, SCALES, Rgb, Understood, phrases, understand, words

__all__ = [
    "ATTRIBUTES",
    "SCALES",
    "Rgb",
    "Understood",
    "draw",
    "entries",
    "find",
    "phrases",
    "render",
    "tinted",
    "understand",
    "words",
    "write_words",
    "written_words",
]

_LIBRARY = (
    *(patterns, masonry, timber, stone, metal, cloth, paper, flat),
    *(turf, ground, plants, water, sky, fire),
    *(coast, land, country, town, studio),
)


def _scaled(picture: Tensor, factors: Rgb) -> Tensor:
    return picture * torch.tensor(factors, device=picture.device).view(1, 3, 1, 1)


def _contrast(picture: Tensor, share: float) -> Tensor:
    middle = picture.mean((2, 3), keepdim=True)
    return middle + (picture - middle) * share


# What an attribute does to a finished picture (B, 3, H, W); those of `SCALES` change the unit instead.
_FINISH: Mapping[str, Callable[[Tensor], Tensor]] = MappingProxyType(
    {
        "warm": lambda picture: _scaled(picture, (1.09, 1.0, 0.84)),
        "cool": lambda picture: _scaled(picture, (0.86, 0.98, 1.10)),
        "dark": lambda picture: picture * 0.55,
        "light": lambda picture: 1.0 - (1.0 - picture) * 0.55,
        "soft": lambda picture: _contrast(picture, 0.65),
        "blurred": lambda picture: blurred(picture, max(1.0, min(picture.shape[-2:]) / 48)),
    }
)


@cache
def entries() -> Mapping[str, Material]:
    """Every entry by its name.

    Raises:
        ValueError: two entries claim one word.
    """
    found: dict[str, Material] = {}
    for module in _LIBRARY:
        for material in module.MATERIALS:
            if material.name in found:
                raise ValueError(f"two entries are called {material.name!r}")
            found[material.name] = material
    return MappingProxyType(found)


def find(name: str) -> Material:
    """The entry of that name.

    Raises:
        KeyError: there is none.
    """
    return entries()[name]


def render(
    understood: Understood, width: int, height: int, *, unit_px: float, seed: int, device: str = "cpu"
) -> Tensor:
    """(height, width, 3) float32 sRGB 0 … 1: what was understood, at that scale.

    Raises:
        KeyError: it names no entry.
    """
    if understood.entry is None:
        raise KeyError("nothing to draw")
    return (
        draw(
            find(understood.entry),
            1,
            height,
            width,
            seed=seed,
            unit_px=unit_px,
            device=device,
            colours=understood.colours,
            attributes=understood.attributes,
        )[0]
        .permute(1, 2, 0)
        .contiguous()
    )


def draw(
    entry: Material,
    batch: int,
    height: int,
    width: int,
    *,
    seed: int,
    unit_px: float | Tensor,
    device: torch.device | str = "cpu",
    colours: Sequence[Rgb] = (),
    attributes: Sequence[str] = (),
) -> Tensor:
    """(B, 3, H, W) float32 sRGB 0 … 1: a batch of one entry, in the same colours and with the same attributes."""
    for attribute in attributes:
        unit_px = unit_px * SCALES.get(attribute, 1.0)
    canvas = Canvas(batch, height, width, seed=seed, unit_px=unit_px, device=device)
    asked = [torch.tensor(rgb, device=canvas.device).view(1, 3, 1, 1).expand(batch, 3, 1, 1) for rgb in colours]
    paint = Paint(*asked[: entry.colours]) if entry.colours else Paint()
    picture = entry.draw(canvas, paint).clamp(0, 1)
    if asked and not entry.colours and entry.kind is not Kind.SCENE:
        picture = tinted(picture, asked[0])
    for attribute in attributes:
        if attribute in _FINISH:
            picture = _FINISH[attribute](picture).clamp(0, 1)
    return picture.expand(batch, 3, height, width)


def tinted(picture: Tensor, colour: Tensor) -> Tensor:
    """(B, 3, H, W) in another colour (B, 3, 1, 1): its light and dark stay, its own hues fade to a quarter."""
    light = picture.mean(1, keepdim=True)
    middle = light.mean((2, 3), keepdim=True).clamp(min=0.05)
    hue = (picture - light) * 0.25
    return (colour * (light / middle) + hue - hue.mean((2, 3), keepdim=True)).clamp(0, 1)


def written_words() -> str:
    """The text of ``wordlist.py``, as the library has it now."""
    lines = [
        f"    ({entry.name!r}, {entry.kind.value!r}, {entry.colours}, {entry.synonyms!r}),".replace("'", '"')
        for entry in entries().values()
    ]
    head = '"""Names, kinds, colour words and synonyms of the library. Written by `catalogue.write_words`."""'
    table = "WORDS: tuple[tuple[str, str, int, tuple[str, ...]], ...] = ("
    return "\n".join([head, "", "from __future__ import annotations", "", "# fmt: off", table, *lines, ")", ""])


def write_words() -> None:
    """Write ``wordlist.py`` anew; a test holds it current."""
    Path(__file__).with_name("wordlist.py").write_text(written_words(), encoding="utf-8")
