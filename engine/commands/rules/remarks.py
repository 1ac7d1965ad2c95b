"""What is said beside the wishes: “oops”, “I don't like it”, “there's a hair on the lens”."""

from __future__ import annotations

import re

from engine.commands.parts import region_of
from engine.commands.text import Said
from engine.commands.wishes import Deixis, Hearing, Wish

_REMARK = re.compile(
    r"(?:no|nope|nah|oops|hmm+|ugh|yes|yeah|yep|great|nice|perfect|good|cool|wrong|sorry|wait|not (?:good|"
    r"quite|right|that|like that)|that's (?:wrong|not it|not right|bad|ugly)|"
    r"i (?:don't|do not|didn't|hate) (?:really )?like (?:it|this|that)(?: one)?|i hate (?:it|this|that)|i "
    r"changed my mind|never mind|hello|hi|thanks|thank you|please|looks good|"
    r"i love it|fill (?:in )?(?:the|that) (?:gap|hole|space|empty (?:area|space|spot))(?: naturally| "
    r"realistically)?|ok|okay|not bad|almost|better)"
)
_MENTION = re.compile(
    r"(?:there's|there is|there are|i see|i can see|see) (?P<r>(?:an?|some|the|this|that|two|three) .+)"
)
_ABOUT = re.compile(r"(?:just |only )?(?P<r>(?:the|this|that|my|her|his) [\w' ]+) :")


_TOO = re.compile(
    r"(?P<r>.+?) (?:is|are|looks?|seems?) (?:a bit |a little |way |far |much |so |really |very )?(?:too "
    r")?[\w ]{2,30}"
)


def is_remark(said: Said) -> bool:
    """Whether the clause wishes for nothing; it counts only beside one that does."""
    return _REMARK.fullmatch(said.norm) is not None


def mention(said: Said, hearing: Hearing) -> list[Wish] | None:
    """A noun that the next clause calls “it”."""
    match = _MENTION.fullmatch(said.norm) or _TOO.fullmatch(said.norm)
    if match is None:
        return None
    where = region_of(said.group(match, "r"), hearing)
    return None if where is None or isinstance(where, Deixis) else [Wish("mention", where)]
