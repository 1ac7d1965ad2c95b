"""“A red barn”: words that name a thing and do not say what to do with it.

Over a selection, and for a model that was named, they mean that it is filled with that: such a model draws whatever has
a name. Without one they are asked back on, as ever, unless the built-in library draws them or a model is there that
edits by instruction. What has a name and cannot be drawn is none of these things: “some contrast”, “90 degrees”.
"""

from __future__ import annotations

import re

from engine.commands.clauses import command_verbs, trimmed
from engine.commands.colours import is_colour
from engine.commands.rules.prompts import is_drawable
from engine.commands.text import Said

_LONGEST_WORDS = 60
_NUMBERS = r"two|three|four|five|six|seven|eight|nine|ten|a dozen|\d+"
# What nothing but a noun follows.
_BEFORE_A_NOUN = re.compile(rf"(?:an?|some|several|many|lots of|a lot of|a few|a couple of|{_NUMBERS}) .+")
# “A bit”, “a touch”: how much, not what. “A better one”, “a version of …”: of the picture, or of what was there.
_NO_THING = re.compile(
    r"(?:an? )?(?:bit|tad|touch|lot|little bit|while|moment|second|minute|go|try)\b(?! of)(?: .*)?"
    r"|.* (?:ones?|more|less|please)|an? (?:\w+ )?(?:version|variation|variant|alternative)s?\b.*"
)
# How much of what follows.
_AMOUNT = re.compile(
    rf"(?:some|several|many|lots of|a lot of|a few|a couple of|an? (?:bit|touch|hint|dash) of|an?|{_NUMBERS}) "
)
# Where a noun ends and what is said of it begins.
_AFTER_A_NOUN = re.compile(
    r" (?:of|in|on|at|by|with|from|to|for|near|under|over|behind|before|between|around|through|along|against|into"
    r"|inside|beside|above|below|that|which|who)(?: |$)"
)
_BETWEEN_NOUNS = re.compile(r" ?[,&] ?| (?:and|or) ")
# What a picture has or what is done to one. No layer shows it by itself.
_EFFECTS = frozenset(
    """
    contrast brightness saturation exposure sharpness clarity vibrance vibrancy temperature warmth opacity transparency
    resolution quality detail size hue tone tint colour color blur noise grain bokeh vignette crop conversion
    correction adjustment enhancement restoration removal replacement reduction increase boost change swap edit fix
    cleanup retouch retouching makeover transformation rotation rotate flip turn zoom resize upscale filter effect style
    look mood atmosphere vibe feel sharpening blurring brightening darkening lighting relighting smoothing softening
    toning grading cropping colouring coloring colourisation colorization colourization saturating dithering feathering
    masking upscaling denoising resizing framing contrasting
    """.split()
)
# Words on a picture: they are set, not drawn.
_WRITTEN = frozenset("text word caption title subtitle headline slogan lettering writing inscription".split())
_TURNS = r"degrees?|deg|°|dpi|ppi|px|pixels?|percent|%|stops?|ev"
_UNITS = rf"{_TURNS}|k|kelvin|mm|cm|inch|inches|pt|points?|x|times|fps|bits?|mp|megapixels?|kb|mb|gb|seconds?|minutes?"
_MEASURE = re.compile(
    rf"(?:(?:{_NUMBERS}|[\d.,/]+) ?(?:{_UNITS})|an? (?:{_NUMBERS}|[\d.,/]+) ?(?:{_TURNS}))(?![a-z]).*"
)
# “Stone walls to brick walls” says what becomes of which; “a path to the castle”, “a boat tied to a post” are things.
_BECOMES = re.compile(
    r".+(?<!ing)(?<!ed)(?<!\bnext)(?<!\bclose)(?<!\bback)(?<!\bup)(?<!\bdown)(?<!\broad)(?<!\bpath)(?<!\bway)"
    r"(?<!\bdoor)(?<!\bgate)(?<!\bstairs)(?<!\bsteps)(?<!\bstaircase)(?<!\bbridge)(?<!\btrack)(?<!\btrail)"
    r"(?<!\bentrance)(?<!\bstreet)(?<!\bladder)(?<!\btunnel)(?<!\bwindow)(?<!\bmonument) (?:to|into) .+"
)
# With an article or a number it is clear that a thing is meant; not with “a higher fence”, “a sign that says open”.
_CLEARLY = re.compile(
    rf"(?:an?|several|many|a few|a couple of|{_NUMBERS}) (?!(?:higher|lower|tighter|looser|darker|lighter|brighter"
    r"|bigger|smaller|larger|wider|narrower|softer|sharper|warmer|cooler|colder|better|longer|shorter|thicker|thinner"
    r"|taller|cleaner|clearer|smoother|deeper|stronger|weaker|richer|older|younger|happier|closer) )"
    r"(?!.* (?:says?|saying) ).+"
)
# These may be meant for who or what is there.
_OF_WHAT_IS_THERE = frozenset(
    """
    smile grin frown laugh expression face gaze pose haircut hairstyle beard moustache mustache makeup tan eye hair skin
    shadow light glow highlight reflection outline shot view angle perspective composition background foreground
    """.split()
)
# A sentence, or somebody who speaks: more is wished for than a thing to draw. What follows “that” describes it.
_A_SENTENCE = re.compile(
    r".*\b(?:i|you|me|we|us|it|its|this|these|those|them|should|could|would|can|will|must|needs?|wants?|please|how|why"
    r"|what|but|same|different|similar)\b.*|.*(?<!that )(?<!which )(?<!who )\b(?:is|are|was|were|has|have|does|do)\b.*"
)
# A text between quotes, a question, another sentence.
_SIGNS = re.compile(r'["¤?!;:=]|(?:^| )[.…]')
# “Water the plants”, “paper it over”: what can be a thing is done to one there.
_DONE_TO = frozenset("the a an my our his her their all everything up down over out off away to into".split())


def thing_in(said: Said) -> Said | None:
    """The thing that a command names with what describes it, if it says nothing else."""
    said = trimmed(said)
    words = said.norm.split()
    if not 0 < len(words) <= _LONGEST_WORDS or _SIGNS.search(said.norm) or "?" in said.text:
        return None
    if _NO_THING.fullmatch(said.norm) or _A_SENTENCE.fullmatch(said.norm):
        return None
    if _MEASURE.fullmatch(said.norm) or _BECOMES.fullmatch(said.norm) or _is_no_thing(said.norm):
        return None
    return said if _BEFORE_A_NOUN.fullmatch(said.norm) is not None or _describes(words) else None


def is_clear(thing: Said) -> bool:
    """Whether such words, with an article or a number, can hardly be meant as an instruction for what is there."""
    norm = trimmed(thing).norm
    return _CLEARLY.fullmatch(norm) is not None and not any(_is_in(_OF_WHAT_IS_THERE, head) for head in _heads(norm))


def _is_no_thing(norm: str) -> bool:
    """“Some motion blur”, “black and white conversion”, “a text that says hello”, but not “a field of grain”."""
    return any(_is_in(_EFFECTS, head) or _is_in(_WRITTEN, head) for head in _heads(norm))


def _heads(norm: str) -> list[str]:
    """The nouns that are named, without all that is said of them."""
    nouns = (_AFTER_A_NOUN.split(_AMOUNT.sub("", f"{part} ", count=1), 1)[0] for part in _BETWEEN_NOUNS.split(norm))
    return [noun.split()[-1] for noun in nouns if noun.strip()]


def _is_in(words: frozenset[str], word: str) -> bool:
    return word in words or word.removesuffix("s") in words


def _describes(words: list[str]) -> bool:
    """Whether the first word says of what colour or material the thing is: “red barn”, “brick house by the sea”."""
    first, *others = words
    is_done = bool(others) and others[0] in _DONE_TO
    return bool(others) and not is_done and first not in command_verbs() and (is_colour(first) or is_drawable(first))
