"""Another colour: “make the car red”, “change the colour of the dress to emerald”, “shift the hue by 40 degrees”."""

from __future__ import annotations

import re

from engine.commands.amounts import HowMuch, taken_out
from engine.commands.colours import THINGS, is_colour
from engine.commands.parts import region_of
from engine.commands.regions import Named
from engine.commands.text import Said
from engine.commands.wishes import Deixis, Hearing, Where, Wish

_MOST_COLOUR_WORDS = 4
_VERB = r"(?:recolou?r|re colou?r|colou?rise|colorize|colou?r|tint|dye|paint|tone|whiten|spray|stain)"
_CHANGE = r"(?:change|turn|switch|swap|set|convert|shift|alter|make|transform)"
# What stands before the colour, once the colour itself is cut off the end.
_HEADS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rule)
    for rule in (
        rf"{_CHANGE} (?:the )?colou?r of (?P<r>.+?)(?: from .+?)?(?: to| into| as)(?: an?| the)?",
        rf"{_CHANGE} (?P<r>.+?)(?:'s)? colou?r(?: from .+?)?(?: to| into)(?: an?| the)?",
        rf"{_VERB} (?P<r>.+?)(?: to| into| in| as| with)?(?: an?)?",
        r"(?:make|have|get|keep|want) (?P<r>.+?)(?: be| look| appear| to be| more| (?:in )?the colou?r| in| "
        r"all)?(?: an?)?",
        r"(?:change|switch|swap|turn|set|convert|shift|transform) (?P<r>.+?)(?: from [\w ]+?)?(?: to| into)(?: "
        r"an?)?(?: the colou?r)?",
        r"turn (?P<r>.+?)",
        r"give (?P<r>.+?) (?:an?|the)",
        r"(?P<r>.+?) (?:should be|must be|to be|needs to be|should go|should look|should become)(?: an?| more)?",
        r"(?P<gap>)(?P<r>(?:the|this|that|its|her|his|my|these|those) .+?) in",
        r"(?:can|could|should|may) (?P<r>.+?) be(?: an?)?",
        r"(?P<gap>)(?P<r>(?:the|this|that|its|her|his|my|it|these|those) .+?)(?: to| into)?",
    )
)
_HUE = re.compile(
    r"(?:shift|rotate|turn|change|move|adjust|set)(?: the)? (?:hue|hues|colou?rs)(?: (?:of|on|in|for) "
    r"(?P<r>.+?))?(?: by| to)? "
    r"(?P<n>[+-]?\d+(?:\.\d+)?)(?: degrees?)?"
    r"|hue (?P<m>[+-]?\d+(?:\.\d+)?)(?: degrees?)?|(?:hue shift|hue rotate)(?: by| of)? "
    r"(?P<k>[+-]?\d+(?:\.\d+)?)(?: degrees?)?"
)
_SEPIA = re.compile(
    r"(?:(?:convert|turn|change|make|render|give|tone|put)(?: (?P<r>(?!to |into |in ).+?))??(?: (?:to|into|in|"
    r"an?))* )?sepia(?: tones?| look| toned)?"
)
# “Pinker”: some of that colour.
_MORE_OF = {f"{name}er": name for name in ("pink", "green", "brown", "yellow", "orang", "black")} | {
    "whiter": "white", "redder": "red", "bluer": "blue", "oranger": "orange", "purpler": "purple",
}  # fmt: skip
_SOME = 0.25
_COMPARED = re.compile(
    rf"(?:make|turn|get|have) (?P<r>.+?) (?:a bit |a little |slightly |much )?(?P<c>{'|'.join(_MORE_OF)})"
)
# “Give her blonde hair”.
_GIVE = re.compile(
    r"give (?:her|him|them|it|me|the \w+) (?P<c>[\w ]+?) (?P<n>hair|eyes|lips|nails|skin|teeth|fur|eyebrows|"
    r"leaves|feathers|fingernails)"
)
_TINT = re.compile(
    r"(?:give (?P<r>.+?)|add|apply|use) an? (?P<c>[#\w ]+?) (?:tint|tone|cast|colou?r cast|overlay|hue)(?: to "
    r"(?P<r2>.+))?|colou?r : (?P<c2>.+)"
)
_INSTEAD_OF = re.compile(r" (?:instead of|rather than|not) (?P<old>[a-z]+(?: [a-z]+)?)$")
_WHITEN = re.compile(r"whiten (?P<r>.+)")


def colour(said: Said, hearing: Hearing) -> list[Wish] | None:
    """Recolour."""
    if match := _HUE.fullmatch(said.norm):
        degrees = float(match["n"] or match["m"] or match["k"])
        where = region_of(said.group(match, "r"), hearing) if match["r"] else Deixis.UNSAID
        return None if where is None else [Wish("recolour", where, {"hue": degrees})]
    if (match := _COMPARED.fullmatch(said.norm)) and (where := region_of(said.group(match, "r"), hearing)):
        return [Wish("recolour", where, {"colour": _MORE_OF[match["c"]], "strength": _SOME})]
    if match := _TINT.fullmatch(said.norm):
        named = said.group(match, "c2" if match["c2"] else "c")
        name = "r" if match["r"] else "r2" if match["r2"] else None
        where = (
            Deixis.IT if match["c2"] else Deixis.SAME if name is None else region_of(said.group(match, name), hearing)
        )
        if where is not None and is_colour(named.raw()):
            return [Wish("recolour", where, {"colour": named.raw()})]
    if match := _GIVE.fullmatch(said.norm):
        named = said.group(match, "c")
        noun = said.group(match, "n").raw()
        where = Deixis.IT if hearing.has_selection else Named(named=noun)
        return [Wish("recolour", where, {"colour": named.raw()})] if is_colour(named.raw()) else None
    if match := _SEPIA.fullmatch(said.norm):
        where = region_of(said.group(match, "r"), hearing) if match["r"] else Deixis.SAME
        if where is not None and not (where is Deixis.IT and hearing.has_selection):
            return [Wish("recolour", Deixis.SAME if where is Deixis.IT else where, {"colour": "sepia"})]
    rest, how = taken_out(said)
    if (match := _WHITEN.fullmatch(rest.norm)) and (where := region_of(rest.group(match, "r"), hearing)):
        strength = None if how is None else how.amount()
        fields: dict[str, object] = {"colour": "white"}
        return [Wish("recolour", where, fields if strength is None else {**fields, "strength": abs(strength)})]
    for clause, how in _readings(_without_the_old(said)):
        for count in range(min(_MOST_COLOUR_WORDS, len(clause)), 0, -1):
            end = len(clause)
            if clause.tokens[-1].norm in ("colour", "color", "colored", "coloured", "one", "ones") and end > 1:
                end -= 1
            named = clause.part(max(end - count, 0), end)
            if len(named) == count and is_colour(named.raw()) and not named.norm.startswith(("color ", "colour ")):
                found = _coloured(clause.part(0, end - count), named, how, hearing)
                if found is not None:
                    return [found]
    return None


def _without_the_old(said: Said) -> Said:
    """“Yellow instead of red” is yellow."""
    match = _INSTEAD_OF.search(said.norm)
    if match is None or not is_colour(match["old"]):
        return said
    return said.span(0, match.start())


def _readings(said: Said) -> list[tuple[Said, HowMuch | None]]:
    """With the amount taken out, or, where it is part of the colour (“light grey”), not."""
    rest, how = taken_out(said)
    return [(said, None)] if how is None else [(rest, how), (said, None)]


def _coloured(head: Said, named: Said, how: HowMuch | None, hearing: Hearing) -> Wish | None:
    strength = None if how is None else how.amount()
    fields: dict[str, object] = {"colour": named.raw()}
    if strength is not None:
        fields["strength"] = abs(strength)
    if not len(head) or head.norm in ("in", "to", "make", "more"):
        return Wish("recolour", Deixis.IT, fields)
    for rule in _HEADS:
        match = rule.fullmatch(head.norm)
        if match is None:
            continue
        # “Paint this with plain red” fills it.
        is_flat = head.tokens[-1].norm in ("plain", "solid") or named.norm.startswith(("plain", "solid"))
        if " with" in head.norm and is_flat and head.tokens[0].norm in ("paint", "spray"):
            return None
        # “Turn this into snow” is no colour; “make it salmon” is.
        if head.tokens[-1].norm in ("into", "a", "an", "with") and named.norm in THINGS:
            return None
        where: Where | None = region_of(head.group(match, "r"), hearing)
        if where is not None and not (where == "background" and not head.norm.startswith(_RECOLOURS)):
            return Wish("recolour", where, fields)
    return None


# Of a background these colour what is there; any other verb puts a plain colour behind the subject.
_RECOLOURS = (
    "recolo", "re colo", "tint", "dye", "paint", "change the colo", "colour", "color", "tone", "turn the colo",
    "switch the colo", "set the colo",
)  # fmt: skip
