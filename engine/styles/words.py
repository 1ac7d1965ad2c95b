"""The styles that can be drawn, and a phrase read as one of them. No torch: a plan is checked with this.

The vocabulary is closed. What a phrase holds beyond it is told with the nearest styles there are, never left out in
silence and never drawn as something else.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from engine.geometry import PixelRect, Size
from engine.materials.words import Rgb, colour_of
from engine.styles.wordlist import (
    ALL,
    BLACK_AND_WHITE,
    FILLERS,
    MONOCHROME,
    NEAR,
    SIZES,
    STRENGTHS,
    SURE,
    Style,
)

__all__ = [
    "MANNER_UNITS",
    "STYLES",
    "SURE",
    "Style",
    "Wanted",
    "is_degree",
    "margin_px",
    "phrases",
    "reach_of_style",
    "styles",
    "understand",
    "unit_px",
]

# A few of them, for a person to choose from.
STYLES = "watercolour, oil painting, pencil sketch, comic, halftone, mosaic, film noir, sepia, cinematic and 30 more"

_MOST_NEAREST = 4
# A thousandth of the layer's side, the root of its area; strokes of a small layer are not finer than its pixels allow.
_UNITS, _LEAST_UNIT_PX = 1000, 0.6
# So many of them around a pixel tell what detail it has, where another picture's manner is taken.
MANNER_UNITS = 30.0
# Filters' sizes are rounded to whole pixels, each up.
_ROUNDING_PX = 4


# More of a brush is a larger brush.
_BOLDER = 1.25
_WORD = re.compile(r"#[0-9a-f]{3,8}\b|\d{1,3} ?%|[^\W_]+(?:'[^\W_]+)*")
_AMERICAN: tuple[tuple[str, str], ...] = (
    ("colors", "colours"),
    ("color", "colour"),
    ("ized", "ised"),
    ("gray", "grey"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A phrase as the styles read it.

    Attributes:
        style: its name, or None when none was recognised.
        colours: sRGB 0 … 1, in the order they were said, at most as many as the style takes.
        strength: 0 … 1 of the style's usual strength, or up to 1.3.
        size: of strokes, dots and pieces; 1 as usual.
        unknown: words that mean nothing here.
        nearest: styles that come near to what is unknown.
    """

    style: str | None
    colours: tuple[Rgb, ...] = ()
    strength: float = 1.0
    size: float = 1.0
    unknown: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Everything in it was understood."""
        return self.style is not None and not self.unknown


@cache
def styles() -> Mapping[str, Style]:
    """Every style by its name."""
    return MappingProxyType({style.name: style for style in ALL})


@cache
def phrases() -> Mapping[tuple[str, ...], str]:
    """Names and synonyms, as words, each with its style's name. A name beats another's synonym."""
    found: dict[tuple[str, ...], str] = {}
    for style in ALL:
        for synonym in style.synonyms:
            found.setdefault(_words(synonym), style.name)
    found.update({_words(style.name): style.name for style in ALL})
    return MappingProxyType(found)


def understand(phrase: str) -> Wanted:
    """Read a phrase: one style, colours, how much and how large; the longest names first."""
    said = _words(phrase)
    taken = [False] * len(said)
    name = _longest(said, taken)
    colours: list[Rgb] = []
    unknown: list[str] = []
    strength = size = 1.0
    style = styles().get(name or "")
    for word, is_done in zip(said, taken, strict=True):
        if is_done:
            continue
        rgb = colour_of(word)
        if style is not None and style.has_strokes and word in SIZES:
            size = SIZES[word]
        elif word in STRENGTHS:
            strength = STRENGTHS[word]
        elif word.endswith("%"):
            strength = min(1.3, int(word.rstrip(" %")) / 100)
        elif name in MONOCHROME and word in BLACK_AND_WHITE:
            continue
        elif rgb is not None and style is not None and len(colours) < style.colours:
            colours.append(rgb)
        elif word not in FILLERS:
            unknown.append(word)
    nearest = _nearest(unknown or said) if unknown or style is None else ()
    if strength > 1 and style is not None and style.has_strokes:
        strength, size = 1.0, size * _BOLDER  # more of a brush is a larger brush
    return Wanted(name, tuple(colours), strength, size, tuple(dict.fromkeys(unknown)), nearest)


def is_degree(word: str) -> bool:
    """Whether it only says how much, or how large."""
    return word in STRENGTHS or word in SIZES


def unit_px(layer: Size) -> float:
    """What the sizes of a style are thousandths of, in pixels."""
    return max(_LEAST_UNIT_PX, math.sqrt(layer.area) / _UNITS)


def margin_px(style: Style, layer: Size, size: float = 1.0) -> int:
    """So many pixels around a place decide how it looks."""
    return math.ceil(style.reach_units * unit_px(layer) * max(1.0, size)) + _ROUNDING_PX


def reach_of_style(prompt: str | None, region_px: PixelRect, layer: Size) -> PixelRect:
    """The window that a region's new style needs; without words it is that of another picture's manner."""
    if prompt is None:
        return region_px.grow(math.ceil(MANNER_UNITS * unit_px(layer)) + _ROUNDING_PX).intersect(layer.rect)
    wanted = understand(prompt)
    # What is no style is refused; whoever asks before that gets a window that does for any.
    style = styles().get(wanted.style or "") or max(ALL, key=lambda each: each.reach_units)
    return region_px.grow(margin_px(style, layer, wanted.size)).intersect(layer.rect)


def _words(phrase: str) -> tuple[str, ...]:
    low = phrase.lower().replace("’", "'")
    for american, british in _AMERICAN:
        low = low.replace(american, british)
    return tuple(_WORD.findall(low))


def _longest(said: Sequence[str], taken: list[bool]) -> str | None:
    """The longest name or synonym among the words; marks all that say the same."""
    known = phrases()
    longest = max(map(len, known))
    for length in range(min(longest, len(said)), 0, -1):
        for start in range(len(said) - length + 1):
            name = known.get(tuple(said[start : start + length]))
            # “Painting” alone is oil; beside another word it says nothing.
            if name is not None and not (
                length == 1 and len(said) > 1 and said[start] in FILLERS and _other(said, start)
            ):
                taken[start : start + length] = [True] * length
                _take_same(said, taken, name)
                return name
    return None


def _other(said: Sequence[str], start: int) -> bool:
    """Whether another of the words names a style by itself."""
    known = phrases()
    return any((word,) in known and number != start and word not in FILLERS for number, word in enumerate(said))


def _take_same(said: Sequence[str], taken: list[bool], name: str) -> None:
    """“Charcoal stick drawing”, “noir film”: more words for the same style."""
    known = phrases()
    own = {word for phrase, other in known.items() if other == name for word in phrase}
    for number, word in enumerate(said):
        taken[number] = taken[number] or known.get((word,)) == name or (word in own and word in FILLERS)


def _nearest(words: Sequence[str]) -> tuple[str, ...]:
    """Styles that come near to the words, resemble them, or share one with them."""
    names = {" ".join(phrase): name for phrase, name in phrases().items()}
    parts = {part: name for phrase, name in names.items() for part in phrase.split() if part not in FILLERS}
    found: list[str] = []
    for word in words:
        found += NEAR.get(word, ())
        found += [names[each] for each in difflib.get_close_matches(word, list(names), n=2, cutoff=0.7)]
        found += [parts[each] for each in difflib.get_close_matches(word, list(parts), n=2, cutoff=0.75)]
    return tuple(dict.fromkeys(found))[:_MOST_NEAREST]
