"""“A red barn”: words that name a thing and do not say what to do with it.

Over a selection, and for a model that was named, they mean that it is filled with that: such a model draws whatever has
a name. Without one they are asked back on, as ever, unless the built-in library draws them.
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
    return said if _BEFORE_A_NOUN.fullmatch(said.norm) is not None or _describes(words) else None


def _describes(words: list[str]) -> bool:
    """Whether the first word says of what colour or material the thing is: “red barn”, “brick house by the sea”."""
    first, *others = words
    is_done = bool(others) and others[0] in _DONE_TO
    return bool(others) and not is_done and first not in command_verbs() and (is_colour(first) or is_drawable(first))
