"""⑥ The candidates of one edit: as many as were asked for, but no two alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge.editing.ability import Edits
from bridge.editing.job import Take
from bridge.editing.work import Work
from engine.commands.plan import (
    AddText,
    Adjust,
    BackgroundBlur,
    BackgroundRemove,
    PlaceImage,
    Recolour,
    Relight,
    Upscale,
)

# Said of variations that would all be alike: light, colours, letters, patterns that go on.
_ONLY_ONE = "only one is made: another seed makes the same of it"
_FEWER = "{} are made of {} that were asked for: the other seeds make the same"
# What they make does not depend on the seed, so nobody waits for a second one that is thrown away.
_WITHOUT_SEED = AddText | BackgroundBlur | BackgroundRemove | PlaceImage | Recolour | Relight | Upscale


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """One candidate, and what it was to be."""

    take: Take
    work: Work


def seed_has_say(operations: Sequence[Edits]) -> bool:
    """Whether another seed may make another result."""
    return any(
        operation.kind == "grain" if isinstance(operation, Adjust) else not isinstance(operation, _WITHOUT_SEED)
        for operation in operations
    )


def is_worth_making(take: Take, made: Sequence[Made]) -> bool:
    """Whether it may come out as none of those did."""
    return seed_has_say(take.operations) or all(one.take.operations != take.operations for one in made)


def is_new(take: Take, work: Work, made: Sequence[Made]) -> bool:
    """Whether none of those that did the same came out the same, to the bit."""
    return not any(one.take.operations == take.operations and work.is_like(one.work) for one in made)


def noted(made: Sequence[Made], asked: int) -> list[Made]:
    """The same; where there are fewer than were asked for, the first one says so.

    Args:
        made: one or more.
    """
    if len(made) >= asked:
        return list(made)
    note = _ONLY_ONE if len(made) == 1 else _FEWER.format(len(made), asked)
    return [replace(made[0], work=made[0].work.noting(note)), *made[1:]]
