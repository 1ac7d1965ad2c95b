"""The demo's photographs and what is selected in each; see photos/LICENCES.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from PIL import Image, ImageDraw

from engine.api import Alpha, Depth, LayerFormat, Mask, Pixels

RGB8 = LayerFormat(Depth.U8, 3, Alpha.NONE)
_Outline = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class DemoPhoto:
    """A photograph with something to remove.

    Attributes:
        name: short, also of its files.
        what: what is selected, for people.
        pixels: H×W×3 uint8.
        mask: H×W uint8, 255 selected.
    """

    name: str
    what: str
    pixels: Pixels
    mask: Mask


def _ellipse(x: int, y: int, across: int, down: int) -> _Outline:
    """An ellipse around (x, y) with these radii, in pixels."""
    turns = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    return tuple((round(x + across * float(np.cos(turn))), round(y + down * float(np.sin(turn)))) for turn in turns)


# Outlines in pixels (x, y), drawn by hand around the thing, a little generous as a lasso is.
_OUTLINES: dict[str, tuple[str, str, tuple[_Outline, ...]]] = {
    "rocket": ("rocket.jpg", "the rocket", (((300, 118), (345, 118), (350, 404), (288, 404)),)),
    "coffee": (
        "coffee.png",
        "the scuffs on the saucer",
        (
            ((115, 232), (122, 208), (150, 184), (172, 182), (170, 226), (152, 236), (142, 250), (130, 245)),
            _ellipse(160, 132, 14, 10),
            _ellipse(112, 148, 10, 9),
            _ellipse(125, 177, 7, 6),
            _ellipse(180, 260, 9, 7),
        ),
    ),
    "cat": (
        "chelsea.png",
        "the dark spots on the cheek",
        (_ellipse(224, 190, 11, 9), _ellipse(186, 224, 29, 15)),
    ),
}


def demo_photos() -> tuple[DemoPhoto, ...]:
    """All of them, with their selections."""
    return tuple(demo_photo(name) for name in _OUTLINES)


def demo_photo(name: str) -> DemoPhoto:
    """The one of that name: ``rocket``, ``coffee`` or ``cat``."""
    file, what, outlines = _OUTLINES[name]
    with resources.files("bridge.demo").joinpath("photos", file).open("rb") as stream, Image.open(stream) as image:
        pixels = np.array(image.convert("RGB"))
    drawing = Image.new("L", (pixels.shape[1], pixels.shape[0]), 0)
    for outline in outlines:
        ImageDraw.Draw(drawing).polygon(list(outline), fill=255)
    return DemoPhoto(name, what, pixels, np.array(drawing))
