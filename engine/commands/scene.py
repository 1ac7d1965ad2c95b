"""The scene of a `Combine`: where its pictures go, typed. What reads it from words is `scene_words`.

“The mug from image 1 to the left of the cat, image 2 behind it” is two placements. Nouns of the layer (“the cat”) are
kept as said; what they are is found out by who looks at the pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.commands.regions import Anchor, says_place

# What words can say, for a hint.
CAN_SAY = (
    "left of, right of, next to, above, below, behind, in front of, on, in the hand of (with the hand selected), here, "
    "or a place like “top left”"
)


class Relation(StrEnum):
    """How a picture stands to something else; the value says it."""

    LEFT = "to the left of"
    RIGHT = "to the right of"
    BESIDE = "next to"
    ABOVE = "above"
    BELOW = "below"
    BEHIND = "behind"
    FRONT = "in front of"
    ON = "on"
    HELD = "in the hand of"


class Arrangement(StrEnum):
    """How pictures that no words place stand to each other: each where there is room, or whole, in a grid."""

    ROOM = "where there is room"
    COLLAGE = "as a collage"


@dataclass(frozen=True, slots=True)
class Target:
    """What something is placed by: another picture of the scene (``reference``), what is selected, or a thing of the
    layer by its ``noun``."""

    reference: int | None = None
    noun: str = ""
    is_selection: bool = False

    def says(self) -> str:
        if self.reference is not None:
            return f"image {self.reference}"
        return "the selection" if self.is_selection else f"the {self.noun}"


@dataclass(frozen=True, slots=True)
class Placement:
    """One picture's place.

    Attributes:
        reference: its number. noun: what it shows, as said; empty when not said.
        relation, to: how it stands to what; None: see ``anchor``.
        anchor: one of nine places of the layer, or “selection”; None: where there is room.
        size: times the size it would have otherwise.
        as_large_as: its size follows this.
        in_air: it stands on nothing.
    """

    reference: int
    noun: str = ""
    relation: Relation | None = None
    to: Target | None = None
    anchor: Anchor | str | None = None
    size: float = 1.0
    as_large_as: Target | None = None
    in_air: bool = False

    def says(self) -> str:
        """“the mug from image 1 to the left of the cat”."""
        what = f"the {self.noun} from image {self.reference}" if self.noun else f"image {self.reference}"
        if self.relation is not None and self.to is not None:
            where = f" {self.relation} {self.to.says()}"
        elif self.anchor is not None:
            where = says_place(self.anchor)  # type: ignore[arg-type]
        else:
            where = " where there is room"
        if self.as_large_as is not None:
            share = "" if self.size == 1 else f"{self.size * 100:.3g} % "
            return f"{what}{where}, {share}as large as {self.as_large_as.says()}"
        return f"{what}{where}{'' if self.size == 1 else f', at {self.size * 100:.3g} % of its usual size'}"


@dataclass(frozen=True, slots=True)
class Scene:
    """All placements, one a picture, in the order of the command; the order is also from back to front."""

    placements: tuple[Placement, ...]
    arrangement: Arrangement = Arrangement.ROOM
    shadows: bool = True

    def says(self) -> str:
        """One plain sentence."""
        if self.arrangement is Arrangement.COLLAGE:
            return f"Put images {_listed([str(one.reference) for one in self.placements])} side by side as a collage."
        bare = "" if self.shadows else ", without shadows"
        return f"Cut out and put {_listed([one.says() for one in self.placements])}{bare}."

    @property
    def nouns_of_layer(self) -> tuple[str, ...]:
        """What the words name of the layer itself, each once."""
        named = (target.noun for one in self.placements for target in (one.to, one.as_large_as) if target is not None)
        return tuple(dict.fromkeys(noun for noun in named if noun))


class UnknownScene(Exception):
    """Some of the words place nothing.

    Attributes:
        words: those, as they were said. hint: what can be said instead, where something particular can.
    """

    def __init__(self, words: str, hint: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.hint = hint


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
