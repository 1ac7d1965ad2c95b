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


# Outlines in pixels (x, y), drawn by hand around the thing, a little generous as a lasso is.
_OUTLINES: dict[str, tuple[str, str, tuple[_Outline, ...]]] = {
    "rocket": ("rocket.jpg", "the rocket", (((300, 118), (345, 118), (350, 404), (288, 404)),)),
    "coffee": (
        "coffee.png",
        "the spoon",
        (
            (
                *((384, 194), (391, 194), (389, 226), (398, 238), (410, 260), (410, 284), (402, 310), (386, 326)),
                *((363, 331), (340, 324), (326, 304), (322, 284), (325, 268), (314, 258), (313, 242), (330, 228)),
                *((365, 220), (378, 206)),
            ),
            (
                *((394, 64), (411, 61), (429, 70), (430, 83), (422, 110), (412, 138), (408, 148), (408, 121)),
                *((406, 102), (401, 88)),
            ),
        ),
    ),
    "cat": (
        "chelsea.png",
        "the clutter behind the ear",
        (tuple((round(380 + 50 * x), round(60 + 40 * y)) for x, y in
               ((np.cos(turn), np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 40, endpoint=False))),),
    ),
}  # fmt: skip


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
