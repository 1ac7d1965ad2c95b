"""The words that can be drawn, and a phrase read as one of them. No torch: a plan is checked with this.

The vocabulary is closed. What a phrase holds beyond it is told with the nearest words there are, never left out in
silence and never drawn as something else. `wordlist` is written from the library (`catalogue.write_words`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from PIL import ImageColor

from engine.materials.wordlist import WORDS

# A few of the hundred, for a person to choose from.
DRAWABLE = "brick wall, grass, marble, sunset sea, navy to teal gradient, red and white stripes and a hundred more"

Rgb = tuple[float, float, float]

# The colour words the model is trained on, sRGB 0 … 1, as designers use them (not CSS's pure corners).
COLOURS: dict[str, tuple[float, float, float]] = {
    "red": (0.80, 0.12, 0.12),
    "orange": (0.93, 0.52, 0.12),
    "yellow": (0.95, 0.85, 0.22),
    "green": (0.20, 0.60, 0.22),
    "teal": (0.10, 0.55, 0.55),
    "blue": (0.15, 0.32, 0.80),
    "navy": (0.07, 0.13, 0.33),
    "purple": (0.48, 0.20, 0.65),
    "pink": (0.95, 0.58, 0.72),
    "brown": (0.42, 0.26, 0.14),
    "beige": (0.86, 0.78, 0.64),
    "gold": (0.83, 0.66, 0.26),
    "black": (0.06, 0.06, 0.07),
    "white": (0.95, 0.95, 0.94),
    "grey": (0.52, 0.52, 0.52),
}

# Words that say nothing about what is drawn.
_FILLERS = frozenset(
    "a an the some of with in on and to into from by for over like looking looks style styled kind sort very really "
    "nice beautiful texture textured pattern patterned background backdrop surface material image picture photo "
    "photograph scene view made full my this that it area region at summer sunny real realistic natural floor "
    "wall".split()
)
_WORD = re.compile(r"#[0-9a-f]{3,8}\b|[^\W_]+(?:['-][^\W_]+)*")
_MOST_NEAREST = 4
# What an attribute does to the scale of what is drawn.
SCALES: Mapping[str, float] = MappingProxyType({"coarse": 1.7, "fine": 0.6})
ATTRIBUTES: tuple[str, ...] = ("warm", "cool", "dark", "light", "soft", "blurred", *SCALES)
_ATTRIBUTE_SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("warmer", "golden-hour"), "warm"),
        **dict.fromkeys(("cooler", "cold", "icy"), "cool"),
        **dict.fromkeys(("darker", "deep", "dim"), "dark"),
        **dict.fromkeys(("lighter", "bright", "brighter", "pale"), "light"),
        **dict.fromkeys(("softer", "subtle", "gentle", "muted", "faded"), "soft"),
        **dict.fromkeys(("blurry", "unfocused", "out-of-focus", "defocused"), "blurred"),
        **dict.fromkeys(("coarser", "large", "larger", "big", "bigger", "close-up", "wide"), "coarse"),
        **dict.fromkeys(("finer", "small", "smaller", "tiny", "thin", "narrow"), "fine"),
    }
)


class Kind(StrEnum):
    """How a word fills a region."""

    PATTERN = "pattern"  # drawn exactly, by rule: no model has a say in it
    MATERIAL = "material"  # the same everywhere: more of it in a larger region
    SCENE = "scene"  # composed over the frame: sky above, ground below


@dataclass(frozen=True, slots=True)
class Word:
    """An entry of the library, without its drawing: see `material.Material`."""

    name: str
    kind: Kind
    colours: int
    synonyms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Understood:
    """A phrase as the library reads it.

    Attributes:
        entry: name of what is drawn, or None when nothing was recognised.
        colours: sRGB 0 … 1, in the order they were said.
        attributes: of `ATTRIBUTES`.
        unknown: words that mean nothing here.
        nearest: for the unknown words, what is there instead.
    """

    entry: str | None
    colours: tuple[Rgb, ...] = ()
    attributes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    nearest: tuple[str, ...] = field(default=())

    @property
    def is_whole(self) -> bool:
        """Everything in it was understood."""
        return self.entry is not None and not self.unknown


def caption(understood: Understood) -> str:
    """What was understood in the words that the models are trained on: attributes, colours, entry.

    A colour of its own (``#3366cc``, “salmon”) is told as the nearest one that has a name there.

    Raises:
        ValueError: nothing was understood.
    """
    if understood.entry is None:
        raise ValueError("nothing was understood, so there is nothing to say")
    return " ".join([*understood.attributes, *map(_nearest_colour, understood.colours), understood.entry])


def _nearest_colour(rgb: Rgb) -> str:
    def distance(name: str) -> float:
        return sum((a - b) ** 2 for a, b in zip(COLOURS[name], rgb, strict=True))

    return min(COLOURS, key=distance)


@cache
def entries() -> Mapping[str, Word]:
    """Every entry by its name."""
    return MappingProxyType(
        {name: Word(name, Kind(kind), colours, synonyms) for name, kind, colours, synonyms in WORDS}
    )


@cache
def phrases() -> Mapping[tuple[str, ...], str]:
    """Names and synonyms, as words, each with its entry's name. A name beats another entry's synonym."""
    found: dict[tuple[str, ...], str] = {}
    for word in entries().values():
        for synonym in word.synonyms:
            found.setdefault(_words(synonym), word.name)
    found.update({_words(name): name for name in entries()})
    return MappingProxyType(found)


def words() -> tuple[str, ...]:
    """Every single word of a caption: of names, colours and attributes, in a fixed order."""
    in_names = {word for name in entries() for word in _words(name)}
    return tuple(sorted(in_names | set(COLOURS) | set(ATTRIBUTES)))


def understand(phrase: str) -> Understood:
    """Read a phrase: one entry, colours, attributes; the longest names first."""
    said = _words(phrase)
    taken = [False] * len(said)
    name = _longest_name(said, taken)
    colours, attributes, unknown = _read_rest(said, taken)
    if name is None and colours:
        name = "plain" if len(colours) == 1 else "gradient"
    if name is not None:
        entry = entries()[name]
        # A scene has its own colours; of the others a plain material takes one.
        most = entry.colours if entry.kind is Kind.SCENE else max(1, entry.colours)
        unknown += [word for word, _ in colours[most:]]
        colours = colours[:most]
    nearest = _nearest(unknown) if unknown or name is None else ()
    return Understood(name, tuple(rgb for _, rgb in colours), tuple(attributes), tuple(unknown), nearest)


def _words(phrase: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(phrase.lower()))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _longest_name(said: Sequence[str], taken: list[bool]) -> str | None:
    """The longest name or synonym among the words; marks them as taken."""
    plain = {tuple(map(_singular, key)): name for key, name in phrases().items()}
    longest = max(map(len, plain))
    for length in range(min(longest, len(said)), 0, -1):
        for start in range(len(said) - length + 1):
            name = plain.get(tuple(map(_singular, said[start : start + length])))
            if name is not None:
                taken[start : start + length] = [True] * length
                # "Oak wood": a second word for the same thing says nothing new.
                of_its_name = set(map(_singular, _words(name)))
                for number, word in enumerate(said):
                    taken[number] |= plain.get((_singular(word),)) == name or _singular(word) in of_its_name
                return name
    return None


def _read_rest(said: Sequence[str], taken: Sequence[bool]) -> tuple[list[tuple[str, Rgb]], list[str], list[str]]:
    colours: list[tuple[str, Rgb]] = []
    attributes: list[str] = []
    unknown: list[str] = []
    for word, done in zip(said, taken, strict=True):
        if done or word in _FILLERS:
            continue
        attribute = word if word in ATTRIBUTES else _ATTRIBUTE_SYNONYMS.get(word)
        rgb = colour_of(word)
        if attribute is not None:
            attributes.append(attribute)
        elif rgb is not None:
            colours.append((word, rgb))
        else:
            unknown.append(word)
    return colours, list(dict.fromkeys(attributes)), list(dict.fromkeys(unknown))


def colour_of(word: str) -> Rgb | None:
    """A colour word, a CSS colour name, or a hexadecimal colour; None for anything else."""
    word = "grey" if word == "gray" else word
    if word in COLOURS:
        return COLOURS[word]
    if not word.startswith("#") and word not in ImageColor.colormap:
        return None
    try:
        red, green, blue = ImageColor.getrgb(word)[:3]
    except ValueError:
        return None
    return red / 255, green / 255, blue / 255


def _nearest(unknown: Sequence[str]) -> tuple[str, ...]:
    """Names that resemble the unknown words, or share one with them."""
    names = list(entries())
    found: list[str] = []
    for word in unknown:
        found += difflib.get_close_matches(word, names, n=_MOST_NEAREST, cutoff=0.7)
        single = {part: name for name in names for part in name.split()}
        found += [single[part] for part in difflib.get_close_matches(word, list(single), n=2, cutoff=0.7)]
    return tuple(dict.fromkeys(found))[:_MOST_NEAREST]
