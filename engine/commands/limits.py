"""What must not change: “don't touch the sky”, “keep the shadow”, “except for the face”."""

from __future__ import annotations

import re

from engine.commands.colours import is_colour
from engine.commands.parts import region_of
from engine.commands.text import Said
from engine.commands.wishes import Hearing, Wish

_CHANGE = (
    r"(?:touch|change|blow out|burn out|clip|alter|modify|affect|edit|damage|lose|remove|ruin|move|hurt|mess "
    r"with|mess up|blur|darken|"
    r"brighten|recolou?r|cover|crop|cut|touching|"
    r"changing|affecting|altering|losing|damaging|modifying|removing|moving|blurring|darkening|brightening)"
)
_AS_IS = (
    r"(?: (?:as (?:it|he|she) is|as they are|as is|alone|untouched|unchanged|intact|the same|as it was|in "
    r"place|how it is|"
    r"like it is|in|sharp|in focus|crisp|bright|exactly as it is|"
    r"visible))?"
)
_RULES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rule)
    for rule in (
        rf"(?:please )?(?:but )?(?:don't|do not|never|you must not|must not|without|avoid|not) {_CHANGE} "
        r"(?P<r>.+?)(?: at all)?",
        rf"(?:but )?(?:keep|leave|preserve|retain|protect|maintain|spare) (?P<r>.+?){_AS_IS}",
        r"(?:but )?(?:except for|except|excluding|apart from|excepting|besides|other than|all but) (?P<r>.+)",
        r"(?:but )?not (?:in |on |for |to |of )?(?P<r>(?:the|her|his|my|its|this|that) .+)",
        rf"(?P<r>.+?) (?:should|must) (?:stay|remain|be left)(?: {_AS_IS.strip()})?",
    )
)
_REST = re.compile(
    r"(?:nothing else|not anything else|(?:don't|do not|never|without) (?:touch|touching|change|changing) "
    r"(?:anything|everything) else|(?:keep|leave) (?:everything else|the rest|all"
    r" else|everything)(?: .+)?|the rest (?:stays|should stay|must stay).*|(?:leave|keep) the rest.*|"
    r"everything else (?:stays|should stay|must stay).*)"
)
_NO_OTHER_THING = re.compile(r"(?:it|this|that|here|me|going|up|in mind)(?: .*)?")
# These are kept by another operation: its own words read them.
_NOT_KEPT = re.compile(
    r"(?:keep|leave) (?:the )?(?:subject|picture|image|it|product|person)? ?(?:centred|centered|on the|at the|"
    r"in the|to the) .*"
)


def limit(said: Said, hearing: Hearing) -> list[Wish] | None:
    """What the clause says to keep; an empty list for “nothing else”, which is so anyway."""
    norm = said.norm
    if _REST.fullmatch(norm):
        return [Wish("keep", None)]
    if _NOT_KEPT.fullmatch(norm):
        return None
    for rule in _RULES:
        match = rule.fullmatch(norm)
        if match is None or _NO_OTHER_THING.fullmatch(match["r"]):
            continue
        kept = said.group(match, "r")
        if len(kept) > 1 and is_colour(kept.part(len(kept) - 1).raw()):
            kept = kept.part(0, len(kept) - 1)  # “keep the wheels black”
        where = region_of(kept, hearing)
        if where is not None and where != "all":
            return [Wish("keep", where)]
    return None
