"""The background: taken away, replaced by words or by a reference."""

from __future__ import annotations

import re

from engine.commands.colours import is_colour
from engine.commands.lexicon import SUBJECTS
from engine.commands.parts import BACKGROUND, DETERMINER, NOT_A_NOUN, REFERENCE, place_of, reference_of
from engine.commands.rules.prompts import is_drawable, prompt_of
from engine.commands.text import Said
from engine.commands.wishes import Hearing, Wish

_B = BACKGROUND
_SUBJECT = rf"(?:{DETERMINER} )?(?:main )?(?:{'|'.join(sorted(SUBJECTS))})"
_TAKE_OFF = (
    r"(?:remove|delete|erase|cut out|cut away|cut off|knock out|mask out|take out|take away|get rid of|strip|strip away"
    r"|strip out|drop|lose|eliminate|clear|wipe out|key out|subtract|hide|clip|mask|cut|kill)"
)
_CUT_OUT = r"(?:cut out|isolate|extract|separate|clip out|crop out|mask|mask out|silo|lift out)"
_REMOVE: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rule)
    for rule in (
        rf"{_TAKE_OFF}(?: all of)? {_B}(?: away| out| completely| entirely"
        r"| and (?:make|leave|keep|save|export) it (?:as )?(?:an? )?transparent(?: png)?| and keep it transparent)?"
        r"(?: (?:from|behind|around|of) .+)?",
        rf"(?:take|strip) {_B} (?:out|away|off)|cut {_B} (?:out|away)",
        rf"(?:make|turn|set|render) {_B}(?: to| be)? (?:transparent|see through|invisible|empty|disappear|"
        r"vanish|go away)",
        r"(?:make|have|get|want|need|give me|with|on|it|this|export)? ?(?:it )?(?:with |on |has )?(?:an? )?"
        r"(?:transparent|no|empty) (?:background|backdrop|bg|png)",
        r"(?:give me |make |create |get )?(?:an? )?transparent (?:png|image|version|cutout)(?: of (?:it|this|.+))?",
        r"(?:it|this|the (?:subject|product|object|person))? ?without (?:an?|the|any) (?:background|backdrop)",
        rf"{_B} (?:removal|remover|gone|off|transparent|away)|no (?:background|backdrop|bg)",
        rf"cut ?out|make (?:me )?an? cut ?out(?: of (?:it|this|{_SUBJECT}))?",
        rf"{_CUT_OUT} {_SUBJECT}(?: from {_B}| only| out)?|(?:cut|clip|lift) {_SUBJECT} out(?: of {_B})?",
        r"(?:isolate|extract) (?:the|this|my)(?: (?!(?:on|in|with|from|at|to)\b)[\w']+){1,3}",
        rf"(?:separate|isolate|extract|lift|cut out|detach) .+? from {_B}",
        r"remove (?:everything|all)(?: else)? (?:but|except|except for|apart from|around|behind|other than|"
        rf"besides) {_SUBJECT}",
        rf"(?:keep|leave) (?:only |just )?{_SUBJECT}(?: only)? ?(?:and|,)? (?:and )?remove (?:everything|all|"
        r"the) (?:else|rest)",
        rf"remove (?:everything|all) behind .+|delete (?:everything|all) (?:behind|around) {_SUBJECT}",
        rf"make everything but {_SUBJECT} transparent",
    )
)
_TO = r"(?:with|to|for|by|into|as|=|:|in|from)"
_REPLACE: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rule)
    for rule in (
        r"(?:replace|swap|swap out|exchange|substitute|change|switch|set|turn|convert|transform|update|switch "
        rf"out|put)(?: out)? {_B}(?:'s)?"
        rf"(?: colou?r| scene| image| setting)?(?: of (?:this|the|it|my) ?\w*)?(?: from .+?)? {_TO}(?: be| "
        r"look like)? (?P<p>.+)",
        rf"(?:make|have|want|paint|get) {_B}(?: colou?r)?(?: be| look like| into| appear| show| a plain| out "
        r"of| in)? (?P<p>.+)",
        r"(?:use|take|set|put|drop|drop in|insert|place|add|make|have)(?: in)? (?P<p>.+?) (?:as|for|in|on|"
        r"into|behind)(?: (?:a|the|my|its|her|his|new))* (?:background|backdrop|bg)",
        r"(?:use|put|place|set|add|drop|insert|have|want|show|with)? ?(?P<p>.+?) behind (?:the |my |our "
        r")?(?:subject|product|person|it|her|him|them|me|object|man|woman)",
        r"(?:give|add|put|place|make|create|use|apply|get|generate|set|want|show|have)?(?: (?:it|this|her|him|me|"
        r"the subject|the product|us))?(?: (?:on|with|against|to|in))?"
        r" ?(?:an?|the|some)? ?(?P<p>(?![^,]* as (?:background|backdrop|bg)$)"
        r"(?!background|backdrop|bg|same|whole|entire|different|image|picture|"
        r"photo|blurry|blurred)[^,]+?) (?:background|backdrop|bg)",
        r"(?:new |change )?(?:background|backdrop|bg) ?(?:should be|must be|:|=|to|of|with|should show|is|"
        r"needs to be|in) (?P<p>.+)",
        r"(?:replace|swap|change|fill) (?:everything|all)(?: (?:else|(?:except|behind|around|but) "
        rf"{_SUBJECT}))? (?:with|for|to|into) (?P<p>.+)",
        r"(?:make|turn) (?P<p>.+?) (?:into )?(?:the|a|my) (?:new )?(?:background|backdrop)",
        r"(?:use |take |get |with )?(?:the |a )?(?:background|backdrop) (?:from|of|in) (?P<p>(?:the )?(?:\w+ "
        r")?(?:image|picture|photo|reference)(?: \S+)?)",
        rf"{_B} (?:should be|must be|should show|needs to be|to be|to|into) (?P<p>.+)",
        r"(?:an?|the) (?:new )?(?:background|backdrop) of (?P<p>.+)",
        r"(?:change|replace|swap|set|switch) the (?:scene|setting|location|surroundings|environment|scenery) "
        rf"{_TO} (?P<p>.+)",
    )
)
# “Put her on a beach”: a definite subject goes to an indefinite place.
_MOVE_TO = re.compile(
    r"(?:move|teleport|transport|bring|take) (?P<s>it|this|her|him|me|us|them|(?:the|my|our) [\w' ]{2,40}?) "
    r"(?:in)?to (?P<p>(?:an?|some) .+)"
)
_PUT = re.compile(
    r"(?:put|place|move|show|have|stand|teleport|transport|drop|photograph|seat|take) "
    r"(?P<s>it|this|that|her|him|me|us|them|(?:the|this|my|our|that|these|those) [\w' ]{2,40}?) "
    r"(?:standing |sitting |lying |floating |down )?(?:on top of|in front of|on|in|at|against|into|onto|"
    r"under|inside|before|beside|over|outside|near|amid|among) (?P<p>.+)"
)
_PLAIN = re.compile(r"(?:the )?(?:background|backdrop|bg) (?P<c>[#\w ]+)")
_AGAINST = re.compile(r"(?:on|against|in front of) (?P<p>.+?)(?: (?:background|backdrop|bg))")
_REFERENCE = re.compile(rf"{REFERENCE}")
_SAME_THINGS = re.compile(
    r"(?:logo|text|title|headline|word|words|caption|slogan|watermark|image|picture|photo|line)s?"
)


def background(said: Said, hearing: Hearing) -> list[Wish] | None:
    """Remove or replace it; its blur is a rule of the light."""
    norm = said.norm
    if '"' in norm:
        return None
    if any(rule.fullmatch(norm) for rule in _REMOVE):
        return [Wish("background_remove")]
    if hearing.has_selection and is_drawable(norm):
        return None  # “soft grey studio backdrop”, with something selected, fills that
    for rule in _REPLACE:
        if (
            (match := rule.fullmatch(norm))
            and not _ENDS_OPEN.search(match["p"])
            and (found := _replaced(said.group(match, "p"), hearing))
        ):
            return found
    match = _PLAIN.fullmatch(norm)
    if match is not None and is_colour(said.group(match, "c").raw()):
        return [Wish("background_replace", None, {"prompt": said.group(match, "c").raw()})]
    return _put(said, hearing)


def _put(said: Said, hearing: Hearing) -> list[Wish] | None:
    match = _PUT.fullmatch(said.norm) or _MOVE_TO.fullmatch(said.norm)
    if match is None:
        return None
    subject, where = match["s"], said.group(match, "p")
    if place_of(where.norm) is not None or _SAME_THINGS.search(subject) or _REFERENCE.search(subject):
        return None
    # “Move this to the left”, “put it somewhere nice”: no scene.
    if where.norm.split()[0] in ("left", "right", "somewhere", "there", "it", "this", "them", "more", "be", "side"):
        return None
    if is_colour(where.raw()):
        return None  # “show the car in green”
    if NOT_A_NOUN.intersection(subject.split()) - {"it", "them"}:
        return None
    return _replaced(where, hearing)


def _replaced(what: Said, hearing: Hearing) -> list[Wish] | None:
    if match := _REFERENCE.fullmatch(what.norm):
        only = match.groupdict().get("only")
        if only and not hearing.references:
            return None
        return [Wish("background_replace", None, {"reference": reference_of(match, hearing)})]
    prompt = prompt_of(what)
    words = what.norm.split()
    if (
        prompt is None
        or words[0] in ("less", "more", "too", "so", "not")
        or NOT_HERE.issuperset(words)
        or prompt in NOT_HERE
    ):
        return None
    return [Wish("background_replace", None, {"prompt": prompt})]


# “Clean up the background” is no prompt “clean up the”.
_ENDS_OPEN = re.compile(
    r"^(?:of|how|what|try|imagine|can|could|would|is|place|put|in|on|at|clean|remove|delete|fix) |^(?:clean|"
    r"remove|delete|fix|edit|"
    r"select)\b|(?:^| )(?:the|a|an|this|that|my|in|on|of|to|from)$"
)
# Wishes about light or sharpness, not about what is behind the subject.
NOT_HERE = frozenset(
    """
    brighter darker lighter blurry blurred blurrier sharper warmer cooler colder bigger smaller larger better nicer
    transparent
    it this that them these those here there him her me us soften
    moodier softer cleaner clearer cleaned brightened darkened different more less vivid greyscale monochrome busy
    """.split()
)
