"""Several pictures: one scene of many references, and one subject in many settings."""

from __future__ import annotations

import re

from engine.commands.amounts import count_of
from engine.commands.clauses import command_words
from engine.commands.lexicon import NUMBERS, ORDINALS
from engine.commands.parts import place_of
from engine.commands.rules.prompts import prompt_of
from engine.commands.scene import Scene, UnknownScene
from engine.commands.scene_words import scene_of
from engine.commands.text import Said
from engine.commands.wishes import Ask, Hearing, Wish

_ONE = r"(?:images?|pictures?|photos?|pics?|img|references?|refs?|uploads?|files?)"
# Counting words that number no picture.
_NO_NUMBERS = frozenset("a an once both another couple twice thrice".split())
_NUMBER = (
    rf"(?:#?\d{{1,2}}|"
    rf"{'|'.join(word for word in NUMBERS if word not in _NO_NUMBERS)})"
)
_AND = r"(?: ?,? ?(?:and|plus|with|,) ?)"
_LIST = (
    rf"(?:(?:the |my )?(?:{_ONE} {_NUMBER}|{_NUMBER}|(?:{'|'.join(ORDINALS)})(?: {_ONE})?)(?:{_AND}(?:the "
    rf")?(?:{_ONE} )?(?:{_NUMBER}|(?:{'|'.join(ORDINALS)})(?: {_ONE})?))+"
    rf"|(?:{_ONE} )(?P<from>{_NUMBER}) (?:to|through|until) (?P<to>{_NUMBER})"
    rf"|(?P<every>(?:all|both|every|each|these|the|all of)?(?: of)?(?: the| my| these)?(?: {_NUMBER})? {_ONE}|"
    r"all of them|them all|them|these|those|both|everything))"
)
_COMBINE_VERB = r"(?:combine|merge|blend|composite|mix|fuse|join|collage|put together|montage|compose|stitch|unite)"
_COMBINE: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rule)
    for rule in (
        rf"{_COMBINE_VERB}(?: together)? (?P<list>{_LIST})(?: together)?(?: :)?(?: (?P<p>.+))?",
        rf"(?:make|create|build|generate) (?P<p>.+?) (?:out of|from|of|with|using) (?P<list>{_LIST})",
        rf"put (?P<list>{_LIST}) together(?: (?P<p>.+))?",
    )
)
_INTO = re.compile(r"^(?:into|as|to make|to create|to form|so that it is|to be)(?: (?:an?|the))?(?: |$)")
_FROM = re.compile(
    rf"\b(?:from|in|into|onto|of|on) (?:the )?(?:{_ONE} (?P<n>{_NUMBER})|(?P<o>{'|'.join(ORDINALS)}) {_ONE})\b"
)
_MENTION = re.compile(
    rf"\b{_ONE} (?:number |no )?(?P<n>{_NUMBER})\b|\b(?P<o>{'|'.join(ORDINALS)}) {_ONE}\b|(?P<h>#\d{{1,2}})(?!\S)"
)
_LONGEST_PROMPT = 300
_SCENE_VERB = re.compile(
    r"^(?:put|place|have|show|make|let|add|use|take|insert|dress|combine|swap|give|bring|set|seat|sit|pose) "
)

_COUNT = "|".join(
    word for word in NUMBERS if word not in ("a", "an", "once", "another", "both", "twice", "thrice", "one")
)
_N = rf"(?P<n>\d{{1,2}}|{_COUNT})"
_SUBJECT = r"(?:(?:the|this|my|our|that) )?(?:same )?(?:[\w']+ ){0,3}?[\w']+"
_SETTINGS = (
    r"(?:settings|scenes|places|rooms|locations|streets|cities|seasons|backgrounds|environments|styles|colours|"
    r"colors|weathers?|countries|moods|contexts|landscapes|versions)"
)
_SERIES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rule)
    for rule in (
        r"(?:make|create|generate|do|produce|render|build|want|need)? ?(?:me )?(?:an? )?(?:series|set|"
        rf"campaign|collection)(?: of)? {_N}(?: (?:images?|pictures?|photos?|shots?|versions?|scenes?|"
        rf"{_SETTINGS}))?(?: of {_SUBJECT})? ?(?P<sep>:|with|in|on|at|featuring|,) (?P<p>.+)",
        r"(?:make|create|generate|do|produce|render|build|want|need)? ?(?:me )?(?:an? )?(?:series|set|"
        rf"campaign|collection)(?: of (?:images?|pictures?|photos?|shots?|{_SUBJECT}))? ?(?P<list>:|with|in|on|"
        r"at|featuring|,|showing) (?P<p>.+)",
        rf"(?:make|create|generate|show|do|produce|render|want|need)? ?(?:me )?{_N} (?:images?|pictures?|"
        rf"photos?|shots?|scenes?|versions|variations|settings) (?:of|with|for) {_SUBJECT} ?(?P<sep>:|in|on|at|"
        r",|outdoors|indoors) ?(?P<p>.*)",
        r"(?:make|create|generate|show|do|produce|render|want|need|give)? ?(?:me )?"
        rf"{_N} (?:images?|pictures?|photos?|shots?|scenes?|versions) ?(?P<sep>:|in|on|at|with) (?P<p>.+)",
        r"(?:show|put|place|set|photograph|imagine|picture|see|have|make|display)?(?: me)? "
        rf"?(?P<subject>(?:the|this|my|our|that) [\w' ]{{2,40}}?|it|this|her|him|them|one subject|one product|the same "
        rf"[\w' ]{{2,40}}?) (?P<sep>in|on|at|against) {_N} (?P<p>.+)",
        r"(?:show|put|place|set|photograph|imagine|picture|have|make|display)(?: me)? (?P<subject>(?:the|this|"
        r"my|our|that) [\w' ]{2,40}?|it|this|her|him|them|the same [\w' ]{2,40}?) (?P<list>in|on|at|"
        r"against|during|with) (?P<p>.+)",
        r"(?P<bare>)(?P<subject>(?:the|this) (?:same )?[\w' ]{2,40}?) (?P<list>in|on|at|against) (?P<p>.+)",
    )
)
_ONE_EACH = re.compile(r"(?:(?:make|show|give me|create) )?one (?P<p>.+)")


def combining(said: Said, hearing: Hearing) -> list[Wish] | None:
    """One scene of 2 to 10 references."""
    norm = said.norm
    if '"' in norm:
        return None
    for rule in _COMBINE:
        match = rule.fullmatch(norm)
        if match is None:
            continue
        references = _references(match, hearing)
        if references is None or (len(references) < 2 and not match["every"]):
            continue
        if len(references) < 2:
            raise Ask("Combining needs two references or more. Add the pictures to combine, then say it again.")
        words = said.group(match, "p") if match.groupdict().get("p") else None
        return _combined(references, words)
    named = list(_FROM.finditer(norm))
    numbers = sorted({_number(match["n"] or match["o"], hearing) for match in named})
    verb = _SCENE_VERB.match(norm)
    if len(numbers) < 2 or verb is None:
        return _placing(said, hearing)
    scene = said.span(verb.end(), len(norm))
    return [Wish("combine", None, {"references": tuple(numbers), "prompt": scene.raw().strip(" ,.!?")})]


def _placing(said: Said, hearing: Hearing) -> list[Wish] | None:
    """“Put image 1 to the left of the cat”: only where all of it is understood, and more than a picture's own place."""
    numbers = sorted(
        {_number(match["n"] or match["o"] or match["h"], hearing) for match in _MENTION.finditer(said.norm)}
    )
    prompt = said.raw().strip(" ,.!?")
    if not numbers or len(prompt) > _LONGEST_PROMPT or not _places(tuple(numbers), prompt):
        return None
    if verb := _SCENE_VERB.match(said.norm):
        prompt = said.span(verb.end(), len(said.norm)).raw().strip(" ,.!?")
    return [Wish("combine", None, {"references": tuple(numbers), "prompt": prompt})]


def _places(numbers: tuple[int, ...], prompt: str) -> bool:
    try:
        scene: Scene = scene_of(numbers, prompt)
    except UnknownScene:
        return False
    # A picture at a place of the layer is laid on top as it is, unless its words say what of it is meant.
    return any(one.relation is not None or (one.noun and one.anchor) for one in scene.placements)


def _combined(references: tuple[int, ...], words: Said | None) -> list[Wish] | None:
    fields: dict[str, object] = {"references": references}
    if words is not None and len(words):
        if (into := _INTO.match(words.norm)) is not None and into.end() < len(words.norm):
            words = words.span(into.end(), len(words.norm))
        prompt = prompt_of(words) or _placed_prompt(references, words)
        if prompt is None:
            return None
        if prompt not in ("one", "together", "one picture", "one image", "one photo", "single image"):
            fields["prompt"] = prompt
    return [Wish("combine", None, fields)]


def _placed_prompt(references: tuple[int, ...], words: Said) -> str | None:
    """“Combine images 1 and 2: image 1 left of image 2”: a prompt that speaks of the pictures and is all understood."""
    prompt = words.raw().strip(" ,.!?:;")
    try:
        scene_of(references, prompt)
    except UnknownScene:
        return None
    return prompt if 0 < len(prompt) <= _LONGEST_PROMPT else None


def _references(match: re.Match[str], hearing: Hearing) -> tuple[int, ...] | None:
    if match["from"]:
        first, last = count_of(match["from"]) or 0, count_of(match["to"]) or 0
        return tuple(range(first, last + 1))
    if match["every"]:
        return tuple(range(1, hearing.references + 1))
    words = [word.lstrip("#") for word in match["list"].split()]
    return tuple(_number(word, hearing) for word in words if count_of(word) is not None or word in ORDINALS)


def _number(word: str, hearing: Hearing) -> int:
    word = word.lstrip("#")
    return hearing.references if word == "last" else ORDINALS.get(word) or count_of(word) or 0


def series(said: Said, hearing: Hearing) -> list[Wish] | None:
    """One subject in many settings: a list of them, or how many of which kind."""
    norm = said.norm
    if '"' in norm or re.search(rf"\b{_ONE} #?\d", norm):
        return None
    if (match := _ONE_EACH.fullmatch(norm)) and norm.count(" one ") >= 1:
        return _listed(said.group(match, "p"))
    for rule in _SERIES:
        match = rule.fullmatch(norm)
        if match is None:
            continue
        groups = match.groupdict()
        words = said.group(match, "p") if match["p"] else None
        if groups.get("n") is None:
            found = None if words is None else _listed(words)
            if found is not None:
                return found
            continue
        separator = groups.get("sep")
        if words is None and separator in ("outdoors", "indoors"):
            return _counted(separator, groups["n"])
        if words is None:
            continue
        if separator == ":" or "," in words.norm.split():
            if (found := _listed(words)) is not None:
                return found
        elif (prompt := prompt_of(words, without_preposition=True)) is not None and not place_of(words.norm):
            return _counted(prompt, groups["n"])
    return None


def _counted(prompt: str, count: str) -> list[Wish] | None:
    number = count_of(count) or 0
    return [Wish("series", None, {"prompt": prompt, "count": number})] if 2 <= number <= 20 else None


def _listed(words: Said) -> list[Wish] | None:
    """“a kitchen, a forest and on a beach”."""
    parts: list[Said] = []
    start = 0
    for number, token in enumerate(words.tokens):
        if token.norm in (",", "and", ";"):
            parts.append(words.part(start, number))
            start = number + 1
    parts = [part for part in [*parts, words.part(start)] if len(part)]
    trimmed = [part.part(1) if part.tokens[0].norm == "one" and len(part) > 1 else part for part in parts]
    prompts = [prompt_of(part, without_preposition=True) for part in trimmed]
    if any(part.tokens[0].norm in command_words() for part in parts[1:]):
        return None
    if len(prompts) < 2 or any(prompt is None for prompt in prompts) or any(place_of(part.norm) for part in trimmed):
        return None
    # “in red and white”: two of nothing; a list of settings has a preposition, an article or three parts.
    has_more = sum(
        part.tokens[0].norm in ("in", "on", "at", "a", "an", "the", "under", "during", "one") for part in parts[1:]
    )
    if len(prompts) == 2 and not has_more:
        return None
    return [Wish("series", None, {"prompts": tuple(prompts)})]
