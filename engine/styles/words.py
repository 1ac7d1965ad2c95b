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

# A few of them, for a person to choose from.
STYLES = "watercolour, oil painting, pencil sketch, comic, halftone, mosaic, film noir, sepia, cinematic and 30 more"

_MOST_NEAREST = 4
# A thousandth of the layer's side, the root of its area; strokes of a small layer are not finer than its pixels allow.
_UNITS, _LEAST_UNIT_PX = 1000, 0.6


@dataclass(frozen=True, slots=True)
class Style:
    """One manner.

    Attributes:
        name: lower case, as the plan and the facts say it.
        reach_units: so far around a pixel its look is decided, in thousandths of the layer's side.
        colours: how many colour words it takes.
        has_strokes: whether it has marks that can be larger or finer.
        synonyms: other words for it.
    """

    name: str
    reach_units: float
    colours: int
    has_strokes: bool
    synonyms: tuple[str, ...]


def _style(name: str, reach_units: float, colours: int, strokes: bool, *synonyms: str) -> Style:
    return Style(name, reach_units, colours, strokes, synonyms)


_ALL = (
    _style("watercolour", 45, 0, True, "aquarelle", "watercolours", "water colour", "wash drawing", "watercolour wash"),
    _style("gouache", 60, 0, True, "tempera", "poster paint", "acrylic", "acrylics"),
    _style(
        "oil painting",
        65,
        0,
        True,
        "oil",
        "oils",
        "oil paint",
        "painterly",
        "painting",
        "impasto",
        "canvas painting",
        "oil on canvas",
    ),
    _style(
        "impressionist", 65, 0, True, "impressionism", "impressionistic", "brush strokes", "brushstrokes", "plein air"
    ),
    _style("pointillism", 25, 0, True, "pointillist", "pointilist", "pointilism", "dots of paint", "divisionism"),
    _style("pastel", 65, 0, True, "pastels", "pastel drawing", "chalk pastel", "soft pastel"),
    _style(
        "pencil sketch",
        60,
        0,
        True,
        "pencil",
        "sketch",
        "graphite",
        "pencils",
        "sketched",
        "sketchy",
        "hand drawn",
        "pencil shading",
    ),
    _style("coloured pencil", 50, 0, True, "coloured pencils", "crayola", "colouring pencil"),
    _style("charcoal", 55, 0, True, "coal", "conte", "charcoal stick"),
    _style("ink", 35, 1, True, "ink drawing", "black ink", "brush and ink", "india ink", "indian ink"),
    _style(
        "line drawing",
        35,
        1,
        True,
        "line art",
        "lineart",
        "outline",
        "outlines",
        "contour",
        "contours",
        "line",
        "fineliner",
        "colouring book",
        "colouring page",
    ),
    _style(
        "hatching",
        65,
        1,
        True,
        "cross hatching",
        "crosshatching",
        "cross hatched",
        "crosshatched",
        "hatched",
        "pen and ink",
        "pen",
        "etching",
        "etched",
        "biro",
        "ballpoint",
        "ballpoint pen",
    ),
    _style(
        "engraving",
        35,
        1,
        True,
        "engraved",
        "banknote",
        "bank note",
        "copperplate",
        "steel engraving",
        "copper engraving",
    ),
    _style(
        "woodcut",
        95,
        1,
        True,
        "linocut",
        "lino cut",
        "lino",
        "wood cut",
        "woodblock",
        "wood block",
        "block print",
        "wood engraving",
    ),
    _style("chalk", 35, 0, True, "chalkboard", "blackboard", "chalk board", "chalk drawing"),
    _style("blueprint", 35, 1, True, "blue print", "technical drawing", "schematic"),
    _style("cartoon", 40, 0, True, "cel shading", "cel shaded", "toon", "cartoonish", "flat illustration"),
    _style("comic", 40, 0, True, "comics", "comic book", "graphic novel", "ben day dots"),
    _style("pop art", 40, 4, True, "popart", "silkscreen", "silk screen"),
    _style(
        "poster",
        45,
        0,
        True,
        "posterised",
        "posterise",
        "posterized",
        "screen print",
        "screenprint",
        "serigraph",
        "travel poster",
        "flat colours",
    ),
    _style("halftone", 6, 0, True, "half tone", "cmyk", "print dots", "halftone dots", "magazine print"),
    _style("newspaper", 6, 1, True, "newsprint", "news paper", "newspaper print"),
    _style("risograph", 8, 2, True, "riso", "riso print", "risograph print", "spot colour"),
    _style(
        "paper cut",
        55,
        0,
        True,
        "papercut",
        "cut paper",
        "paper cutout",
        "cut out paper",
        "layered paper",
        "paper layers",
        "paper art",
    ),
    _style(
        "pixel art",
        14,
        0,
        True,
        "pixel",
        "pixels",
        "pixelated",
        "pixelised",
        "8 bit",
        "8bit",
        "16 bit",
        "16bit",
        "retro game",
        "video game",
    ),
    _style("mosaic", 45, 0, True, "mosaics", "tesserae", "roman mosaic", "mosaic tiles"),
    _style("stained glass", 120, 0, True, "church window", "leaded glass", "tiffany glass", "glass window"),
    _style("low poly", 110, 0, True, "lowpoly", "polygons", "polygonal", "polygon", "facets", "faceted", "triangles"),
    _style(
        "neon", 75, 1, True, "neon glow", "neon lights", "neon light", "neon lighting", "glowing lines", "neon sign"
    ),
    _style(
        "sepia", 4, 0, False, "sepia toned", "sepia tone", "antique", "daguerreotype", "old photo", "old photograph"
    ),
    _style(
        "vintage",
        30,
        0,
        False,
        "faded",
        "faded film",
        "vintage film",
        "retro",
        "film",
        "analogue",
        "analog",
        "analogue film",
        "old film",
        "lo fi",
        "lofi",
        "lomo",
        "lomography",
        "70s",
        "1970s",
        "kodak",
        "seventies",
    ),
    _style("polaroid", 10, 0, False, "instant film", "instax", "instant camera"),
    _style("film noir", 65, 0, False, "noir", "dramatic black and white"),
    _style("cyanotype", 6, 0, False, "prussian blue", "sun print"),
    _style("cross processed", 6, 0, False, "cross process", "cross processing", "slide film", "xpro"),
    _style("infrared", 45, 0, False, "infra red", "aerochrome", "ir"),
    _style(
        "duotone",
        4,
        2,
        False,
        "duo tone",
        "two tone",
        "two tones",
        "two colour",
        "two coloured",
        "gradient map",
        "bichrome",
    ),
    _style(
        "cinematic",
        45,
        0,
        False,
        "cinema",
        "movie",
        "teal and orange",
        "orange and teal",
        "film grade",
        "blockbuster",
        "hollywood",
        "movie still",
        "cinematic lighting",
        "cinematic light",
    ),
    _style(
        "golden hour",
        75,
        0,
        False,
        "golden hour lighting",
        "golden hour light",
        "sunset",
        "sunset lighting",
        "evening sun",
        "sunset light",
        "golden light",
    ),
    _style(
        "blue hour", 55, 0, False, "dusk", "night", "nighttime", "night time", "moonlight", "day for night", "moonlit"
    ),
    _style("bleach bypass", 6, 0, False, "skip bleach", "gritty", "grunge"),
    _style(
        "vaporwave",
        45,
        0,
        False,
        "vapourwave",
        "vapor wave",
        "vapour wave",
        "synthwave",
        "outrun",
        "80s",
        "1980s",
        "retrowave",
        "eighties",
        "vhs",
    ),
    _style("cyberpunk", 50, 0, False, "cyber punk", "neon city"),
)

# Single words that mean a style wherever they stand.
SURE: frozenset[str] = frozenset(
    """
    watercolor aquarelle painterly pointillist impressionistic impressionism crosshatched crosshatching linocut
    lineart cartoonish toon comics popart posterised posterized posterise halftone newsprint riso papercut pixelated
    pixelised lowpoly noir duotone polaroid lomo vapourwave synthwave vintage retro cinematic engraved etched etching
    gritty grunge infrared aerochrome chalkboard blackboard screenprint silkscreen banknote daguerreotype
    """.split()
)

# Manners that are asked for and are not here, and what comes near to them.
_NEAR: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("gogh", "vincent", "monet", "renoir", "degas"), ("impressionist", "oil painting", "pastel")),
        **dict.fromkeys(("seurat", "signac"), ("pointillism", "impressionist")),
        **dict.fromkeys(("hokusai", "hiroshige", "ukiyo", "japanese"), ("woodcut", "poster", "ink")),
        **dict.fromkeys(
            ("picasso", "braque", "cubist", "cubism", "origami", "geometric"),
            ("low poly", "stained glass", "paper cut"),
        ),
        **dict.fromkeys(("manga", "sumi", "stencil", "doodle"), ("ink", "line drawing", "comic")),
        **dict.fromkeys(("minimal", "minimalist", "vector"), ("line drawing", "poster", "paper cut")),
        **dict.fromkeys(("crayon", "crayons"), ("pastel", "coloured pencil")),
        **dict.fromkeys(("renaissance", "baroque", "rococo"), ("oil painting", "engraving")),
        **dict.fromkeys(("lithograph", "lithography", "aquatint"), ("hatching", "charcoal", "engraving")),
        **dict.fromkeys(("collage", "cutout"), ("paper cut", "pop art")),
        **dict.fromkeys(("caricature", "animated", "illustration"), ("cartoon", "comic", "gouache")),
        **dict.fromkeys(("moody", "dramatic", "hitchcock"), ("cinematic", "film noir", "bleach bypass")),
        **dict.fromkeys(("sunny", "sunrise", "summer", "summery", "autumn", "autumnal"), ("golden hour", "cinematic")),
        **dict.fromkeys(("evening", "dawn", "morning"), ("blue hour", "golden hour")),
        **dict.fromkeys(("futuristic", "sci", "runner"), ("cyberpunk", "vaporwave", "neon")),
        **dict.fromkeys(("anime", "ghibli", "miyazaki", "disney", "pixar", "simpsons"), ("cartoon", "comic", "poster")),
        **dict.fromkeys(
            ("claymation", "clay", "3d", "render", "lego", "figurine"), ("cartoon", "paper cut", "low poly")
        ),
        **dict.fromkeys(("rembrandt", "vermeer", "caravaggio", "leonardo", "vinci"), ("oil painting", "charcoal")),
        **dict.fromkeys(("warhol", "lichtenstein", "basquiat", "haring"), ("pop art", "comic", "poster")),
        **dict.fromkeys(("klimt", "gaudi", "byzantine"), ("mosaic", "stained glass")),
        **dict.fromkeys(("durer", "dürer", "doré", "dore"), ("engraving", "woodcut", "hatching")),
        **dict.fromkeys(("anderson", "wes", "kubrick", "tarantino"), ("cinematic", "vintage", "polaroid")),
        **dict.fromkeys(
            ("winter", "snowy", "snow", "foggy", "rainy", "stormy", "rain", "cloudy"),
            ("blue hour", "bleach bypass", "watercolour"),
        ),
        **dict.fromkeys(("surreal", "psychedelic", "dreamy", "ethereal"), ("infrared", "vaporwave", "pop art")),
        **dict.fromkeys(("steampunk", "gothic", "rustic", "spooky"), ("sepia", "engraving", "film noir")),
        **dict.fromkeys(("tattoo", "graffiti"), ("ink", "pop art", "comic")),
        **dict.fromkeys(("photorealistic", "hyperrealistic", "realistic"), ("cinematic", "golden hour")),
    }
)

_FILLERS = frozenset(
    """
    a an the some of with in on and from by for like looking looks look style styles styled stylised kind
    sort more than too so quite rather pretty nicely very really nice beautiful picture image photo
    photograph photographs portrait scene effect filter art artwork drawing drawn drawings painting painted
    paint print printed render rendered rendering illustration illustrated book film films movie movies
    grade graded grading colours colour tone toned tones treatment aesthetic vibe feel mood made piece work
    paper fine hand old classic traditional real realistic lighting light lights shadows highlights inks
    lines sketch tiles window version dots shading design texture
    """.split()
)
# What is black and white anyway may be called so.
_MONOCHROME = frozenset(
    {
        "pencil sketch",
        "charcoal",
        "ink",
        "line drawing",
        "hatching",
        "engraving",
        "woodcut",
        "chalk",
        "newspaper",
        "film noir",
    }
)
_BLACK_AND_WHITE = frozenset("black white grey monochrome mono bw".split())
# How much of it, and how large its marks are.
_STRENGTHS: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "slight",
                "slightly",
                "subtle",
                "subtly",
                "light",
                "lightly",
                "gentle",
                "gently",
                "little",
                "bit",
                "touch",
                "hint",
                "mild",
                "mildly",
                "soft",
                "faint",
                "delicate",
            ),
            0.5,
        ),
        **dict.fromkeys(
            (
                "strong",
                "strongly",
                "heavy",
                "heavily",
                "bold",
                "extreme",
                "extremely",
                "intense",
                "lot",
                "much",
                "super",
                "dramatic",
            ),
            1.3,
        ),
    }
)
_SIZES: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(("fine", "finer", "small", "smaller", "tiny", "detailed", "delicate", "thin"), 0.65),
        **dict.fromkeys(
            (
                "coarse",
                "coarser",
                "large",
                "larger",
                "big",
                "bigger",
                "broad",
                "loose",
                "rough",
                "chunky",
                "thick",
                "huge",
            ),
            1.6,
        ),
    }
)
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
    return MappingProxyType({style.name: style for style in _ALL})


@cache
def phrases() -> Mapping[tuple[str, ...], str]:
    """Names and synonyms, as words, each with its style's name. A name beats another's synonym."""
    found: dict[tuple[str, ...], str] = {}
    for style in _ALL:
        for synonym in style.synonyms:
            found.setdefault(_words(synonym), style.name)
    found.update({_words(style.name): style.name for style in _ALL})
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
        if style is not None and style.has_strokes and word in _SIZES:
            size = _SIZES[word]
        elif word in _STRENGTHS:
            strength = _STRENGTHS[word]
        elif word.endswith("%"):
            strength = min(1.3, int(word.rstrip(" %")) / 100)
        elif name in _MONOCHROME and word in _BLACK_AND_WHITE:
            continue
        elif rgb is not None and style is not None and len(colours) < style.colours:
            colours.append(rgb)
        elif word not in _FILLERS:
            unknown.append(word)
    nearest = _nearest(unknown or said) if unknown or style is None else ()
    if strength > 1 and style is not None and style.has_strokes:
        strength, size = 1.0, size * _BOLDER  # more of a brush is a larger brush
    return Wanted(name, tuple(colours), strength, size, tuple(dict.fromkeys(unknown)), nearest)


def is_degree(word: str) -> bool:
    """Whether it only says how much, or how large."""
    return word in _STRENGTHS or word in _SIZES


def unit_px(layer: Size) -> float:
    """What the sizes of a style are thousandths of, in pixels."""
    return max(_LEAST_UNIT_PX, math.sqrt(layer.area) / _UNITS)


def margin_px(style: Style, layer: Size, size: float = 1.0) -> int:
    """So many pixels around a place decide how it looks."""
    return math.ceil(style.reach_units * unit_px(layer) * max(1.0, size)) + 4


def reach_of_style(prompt: str | None, region_px: PixelRect, layer: Size) -> PixelRect:
    """The window that a region's new style needs; without words (a reference) that of the widest."""
    wanted = None if prompt is None else understand(prompt)
    style = styles().get((wanted.style if wanted else None) or "") or max(_ALL, key=lambda each: each.reach_units)
    return region_px.grow(margin_px(style, layer, wanted.size if wanted else 1.0)).intersect(layer.rect)


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
                length == 1 and len(said) > 1 and said[start] in _FILLERS and _other(said, start)
            ):
                taken[start : start + length] = [True] * length
                _take_same(said, taken, name)
                return name
    return None


def _other(said: Sequence[str], start: int) -> bool:
    """Whether another of the words names a style by itself."""
    known = phrases()
    return any((word,) in known and number != start and word not in _FILLERS for number, word in enumerate(said))


def _take_same(said: Sequence[str], taken: list[bool], name: str) -> None:
    """“Charcoal stick drawing”, “noir film”: more words for the same style."""
    known = phrases()
    own = {word for phrase, other in known.items() if other == name for word in phrase}
    for number, word in enumerate(said):
        taken[number] = taken[number] or known.get((word,)) == name or (word in own and word in _FILLERS)


def _nearest(words: Sequence[str]) -> tuple[str, ...]:
    """Styles that come near to the words, resemble them, or share one with them."""
    names = {" ".join(phrase): name for phrase, name in phrases().items()}
    parts = {part: name for phrase, name in names.items() for part in phrase.split() if part not in _FILLERS}
    found: list[str] = []
    for word in words:
        found += _NEAR.get(word, ())
        found += [names[each] for each in difflib.get_close_matches(word, list(names), n=2, cutoff=0.7)]
        found += [parts[each] for each in difflib.get_close_matches(word, list(parts), n=2, cutoff=0.75)]
    return tuple(dict.fromkeys(found))[:_MOST_NEAREST]
