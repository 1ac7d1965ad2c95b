"""The picture's shape and size: “make it 16:9”, “more room above”, “for an Instagram story”, “upscale 2x”."""

from __future__ import annotations

import re

from engine.commands.amounts import number_of
from engine.commands.anchors import PLACE, anchor_of
from engine.commands.formats import FORMAT, aspect_of
from engine.commands.lexicon import NUMBERS
from engine.commands.text import Said
from engine.commands.wishes import Ask, Hearing, Wish

_PICTURE = (
    r"(?:it|this|that|everything|(?:the |this |my )?(?:whole )?(?:image|picture|photo|photograph|canvas|shot|"
    r"frame|layer|scene|product image|"
    r"artboard|artwork|design|composition|pic))"
)
# What reaches the edge and is continued there.
_GROUND = (
    r"(?:the |this )?(?:sky|floor|background|ground|wall|water|sea|grass|table|scene|beach|ceiling|street|road|sand|"
    r"snow|landscape|backdrop|pattern|picture plane|room|[a-z]+ wall)"
)
_GROW = (
    r"(?:extend|expand|outpaint|out paint|uncrop|un crop|continue|grow|widen|enlarge the canvas|generative "
    r"expand|generatively expand|stretch out|"
    r"increase the canvas|broaden|lengthen|prolong|add to|pad|zoom out|fill out)"
)
_SIDE_NAMES = {
    "left": ("left",), "right": ("right",), "top": ("top",), "bottom": ("bottom",), "above": ("top",),
    "below": ("bottom",),
    "up": ("top",), "down": ("bottom",), "upwards": ("top",), "upward": ("top",), "downwards": ("bottom",),
    "downward": ("bottom",), "beneath": ("bottom",), "underneath": ("bottom",), "overhead": ("top",),
    "leftwards": ("left",), "rightwards": ("right",), "sideways": ("left", "right"), "horizontally": ("left", "right"),
    "vertically": ("top", "bottom"), "sides": ("left", "right"), "all sides": ("left", "right", "top", "bottom"),
    "every side": ("left", "right", "top", "bottom"), "each side": ("left", "right", "top", "bottom"),
    "both sides": ("left", "right"), "all around": ("left", "right", "top", "bottom"), "outwards": ("left", "right",
    "top", "bottom"),
    "around": ("left", "right", "top", "bottom"), "all directions": ("left", "right", "top", "bottom"),
    "every direction": ("left", "right", "top", "bottom"), "all edges": ("left", "right", "top", "bottom"),
    "all four sides": ("left", "right", "top", "bottom"), "head": ("top",),
}  # fmt: skip
_ALL_SIDES: tuple[str, ...] = ("left", "right", "top", "bottom")
_SIDE = (
    r"(?:(?:to|on|at|in|towards?|along|out|from|for) )*(?:the "
    rf")?(?P<s>{'|'.join(sorted(_SIDE_NAMES, key=len, reverse=True))})"
    r"(?: (?:hand )?(?:side|edge|sides|end))?(?: of (?:it|the (?:image|picture|photo|canvas)))?"
)
_SIDES = re.compile(_SIDE)
_HOW = (
    r"(?:(?:by|with|of|about|another|an extra|extra|some) )*(?P<n>\d+px|\d+(?:\.\d+)?%|(?:an? )?(?:half|third|"
    r"quarter)|\d+)(?: more| extra| pixels)?(?: each(?! side| edge))?"
)
_HOW_MUCH = re.compile(_HOW)
_TO_FORMAT = re.compile(
    r"(?:(?:please )?(?:make|turn|convert|change|fit|resize|re size|crop|extend|expand|outpaint|uncrop|adapt|"
    r"reformat|format|set|reframe|recompose|scale|grow|"
    r"adjust|prepare|widen|stretch|size|need|want|give me|create|get|put|generate|export|re format|transform|"
    r"bring|do|produce|have)"
    rf"(?: (?:me )?(?:{_PICTURE}|(?:the )?(?:aspect ratio|aspect|format|ratio|shape|size|dimensions)(?: of "
    rf"{_PICTURE})?|an?))? ?(?:also )?(?:fit |work )?(?:up |out |down )?|{_PICTURE} )?"
    r"(?:(?:to|into|as|for|in|onto|be|fit|a|an|with|suit|using) )*(?:an? |the )?(?:vertical |horizontal |wide "
    r"|tall |banner |full |standard )*(?:format |aspect |ratio |aspect ratio |size )?(?:of )?"
    rf"{FORMAT}(?: (?:version|format|aspect ratio|aspect|ratio|crop|shape|size|banner|banner ad|canvas|image|"
    r"picture|ad|video|dimensions|layout|print|sheet|paper|poster|flyer|card|cover|leaderboard|slide|screen|"
    r"display|post|page|"
    r"size page))*(?: (?:out "
    r")?of (?:it|this))?"
    r"(?: for (?:an? |the |my )?(?:instagram|reels?|tiktok|facebook|youtube|pinterest|linkedin|the web|print|"
    r"web|social media|stories|story|x|twitter|shorts))?"
    r"(?: (?:ad|please))?(?P<tail>(?: ,)? .+)?"
)
_ANCHOR = re.compile(
    r"(?:,|and|with|keep|keeping|while|keep it|but|place|having|put) ?(?:keep |keeping |have |having |put |"
    r"place )?(?:(?:the |what is there|what's there)?(?:subject|picture|image|photo|product|"
    r"person|original|it|face|content|object|model|everything)? ?)(?:stays? |anchored |aligned |pinned |"
    r"staying |kept |positioned |placed |is |should be |to be )*"
    rf"(?:(?:on|at|in|to) )?{PLACE}|(?:,? ?)(?:anchored|aligned|pinned|anchor|align)(?: (?:it|the "
    rf"picture))?(?: (?:to|at|on|in))? {PLACE.replace('place>', 'place2>')}"
    r"|(?:,|and|with|keep|keeping)? ?(?:keep |keeping )?(?:the |everything |it )?(?:subject|picture|product|"
    r"person|image|object|model)? ?(?P<mid>(?:centred|centered)(?: on (?:the )?\w+)?|in the centre|in the center)"
)
_WIDER = re.compile(
    rf"(?:make {_PICTURE} |a bit |{_PICTURE} )?(?:a bit |a little |much )?(?P<w>wider|taller|broader|longer)"
    r"(?: by (?P<n>\d+px|\d+%))?"
)
_ROOM = (
    r"(?:space|room|margin|padding|canvas|negative space|empty space|copy space|white space|headroom|breathing "
    r"room|border|area|sky|floor|ground|background|"
    r"grass|sea|water|sand|wall|of the (?:sky|floor|background|scene|picture|wall))"
)
_MORE_ROOM = re.compile(
    r"(?:(?:add|need|want|give me|give it|leave|we need|make|create|have|show|put|there should be|generate|"
    r"insert) )?(?:an? )?(?:some |a bit of |a bit |a little |more |extra |additional |lots of )*"
    rf"(?P<what>{_ROOM})(?: of (?P<n1>\d+px|\d+%))? (?P<sides>.+)"
)
_ADD_PX = re.compile(
    r"(?:add|give it|give me|put|insert|append|i need|need|want|plus) (?P<rest>(?:an? extra |another |about "
    r")?(?:\d+px|\d+%|\d+) .+)"
)
_PADDING = re.compile(
    rf"(?:add )?(?:a )?(?:padding|margin|border|space) of {_HOW} (?P<sides>.+)|(?:add "
    rf")?{_HOW.replace('<n>', '<m>')} (?:of )?(?:padding|margin|border|space|canvas) (?P<sides2>.+)"
)
_ZOOM_OUT = re.compile(
    r"zoom (?:it )?(?:out|back)(?: (?:a bit|a little|slightly|more|some|a touch))*(?: by)?(?: (?P<n>\d+%|"
    r"\d+(?:\.\d+)?x))?"
)
_ORIENTATION = re.compile(
    rf"(?:make|turn|convert|crop|change|resize|extend|put|flip|set)(?: {_PICTURE}| the orientation| "
    r"orientation)?(?: (?:to|into|in|be|an?))* "
    r"(?P<o>portrait|landscape|vertical|horizontal|upright)(?: (?:format|orientation|mode|layout))?"
)
_BIGGER_ON = re.compile(rf"make {_PICTURE} (?:bigger|larger|wider|taller|longer) (?P<rest>(?:on|to|at|towards) .+)")
_FOR_WHAT = re.compile(r" (?:for|to (?:put|add|place|write|fit|leave|make)) .+$")
_HEADROOM = re.compile(
    r"(?:(?:add|we need|need|give (?:it|me|her|him)|i want|want|leave) )?(?:some |more |a bit more |extra |a "
    r"little more )*headroom"
)


def shape(said: Said, hearing: Hearing) -> list[Wish] | None:
    """Extend."""
    norm = said.norm
    if norm in ("crop", "crop it", "resize", "resize it", "trim", "reshape", "crop this", "resize this"):
        raise Ask("To which shape or size? Say it like “crop to 4:5” or “resize to 1920x1080”.")
    if match := _ORIENTATION.fullmatch(norm):
        shapes = "4:5, 3:4 or 9:16" if match["o"] in ("portrait", "vertical", "upright") else "16:9, 3:2 or 4:3"
        raise Ask(f"Which shape should it have: {shapes}? Say it like “make it {shapes.split(',', maxsplit=1)[0]}”.")
    if _HEADROOM.fullmatch(norm):
        return [Wish("extend", None, {"sides": ("top",)})]
    if match := _ZOOM_OUT.fullmatch(norm):
        return _zoomed(match["n"])
    if match := _WIDER.fullmatch(norm):
        return _widened(match)
    if match := _PADDING.fullmatch(norm):
        sides = _sides(match["sides"] or match["sides2"])
        amount = _amount(match["n"] or match["m"])
        return None if not sides or amount is None else [Wish("extend", None, {"sides": dict.fromkeys(sides, amount)})]
    for rest in _grown(norm):
        if found := _on_sides(rest):
            return [Wish("extend", None, {"sides": found})]
    if (match := _TO_FORMAT.fullmatch(norm)) and (found := _formatted(match)):
        return found
    return None


def _widened(match: re.Match[str]) -> list[Wish]:
    """“Wider by 200 px”: half of it on either side."""
    sides = ("left", "right") if match["w"] in ("wider", "broader") else ("top", "bottom")
    amount = None if match["n"] is None else _amount(match["n"])
    if amount is None:
        return [Wish("extend", None, {"sides": sides})]
    half = amount / 2 if isinstance(amount, float) else max(amount // 2, 1)
    return [Wish("extend", None, {"sides": dict.fromkeys(sides, half)})]


def _formatted(match: re.Match[str]) -> list[Wish] | None:
    anchor: str | None = None
    if match["tail"]:
        held = _ANCHOR.fullmatch(match["tail"].strip(" ,"))
        if held is None:
            return None
        anchor = "centre" if held["mid"] else anchor_of(held["place"] or held["place2"])
    fields: dict[str, object] = {"aspect": aspect_of(match)}
    numbers = [float(part) for part in re.findall(r"-?\d+(?:\.\d+)?", aspect_of(match))]
    if any(number <= 0 for number in numbers):
        raise Ask(f"A picture cannot be {aspect_of(match)}; an aspect is like 16:9 or 4:5.")
    return [Wish("extend", None, fields if anchor is None else {**fields, "anchor": anchor})]


def _grown(norm: str) -> list[str]:
    """What follows the verb of an extension."""
    found: list[str] = []
    if match := re.fullmatch(rf"{_GROW}(?: (?:{_PICTURE}|{_GROUND}))?(?: out)? (?P<rest>.+)", norm):
        found.append(match["rest"])
    if match := _ADD_PX.fullmatch(norm):
        found.append(match["rest"])
    if match := _BIGGER_ON.fullmatch(norm):
        found.append(match["rest"])
    if match := _MORE_ROOM.fullmatch(_FOR_WHAT.sub("", norm)):
        found.append(f"{match['sides']} {match['n1'] or ''}".strip())
    if norm in (
        "uncrop",
        "outpaint",
        "outpaint it",
        "uncrop it",
        "extend the canvas",
        "expand the canvas",
        "extend all around",
    ):
        found.append("all sides")
    return found


def _on_sides(rest: str) -> tuple[str, ...] | dict[str, object] | None:
    """“to the left by 100px and right by 300px”, “by 20% on all sides”, “top and bottom”."""
    rest = re.sub(rf" (?:more )?(?:of )?{_ROOM}\b(?= (?:to|on|at|above|below|around|all))", "", f" {rest}").strip()
    sides: dict[str, object] = {}
    plain: list[str] = []
    shared: int | float | None = None
    for part in re.split(r" (?:and|,|plus)(?: and)? ", rest):
        words = re.sub(
            r"^(?:by )?(?:more |extra )?", lambda found: "by " if found[0].startswith("by") else "", part.strip()
        )
        amount = None
        if match := re.search(rf"(?:^|(?<= )){_HOW}(?= |$)", words):
            amount = _amount(match["n"])
            words = f"{words[: match.start()]} {words[match.end() :]}".strip()
            words = re.sub(r"^(?:more|extra|of|by)\b ?", "", re.sub(r"\s+", " ", words))
        if not words and amount is not None:
            shared = amount
            continue
        found = _sides(words)
        if not found:
            return None
        if amount is None:
            plain += found
        else:
            sides |= dict.fromkeys(found, amount)
    if shared is not None and plain:
        sides |= dict.fromkeys(plain, shared)
    elif sides and plain:
        # “Left and right by 100px”: the amount is for both.
        last = next(iter(sides.values()))
        sides = dict.fromkeys([*plain, *sides], last)
    if shared is not None and not sides and not plain:
        # “Widen it by 50 %”: what is added is shared by the two sides.
        half = shared / 2 if isinstance(shared, float) else max(shared // 2, 1)
        return dict.fromkeys(("left", "right"), half)
    return sides or tuple(dict.fromkeys(plain)) or None


def _sides(words: str) -> tuple[str, ...]:
    match = _SIDES.fullmatch(words.strip())
    if match is not None:
        return _SIDE_NAMES[match["s"]]
    parts = re.split(r" (?:and|,) ", words.strip())
    each = [_SIDES.fullmatch(part) for part in parts]
    if len(parts) < 2 or not all(each):
        return ()
    return tuple(side for one in each if one is not None for side in _SIDE_NAMES[one["s"]])


def _amount(words: str) -> int | float | None:
    if words.endswith("px"):
        return int(words[:-2])
    if words.endswith("%"):
        return round(float(words[:-1]) / 100, 4)
    if words.isdigit():
        return int(words)
    return {"half": 0.5, "third": 0.33, "quarter": 0.25}.get(words.rsplit(maxsplit=1)[-1])


def _zoomed(amount: str | None) -> list[Wish] | None:
    if amount is None:
        return [Wish("extend", None, {"sides": _ALL_SIDES})]
    # Out by 20 %: a tenth more on each side.
    part = float(amount[:-1]) / 200 if amount.endswith("%") else (float(amount[:-1]) - 1) / 2
    return [Wish("extend", None, {"sides": dict.fromkeys(_ALL_SIDES, round(part, 4))})] if part > 0 else None


_COUNT = "|".join(NUMBERS)
_FACTOR = rf"(?P<f>\d+(?:\.\d+)?x|\d+(?:\.\d+)?%|\d+(?:\.\d+)?|{_COUNT})"
_UP = (
    r"(?:upscale|up scale|upsize|up size|upres|up res|enlarge|super ?resolution|super resolve|magnify|"
    r"supersample|scale up|scale|upsample|blow up|enhance the resolution|"
    r"make (?:it|this|the (?:picture|image|photo)) (?:bigger|larger)|increase the resolution|resize|boost the "
    r"resolution)"
)
_LARGE = {"4k": "3840x2160", "uhd": "3840x2160", "8k": "7680x4320", "full hd": "1920x1080", "1080p": "1920x1080",
"2k": "2560x1440", "1440p": "2560x1440", "hd": "1920x1080", "5k": "5120x2880"}  # fmt: skip
_UPSCALE: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rule)
    for rule in (
        rf"{_UP}(?: {_PICTURE})?(?: up)?(?: to| by| at)? (?:(?:a factor of |about |a )*{_FACTOR}(?: times)?(?: "
        r"(?:bigger|larger|the size|its size|resolution))?)",
        rf"(?:make|get|need|want|have|render|scale|blow|increase)(?: {_PICTURE})?(?: up)?(?: at| to| by)? (?:a "
        rf"factor of )?{_FACTOR}(?: times)?(?: (?:bigger|larger|the size|its size|the resolution|as big|as "
        r"large|in size))(?: by a factor of .+)?",
        rf"(?:make|get) {_PICTURE} (?:bigger|larger) by (?:a factor of )?{_FACTOR}(?: times)?",
        r"(?P<double>double|triple|quadruple)(?: (?:the )?(?:resolution|size|pixels|pixel count|image "
        rf"size))(?: of {_PICTURE})?",
        rf"(?:{_PICTURE} )?(?:at )?(?P<twice>twice|double|triple) (?:the |its )?(?:size|resolution)",
        r"(?P<x>\d+(?:\.\d+)?x)(?: (?:upscale|upscaling|bigger|larger|super resolution|resolution|enlargement))?",
        rf"{_UP}(?: {_PICTURE})?(?: up)?(?: to| at| by)?(?: a size of)? (?P<size>\d{{3,6}}x\d{{3,6}}|"
        rf"{'|'.join(_LARGE)})(?:px)?(?: pixels| resolution)?",
        rf"(?:make|render|export|want|get|convert|bring|increase|raise|change|set)(?: {_PICTURE}| (?:the "
        r")?resolution)(?: to| in| at| up to)? "
        rf"(?P<size>\d{{3,6}}x\d{{3,6}}|{'|'.join(_LARGE)})(?: resolution| pixels)?",
        rf"(?:in |at )?(?P<size>{'|'.join(_LARGE)})(?: resolution)?",
        r"(?P<plain>)(?:upscale|up scale|enlarge|upres|super resolution|supersample|upsize|upsample|magnify|"
        rf"blow up|upscaling)(?: {_PICTURE})?(?: a bit| please)?",
        r"(?P<plain>)(?:increase|boost|improve|raise|up|enhance|bump up|higher|more|better) (?:the )?(?:image "
        rf"|picture )?(?:resolution|pixel count|dpi)(?: of {_PICTURE})?",
        rf"(?P<plain>)(?:make|need|want|get)(?: {_PICTURE})? (?:in )?(?:a )?(?:high|higher|hi|more) (?:res|"
        r"resolution|definition|def|hires)",
        rf"(?P<plain>)make {_PICTURE} (?:bigger|larger)",
    )
)
_MOST_FACTOR = 8


def upscaling(said: Said, hearing: Hearing) -> list[Wish] | None:
    """Upscale, to a factor or to a size."""
    for rule in _UPSCALE:
        match = rule.fullmatch(said.norm)
        if match is None:
            continue
        groups = match.groupdict()
        if size := groups.get("size"):
            return [Wish("upscale", None, {"size": _LARGE.get(size, size)})]
        factor = _factor(groups)
        if factor is None or factor <= 1:
            return None
        if factor > _MOST_FACTOR:
            raise Ask(f"A picture is made at most {_MOST_FACTOR} times as large at once.")
        return [Wish("upscale", None, {"factor": factor})]
    return None


def _factor(groups: dict[str, str | None]) -> float | None:
    if "plain" in groups:
        return 2.0
    if word := groups.get("double") or groups.get("twice"):
        return {"double": 2.0, "twice": 2.0, "triple": 3.0, "quadruple": 4.0}[word]
    words = groups.get("f") or groups.get("x") or ""
    if words.endswith("%"):
        return float(words[:-1]) / 100
    return number_of(words.removesuffix("x"))
