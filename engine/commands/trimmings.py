"""What is said around a text or a placed picture: where, how large, in which colour and style, how see-through.

Everything must be accounted for: what is left over is not understood, and then the clause is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from engine.commands.amounts import number_of
from engine.commands.colours import is_colour
from engine.commands.lexicon import NUMBERS
from engine.commands.parts import place_of
from engine.commands.text import Said

_COUNT = "|".join(NUMBERS)
_FONT_WORDS = (
    "bold|italic|sleek|handwritten|handwriting|hand written|classic|elegant|modern|serif|sans serif|sans|script|retro"
    "|playful|condensed|thin|light|heavy|black|monospace|mono|cursive|calligraphy|calligraphic|vintage|minimal"
    "|minimalist|fancy|chunky|rounded|slab|gothic|futuristic|brush|neon|outlined|typewriter|clean|simple|decorative"
    "|stencil|art deco|grotesque|geometric|western|comic|formal|casual|uppercase|underlined|marker"
)
_STYLE = rf"(?:{_FONT_WORDS})(?:(?: and| ,)? (?:{_FONT_WORDS}))*"
_SIZE_WORDS = {
    "small": "small", "tiny": "small", "little": "small", "smaller": "small", "medium": "medium",
    "medium sized": "medium", "big": "large", "large": "large", "larger": "large", "bigger": "large", "huge": "huge",
    "giant": "huge", "enormous": "huge", "massive": "huge",
}  # fmt: skip
_SIZES = "|".join(sorted(_SIZE_WORDS, key=len, reverse=True))
_LETTERS = r"(?:text|letters?|letter|lettering|font|type|typeface|style|writing|characters|handwriting|capitals|script)"
_FILLER = re.compile(
    r"(?:,|and|with|in|please|it|the|a|an|some|as|using|use|make|set|text|letters|font|colou?r|colou?red|style|"
    r"of|on top|on it|"
    r"to|this|my|image|picture|photo|over|onto|on|for|letters?|lettering|type)"
)
_WORD = r"[#\w(),.]+"
_TAIL = r"(?: ,)?$"
_PLACE_WORDS = (
    r"(?:(?:right )?(?:in|on|at|to|into|near|along|across|towards|inside) )?(?:the )?(?:very |far )?"
    r"(?:(?:top|upper|bottom|lower|middle|center|centre) (?:left|right|center|centre|middle)(?: hand)?"
    r"|(?:left|right) (?:top|bottom|middle)|top|bottom|left(?: hand)?|right(?: hand)?|(?:dead )?(?:centre|"
    r"center)|middle)"
    r"(?: (?:corner|side|edge|part|area|margin))?"
    r"(?: (?:of|in) (?:the|this|my) (?:image|picture|photo|canvas|layer|frame|page|design|banner|poster|thumbnail))?"
)
_HERE = (
    r"(?:below|underneath|beneath|above|(?:right )?(?:here|there|in (?:this|the) (?:spot|place|selection|area|"
    r"space|box)|in here))"
)
_CENTRED = r"(?:centred|centered)"


@dataclass(slots=True)
class Trimmings:
    """What was said about a text or a placed picture, as the plan's fields; ``rest`` is what was not understood."""

    fields: dict[str, object] = field(default_factory=dict[str, object])
    rest: Said | None = None


_COMMON: tuple[tuple[str, str], ...] = (
    ("place", rf"(?P<v>{_PLACE_WORDS}|{_HERE})"),
    (
        "rect",
        r"(?:in|at|on|inside|into|within|to)? ?(?:the )?(?:rectangle|box|rect|area|frame|region)? ?(?:from |at )?"
        r"(?P<v>\d+ , \d+ (?:, |to )\d+ , \d+)",
    ),
    ("centred", rf"(?P<v>{_CENTRED})"),
)
# Three words of a colour before two before one: “light navy blue”, “in bold white”.
_COLOURS = (rf"{_WORD} {_WORD} {_WORD}", rf"{_WORD} {_WORD}", _WORD)
_OF_TEXT: tuple[tuple[str, str], ...] = (
    *(
        (
            "colour",
            rf"(?:in|with|using|coloured|colored) (?:an? |the )?(?:colou?r )?(?P<v>{words})(?: colou?r)?(?: "
            rf"{_LETTERS})?",
        )
        for words in _COLOURS
    ),
    ("style", rf"(?:in|with|using|as) (?:an? |the )?(?P<v>{_STYLE})(?: {_LETTERS})?(?: style)?"),
    ("size", rf"(?:in|at|with) (?:an? )?(?:font )?(?:size )?(?P<v>{_SIZES})(?: size)?(?: {_LETTERS})?"),
    ("points", r"(?:in |at |size |font size |of )*(?P<v>\d+)(?:pt|px)(?: (?:tall|high|big|large|size|font))?"),
    ("height", r"(?:at )?(?P<v>\d+(?:\.\d+)?)% (?:of the height|size|high|tall|of the (?:image|picture) height)"),
    ("style", rf"(?P<v>{_STYLE})(?: {_LETTERS})?"),
    ("size", rf"(?P<v>{_SIZES})(?: {_LETTERS})?"),
    *(("colour", rf"(?P<v>{words})(?: {_LETTERS})?") for words in _COLOURS),
)
_NUMBER = rf"(?:[+-]?\d+(?:\.\d+)?|{_COUNT})"
_OF_PICTURE: tuple[tuple[str, str], ...] = (
    ("opacity", r"(?:at|with|to|in)? ?(?:an? )?(?:opacity (?:of )?)?(?P<v>\d+(?:\.\d+)?)% (?:opacity|opaque|alpha)"),
    ("opacity", r"(?:with |at |an? )*opacity (?:of |at |to |= )*(?P<v>\d+(?:\.\d+)?)%"),
    ("transparency", r"(?:at |with |and )*(?P<v>\d+(?:\.\d+)?)% (?:transparent|transparency|see through)"),
    ("half opacity", r"(?P<v>(?:and )?(?:semi|half) (?:transparent|opaque|opacity)|at half opacity|see through)"),
    (
        "scale",
        r"(?:at |with |to |in |scaled? (?:it )?(?:to |by |at |of )*)*(?P<v>\d+(?:\.\d+)?)% (?:size|scale|of "
        r"(?:its|the) (?:size|width|original size)|scaling|wide|width|of the width)",
    ),
    (
        "scale",
        r"(?:scaled?|resized?|sized?|scale it|at a scale|with a scale)(?: (?:to|by|at|of|down to|up to))* "
        r"(?P<v>\d+(?:\.\d+)?)%",
    ),
    (
        "factor",
        rf"(?:at |in |to |scaled? (?:to |by |at )*)?(?P<v>half|double|twice|triple|quarter|a quarter|{_NUMBER} "
        r"times|\d+(?:\.\d+)?x)(?: (?:the |its |as )?(?:size|big|large|scale|original size|bigger|larger))?",
    ),
    (
        "turn",
        r"(?:and )?(?:rotated?|turned?|tilted?|tilt|rotate it|turn it|tilt it|spin it|at an angle of|with a "
        rf"rotation of)(?: (?:by|to|about))? (?P<v>{_NUMBER}) degrees?(?: (?P<way>clockwise|to the right|"
        r"counter ?clockwise|anti ?clockwise|to the left|counter clockwise|anti clockwise))?",
    ),
    ("turn", rf"with (?:an? )?(?P<v>{_NUMBER}) degrees? (?:of )?(?:rotation|turn|tilt)(?P<way>)"),
    ("upside", r"(?P<v>upside down)"),
    ("how large", r"(?P<v>small|tiny|little|large|big|huge)"),
)
_TEXT = tuple((name, re.compile(rf"(?:^|(?<= )){rule}{_TAIL}")) for name, rule in (*_COMMON, *_OF_TEXT))
_PICTURE = tuple((name, re.compile(rf"(?:^|(?<= )){rule}{_TAIL}")) for name, rule in (*_COMMON, *_OF_PICTURE))
# Of the size that it would have otherwise.
_HOW_LARGE = {"small": 0.5, "little": 0.5, "tiny": 0.25, "large": 2.0, "big": 2.0, "huge": 3.0}
_FACTORS = {"half": 0.5, "double": 2.0, "twice": 2.0, "triple": 3.0, "quarter": 0.25, "a quarter": 0.25}


def of_text(said: Said) -> Trimmings:
    """Peel what can be said of a text off the end, again and again."""
    return _peeled(said, _TEXT)


def of_picture(said: Said) -> Trimmings:
    """The same for a placed picture."""
    return _peeled(said, _PICTURE)


def is_all_filler(said: Said | None) -> bool:
    """Whether nothing that means something is left over."""
    return said is None or all(_FILLER.fullmatch(token.norm) for token in said.tokens)


def _peeled(said: Said, rules: tuple[tuple[str, re.Pattern[str]], ...]) -> Trimmings:
    found = Trimmings()
    rest = said
    going = True
    while going and len(rest):
        going = False
        norm = rest.norm
        for name, rule in rules:
            match = rule.search(norm)
            value = None if match is None else _value(name, match, rest)
            if match is None or value is None or value[0] in found.fields:
                continue
            found.fields[value[0]] = value[1]
            rest = rest.part(0, norm.count(" ", 0, match.start()) if match.start() else 0)
            going = True
            break
        while len(rest) and rest.tokens[-1].norm in (",", "and", ":", "."):
            rest, going = rest.part(0, len(rest) - 1), True
    found.rest = rest
    return found


def _value(name: str, match: re.Match[str], said: Said) -> tuple[str, object] | None:
    words = match["v"]
    number = float(words) if re.fullmatch(r"[+-]?\d+(?:\.\d+)?", words) else None
    match name:
        case "place":
            place = place_of(words)
            return None if place is None else ("place", place)
        case "rect":
            x0, y0, x1, y1 = map(int, re.findall(r"\d+", words))
            return ("place", (x0, y0, x1, y1)) if x0 < x1 and y0 < y1 else None
        case "centred":
            return "place", "centre"
        case "colour":
            colour = said.group(match, "v").raw()
            return ("colour", colour) if is_colour(colour) else None
        case "style":
            return "style", re.sub(r"(?: and| ,)(?= )", "", words).replace("hand written", "handwritten").replace(
                "handwriting", "handwritten"
            )
        case "size":
            return "size", _SIZE_WORDS[words]
        case "points":
            return "size", int(words)
        case "height":
            return "size", float(words) / 100
        case "opacity":
            return "opacity", float(words) / 100
        case "transparency":
            return "opacity", round(1 - float(words) / 100, 4)
        case "half opacity":
            return "opacity", 0.5
        case "scale":
            return "scale", float(words) / 100
        case "how large":
            return "scale", _HOW_LARGE[words]
        case "factor":
            factor = _FACTORS.get(words) or number_of(words.removesuffix(" times").removesuffix("x"))
            return None if factor is None else ("scale", float(factor))
        case "turn":
            angle = number if number is not None else number_of(words)
            back = (match["way"] or "").startswith(("counter", "anti", "to the left"))
            return None if angle is None else ("rotation", -angle if back else angle)
        case _:
            return "rotation", 180.0
