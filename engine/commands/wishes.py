"""What a clause wishes for, before it is clear where: rules give wishes, `resolve` makes operations of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from pydantic import TypeAdapter, ValidationError

from engine.commands.plan import Adjust, AnyOperation, BackgroundBlur, Operation, PlaceImage, Recolour, Relight
from engine.commands.regions import Named, Region


class Deixis(Enum):
    """Regions that depend on what else was said and on whether something is selected."""

    IT = "it"  # “this”, “it”, “here”
    SAME = "same"  # nothing said, after a clause that named something: “the face brighter and more vivid”
    UNSAID = "unsaid"


Where = Region | Deixis


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is known beside the words: whether something is selected, and how many references there are."""

    has_selection: bool
    references: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """One operation to be.

    Attributes:
        op: its name; ``keep`` is what must not change, ``mention`` a noun that the next clause means by “it”, ``fit``
            how the subject is fitted to the background that was named before.
        where: its region; None for operations without one.
        fields: its other parameters.
        is_complaint: “it's too dark”: dropped when the next clause says what to do about it.
        has_amount: how much was said.
        is_more_of_same: its verb is that of the clause before: “darken the trees and the grass by one stop”.
    """

    op: str
    where: Where | None = None
    fields: dict[str, object] = field(default_factory=dict[str, object])
    is_complaint: bool = False
    is_more_of_same: bool = False
    has_amount: bool = False


class Ask(Exception):
    """The words are clear, but something is missing; carries the sentence that asks for it."""


class NeedsSelection(Ask):
    """It would work with a selection."""


# What these do without a region is done to everything; the others ask for a selection.
_WHOLE = {"relight": "all", "restyle": "all", "adjust": None}
_MERGED = ("exposure", "contrast", "temperature", "vividness", "from")
_SELECT = {
    "remove": "select the thing to remove",
    "replace": "select what to fill",
    "recolour": "select what to colour",
}
_RANGES = {
    "amount": "An amount is between 0 and 100 %.",
    "strength": "A strength is between 0 and 100 %.",
    "opacity": "Opacity is between 0 and 100 %.",
    "exposure": "Light changes by at most 10 stops at once.",
    "contrast": "Contrast changes by -100 % to 400 %.",
    "vividness": "Colourfulness changes by -100 % to 400 %.",
    "temperature": "Warmth changes by at most 100 %.",
    "scale": "A picture is placed at more than 0 and at most 50 times its size.",
    "rotation": "An angle is at most 360 degrees.",
    "hue": "An angle is at most 360 degrees.",
    "sides": "A picture grows by 1 to 100,000 pixels, or up to 20 times its size.",
    "aspect": "A picture is at most 50 times as wide as high, or as high as wide.",
    "size": "A size is 1 to 100,000 pixels, or a part of the picture's height.",
    "prompt": "What is to be drawn must be said in at most 300 characters.",
    "text": "At most 1,000 characters are written at once.",
    "named": "That is too long for the name of a thing.",
}
_TWO = re.compile(r"(?P<a>[^,]+?) and (?:the|her|his|my|its) (?P<b>.+)")
_OPERATION: TypeAdapter[AnyOperation] = TypeAdapter(Operation)


def resolve(clauses: Sequence[Sequence[Wish]], hearing: Hearing) -> tuple[tuple[AnyOperation, ...], tuple[Region, ...]]:
    """The operations, and what must be kept.

    Args:
        clauses: the wishes of each clause, in order; a clause that begins a new sentence or step starts with a
            wish of ``op`` “step”.
        hearing: see there.

    Raises:
        Ask: something is missing.
    """
    wishes = _placed(_shared(_apart(_fitted([wish for clause in clauses for wish in clause]))), hearing)
    wishes = _without_complaints(wishes)
    wishes = _by_selection(wishes, hearing) if hearing.has_selection else wishes
    wishes = _merged(wishes)
    keep = tuple(dict.fromkeys(wish.where for wish in wishes if wish.op == "keep" and _is_region(wish.where)))
    built = tuple(_built(wish) for wish in wishes if wish.op not in ("keep", "mention", "step"))
    return built, keep  # type: ignore[return-value]


def _fitted(wishes: Sequence[Wish]) -> list[Wish]:
    """“Match the light” belongs to the new background that was named before it."""
    found: list[Wish] = []
    for wish in wishes:
        if wish.op != "fit":
            found.append(wish)
            continue
        places = [number for number, other in enumerate(found) if other.op == "background_replace"]
        if not places:
            raise Ask(
                "Light and shadow are matched to a new background: say which, as in “replace the background with a "
                "beach and match the light”."
            )
        before = found[places[-1]]
        found[places[-1]] = replace(before, fields={**before.fields, **wish.fields})
    return found


def _apart(wishes: Sequence[Wish]) -> list[Wish]:
    """“The eyes and the lips” are two things."""
    found: list[Wish] = []
    for wish in wishes:
        match = _TWO.fullmatch(wish.where.named) if isinstance(wish.where, Named) else None
        if match is None or wish.op in ("replace", "mention"):
            found.append(wish)
        else:
            found += [replace(wish, where=Named(named=noun)) for noun in (match["a"], match["b"])]
    return found


def _shared(wishes: Sequence[Wish]) -> list[Wish]:
    """An amount at the end of a row is that of the whole row."""
    shared = list(wishes)
    for number in range(len(shared) - 1, 0, -1):
        wish, before = shared[number], shared[number - 1]
        if (
            wish.is_more_of_same
            and before.op == wish.op
            and wish.has_amount
            and not before.has_amount
            and _signs(before) == _signs(wish)
        ):
            shared[number - 1] = replace(before, fields=wish.fields, has_amount=True)
    return [replace(wish, is_more_of_same=False, has_amount=False) for wish in shared]


def _signs(wish: Wish) -> dict[str, object]:
    """What is changed in which direction."""
    return {
        name: value > 0 if isinstance(value, float) else value
        for name, value in wish.fields.items()
        if name != "amount"
    }


def _placed(wishes: Sequence[Wish], hearing: Hearing) -> list[Wish]:
    """“It”, “this” and nothing said become regions."""
    placed: list[Wish] = []
    last: Region | None = None
    is_first_of_sentence = True
    for wish in wishes:
        if wish.op == "step":
            is_first_of_sentence = True
            placed.append(wish)
            continue
        where = wish.where
        if isinstance(where, Deixis):
            follows = where is Deixis.IT or (where is Deixis.SAME and not is_first_of_sentence)
            if hearing.has_selection and not (where is Deixis.SAME and follows and last is not None):
                where = None if wish.op == "adjust" else "selection"
            elif follows and last is not None:
                where = last
            elif wish.op in _WHOLE:
                where = "all" if _WHOLE[wish.op] else None
            elif wish.op == "recolour" and ("hue" in wish.fields or where is Deixis.SAME):
                where = "all"
            elif wish.op == "keep":
                where = None
            else:
                raise NeedsSelection(_SELECT.get(wish.op, "select what you mean"))
        if wish.op == "adjust" and wish.fields.get("kind") == "blur" and where == "background":
            fields = {name: value for name, value in wish.fields.items() if name == "amount"}
            placed.append(Wish("background_blur", None, fields))
            continue
        if where == "all" and wish.op == "adjust" and not hearing.has_selection:
            where = None
        if wish.fields.get("place") == "selection" and not hearing.has_selection:
            raise NeedsSelection("select where it goes")
        placed.append(replace(wish, where=where))
        if wish.op != "keep":
            is_first_of_sentence = False
        # What is gone is not “it” any more.
        if wish.op == "remove":
            last = None
        elif where is not None and wish.op != "keep":
            last = where
    return placed


def _without_complaints(wishes: Sequence[Wish]) -> list[Wish]:
    kept: list[Wish] = []
    for number, wish in enumerate(wishes):
        later = [other for other in wishes[number + 1 :] if other.op not in ("step", "keep")]
        answered = later and later[0].op == wish.op and later[0].fields.get("kind") == wish.fields.get("kind")
        if not (wish.is_complaint and answered):
            kept.append(wish)
    return kept


def _by_selection(wishes: Sequence[Wish], hearing: Hearing) -> list[Wish]:
    """With a selection, one noun means what is selected; two different ones cannot both."""
    named = {
        wish.where.named for wish in wishes if isinstance(wish.where, Named) and wish.op not in ("keep", "mention")
    }
    acts = {(wish.op, repr(wish.fields)) for wish in wishes if isinstance(wish.where, Named) and wish.op != "keep"}
    is_taken = any(wish.where == "selection" for wish in wishes)
    if not named or is_taken or (len(named) > 1 and len(acts) > 1):
        return list(wishes)
    meant = [
        replace(wish, where=None if wish.op == "adjust" else "selection")
        if isinstance(wish.where, Named) and wish.op != "keep"
        else wish
        for wish in wishes
    ]
    return [wish for number, wish in enumerate(meant) if number == 0 or wish != meant[number - 1]]


def _merged(wishes: Sequence[Wish]) -> list[Wish]:
    """“Brighter and warmer” is one change of the light."""
    merged: list[Wish] = []
    for wish in wishes:
        last = merged[-1] if merged else None
        if (
            last is not None
            and wish.op == last.op == "relight"
            and wish.where == last.where
            and not set(wish.fields) & set(last.fields)
        ):
            fields = {**last.fields, **wish.fields}
            merged[-1] = replace(last, fields={name: fields[name] for name in _MERGED if name in fields})
        else:
            merged.append(wish)
    return merged


def _is_region(where: Where | None) -> bool:
    return where is not None and not isinstance(where, Deixis)


def _built(wish: Wish) -> AnyOperation:
    region = {} if wish.where is None else {"region": wish.where}
    try:
        operation = _OPERATION.validate_python({"op": wish.op, **region, **wish.fields})
    except ValidationError as error:
        raise Ask(_out_of_range(error)) from None
    if _changes_nothing(operation):
        raise Ask("That would change nothing: the amount is 0. Say how much.")
    return operation


def _changes_nothing(operation: AnyOperation) -> bool:
    """Whether all that it was told to do is to be done by 0."""
    match operation:
        case Relight():
            changes = (operation.exposure, operation.contrast, operation.temperature, operation.vividness)
            return operation.from_ is None and not any(changes)
        case Adjust() | BackgroundBlur():
            return operation.amount == 0
        case Recolour():
            return operation.strength == 0 or operation.hue == 0
        case PlaceImage():
            return operation.opacity == 0
        case _:
            return False


def _out_of_range(error: ValidationError) -> str:
    first = error.errors()[0]
    if {"reference", "references"} & set(first["loc"]):
        number = first["input"]
        named = f"image {number}" if isinstance(number, int) and number > 0 else "such image"
        return f"There is no {named}: the pictures that were added are numbered from 1 to 10."
    name = next((str(part) for part in reversed(first["loc"]) if isinstance(part, str) and part in _RANGES), None)
    if name is not None:
        return _RANGES[name]
    if first["loc"] == ("extend",):
        return _RANGES["aspect"]
    where = next((str(part) for part in reversed(first["loc"]) if isinstance(part, str)), "")
    return f"{where}: {first['msg'].removeprefix('Value error, ').lower()}".removeprefix(": ")
