"""Parts of a clause that many rules share: regions, places, references, and the trimmings of a text or a picture."""

from __future__ import annotations

import re
from typing import cast

from engine.commands.amounts import count_of
from engine.commands.anchors import OF_THE_PICTURE, PLACE, anchor_of
from engine.commands.lexicon import ORDINALS
from engine.commands.regions import LONGEST_NAME, Anchor, Named, Part, Place
from engine.commands.text import Said
from engine.commands.wishes import Deixis, Hearing, Where

_PLACE = re.compile(PLACE)
_PART = re.compile(
    rf"(?:the )?(?P<side>left|right|top|bottom|upper|lower|middle|center|centre) (?:hand )?(?P<part>half|third|quarter)"
    rf"{OF_THE_PICTURE}"
)
_IT = re.compile(
    r"(?:it|this|that|these|those|them|here|there|both|selected|(?:the|this|my|that) (?:current )?selection|in here"
    r"|(?:the|this|that) (?:selected )?(?:area|region|part|spot|bit|place|section|object|thing|stuff|one|patch)"
    r"|(?:the )?selected (?:area|region|part|object|thing|pixels)|what(?:'s| is) selected|(?:this )?object|all (?:of )?"
    r"(?:this|it|that)|this (?:right )?here)"
)
_ALL = re.compile(
    r"(?:everything|all|overall|the lot|(?:the|this|my) (?:whole|entire) (?:thing|lot|layer)|all over|everywhere"
    r"|(?:(?:the|this|my) )?(?:whole |entire )?(?:image|picture|photo|photograph|pic|shot|scene|canvas|layer|frame|"
    r"composition|design|artwork|whole thing))"
)
_SUBJECT = re.compile(r"(?:the |my |our )?(?:main )?(?:subject|foreground|foreground object|main object|main subject)")
BACKGROUND = (
    r"(?:(?:the|this|my|its|her|his|their|that|a) )?(?:(?:image|photo|picture)(?:'s)? )?"
    r"(?:background|backdrop|bg|back ground|backgrounds)"
    r"(?: (?:of|in) (?:the|this|my) (?:image|picture|photo|photograph|shot|layer))?"
)
_BACKGROUND = re.compile(
    rf"(?:{BACKGROUND}|what(?:'s| is) behind (?:the )?(?:subject|it|her|him|them)|everything behind .+)"
)
DETERMINER = r"(?:only|just|the|a|an|this|that|these|those|my|our|your|some|any|all the|all of the|both)"
_LEADING = re.compile(rf"^(?:{DETERMINER} )+")
_DEMONSTRATIVE = re.compile(r"^(?:this|that|these|those) \S")
# Words that no name of a thing holds: then it is something else that was said, and nothing is guessed.
NOT_A_NOUN = frozenset(
    """
    not don't no never then but undo redo again make made makes turn put add remove replace change than as
    it they them brighter darker so such if when because should would could please into onto more less too very it's
    is are was do does did we you i he she what why how who exactly instead comes come everything anything nothing
    somewhere better
    something someone needs need could
    . ; : = , ¤ / without except keep leave
    """.split()
)
# A noun is not “a little”; what was meant by it is not known.
_AMOUNT_AT_END = re.compile(
    r" (?:a (?:little|bit|lot|touch)|slightly|completely|somewhat|by|to|with|from|of|a|an|the|and|or)$"
)
_LONGEST_NOUN = 9
_NOT_FIRST = frozenset("in on at to of by from with for and or up down out off over under".split())


def region_of(said: Said, hearing: Hearing) -> Where | None:
    """The region that these words name; None when they cannot name one."""
    norm = said.norm
    if not norm:
        return Deixis.UNSAID
    if _IT.fullmatch(norm):
        return Deixis.IT
    if _ALL.fullmatch(norm):
        return "all"
    if _BACKGROUND.fullmatch(norm):
        return "background"
    if _SUBJECT.fullmatch(norm):
        return "subject"
    part = part_of(norm)
    return part or _named(said, hearing)


def part_of(norm: str) -> Part | Anchor | None:
    """A part of the layer: “the top right”, “left half”, “bottom third”."""
    norm = re.sub(r"^(?:in|on|at|to|near|towards?) ", "", norm)
    if match := _PART.fullmatch(norm):
        side = {"upper": "top", "lower": "bottom", "centre": "middle", "center": "middle"}.get(
            match["side"], match["side"]
        )
        found = f"{side} {match['part']}"
        return cast(Part, found) if side != "middle" or match["part"] == "third" else None
    match = _PLACE.fullmatch(norm)
    return None if match is None else anchor_of(match["place"])


def _named(said: Said, hearing: Hearing) -> Where | None:
    norm = said.norm
    rest = said
    if match := _LEADING.match(norm):
        rest = said.span(match.end(), len(norm)) if match.end() < len(norm) else said.part(len(said))
    words = rest.norm.split()
    if len(words) == 1 and re.fullmatch(DETERMINER, words[0]):
        return None
    if not words or len(words) > _LONGEST_NOUN or NOT_A_NOUN.intersection(words) or words[0] in _NOT_FIRST:
        return None
    if re.search(r" and (?!the |an? )\w+ (?:the|an?|this|that|my) ", f"{rest.norm} "):
        return None  # “the cup and frobnicate the spoon”
    if any(word.startswith('"') for word in words) or all(count_of(word) is not None for word in words):
        return None
    if _DEMONSTRATIVE.match(norm) and hearing.has_selection:
        return Deixis.IT
    if _AMOUNT_AT_END.search(rest.norm):
        return None
    noun = re.sub(r"['’]s$", "", rest.raw())
    # Empty: nothing of what was typed, only words that were put before it: “things: remove the sign”.
    if not 0 < len(noun) <= LONGEST_NAME:
        return None
    return Named(named=noun.casefold() if said.text.isupper() else noun)


_NUMBERED = r"(?:images?|pictures?|photos?|pics?|img|references?|refs?|layer|attachment|upload|input|file)"
REFERENCE = (
    rf"(?:(?:the |my )?{_NUMBERED} (?:number |no |nr )?(?P<number>\#?\d{{1,2}}|one|two|three|four|five|six|"
    r"seven|eight|nine|ten)"
    rf"|(?:the |my )?(?P<ordinal>{'|'.join(ORDINALS)}) (?:{_NUMBERED}|logo|one|reference image)"
    rf"|(?P<hash>\#\d{{1,2}})"
    rf"|(?P<only>(?:the |a |an |my |our |this |your )?(?:(?:company|brand|client's|client|new|shop|team) )?"
    rf"(?:logo|logotype|watermark|reference(?: image| picture| photo)?|picture|image|photo|emblem|brand mark|badge"
    rf"|uploaded (?:image|picture|photo)|attached (?:image|picture|photo))))"
)
_REFERENCE = re.compile(REFERENCE)


def reference_of(match: re.Match[str], hearing: Hearing) -> int:
    """The number of the reference that a match of `REFERENCE` names; 0 when it is not clear which of several."""
    groups = match.groupdict()
    if said := groups.get("number") or groups.get("hash"):
        return count_of(said.lstrip("#")) or -1
    if ordinal := groups.get("ordinal"):
        return hearing.references if ordinal == "last" else ORDINALS[ordinal]
    # “The logo” with one reference is that one; with several, the first: it is said in the plan.
    return 1


def place_of(norm: str) -> Place | None:
    """Where to put something: “in the top right corner”, “here”."""
    norm = re.sub(r"^(?:right )?(?:in|on|at|to|into|near|towards?|along|across|by|inside) ", "", norm)
    if norm in ("below", "underneath", "beneath"):
        return "bottom"
    if norm == "above":
        return "top"
    if re.fullmatch(
        r"(?:right )?(?:here|there)|(?:this|the) (?:spot|place|selection|area|space|box|selected area)|it", norm
    ):
        return "selection"
    match = _PLACE.fullmatch(norm)
    return None if match is None else anchor_of(match["place"])
