"""How models are spoken of in the terminal."""

from __future__ import annotations

from typing import Literal

from bridge.weights.shelf import Shelf
from engine.models.catalogue import Ability, Entry, Fast

State = Literal["built-in", "here", "broken", "not here"]
CAN: dict[Ability, str] = {
    Ability.REMOVE: "remove",
    Ability.EXTEND: "extend",
    Ability.TEXT: "words",
    Ability.REFERENCE: "reference",
    Ability.INSTRUCT: "instruct",
}
FAST: dict[Fast, str] = {
    Fast.EXACT: "exact: only the selection is computed, with the same result",
    Fast.APPROXIMATE: "approximate: what surrounds the selection is looked at anew every few steps only",
    Fast.NONE: "none",
}


# The three that every model of pictures from words can.
_PAINTS = {Ability.REMOVE, Ability.EXTEND, Ability.TEXT}


def does(entry: Entry) -> str:
    """What a model can be asked for, in as few words as fit a table."""
    paints = entry.abilities >= _PAINTS
    rest = sorted(CAN[ability] for ability in entry.abilities - (_PAINTS if paints else frozenset()))
    return ", ".join((["paint"] if paints else []) + rest) or entry.about


def state_of(entry: Entry, shelf: Shelf) -> State:
    """Whether a model can be used."""
    if entry.is_built_in:
        return "built-in"
    if shelf.has(entry.name):
        return "here"
    return "broken" if entry.name in shelf.broken() else "not here"


def gigabytes(count: int) -> str:
    """Bytes for people: 16.9 GB, 0.33 MB."""
    for size, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= size * 0.995:
            value = count / size
            return f"{value:.0f} {name}" if value >= 100 else f"{value:.1f} {name}"
    return f"{count} bytes"
