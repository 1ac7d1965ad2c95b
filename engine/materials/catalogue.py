"""What can be drawn: every entry of the library by its words, and a phrase read as one of them.

The vocabulary is closed. What a phrase holds beyond it is told with the nearest words there are, never left out in
silence and never drawn as something else.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

import torch
from PIL import ImageColor
from torch import Tensor

from engine.materials.canvas import Canvas
from engine.materials.colours import COLOURS
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

Rgb = tuple[float, float, float]
_LIBRARY = (
    *(patterns, masonry, timber, stone, metal, cloth, paper, flat),
    *(turf, ground, plants, water, sky, fire),
    *(coast, land, country, town, studio),
)

# Words that say nothing about what is drawn.
_FILLERS = frozenset(
    "a an the some of with in on and to into from by for over like looking looks style styled kind sort very really "
    "nice beautiful texture textured pattern patterned background backdrop surface material image picture photo "
    "photograph scene view made full my this that it area region at summer sunny real realistic natural floor "
    "wall".split()
)
_WORD = re.compile(r"#[0-9a-f]{3,8}\b|[^\W_]+(?:['-][^\W_]+)*")
_MOST_NEAREST = 4


def _scaled(picture: Tensor, factors: Rgb) -> Tensor:
    return picture * torch.tensor(factors, device=picture.device).view(1, 3, 1, 1)


def _contrast(picture: Tensor, share: float) -> Tensor:
    middle = picture.mean((2, 3), keepdim=True)
    return middle + (picture - middle) * share


# What an attribute does to a finished picture (B, 3, H, W), and by how much it changes the unit's size.
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
SCALES: Mapping[str, float] = MappingProxyType({"coarse": 1.7, "fine": 0.6})
ATTRIBUTES: tuple[str, ...] = (*_FINISH, *SCALES)
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


@cache
def phrases() -> Mapping[tuple[str, ...], str]:
    """Names and synonyms, as words, each with its entry's name. A name beats another entry's synonym."""
    found: dict[tuple[str, ...], str] = {}
    for material in entries().values():
        for synonym in material.synonyms:
            found.setdefault(_words(synonym), material.name)
    found.update({_words(name): name for name in entries()})
    return MappingProxyType(found)


def words() -> tuple[str, ...]:
    """Every single word of a caption: of names, colours and attributes, in a fixed order."""
    in_names = {word for name in entries() for word in _words(name)}
    return tuple(sorted(in_names | set(COLOURS) | set(ATTRIBUTES)))


def find(name: str) -> Material:
    """The entry of that name.

    Raises:
        KeyError: there is none.
    """
    return entries()[name]


def understand(phrase: str) -> Understood:
    """Read a phrase: one entry, colours, attributes; the longest names first."""
    said = _words(phrase)
    taken = [False] * len(said)
    name = _longest_name(said, taken)
    colours, attributes, unknown = _read_rest(said, taken)
    if name is None and colours:
        name = "plain" if len(colours) == 1 else "gradient"
    if name is not None:
        entry = find(name)
        # A scene has its own colours; of the others a plain material takes one.
        most = entry.colours if entry.kind is Kind.SCENE else max(1, entry.colours)
        unknown += [word for word, _ in colours[most:]]
        colours = colours[:most]
    nearest = _nearest(unknown) if unknown or name is None else ()
    return Understood(name, tuple(rgb for _, rgb in colours), tuple(attributes), tuple(unknown), nearest)


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
        found += difflib.get_close_matches(word, names, n=_MOST_NEAREST, cutoff=0.6)
        single = {part: name for name in names for part in name.split()}
        found += [single[part] for part in difflib.get_close_matches(word, list(single), n=2, cutoff=0.7)]
    return tuple(dict.fromkeys(found))[:_MOST_NEAREST]
