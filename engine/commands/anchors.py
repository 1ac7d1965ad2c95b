"""The nine places of a layer, by all their names."""

from __future__ import annotations

from typing import cast

from engine.commands.regions import Anchor

OF_THE_PICTURE = (
    r"(?: (?:of|in) (?:the|this|my) (?:image|picture|photo|photograph|canvas|layer|frame|page|screen|design|shot))?"
)
_CORNER = r"(?: (?:hand )?(?:corner|side|edge|part|area|region|section|margin))?"
_ANCHOR = (
    r"(?:(?:top|upper|bottom|lower|middle|center|centre) (?:left|right|center|centre|middle)(?: hand)?"
    r"|(?:left|right) (?:top|bottom|middle|center|centre)|top|bottom|left(?: hand)?|right(?: hand)?"
    r"|centre|center|middle|dead centre|dead center)"
)
PLACE = rf"(?:the )?(?:very |far )?(?P<place>{_ANCHOR}){_CORNER}{OF_THE_PICTURE}"


def anchor_of(words: str) -> Anchor:
    """One of nine, from any of its names."""
    parts = set(words.replace("hand", "").split())
    row = "top" if parts & {"top", "upper"} else "bottom" if parts & {"bottom", "lower"} else ""
    column = "left" if "left" in parts else "right" if "right" in parts else ""
    return cast(Anchor, f"{row} {column}".strip() or "centre")
