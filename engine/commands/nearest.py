"""The three things Inlay could do that are nearest to words it did not understand."""

from __future__ import annotations

import difflib
import re
from functools import lru_cache

from engine.commands.wishes import Hearing

# An example of each operation as a person would type it, and words that are near to it.
_EXAMPLES: tuple[tuple[str, str], ...] = (
    ("remove this", "remove delete erase clean fix take out away gone hide thing object blemish scratch spot heal"),
    ("remove the cup", "remove delete erase clean fix take out away gone hide thing object person people"),
    ("fill with brick wall", "fill add put draw generate create texture wall floor pattern insert material"),
    (
        "replace the sky with a sunset",
        "replace swap change instead different sky weather hat dress shirt expression pose smile animal new",
    ),
    ("remove the background", "background backdrop cut transparent isolate png behind export select"),
    (
        "change the background to a beach",
        "background backdrop scene place behind move beach room studio travel location",
    ),
    ("blur the background", "background blur bokeh focus depth portrait camera lens"),
    (
        "make it brighter",
        "bright light dark brighter exposure better improve nice enhance fix good beautiful look professional",
    ),
    ("light it from the left", "light shadow sun direction lamp side glow reflection"),
    ("make it warmer", "warm cool cold temperature mood cosy feeling tone sunny"),
    ("increase the contrast", "contrast punch flat pop dramatic enhance better quality hdr"),
    ("make the car red", "colour color red blue green hue tint paint dye purple shade recolour recolor"),
    (
        "make it look like a watercolour",
        "style look art painting drawing cartoon sketch filter effect vintage animate character",
    ),
    (
        "make it 16:9",
        "crop resize size aspect ratio square format instagram wide tall landscape portrait shape fit rotate "
        "flip straighten",
    ),
    ("extend it to the left", "extend expand more space room canvas edge left right side zoom move shift"),
    (
        "add the text “Sale” at the top",
        "text write word title headline caption letter font say sign language translate type name label",
    ),
    (
        "put the logo in the top right corner",
        "logo image picture place put move position corner sticker watermark overlay reference",
    ),
    ("combine images 1 and 2", "combine merge mix blend collage pictures together both swap face"),
    ("sharpen it", "sharp sharpen blurry crisp detail quality clear better focus noise grain"),
    ("upscale 2x", "upscale resolution quality bigger larger enlarge 4k hd pixels size resize print save export"),
    ("show it in a forest, a desert and on a beach", "series campaign settings set scenes several many"),
    ("give me 4 variations", "variation version option another different alternatives more try other"),
    ("undo", "undo back revert cancel restore reset previous before"),
)
_USUAL_SELECTED = ("remove this", "fill with brick wall", "make it brighter")
_USUAL = ("remove the background", "make it brighter", "undo")
_WORD = re.compile(r"[^\W_]+")
# Words that are in every command and say nothing of what it is about.
_EMPTY = frozenset("the a an it this that make to of in on and me i my you can do is at with for".split())


def suggestions(text: str, hearing: Hearing) -> str:
    """“remove this”, “undo” or “make it brighter”: quoted, the nearest first."""
    three = nearest(text, hearing)
    return f"“{three[0]}”, “{three[1]}” or “{three[2]}”"


def nearest(text: str, hearing: Hearing) -> tuple[str, ...]:
    """Three examples, those that share most with the words."""
    return _nearest(text.casefold()[:400], hearing.has_selection)


@lru_cache(maxsize=64)
def _nearest(text: str, has_selection: bool) -> tuple[str, ...]:
    words = [word for word in _WORD.findall(text) if word not in _EMPTY][:30]
    scored: list[tuple[float, int]] = []
    for number, (example, about) in enumerate(_EXAMPLES):
        near = about.split()
        score = sum(_likeness(word, near) for word in words)
        score += 0.3 * sum(_likeness(word, [part for part in example.split() if part not in _EMPTY]) for word in words)
        needs = example.split()[-1] == "this" or example == "fill with brick wall"
        scored.append((score * (1.0 if has_selection or not needs else 0.3), -number))
    best = [_EXAMPLES[-number][0] for score, number in sorted(scored, reverse=True) if score > 0]
    usual = _USUAL_SELECTED if has_selection else _USUAL
    return tuple(dict.fromkeys([*best[:3], *usual]))[:3]


def _likeness(word: str, others: list[str]) -> float:
    if word in others:
        return 1.0
    if len(word) < 4:
        return 0.0
    best = max((difflib.SequenceMatcher(None, word, other).ratio() for other in others), default=0.0)
    return best - 0.2 if best > 0.75 else 0.0
