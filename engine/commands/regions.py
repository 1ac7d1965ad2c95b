"""Where an operation works, and where something is put: the words of the plan for both."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Anchor = Literal["top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right"]
Part = Literal[
    "left half", "right half", "top half", "bottom half",
    "left third", "middle third", "right third", "top third", "bottom third",
    "left quarter", "right quarter", "top quarter", "bottom quarter",
]  # fmt: skip
Side = Literal["left", "right", "top", "bottom"]
# Where light comes from, as seen by who looks at the picture.
Direction = Literal[
    "left", "right", "above", "below", "front", "behind", "above left", "above right", "below left", "below right"
]
_Pixel = Annotated[int, Field(ge=0, le=300_000)]
# Characters of a noun.
LONGEST_NAME = 120


class Named(BaseModel):
    """A thing by its noun, without its article: for a selection or a grounding model to find."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    named: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


Region = Literal["selection", "all", "subject", "background"] | Anchor | Part | Named


# A rectangle of the layer, half open: x0, y0, x1, y1.
Rect = tuple[_Pixel, _Pixel, _Pixel, _Pixel]
Place = Literal["selection"] | Anchor | Rect

_SAID = {
    "selection": "the selection",
    "all": "the whole layer",
    "subject": "the subject",
    "background": "the background",
    "centre": "the centre",
}
# What is already told apart: “her eyes”, “dad's hat”, “all roses”.
_WITHOUT_ARTICLE = ("her ", "his ", "their ", "its ", "all ", "every ", "each ", "whatever ")


def says_region(region: Region) -> str:
    """“the face”, “the top right of the layer”, for a sentence."""
    if isinstance(region, Named):
        return region.named if region.named.lower().startswith(_WITHOUT_ARTICLE) else f"the {region.named}"
    return _SAID.get(region) or f"the {region} of the layer"


def says_place(place: Place | None) -> str:
    """“ in the centre”, “ at the top left”, “ in the selection”, or nothing when nothing was said."""
    if place is None:
        return ""
    if isinstance(place, tuple):
        x0, y0, x1, y1 = place
        return f" in the rectangle from {x0}, {y0} to {x1}, {y1}"
    if place in ("selection", "centre"):
        return f" in the {place}"
    return f" at the {place}"
