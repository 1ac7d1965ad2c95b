"""Things: taken away, put in the place of others, drawn in another manner."""

from __future__ import annotations

import re

from engine.commands.colours import is_colour
from engine.commands.lexicon import NOT_IN_A_REMOVAL, REMOVE, REMOVE_AROUND, STYLE_NOUNS, STYLES
from engine.commands.parts import part_of, place_of, region_of
from engine.commands.rules.prompts import prompt_of
from engine.commands.text import Said
from engine.commands.wishes import Deixis, Hearing, Where, Wish
from engine.materials.words import understand

_REMOVE_VERBS = sorted((" ".join(verb) for verb in REMOVE), key=len, reverse=True)
_REMOVE = re.compile(
    rf"(?:{'|'.join(_REMOVE_VERBS)})(?: (?P<r>.+?))??(?: (?:completely|entirely|from (?:the |this )?(?:image|"
    r"picture|photo|shot|scene)))?"
)
_AROUND = tuple(
    re.compile(
        rf"{' '.join(first)} (?P<r>.+?) {' '.join(last)}(?: of (?:here|the (?:picture|image|photo|shot|frame)))?"
    )
    for first, last in REMOVE_AROUND
)
_GONE: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rule)
    for rule in (
        r"(?:want |have |get |see )?(?P<r>.+?) (?:gone|removed|erased|deleted)(?: please)?",
        r"(?P<r>.+?) (?:needs? to go|has to go|have to go|must go|should go away|should go|should disappear|"
        r"should be (?:removed|gone|deleted))(?: away)?",
        r"get (?P<r>.+?) out(?: of (?:here|there|the (?:way|picture|shot|frame|image|photo)))?",
        r"no more (?P<r>.+)",
        r"(?:remove|erase|delete|get rid of|clear) (?:whatever|everything|anything|all) (?:that )?(?:is |"
        r"that's )?(?:in |on |at )(?P<r>.+)",
    )
)
# What can be named but not painted: nothing is put in its place.
_NO_THINGS = frozenset(
    """
    colour color hue tint shade mood font pose expression angle perspective language size resolution format name
    opacity mode speed position tone
    feeling quality price
    text words title smile emotion view camera viewpoint composition layout colours colors contrast exposure
    brightness day night season
    weather orientation aspect ratio layer version idea story meaning plan mind
    """.split()
)
# Things of the program, not of the picture.
_NOT_IN_THE_PICTURE = frozenset(
    """
    layer layers file files document account history version versions folder plugin app comment comments project page
    database disk computer
    program everything all it's music sound money internet email password
    """.split()
)
_DIRECTION = re.compile(r"(?:up|down|me|us|camera|viewer|front|back|side|other side|forwards?|backwards?)(?: .+)?")
_HEAL_OBJECT = re.compile(r"(?:the |this |that )?objects?")

_REPLACE: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rule)
    for rule in (
        r"(?:fill|cover|paint|flood|pave|tile)(?: (?P<r>.+?))??(?: in| up| out)? with (?P<p>.+)",
        r"(?:replace|swap out|swap|exchange|substitute|switch out|switch|trade)(?: (?P<r>.+?))?(?: out)? "
        r"(?:with|for|by) (?P<p>.+)",
        r"(?:change|turn|convert|transform|switch)(?: (?P<r>.+?))? (?:into|to)(?: be)? (?P<p>.+)",
        r"make (?P<r>.+?) (?:into|out of|of|look made of|become) (?P<p>.+)",
        r"(?:want |have |use |put |with )?(?P<p>.+?) (?:instead of|in place of|rather than) (?P<r>.+)",
        r"(?:instead of|in place of) (?P<r>.+?),? (?:put|use|have|draw|i want|want|make|add|show|there should "
        r"be) (?P<p>.+)",
        r"fill(?: (?P<r>.+?))? (?P<p>(?:plain |solid )?\w+)",
        r"(?:use|have|make it) (?P<p>.+?) (?:instead|here instead)",
        r"(?P<r>.+?) (?:should be|should become|must be) (?:replaced (?:with|by) )?(?P<art>an?) (?P<p>.+)",
    )
)
_INSERT: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rule)
    for rule in (
        r"(?:put|place|draw|paint|add|insert|generate|create|make|drop|include|render|show|want|have)(?: in)? "
        r"(?P<p>.+?) (?P<r>(?:right )?"
        r"(?:here|there|in here|in the selection|in this (?:spot|area|selection)|over this|over it|in the "
        r"selected area))",
        r"(?:put|place|draw|paint|add|insert|generate|create|drop|include|render|show|want)(?: in)? "
        r"(?P<p>(?:an?|some|two|three|four|more|another|\d+) .+?|[a-z]+s) (?P<r>(?:in|on|at|to|into) .+)",
    )
)
_NOT_PLACED = re.compile(r"\b(?:image|picture|photo|background|backdrop|reference|it|style|look|text)\b")
_ADD = re.compile(r"(?:add|insert|draw|generate|create|include|put in)(?: in)? (?P<p>.+)")
_MAKE = re.compile(r"make (?P<r>.+?) (?P<p>[\w' ]+)")
# “Add text”, “add a logo”: other rules; alone they ask.
_NOT_ADDED = re.compile(
    r"(?:a |an |the |some |more |my |our |\d+ |two |three |four |five )*(?:backgrounds|scenes|settings|"
    r"versions|glow|light|text|texts|words?|logo|title|headline|caption|slogan|background|"
    r"image|picture|photo|border|frame|"
    r"layer|effect|filter|style|something|thing|stuff|detail|details|image \d+|watermark|space|room|it|this|"
    r"that|image|reference)(?: .*)?"
)

_AS = r"(?:an? |the )?"
# Times and weathers that a whole picture can be in.
_STATE = (
    r"(?:night|night ?time|day ?time|day|winter|summer|spring|autumn|fall|sunset|sunrise|dusk|dawn|golden hour|"
    r"blue hour|evening|morning|noon|"
    r"rainy|snowy|foggy|misty|stormy|sunny|cloudy|overcast|rain|snow|christmas|halloween|wintery|wintry|"
    r"autumnal|summery|hazy)"
)
_STYLE_OF = re.compile(
    r"(?:(?:make|redo|restyle|paint|draw|render|do|turn|put|show|recreate|reimagine|convert|have)(?: "
    r"(?P<r>.+?))? )?(?:be )?(?:in|into|to|apply|use|copy|imitate|with|like|give it|give this) (?:the )?"
    r"(?:style|manner|look) of (?P<p>.+)"
)
_STYLED: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rule)
    for rule in (
        r"(?:make|have|get|let|render) (?P<r>.+?) (?:look|appear|feel|seem)(?: more)? (?:like|as if it were|"
        rf"as if it was|as though it were)(?: it's| it was| it were| they were)? {_AS}(?P<p>.+)",
        r"(?:re ?style|re style|styli[sz]e|re ?imagine|re ?draw|redo|repaint)(?: (?P<r>.+?))?(?: (?:as|like|"
        rf"into|to|in)) {_AS}(?P<p>.+?)(?: style)?",
        rf"(?:apply|use|add|give it|put on|with|try) {_AS}(?P<p>.+?) (?:style|look|effect|filter|aesthetic|"
        r"vibe|treatment|feel)(?: (?:to|on) (?P<r>.+))?",
        r"give (?P<r>.+?) an? (?P<p>.+?) (?:look|style|feel|vibe|aesthetic|treatment|effect|touch|mood|atmosphere)",
        r"(?:turn|convert|change|transform|make|render|draw|paint|recreate)(?: (?P<r>.+?))? (?:into|to|in|as|"
        rf"like) {_AS}(?P<p>.+?) (?:style|look)",
        rf"(?:paint|draw|render|do) (?P<r>.+?) (?:like|as) {_AS}(?P<p>.+)",
        r"(?:make|have|let) (?P<r>it|this|(?:the |this )?(?:picture|image|photo|scene|shot|whole thing|"
        rf"landscape)) (?:be |look |into )?(?P<p>{_STATE})",
        r"(?:turn|change|make) (?:the )?(?:day|night|summer|winter|it from \w+|season|weather|time of day|"
        rf"time) (?:in)?to (?:an? )?(?P<p>{_STATE})",
        r"(?:(?:add|use|with|give it|make it|apply) )?(?:an? |some )?(?P<p>(?:golden hour|studio|cinematic|"
        r"neon|moody|candle|candlelit|disco|stage|noir|sunset) (?:lighting|light))",
        rf"(?P<bare>){_AS}(?P<p>.+?) (?:style|look|aesthetic|vibe)",
        r"(?P<kind>)(?:turn|convert|change|transform|make|render|redo|draw|paint)(?: (?P<r>.+?))? (?:into|to|"
        rf"as|a|an|in) {_AS}(?P<p>.+)",
        rf"(?P<kind>)(?P<bare>)as {_AS}(?P<p>.+)",
        r"(?P<adjective>)(?:make|have|get) (?P<r>.+?) (?:look |be |feel |more |very "
        rf")*(?P<p>{'|'.join(STYLES)})(?: looking)?",
        rf"(?P<adjective>)(?P<bare>)(?:more )?(?P<p>{'|'.join(STYLES)})",
        r"(?P<ify>cartoonify|cartoonise|cartoonize|animefy|vintagify|pixelise|pixelize)(?: (?P<r>.+))?",
    )
)
_IFY = {"ca": "cartoon", "an": "anime", "vi": "vintage", "pi": "pixel art"}


def removal(said: Said, hearing: Hearing) -> list[Wish] | None:
    """“Remove the cup”, “take this out”, “the bin needs to go”."""
    norm = said.norm
    for rule in (*_GONE[-1:], *_AROUND, _REMOVE, *_GONE):
        match = rule.fullmatch(norm)
        if match is None:
            continue
        if said.tokens[0].norm == "drop" and re.match(r"(?:an?|in|some) ", match["r"] or ""):
            continue
        if not match["r"]:
            return [Wish("remove", Deixis.UNSAID)]
        thing = said.group(match, "r")
        if thing.norm.split()[-1] in _NOT_IN_THE_PICTURE:
            return None
        if rule is not _GONE[-1] and NOT_IN_A_REMOVAL.intersection(thing.norm.split()) - {"background", "left"}:
            return None
        where = Deixis.IT if _HEAL_OBJECT.fullmatch(thing.norm) else region_of(thing, hearing)
        if where in ("all", "background", "subject") or where is None:
            # The whole picture or the whole background is no thing to take away.
            return [Wish("remove", where)] if where == "subject" else None
        return [Wish("remove", where)]
    return None


def replacement(said: Said, hearing: Hearing) -> list[Wish] | None:
    """“Replace the sky with a sunset”, “fill with brick wall”, “put a plant here”, “brick wall”."""
    norm = said.norm
    for rule in _REPLACE:
        match = rule.fullmatch(norm)
        if match is None:
            continue
        prompt = prompt_of(said.group(match, "p"))
        if prompt is not None and said.tokens[0].norm == "fill" and " with " not in norm and not is_colour(prompt):
            continue
        if match.groupdict().get("r") and match["r"].split()[-1] in _NO_THINGS:
            return None
        region = said.group(match, "r") if "r" in match.groupdict() and match["r"] else None
        where = Deixis.UNSAID if region is None else region_of(region, hearing)
        if prompt is not None and (place_of(prompt.casefold()) or _DIRECTION.fullmatch(prompt.casefold())):
            return None  # “turn her head to the left”
        if prompt is not None and where is not None and where not in ("background", "all"):
            return [Wish("replace", where, {"prompt": prompt})]
    return _inserted(said, hearing) or _made_of(said, hearing) or _drawable(said)


def _inserted(said: Said, hearing: Hearing) -> list[Wish] | None:
    norm = said.norm
    for rule in _INSERT:
        match = rule.fullmatch(norm)
        if match is None or _NOT_ADDED.fullmatch(match["p"]):
            continue
        where: Where | None = place_of(match["r"])  # type: ignore[assignment]
        where = Deixis.IT if where == "selection" or match["r"].startswith("over") else where or part_of(match["r"])
        prompt = prompt_of(said.group(match, "p"))
        if where is None and re.match(r"(?:an?|some) |\w+s$", match["p"]) and not _NOT_PLACED.search(match["r"]):
            where = Deixis.UNSAID
        if where is not None and prompt is not None:
            return [Wish("replace", where, {"prompt": prompt})]
    match = _ADD.fullmatch(norm)
    if match is None or _NOT_ADDED.fullmatch(match["p"]) or not re.fullmatch(r"[\w' ]+", match["p"]):
        return None
    # Where on the man does the hat go? With a selection it is clear, and what follows “to” only says what is there.
    thing = re.split(r" (?:to|onto) (?:the|my|her|his|this|it|their)\b", match["p"])[0]
    prompt = prompt_of(said.span(match.start("p"), match.start("p") + len(thing)))
    return None if prompt is None else [Wish("replace", Deixis.UNSAID, {"prompt": prompt})]


_NO_THING = frozenset("to into with in on by for of and from at like over".split())


def _made_of(said: Said, hearing: Hearing) -> list[Wish] | None:
    """“Make this wall marble”, and in a row “the floor oak”: of what can be drawn and is no colour."""
    for rule in (_MAKE, re.compile(r"(?P<r>(?:the|this|my) .+?) (?:to |into )?(?P<p>[\w' ]+)")):
        match = rule.fullmatch(said.norm)
        if match is None:
            continue
        words = said.norm.split()
        for count in range(min(4, len(words) - 1), 0, -1):
            thing = said.part(len(words) - count)
            read = understand(thing.norm)
            if not read.is_whole or read.entry == "plain" or read.attributes or thing.tokens[0].norm in _NO_THING:
                continue
            first = 1 if rule is _MAKE else 0
            region = said.part(first, len(words) - count)
            if len(region) and region.tokens[-1].norm in ("to", "into"):
                region = region.part(0, len(region) - 1)
            where = region_of(region, hearing)
            prompt = prompt_of(thing)
            if where is not None and where not in ("background", "all") and prompt is not None and len(region):
                return [Wish("replace", where, {"prompt": prompt})]
    return None


def _drawable(said: Said) -> list[Wish] | None:
    """Nothing but the name of something that can be drawn, with its colours. A colour alone is another wish."""
    prompt = said.raw().strip(" ,.!?")
    read = understand(prompt) if len(said) <= 12 else None
    if read is None or not read.is_whole or read.entry == "plain" or '"' in said.norm:
        return None
    return [Wish("replace", Deixis.UNSAID, {"prompt": prompt})]


def restyling(said: Said, hearing: Hearing) -> list[Wish] | None:
    """“Make it look like an oil painting”, “in the style of Van Gogh”, “vintage”."""
    for rule in (_STYLE_OF, *_STYLED):
        match = rule.fullmatch(said.norm)
        if match is None:
            continue
        groups = match.groupdict()
        prompt = _IFY[groups["ify"][:2]] if groups.get("ify") else _style_of(said.group(match, "p"), groups)
        if prompt is None or ("kind" in groups and not _is_style(prompt)):
            continue
        if "bare" in groups and not _is_style(prompt) and re.search(r"\b(?:at|in|on|the)\b", prompt):
            continue
        region = said.group(match, "r") if groups.get("r") else None
        where = Deixis.UNSAID if region is None else region_of(region, hearing)
        if where is None or (where == "background" and not _is_style(prompt)):
            continue
        return [Wish("restyle", where, {"prompt": re.sub(r" (?:style|look)$", "", prompt)})]
    return None


def _style_of(said: Said, groups: dict[str, str | None]) -> str | None:
    return prompt_of(said, without_preposition="bare" in groups)


def _is_style(prompt: str) -> bool:
    words = prompt.casefold().split()
    return words[-1] in STYLE_NOUNS or prompt.casefold() in STYLES or words[0] in STYLES
