"""Styles that Inlay draws, by their names, and those of a reference: “make it a mosaic”, “in the style of image 1”."""

from __future__ import annotations

import re

from engine.commands.colours import is_colour
from engine.commands.parts import REFERENCE, reference_of, region_of
from engine.commands.rules.prompts import prompt_of
from engine.commands.text import Said
from engine.commands.wishes import Deixis, Hearing, Wish
from engine.materials.words import understand as understand_material
from engine.styles.words import SURE, is_degree, styles, understand

_LONGEST_NAME = 9
_IMAGE = REFERENCE.replace("|(?P<only>", "|(?P<only_one>the reference(?: image| picture| photo)?)|(?P<never>(?!)")
_LOOK = (
    r"(?:style|look|manner|aesthetic|mood|feel|vibe|treatment|colou?rs|colou?r palette|palette|tones|grading|"
    r"colou?r grad(?:e|ing))"
)
_LIKE: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rule)
    for rule in (
        rf"(?:(?:make|redo|restyle|paint|draw|render|do|turn|put|show|recreate|stylise|stylize|convert|have|give|"
        rf"match|grade)(?: (?P<r>.+?))? )?(?:be )?(?:in|into|to|with|like|the|using|after)(?: the)?(?: same)? {_LOOK} "
        rf"(?:of|as|from|in) {_IMAGE}",
        rf"(?:apply|use|copy|imitate|match|transfer|take|borrow|steal) (?:the )?(?:same )?{_LOOK} (?:of|from|in) "
        rf"{_IMAGE}"
        r"(?: (?:to|on|onto|for|over) (?P<r>.+))?",
        rf"(?:make|have|get|let) (?P<r>.+?) (?:look|feel)(?: more)? (?:like|as) (?:in )?{_IMAGE}",
        rf"(?:restyle|style|stylise|stylize|grade|redo)(?: (?P<r>.+?))? (?:like|as|after|to match|to look like) "
        rf"{_IMAGE}",
        rf"(?:make|have|get|let) (?P<r>.+?) match (?:the )?(?:{_LOOK} (?:of|in) )?{_IMAGE}",
    )
)
# What is done to a picture by a verb of its own.
_VERBS = re.compile(
    r"(?P<v>pixelate|pixelize|pixelise|posteri[sz]e|engrave|etch|cross process|vintagify|comicify|neonify|"
    r"watercolou?r|halftone|cross hatch|crosshatch)(?: (?P<r>.+))?"
)
_DONE = {
    "pixel": "pixel art",
    "poster": "poster",
    "engrav": "engraving",
    "etch": "hatching",
    "cross p": "cross processed",
    "vintag": "vintage",
    "comic": "comic",
    "neon": "neon",
    "waterc": "watercolour",
    "halfto": "halftone",
    "cross": "hatching",
}
_HEAD = re.compile(
    r"(?P<v>make|turn|convert|change|transform|render|redo|restyle|stylise|stylize|have|get|let|draw|paint|recreate|"
    r"reimagine|show)(?: (?P<r>.+?))?(?P<link>(?: (?:into|in|to|as|like|look|looks|looking|be|become|feel|appear|an?|"
    r"the|more|with))*)"
)
_LINKS = frozenset("into in to as like look looks looking be become feel appear a an the more with of".split())
# “… and the right half a watercolour”
_HALF_HEAD = re.compile(r"(?P<r>(?:the|this|my) .+?)(?P<link>(?: (?:into|in|to|as|like|an?))+)")
# Without a thing between, “make a mosaic” may be something to be drawn.
_NEEDS_THING = frozenset("make have get let draw paint show render".split())
# Names that are materials or colours too: of a picture the manner is meant.
_MANNERS = frozenset("watercolour watercolor aquarelle halftone sepia".split())


def styling(said: Said, hearing: Hearing) -> list[Wish] | None:
    """A style of the vocabulary, or that of a reference."""
    return _of_reference(said, hearing) or _by_verb(said, hearing) or _by_name(said, hearing)


def _of_reference(said: Said, hearing: Hearing) -> list[Wish] | None:
    for rule in _LIKE:
        match = rule.fullmatch(said.norm)
        if match is None:
            continue
        where = region_of(said.group(match, "r"), hearing) if match["r"] else Deixis.UNSAID
        if where is not None:
            number = max(1, hearing.references) if match["only_one"] else reference_of(match, hearing)
            return [Wish("restyle", where, {"reference": number})]
    return None


def _by_verb(said: Said, hearing: Hearing) -> list[Wish] | None:
    match = _VERBS.fullmatch(said.norm)
    if match is None or (match["r"] is None and match["v"].startswith("waterc")):
        return None
    name = next(style for begin, style in _DONE.items() if match["v"].startswith(begin))
    where = region_of(said.group(match, "r"), hearing) if match["r"] else Deixis.UNSAID
    return None if where is None else [Wish("restyle", where, {"prompt": name})]


def _by_name(said: Said, hearing: Hearing) -> list[Wish] | None:
    """“A duotone in navy and orange”, “make this low poly”: the longest end of the words that is a style, whole."""
    words = said.norm.split()
    if len(words) != len(said):
        return None
    for start in range(max(0, len(words) - _LONGEST_NAME), len(words)):
        part = said.part(start)
        if start and words[start] in _LINKS:
            continue
        if not _is_style(part.norm):
            continue
        prompt = prompt_of(part)
        if prompt is None:
            return None
        prompt = re.sub(r" (?:style|look|effect)$", "", prompt)
        if start == 0:
            return [Wish("restyle", Deixis.UNSAID, {"prompt": prompt})]
        head = said.part(0, start)
        if half := _HALF_HEAD.fullmatch(head.norm):
            where = region_of(head.group(half, "r"), hearing)
            return None if where is None else [Wish("restyle", where, {"prompt": prompt})]
        match = _HEAD.fullmatch(head.norm)
        if match is None or (match["r"] is None and (match["v"] in _NEEDS_THING or not match["link"])):
            return None
        where = Deixis.UNSAID if match["r"] is None else region_of(head.group(match, "r"), hearing)
        return None if where is None else [Wish("restyle", where, {"prompt": prompt})]
    return None


def _is_style(words: str) -> bool:
    wanted = understand(words)
    if not wanted.is_whole or wanted.style is None:
        return False
    plain = re.sub(r" (?:style|look|effect)$", "", re.sub(r"^(?:(?:an?|the|in|with|like|some) )+", "", words))
    if plain in _MANNERS:
        return True
    if is_colour(plain) or (plain not in styles() and understand_material(plain).is_whole):
        return False
    # A single loose word (“film”, “night”) may be meant otherwise.
    core = " ".join(word for word in plain.split() if not is_degree(word))
    return " " in core or core in styles() or core in SURE
