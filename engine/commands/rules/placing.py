"""Text and pictures on top: “write SALE top left in red”, “put the logo here at 50 % opacity”."""

from __future__ import annotations

import re

from engine.commands.parts import REFERENCE, reference_of
from engine.commands.text import QUOTED, Said
from engine.commands.trimmings import is_all_filler, of_picture, of_text
from engine.commands.wishes import Ask, Hearing, Wish

_TEXT_NOUN = (
    r"(?:text|texts|words?|phrase|title|headline|heading|header|caption|slogan|tagline|tag line|label|subtitle|"
    r"sub title|quote|sentence|line|message|name|date|"
    r"copyright|copyright notice|copyright line|letters|lettering|call to action|cta|price|button text|lines|"
    r"copy|sign|writing|inscription|subheading|sub heading|footer|"
    r"text saying|credit)"
)
_ADD = (
    r"(?:add|write|put|place|type|insert|overlay|include|set|print|display|show|letter|superimpose|want|have|"
    r"draw|stamp|render|create|stick|append|need)"
)
_WRITE = (
    r"(?:write|type|caption it|caption this|caption|label it|label this|label|letter|spell out|spell|"
    r"title it|title this|text)"
)
_SAYING = (
    r"(?:that says|that reads|which says|which reads|saying|reading|with the (?:words|text)|with text|says|:|"
    r"that should say|called|,)"
)
_HEAD = re.compile(rf"(?:{_ADD}|{_WRITE})(?: in| on)?|(?:a |the |some )?{_TEXT_NOUN}")
# Between the verb and the quote: “a big bold headline saying”.
_LEAD = re.compile(
    rf"^(?:(?:{_ADD}|{_WRITE})(?: |$))?(?:on (?:it|top|the (?:image|picture|photo)) )?(?:me )?(?:an?|the|this|"
    rf"some|my|our)? ?(?P<mods>.*?) ?(?:{_TEXT_NOUN} ?)?(?:{_SAYING})?$"
)
_UNQUOTED: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rule)
    for rule in (
        rf"{_ADD} (?:an?|the|this|some|my|our)? ?(?P<mods>.*?) ?(?P<noun>{_TEXT_NOUN}) {_SAYING} (?P<t>.+)",
        rf"{_ADD} (?:an?|the|this|some|my|our)? ?(?P<mods>(?:small|big|large|huge|tiny|bold|white|black|red|"
        rf"blue|yellow|green|gold)? ?)(?P<noun>{_TEXT_NOUN}) (?P<t>.+)",
        rf"(?:{_TEXT_NOUN}) : (?P<t>.+)",
        rf"{_WRITE}(?: (?:the|this))?(?: (?:words?|text|phrase|line|title|sentence|name|message))? (?::|,)? ?(?P<t>.+)",
    )
)
# “Write a poem”, “add text”: what to write was not said.
_NO_TEXT = re.compile(
    r"(?:something|anything|it|this|that|here|there|a poem|some text|a text|text|a story|an? \w+ about .+)(?: .*)?"
)
_NOT_A_TEXT = re.compile(
    r"(?:to|into|in|on|from|onto|for|with|of|off|out|at|is|should|sharper|crisper|bigger|larger)\b.*"
)


def writing(said: Said, hearing: Hearing) -> list[Wish] | None:
    """Add text, quoted or not; letter for letter."""
    quotes = [number for number, token in enumerate(said.tokens) if re.fullmatch(QUOTED, token.norm)]
    if len(quotes) == 1:
        return _quoted(said, quotes[0])
    return None if quotes else _unquoted(said)


def _quoted(said: Said, at: int) -> list[Wish] | None:
    before, after = said.part(0, at), said.part(at + 1)
    fields: dict[str, object] = {}
    lead = _LEAD.match(before.norm)
    if len(before):
        is_head = _HEAD.match(before.norm) is not None
        if lead is None or not is_head:
            return None
        trimmed = of_text(before.group(lead, "mods")) if lead["mods"] else None
        if trimmed is not None:
            if not is_all_filler(trimmed.rest):
                return None
            fields |= trimmed.fields
    elif not len(after):
        return None
    trimmed = of_text(after)
    if not is_all_filler(trimmed.rest):
        return None
    return [Wish("add_text", None, {"text": said.quoted(said.tokens[at].norm), **fields, **trimmed.fields})]


def _unquoted(said: Said) -> list[Wish] | None:
    norm = said.norm
    for rule in _UNQUOTED:
        match = rule.fullmatch(norm)
        if match is None:
            continue
        groups = match.groupdict()
        words = said.group(match, "t")
        if (
            groups.get("noun") in ("sign", "price", "line", "lines", "copy", "name", "button text", "label")
            and " : " not in norm
            and not re.search(r"\b(?:saying|says|reads|reading)\b", norm)
        ):
            continue
        fields: dict[str, object] = {}
        if mods := (groups.get("mods") or "").strip():
            trimmed = of_text(said.group(match, "mods"))
            if mods and not is_all_filler(trimmed.rest):
                continue
            fields |= trimmed.fields
        trimmed = of_text(words)
        text = "" if trimmed.rest is None else trimmed.rest.raw()
        if (
            not text
            or _NO_TEXT.fullmatch(trimmed.rest.norm if trimmed.rest else "")
            or _NOT_A_TEXT.fullmatch(words.norm)
        ):
            raise Ask(
                "What should be written? Put the words between quotes, for example: write “Summer sale” at the top."
            )
        return [Wish("add_text", None, {"text": text, **fields, **trimmed.fields})]
    if re.fullmatch(rf"{_ADD} (?:an?|the|some)? ?{_TEXT_NOUN}|(?:write|type)(?: (?:it|this|here))?", norm):
        raise Ask("What should be written? Put the words between quotes, for example: write “Summer sale” at the top.")
    return None


_PUT = re.compile(
    r"(?:(?:put|place|add|insert|overlay|paste|drop|stick|stamp|superimpose|position|use|lay|set|include|apply|"
    r"show|want|move|have|layer)(?: in| on)? )?"
    rf"{REFERENCE}(?P<rest> .+)?"
)
# “Overlay image 1 at 30 %” can only mean how opaque it is.
_SHARE = re.compile(r"(?:at|with) (?P<n>\d+(?:\.\d+)?)%")
_AS_WATERMARK = re.compile(r"^ ?as an? (?:watermark|overlay|logo|sticker|stamp|badge)")


def picture(said: Said, hearing: Hearing) -> list[Wish] | None:
    """Place an image. A noun like “logo” stands for the only reference there is."""
    match = _PUT.fullmatch(said.norm)
    if match is None:
        return None
    verb = "" if re.match(REFERENCE, said.norm) else said.tokens[0].norm
    groups = match.groupdict()
    rest = said.group(match, "rest") if match["rest"] else None
    if rest is not None and (overlay := _AS_WATERMARK.match(rest.norm)):
        rest = rest.span(overlay.end() + 1, len(rest.norm)) if overlay.end() < len(rest.norm) else None
    if rest is not None and verb in ("overlay", "superimpose", "layer") and (share := _SHARE.fullmatch(rest.norm)):
        opacity = {"opacity": float(share["n"]) / 100}
        return [Wish("place_image", None, {"reference": reference_of(match, hearing), **opacity})]
    trimmed = of_picture(rest) if rest is not None else None
    if trimmed is not None and not is_all_filler(trimmed.rest):
        return None
    fields = {} if trimmed is None else trimmed.fields
    # “The picture” alone is the layer itself; it must be put somewhere to be a reference.
    is_layer = re.search(r"\b(?:picture|image|photo)$", groups.get("only") or "") is not None
    # “Drop the watermark” takes it away.
    if verb in ("", "drop") and not fields:
        return None
    if is_layer and "place" not in fields:
        return None
    return [Wish("place_image", None, {"reference": reference_of(match, hearing), **fields})]
