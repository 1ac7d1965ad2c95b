"""A command cut into clauses: where one can begin, what is said before and after it, what comes first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.commands.anchors import PLACE
from engine.commands.lexicon import LIGHT_ADJECTIVES, LIGHT_NOUNS, LIGHT_VERBS, POLITE
from engine.commands.text import Said, Token

# These always end a clause.
_STRONG = frozenset(". ; then while whilst whereas but afterwards although".split())
_WEAK = frozenset(", and plus".split())
# A clause after “and” or a comma begins with one of these, so that “red and white stripes” stays whole.
_VERBS = """
    remove delete erase eliminate heal retouch inpaint clean clear patch scrub drop lose get take make turn change
    replace swap exchange
    substitute switch convert transform fill cover paint put place add insert overlay paste stick stamp superimpose
    write type set use give
    show keep leave don't do never without except excluding apart not brighten lighten darken dim warm cool saturate
    desaturate mute sharpen
    blur defocus soften denoise increase decrease reduce raise lower boost bump crank tone dial bring turn pull push
    lift enhance improve
    extend expand outpaint uncrop widen grow crop resize fit upscale enlarge scale double triple recolour recolor
    colour color tint dye tone
    restyle stylise stylize render apply combine merge blend composite cut isolate extract isolate knock mask undo
    redo again repeat try
    text title headline caption logo revert light relight generate create draw zoom rotate shift include label caption
    it's it this there there's
    nothing touch ensure only
    edit wipe rub photoshop whiten more less brighter bolder also finally first next please just slightly somewhat
    smooth strip
    continue pad print let have want i i'd upsize upres mix darkening brightening making removing keeping leaving
    adding blurring
    with darker brighter turning changing putting replacing fade shade expose dodge burn illuminate tilt pave erase
    match
    """.split()
_STARTS = (
    frozenset(_VERBS)
    | frozenset(noun for noun in LIGHT_NOUNS if " " not in noun)
    | frozenset(LIGHT_ADJECTIVES)
    | frozenset(verb.split()[0] for verb in LIGHT_VERBS)
)
# Of these a clause may begin when the verb of the one before goes on: “the face brighter and the body darker”.
_NOUN_STARTS = frozenset(
    "the a an this that these those my her his their its our image picture photo reference half way much".split()
)
_AMOUNT_STARTS = frozenset("slightly somewhat a much way really very lots extremely".split())

# “Darkening the body” → “darken the body”.
_GERUNDS = {
    **{
        verb + "ing": verb
        for verb in """
        darken brighten lighten warm cool sharpen blur add keep turn put extend expand fill paint crop cut tint soften
        boost lower
        do lift
        """.split()
    },
    **{
        verb[:-1] + "ing": verb
        for verb in """
        make remove change replace erase delete place leave raise reduce increase saturate desaturate upscale give
        write take denoise
        combine tone use
        """.split()
    },
    **{
        verb + verb[-1] + "ing": verb
        for verb in "blur dim crop cut put get swap set".split()
    },
    "recolouring": "recolour", "recoloring": "recolor", "colouring": "colour", "coloring": "color", "touching": "touch",
}  # fmt: skip
_NO_VERBS = frozenset(
    """
    text title headline caption logo more less also finally first next please just slightly somewhat it's it this
    there there's nothing only
    i i'd with darker brighter bolder not except excluding apart without
    """.split()
)
_INNER_LIMIT = re.compile(
    r"(?P<head>(?:make |turn |have |convert )?everything) (?P<limit>(?:except(?: for)?|but|apart from) (?:the|"
    r"her|his|my) [\w']+(?: [\w']+)??)"
    r" (?P<tail>(?:in|to|into|black and white|greyscale|brighter|darker|warmer|cooler|sharper|blurry)\b.*)"
)
_PLACE_FIRST = re.compile(rf"(?P<front>(?:(?:in|at|on|to|along) )?{PLACE})(?: [,:])? (?!half|third|quarter)")
_NOUN_FIRST = re.compile(
    r"(?:for |on |in )?(?P<noun>(?:the |her |his |my |this )?[\w']+(?: [\w']+)?) [:=] (?P<rest>.+)"
)
_TEXT_FOLLOWS = frozenset("text title headline caption words slogan logo label heading subtitle tagline".split())
_LEADING = tuple(sorted((tuple(phrase.split()) for phrase in POLITE), key=len, reverse=True))
_TRAILING = frozenset(
    (
        "please",
        "thanks",
        "pls",
        "plz",
        "now",
        "too",
        "as well",
        "thank you",
        "for me",
        "instead of that",
        "afterwards",
        "also",
        "first",
    )
)
_BEFORE = re.compile(
    r"^before (?:you )?(?P<b>.+?) , (?P<a>.+)$|^(?P<a2>.+?) (?:,? )?before (?:you )?(?P<b2>(?:mak|remov|add|"
    r"chang|darken|brighten|blur|sharpen|upscal|extend|put|writ|replac|turn)\w*ing .+)$"
)
_AFTER = re.compile(
    r"^after (?:you )?(?P<a>.+?) , (?P<b>.+)$|^(?P<b2>.+?) (?:,? )?after (?P<a2>(?:mak|remov|add|chang|darken|"
    r"brighten|blur|sharpen|upscal|extend|put|writ|replac|turn|cut)\w*ing .+)$"
)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a clause ends and where the next may begin.

    Attributes:
        end, at: tokens; what is between is dropped.
        is_strong: it must end here.
        is_step: a new sentence or step begins.
        is_contrast: “but”: what comes is not more of the same.
    """

    end: int
    at: int
    is_strong: bool
    is_step: bool
    is_contrast: bool = False


def command_words() -> frozenset[str]:
    """Every word that a clause may begin with."""
    return _STARTS


def command_verbs() -> frozenset[str]:
    """Those that are verbs: a clause that begins with one borrows none."""
    return frozenset(_VERBS) - _NO_VERBS


def turned(said: Said) -> list[tuple[tuple[Token, ...], tuple[Token, ...]]]:
    """Ways to read a clause that begins with a place or a noun: what goes to the end, and what comes before it."""
    found: list[tuple[tuple[Token, ...], tuple[Token, ...]]] = []
    match = _PLACE_FIRST.match(said.norm)
    if match is not None and match.end() < len(said.norm):
        front, rest = said.group(match, "front"), said.span(match.end(), len(said.norm))
        if len(front) and len(rest):
            found.append((front.tokens, rest.tokens))
    match = _NOUN_FIRST.fullmatch(said.norm)
    if match is not None:
        noun, rest = said.group(match, "noun").tokens, said.group(match, "rest").tokens
        if noun and rest:
            make = Token("make", noun[0].start, noun[0].start)
            of = Token("in", noun[0].start, noun[0].start)
            found += [(rest, (make, *noun)), ((of, *noun), rest), (noun, rest)]
    return found


def in_order(said: Said) -> tuple[Said, ...]:
    """The command, or its two halves in the order in which they are meant: “before …”, “after …”."""
    norm = said.norm
    for rule in (_BEFORE, _AFTER):
        match = rule.fullmatch(norm)
        if match is None:
            continue
        first, second = ("a", "b") if match["a"] else ("a2", "b2")
        return said.group(match, first), said.group(match, second)
    return (said,)


def cuts(said: Said) -> list[Cut]:
    """Every place where a clause may end and the next begin."""
    words = _words(said)
    found: list[Cut] = []
    number = 0
    while number < len(words):
        end = number
        strong = step = False
        while number < len(words) and (
            words[number] in _STRONG or words[number] in _WEAK or _after_that(words, number)
        ):
            strong |= words[number] in _STRONG or bool(_after_that(words, number))
            step |= words[number] in (".", ";", "then", "afterwards") or bool(_after_that(words, number))
            number += _after_that(words, number) or 1
        if number == end:
            limited = _is_limit(words, number) or _is_with_text(words, number)
            if limited and number:
                found.append(Cut(number, number, True, False))
            number += 1
            continue
        if end > 0 and number < len(words) and (strong or _may_begin(words, number)):
            found.append(Cut(end, number, strong, step, "but" in words[end:number]))
    return found


def plain(said: Said) -> Said:
    """“Everything but the sky” is “everything except the sky”; a “please” inside means nothing.

    In “everything except the car in black and white” the limit goes to the end, as it is said more often.
    """
    if (match := _INNER_LIMIT.fullmatch(said.norm)) is not None:
        parts = [said.group(match, name).tokens for name in ("head", "tail", "limit")]
        said = Said(said.text, (*parts[0], *parts[1], *parts[2]), said.quotes)
    tokens: list[Token] = []
    for number, token in enumerate(said.tokens):
        following = said.tokens[number + 1].norm if number + 1 < len(said.tokens) else "."
        if token.norm == "please" and following in (",", ".", ";") and tokens:
            continue
        is_except = token.norm == "but" and tokens and tokens[-1].norm in ("everything", "all", "anything", "nothing")
        is_except = is_except and following not in ("don't", "do", "keep", "leave", "never", "not", "only", "without")
        tokens.append(Token("except", token.start, token.end) if is_except else token)
    return Said(said.text, tuple(tokens), said.quotes)


def _words(said: Said) -> list[str]:
    return [token.norm for token in said.tokens]


def trimmed(said: Said) -> Said:
    """A clause without politeness around it, its verb in its plain form."""
    tokens = list(said.tokens)
    going = True
    while going and tokens:
        going = False
        words = [token.norm for token in tokens]
        if words[0] in (",", ".", ";", ":", "¤") and not (words[0] == ":" and len(words) > 1):
            tokens, going = tokens[1:], True
            continue
        for phrase in _LEADING:
            if tuple(words[: len(phrase)]) == phrase and not _is_needed(words, len(phrase)):
                tokens, going = tokens[len(phrase) :], True
                break
        words = [token.norm for token in tokens]
        for count in (2, 1):
            if (len(tokens) > count - 1 and " ".join(words[-count:]) in _TRAILING) or (
                words and words[-1] in (",", ".", ";")
            ):
                keep = -count if " ".join(words[-count:]) in _TRAILING else -1
                tokens, going = tokens[:keep], True
                break
    if tokens and tokens[0].norm == "by" and len(tokens) > 1 and tokens[1].norm in _GERUNDS:
        tokens = tokens[1:]
    if tokens and tokens[0].norm in _GERUNDS:
        tokens[0] = Token(_GERUNDS[tokens[0].norm], tokens[0].start, tokens[0].end)
    return Said(said.text, tuple(tokens), said.quotes)


def _is_needed(words: list[str], count: int) -> bool:
    """“The second image”, “third of a stop” are no order of steps, “instead of the tree” is no “instead”."""
    following = words[count] if len(words) > count else ""
    if words[0] == "instead":
        return following == "of"
    nouns = ("image", "picture", "photo", "reference", "of", "one", "logo")
    return words[0] in ("second", "third", "first") and count == 1 and following.startswith(nouns)


def _after_that(words: list[str], at: int) -> int:
    """How many tokens of “after that”, “next” stand here."""
    if words[at : at + 2] == ["after", "that"]:
        return 2
    return 0


def _may_begin(words: list[str], at: int) -> bool:
    word = words[at]
    return (
        word in _STARTS
        or word in _NOUN_STARTS
        or word in _AMOUNT_STARTS
        or word.startswith(('"', "#"))
        or word.endswith("%")
        or _is_limit(words, at)
        or any(word in ("background", "backdrop") for word in words[at + 1 : at + 4])
    )


def _is_with_text(words: list[str], at: int) -> bool:
    """“A thumbnail with the title …”: the title is another wish. After a verb of writing it is the same."""
    following = [word for word in words[at + 1 : at + 4] if word not in ("the", "a", "an", "my", "our")]
    is_text = bool(following) and following[0] in _TEXT_FOLLOWS
    return words[at] == "with" and is_text and words[0] not in ("add", "write", "put", "place", "insert", "combine")


def _is_limit(words: list[str], at: int) -> bool:
    """“Without touching …”, “except …”: what follows must stay as it is."""
    if words[at] in ("except", "excluding"):
        return at == 0 or words[at - 1] not in ("everything", "all", "anything") or not _is_removal(words)
    if words[at] == "apart" and words[at + 1 : at + 2] == ["from"]:
        return True
    return words[at] == "without" and words[at + 1 : at + 2] in (
        [
            ["touching"],
            ["changing"],
            ["affecting"],
            ["altering"],
            ["losing"],
            ["damaging"],
            ["modifying"],
            ["removing"],
            ["moving"],
        ]
    )


def _is_removal(words: list[str]) -> bool:
    return words[0] in ("remove", "delete", "erase", "get", "clear")
