"""How a subject is fitted to its new background: “… and match the light”, “… with a soft shadow under it”."""

from __future__ import annotations

import re

from engine.commands.clauses import cuts
from engine.commands.lexicon import SUBJECTS
from engine.commands.rules.background import background
from engine.commands.rules.many import series
from engine.commands.text import Said
from engine.commands.wishes import Hearing, Wish

# How far the light is carried: all the way, or a little of it.
_ALL, _SOME = 1.0, 0.5

_WHO = rf"(?:it|her|him|them|me|us|(?:(?:the|my|our|this) )?(?:main )?(?:{'|'.join(sorted(SUBJECTS))}))"
_WHOSE = r"(?:the|its|her|his|their|my|our)"
_LIGHT = r"(?:light and colou?rs?|colou?rs? and light(?:ing)?|light(?:ing)?|illumination)"
_SCENE = r"(?:the )?(?:new )?(?:background|backdrop|scene|surroundings|setting|environment)"
_TO_IT = rf"(?: (?:to|with|of|from|on|for|in) (?:{_WHO}|{_SCENE}|that))"
_SLIGHTLY = r"(?:(?P<some>slightly|subtly|gently|a little|a bit|partly) )?"
_FIT = r"(?:match|fit|suit|blend in|blend|go|belong)"
_MATCHING = r"(?:matching|matched|fitting|adapted|the same)"
_LIGHT_RULES = (
    # match the light; adapt the lighting of the subject to the new background
    rf"{_SLIGHTLY}(?:match|adapt|adjust|carry over|harmoni[sz]e|transfer) {_WHOSE} {_LIGHT}{_TO_IT}*",
    rf"{_SLIGHTLY}(?:match|harmoni[sz]e) {_WHO}(?: {_TO_IT.strip()})?(?: 's)? {_LIGHT}",
    # relight the subject to fit; blend her in; make it match the scene
    rf"{_SLIGHTLY}(?:relight|re light|light|adapt|adjust|harmoni[sz]e) {_WHO} (?:to|so (?:that )?{_WHO}) {_FIT}(?:e?s)?"
    rf"(?: in)?(?: with| to| into)?(?: (?:it|that|{_SCENE}(?:'s)?(?: {_LIGHT})?))?",
    rf"{_SLIGHTLY}(?:relight|re light|adapt|harmoni[sz]e) {_WHO}(?: (?:accordingly|to|with|for) ?(?:it|{_SCENE})?)?",
    rf"{_SLIGHTLY}blend {_WHO} in(?:to)?(?: (?:with |to )?(?:{_SCENE}|it))?",
    rf"make (?:{_WHO}|{_WHOSE} {_LIGHT}) {_FIT}(?: in)?(?: with| to)?(?: (?:it|that|{_SCENE}(?:'s)?(?: {_LIGHT})?))?",
    # with matching light; with the light matched
    rf"(?:with )?{_MATCHING} {_LIGHT}(?: on {_WHO})?",
    rf"with {_WHOSE} {_LIGHT} (?:matched|matching|adapted|to match|to fit)(?: (?:to )?(?:it|{_SCENE}))?",
)
_HOW = r"(?:hint of|soft|softer|natural|realistic|subtle|slight|gentle|small)"
_SOFTLY = rf"(?:(?:an?|some|the|its) )?(?:{_HOW} (?:an? )?)*"
_UNDER = (
    rf"(?:under|underneath|beneath|below|at|from|by) (?:{_WHO}|{_WHOSE} (?:feet|foot|base)|the (?:ground|floor|bottom))"
)
_CONTACT = rf"{_SOFTLY}(?:contact|ground|grounding) shadows?(?: {_UNDER}| on the (?:ground|floor|table|surface))?"
_SHADOW = rf"(?:{_CONTACT}|{_SOFTLY}shadows?(?: {_UNDER}| on the (?:ground|floor|table|surface))?)"
_ADD = rf"(?:add|give {_WHO}|cast|put|include|draw|have {_WHO} cast|let {_WHO} cast|make {_WHO} cast|use)"
_BOTH = rf"(?:with {_MATCHING} {_LIGHT} and {_SHADOW}|match {_WHOSE} {_LIGHT} and (?:the )?shadows?)"
# Alone in a clause, where no background is named beside it: only what can mean nothing else.
_ALONE = re.compile(
    rf"(?:and )?(?:(?P<light>{'|'.join(_LIGHT_RULES).replace('(?P<some>', '(?:')})"
    rf"|(?P<shadow>{_ADD} (?:{_CONTACT}|{_SOFTLY}shadows? {_UNDER})))"
)
_AND = r" (?:(?:and|,|plus|but|then|also) )*"
_TAILS = tuple(
    re.compile(rf"^(?P<rest>.+?){_AND}(?:{rule})$")
    for rule in (
        rf"(?P<both>{_BOTH})",
        *(f"(?P<light>{rule})" for rule in _LIGHT_RULES),
        rf"(?P<shadow>(?:with|{_ADD}) {_SHADOW}|{_CONTACT})",
    )
)


def fitting(said: Said, hearing: Hearing) -> list[Wish] | None:
    """The wish alone: `wishes.resolve` gives it to the background that was named before."""
    match = _ALONE.fullmatch(said.norm)
    if match is None:
        return None
    return [Wish("fit", None, {"light": _strength(said.norm)} if match["light"] else {"shadow": True})]


def fitted_background(said: Said, hearing: Hearing) -> list[Wish] | None:
    """A new background and how the subject is fitted to it, in one breath."""
    fields: dict[str, object] = {}
    rest = said
    while (found := _taken_off(rest)) is not None:
        rest, more = found
        fields = {**more, **fields}
    # What is between them must be the background's own words: “…, brighten it and match the light” is three wishes.
    if not fields or any(0 < cut.end < len(rest) for cut in cuts(rest)) or series(rest, hearing):
        return None
    wishes = background(rest, hearing)
    if not wishes or wishes[-1].op != "background_replace":
        return None
    last = wishes[-1]
    return [*wishes[:-1], Wish(last.op, last.where, {**last.fields, **fields})]


def _taken_off(said: Said) -> tuple[Said, dict[str, object]] | None:
    for rule in _TAILS:
        match = rule.fullmatch(said.norm)
        if match is None:
            continue
        groups = match.groupdict()
        fields: dict[str, object] = {}
        if groups.get("light") or groups.get("both"):
            fields["light"] = _SOME if groups.get("some") else _ALL
        if groups.get("shadow") or groups.get("both"):
            fields["shadow"] = True
        return said.group(match, "rest"), fields
    return None


def _strength(norm: str) -> float:
    return _SOME if re.match(r"(?:and )?(?:slightly|subtly|gently|a little|a bit|partly) ", norm) else _ALL
