"""Light, sharpness and noise: “brighten the face”, “a bit warmer”, “blur the background”."""

from __future__ import annotations

import re
from dataclasses import replace

from engine.commands.amounts import HowMuch, taken_out
from engine.commands.colours import is_colour
from engine.commands.lexicon import LESS, LIGHT_ADJECTIVES, LIGHT_NOUNS, LIGHT_VERBS, MORE
from engine.commands.parts import region_of
from engine.commands.regions import Named
from engine.commands.text import Said
from engine.commands.wishes import Ask, Deixis, Hearing, Where, Wish


def _any(words: dict[str, tuple[str, int]]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_ADJECTIVE = (
    r"(?P<how>(?:more |less |higher |lower |not (?:so|as|that|quite so|too) "
    rf")*)(?P<adj>{_any(LIGHT_ADJECTIVES)})"
)
_NOUN = _any(LIGHT_NOUNS)
_ON = r"(?:of|in|on|for|to|at|across|around|over|from)"
_MAKE = r"(?:make|get|have|turn|render|set|put|give|let|want)"
_BE = r"(?:look |appear |be |become |feel |seem |get |come out |turn )?"
_SHOULD = r"(?:should|needs to|must|could|ought to|has to|to|can|need to|wants to)"

_RULES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rule)
    for rule in (
        r"(?P<inc>colder|warmer|cooler) (?P<noun>white balance|temperature|colou?r temperature|light|lighting|tones?)",
        rf"(?:an? )?{_ADJECTIVE} (?:light|lighting|tones?) {_ON} (?P<r>.+)",
        rf"(?:(?:give it|make it|try|use|i want) )?(?:an? )?{_ADJECTIVE} (?:look|feel|vibe)",
        # it's too dark; the sky is too bright
        r"(?P<too>)(?:(?P<r>.+?) (?:is|are|looks?|feels?)|(?:it|that|this)'s|(?:it|this) is)? ?(?:a bit )?too "
        rf"{_ADJECTIVE}",
        rf"(?P<too>)(?:it|this|that)(?:'s| is| looks) {_ADJECTIVE}",
        rf"(?P<too>)(?:there(?:'s| is) |it has |(?P<r>.+?) has )?too(?: much| many)? "
        rf"(?P<noun>{_NOUN})(?: {_ON} (?P<r2>.+))?",
        rf"(?:(?P<r>.+?) )?(?:(?:is|are|isn't|aren't|it's) )?(?:not|isn't|aren't) {_ADJECTIVE} enough",
        r"(?:it |the (?:picture|image|photo) )?(?:needs?|could use|wants|has not enough|not enough|lacks)(?: "
        rf"a bit)?(?: more| some)? (?P<noun>{_NOUN})"
        rf"(?: {_ON} (?P<r>.+))?",
        rf"{_SHOULD} (?:be |look |get ){_ADJECTIVE}",
        # make the sky darker; get it warmer
        rf"{_MAKE} (?P<r>.+?) {_BE}{_ADJECTIVE}(?: overall| all over| in general)?",
        rf"{_MAKE} {_BE}{_ADJECTIVE}",
        rf"{_MAKE} (?:it |this )?{_ADJECTIVE} (?:in|around|on|at|over|near) (?P<r>.+)",
        # increase the contrast of the sky; more warmth; add some grain to it
        rf"(?P<inc>{MORE}|{LESS}) (?:the |some |a |more |of the |bit of |its )*(?:overall "
        rf")?(?P<noun>{_NOUN})(?: effect)?(?: levels?)?"
        rf"(?: up| down)?(?: {_ON} (?P<r>.+))?",
        # increase the sky's contrast; bring up the face's exposure
        rf"(?P<inc>{MORE}|{LESS}) (?P<r>.+?)'s? (?P<noun>{_NOUN})",
        rf"(?P<inc>{MORE}|{LESS}) (?P<r>(?:the |this )?[\w ]+?) (?P<noun>contrast|brightness|exposure|"
        r"saturation|sharpness|noise|grain)",
        rf"(?P<turn>turn|bring|push|crank|dial|take|pull) (?:the )?(?P<noun>{_NOUN}) (?P<prt>up|down|back)(?: "
        rf"{_ON} (?P<r>.+))?",
        rf"give (?P<r>.+?) (?P<inc>more|less|some|extra|a) (?P<noun>{_NOUN})",
        # brighten the face
        rf"(?P<verb>{_any(LIGHT_VERBS)})(?: (?:up|down))?(?: {_ON})?(?: (?P<r>.+?))??(?: up| down)?",
        # warm it up, light the room up
        r"(?P<verb>warm|cool|light|brighten|lighten|tone|bring|darken|sharpen) (?P<r>.+?) (?P<prt>up|down)",
        # the product should be brighter; the face brighter
        rf"(?P<r>.+?) {_SHOULD} (?:be |look |get |become |go ){_ADJECTIVE}",
        rf"(?P<r>.+?) {_SHOULD} (?:have |get )?(?P<inc>more|less) (?P<noun>{_NOUN})",
        rf"(?P<same>){_BE}{_ADJECTIVE}(?: overall| all over| please)?",
        rf"(?:an? )?{_ADJECTIVE} (?:{_ON} )?(?P<r>.+)",
        rf"(?:can|could|should|may) (?P<r>.+?) be {_ADJECTIVE}",
        rf"(?P<gap>)(?P<r>.+?) {_ADJECTIVE}",
        rf"(?:give|add|lend) (?:(?P<r>.+?) )?an? {_ADJECTIVE} (?:tone|tint|cast|feel|glow|touch|atmosphere|mood)",
        # contrast; blur
        rf"(?P<noun>{_NOUN})(?: [:=])?(?: effect)?(?: (?P<prt>up|down))?(?: {_ON} (?P<r>.+))?",
    )
)
_OUT_OF_FOCUS = re.compile(
    r"(?:more )?(?:completely )?out of focus|softer|soft|less (?:sharp|focused|crisp)|less in focus|into? a blur"
)
_BOKEH = re.compile(
    r"(?:(?:add|use|apply|give it|make|with|create|i want)? ?(?:a |an |some )?(?:nice |shallow |shallower |"
    r"soft |creamy )?"
    r"(?:depth of field|bokeh)(?: effect| blur)?(?: to the background| in the background)?|(?:use )?portrait "
    r"mode(?: blur| effect)?"
    r"|blur (?:everything|what(?:'s| is)|all|the area) (?:behind|around|except|but) (?:the |my )?(?:subject|"
    r"person|product|it|her|him)"
    r"|give (?:it|this|the (?:picture|image|photo)) an? (?:blurry|blurred|soft|out of focus|unfocused) "
    r"(?:background|backdrop)"
    r"|(?:an? )?(?:blurry|blurred|soft|unfocused|out of focus) (?:background|backdrop|bg))"
)
_GREY = re.compile(
    r"(?:(?:make|turn|convert|change|render|put|set|have|want|keep|see|show)(?: (?P<r>(?!(?:to|into|in|as) "
    r").+?))??(?: (?:to|into|in|as))? )?"
    r"(?:black and white|greyscale|grayscale|grey scale|gray scale|monochrome|b and w|b/w|bw|black white)"
    r"|(?:remove|take out|kill|drop|no) (?:all )?(?:the |of the )?(?:colou?rs?|saturation)"
    r"|(?:fully |completely )?desaturate (?P<r2>.+?) (?:completely|fully|entirely)|(?P<r3>.+?) (?:in|to) "
    r"(?:black and white|greyscale"
    r"|grayscale|monochrome)"
)
_SIDE = (
    r"(?:the )?(?P<side>(?:top|upper|bottom|lower|above|below) (?:left|right)|left|right|above|below|top|"
    r"bottom|front|behind"
    r"|back|overhead|underneath)(?: (?:hand )?(?:side|corner))?"
)
_FROM: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rule)
    for rule in (
        r"(?:light|relight|illuminate|re light|lit) (?P<r>.+?)(?: with (?:a |the |some )?(?:light|lighting|"
        rf"lamp))? from {_SIDE}",
        r"(?:add|put|make|use|give it|with|more|shine|throw)? ?(?:a |an |the |some |more )*(?P<adj>warm|cool|"
        r"cold|soft|hard|bright)?"
        r" ?(?:side )?(?:light|lighting|sunlight|sun|key light|spotlight|glow)(?: (?:should |to )?(?:come|comes|"
        r"coming|shine|shining))?"
        rf"(?: (?:on|onto|to) (?P<r>.+?))? from {_SIDE}",
        r"(?:make |have |let |move )?the (?:light|sun|lighting) (?:should |must |to )?(?:come|comes|coming|be|"
        r"shine|is|shines) ?(?:in )?"
        rf"(?:from )?{_SIDE}",
        r"(?:change|set|move|turn) the (?:direction of the )?light(?:ing)?(?: direction)? (?:to (?:come "
        rf")?(?:from )?)?{_SIDE}",
        r"(?P<back>backlight|back light|rim light) (?P<r>.+)",
    )
)
_SIDES = {"top": "above", "overhead": "above", "bottom": "below", "underneath": "below", "back": "behind"}
_AS_BRIGHT = re.compile(
    r"(?:(?:make|render|get) (?P<r>.+?) )?(?P<f>half|twice|two times|four times) as (?P<adj>bright|light|dark|"
    r"contrasty|vivid|colou?rful"
    r"|saturated|warm)|(?P<g>halve|double|half|twice) (?:the |as much )?(?P<noun>brightness|exposure|contrast|"
    r"saturation|light|"
    r"vibrance)(?: (?:of|in|on) (?P<r2>.+))?"
)
_STOP = re.compile(r"(?P<sign>plus|minus)?")
_POP = re.compile(
    r"(?:make|let|have) (?P<r>.+?)(?: really)? (?:pop|stand out more|sing out)(?: more)?|(?:make|let) (?:the |"
    r"its )?colou?rs (?P<c>pop|more "
    r"vivid|stronger|more intense|richer|stand out)|(?:boost|enhance|intensify|saturate) (?:the |all "
    r")?(?P<c2>colou?rs?)"
)
_MUTE = re.compile(r"(?:mute|tone down|desaturate|reduce|calm down|weaken|fade) (?:the |all )?colou?rs")
_COLOURS = re.compile(r"(?:the |all |all the |its )?colou?rs?")
_SLIDER = re.compile(
    rf"(?:(?P<verb>set|increase|raise|change|adjust|decrease|reduce|lower|boost) )?(?:the )?(?P<noun>{_NOUN})"
    r"(?: (?:to|by|at|of|:|=))? (?P<n>[+-]?\d+(?:\.\d+)?)"
)
_MOST_STOPS = 10
# More than this many times brighter is a slip of the keys.
_MOST_FRACTION = 10.0
_TONE = re.compile(
    r"(?:(?P<up>raise|lift|open up|bring up|push up|boost|open)|lower|bring down|pull down|drop|recover|crush|reduce)"
    r" (?P<r>(?:the )?(?:shadows|highlights|midtones|mid tones|whites|blacks|lights|darks))"
)
# “Warm light”, “cooler tones”: of everything.
_ATMOSPHERE = re.compile(r"(?:the )?(?:light|lighting|tones?|mood|atmosphere|feel|colou?r temperature)")
_WHICH = {"exposure": "exposure", "contrast": "contrast", "temperature": "temperature", "vividness": "vividness"}


def light(said: Said, hearing: Hearing) -> list[Wish] | None:
    """Relight, adjust and the background's blur."""
    if is_colour(said.raw()):
        return None  # “darker red”
    if found := _whole_phrases(said, hearing):
        return found
    rest, much = taken_out(said)
    if said.norm in ("", ",") or not (len(rest) or (much is not None and much.stops is not None)):
        return None
    how = much or HowMuch()
    if not len(rest):
        return [_wish("exposure", 1, how, Deixis.UNSAID)] if how.stops is not None else None
    norm = rest.norm
    if found := _from_a_side(rest, how, hearing):
        return found
    if found := _of_all_colours(norm, how) or _by_number(rest, hearing) or _tones(rest, how, hearing):
        return found
    if _OUT_OF_FOCUS.search(norm) and (found := _out_of_focus(rest, how, hearing)):
        return found
    if _BOKEH.fullmatch(norm):
        return [_blurred_background(how)]
    for rule in _RULES:
        match = rule.fullmatch(norm)
        if match and (wish := _from(match, rest, how, hearing)):
            return [replace(wish, has_amount=much is not None)]
    return None


def _from(match: re.Match[str], said: Said, how: HowMuch, hearing: Hearing) -> Wish | None:
    groups = match.groupdict()
    if groups.get("adj"):
        dimension, sign = LIGHT_ADJECTIVES[groups["adj"]]
        sign *= -1 if re.search(r"less|lower|not", groups.get("how") or "") else 1
    elif verb := groups.get("verb"):
        full = f"{verb} {groups['prt']}" if groups.get("prt") else verb
        if full not in LIGHT_VERBS and verb not in LIGHT_VERBS:
            return None
        dimension, sign = LIGHT_VERBS.get(full) or LIGHT_VERBS[verb]
    elif noun := groups.get("noun"):
        if noun == "background blur":
            return _blurred_background(how)
        dimension, sign = LIGHT_NOUNS.get(noun, ("temperature", 1))
        inc = groups.get("inc") or ("reduce" if groups.get("prt") in ("down", "back") else "add")
        if inc in LIGHT_ADJECTIVES:
            dimension, sign = LIGHT_ADJECTIVES[inc]
        elif inc in LESS.split("|"):
            sign = -sign
    else:
        return None
    too = "too" in groups
    if too and how.degree == "lot":
        how = HowMuch()
    if too and groups.get("r2"):
        groups["r"] = groups["r2"]
    where: Where | None
    if (groups.get("r") or "") in ("it", "this", "that") and re.search(r" (?:overall|all over|in general)$", said.norm):
        where = "all"
    elif groups.get("r"):
        region = said.group(match, "r2" if groups.get("r2") else "r")
        if _ATMOSPHERE.fullmatch(region.norm):
            where = Deixis.UNSAID
        elif _COLOURS.fullmatch(region.norm) and dimension in ("vividness", "exposure"):
            dimension, where = "vividness", Deixis.UNSAID
        else:
            where = region_of(region, hearing)
        if isinstance(where, Named) and re.search(r"\b(?:from|with an?)\b", where.named):
            return None  # “light the scene from below with a lamp”
        if where is None or ("gap" in groups and region.norm.split()[0] in ("more", "less", "and")):
            return None
    elif groups.get("inc") or groups.get("noun") or groups.get("verb"):
        where = Deixis.UNSAID
    else:
        where = Deixis.IT if too else Deixis.SAME
    return replace(_wish(dimension, -sign if too else sign, how, where), is_complaint=too)


def _wish(dimension: str, sign: int, how: HowMuch, where: Where) -> Wish:
    if dimension == "sharp" and sign < 0 and where == "background":
        return _blurred_background(how)
    if dimension in ("sharp", "noise"):
        kind = {("sharp", 1): "sharpen", ("sharp", -1): "blur", ("noise", 1): "grain", ("noise", -1): "denoise"}
        amount = how.amount()
        fields: dict[str, object] = {"kind": kind[dimension, 1 if sign > 0 else -1]}
        return Wish("adjust", where, fields if amount is None else {**fields, "amount": amount})
    if dimension == "exposure":
        if how.fraction is not None and how.fraction > _MOST_FRACTION:
            raise Ask("Light changes by at most 1,000 % at once.")
        return Wish("relight", where, {"exposure": float(how.exposure(sign))})
    value = how.change()
    return Wish("relight", where, {_WHICH[dimension]: float(value if value < 0 else sign * value)})


def _blurred_background(how: HowMuch) -> Wish:
    amount = how.amount()
    return Wish("background_blur", None, {} if amount is None else {"amount": amount})


def _whole_phrases(said: Said, hearing: Hearing) -> list[Wish] | None:
    """Phrases whose words would be read as amounts or colours otherwise."""
    norm = said.norm
    if _BOKEH.fullmatch(norm):
        return [_blurred_background(HowMuch())]
    if match := _GREY.fullmatch(norm):
        return _of_region(said, match, ("r", "r2", "r3"), {"vividness": -1.0}, hearing)
    if match := _AS_BRIGHT.fullmatch(norm):
        return _as_bright(said, match, hearing)
    return None


def _of_all_colours(norm: str, how: HowMuch) -> list[Wish] | None:
    """“Make the colours pop”, “mute the colours”."""
    if _MUTE.fullmatch(norm):
        return [Wish("relight", Deixis.UNSAID, {"vividness": -abs(how.change())})]
    match = _POP.fullmatch(norm)
    if match is None or not (match["c"] or match["c2"] or _COLOURS.fullmatch(match["r"] or "")):
        return None
    return [Wish("relight", Deixis.UNSAID, {"vividness": abs(how.change())})]


def _by_number(said: Said, hearing: Hearing) -> list[Wish] | None:
    """Sliders as they are read out: “contrast -10”, “exposure +0.5”."""
    match = _SLIDER.fullmatch(said.norm)
    if match is None:
        return None
    dimension, sign = LIGHT_NOUNS[match["noun"]]
    value = float(match["n"]) * (-1 if match["verb"] in ("decrease", "reduce", "lower") else 1)
    # Exposure is read in stops, everything else and large numbers on a scale of a hundred.
    is_stops = match["noun"] in ("exposure", "ev") and abs(value) <= _MOST_STOPS
    how = HowMuch(stops=value) if is_stops else HowMuch(fraction=value / 100)
    return [_wish(dimension, sign, how, Deixis.UNSAID)] if value else None


def _tones(said: Said, how: HowMuch, hearing: Hearing) -> list[Wish] | None:
    """“Raise the shadows and lower the highlights”."""
    match = _TONE.fullmatch(said.norm)
    if match is None:
        return None
    where = region_of(said.group(match, "r"), hearing)
    return None if where is None else [_wish("exposure", 1 if match["up"] else -1, how, where)]


def _of_region(
    said: Said, match: re.Match[str], names: tuple[str, ...], fields: dict[str, object], hearing: Hearing
) -> list[Wish] | None:
    name = next((name for name in names if match[name]), None)
    where = Deixis.SAME if name is None else region_of(said.group(match, name), hearing)
    return None if where is None else [Wish("relight", where, fields)]


def _as_bright(said: Said, match: re.Match[str], hearing: Hearing) -> list[Wish] | None:
    dimension, sign = LIGHT_NOUNS[match["noun"]] if match["noun"] else LIGHT_ADJECTIVES[match["adj"]]
    is_half = (match["f"] or match["g"]) in ("half", "halve")
    if dimension == "exposure":
        # Half the light is one stop.
        value = (2.0 if match["f"] == "four times" else 1.0) * (-1 if is_half else 1) * sign
    else:
        value = -0.5 if is_half else 1.0
    return _of_region(said, match, ("r", "r2"), {_WHICH[dimension]: value}, hearing)


def _out_of_focus(said: Said, how: HowMuch, hearing: Hearing) -> list[Wish] | None:
    match = re.fullmatch(
        r"(?:(?:make|put|throw|get|render|set|bring|have) )?(?P<r>.+?)(?: should)?(?: be| look)? "
        rf"(?:{_OUT_OF_FOCUS.pattern})",
        said.norm,
    )
    if match is None:
        return None
    where = region_of(said.group(match, "r"), hearing)
    # Softer light is no blur; a softer background is.
    if where is None or (where != "background" and said.norm.endswith(("soft", "softer"))):
        return None
    return [_wish("sharp", -1, how, where)]


def _from_a_side(said: Said, how: HowMuch, hearing: Hearing) -> list[Wish] | None:
    """Where the light comes from, perhaps with how warm it is: “side light from the right, slightly warmer”."""
    for rule in _FROM:
        match = rule.fullmatch(said.norm)
        if match is None:
            continue
        groups = match.groupdict()
        side = "behind" if groups.get("back") else str(groups["side"])
        parts = side.replace("upper", "top").replace("lower", "bottom").split()
        direction = " ".join(_SIDES.get(part, part) for part in parts)
        where = region_of(said.group(match, "r"), hearing) if groups.get("r") else Deixis.UNSAID
        if where is None:
            return None
        fields: dict[str, object] = {"from": direction}
        adjective = groups.get("adj")
        if adjective in ("warm", "cool", "cold", "bright"):
            dimension, sign = LIGHT_ADJECTIVES[adjective]
            value = how.exposure(sign) if dimension == "exposure" else sign * how.change()
            fields = {dimension: value, **fields}
        return [Wish("relight", where, fields)]
    return None
