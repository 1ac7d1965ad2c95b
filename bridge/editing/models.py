"""Which open model draws what: of those whose weights are here, the one that was named, pinned, or fits best.

An edit names one by its words (“…, using meissonic”) or in `EditStart.model`; the words count more. That model then
draws everything of the edit that a model can draw. A document's model is asked only for what the built-in ones cannot
draw, since what those can (colours, patterns, materials, removals) they do exactly or better. Who says nothing gets the
catalogue's best.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from bridge.errors import EditError
from engine.commands.amounts import count_of
from engine.commands.lexicon import ORDINALS
from engine.commands.models import BUILT_IN, title_of
from engine.commands.phrasing import listed
from engine.commands.plan import (
    Again,
    AnyOperation,
    BackgroundReplace,
    Drawn,
    Instruct,
    Plan,
    Replace,
    Series,
    Variations,
)
from engine.models.catalogue import ABILITY_OF, Ability, Choice, Entry, choose, open_entries

# As though nothing were pinned, not even by the document.
AUTO = "auto"
# What draws words, and may look at pictures with them.
Beside = Replace | BackgroundReplace | Instruct | Series
# “Image 2”, “photo two”, “ref #2”, “the last picture”; not “the last one”, which may be a thing in the layer.
_PICTURE = "(?:image|picture|photograph|photo|pic|img|reference|ref)"
_NAMED = re.compile(
    rf"\b{_PICTURE} (?:number |no\.? |nr\.? )?\#?"
    r"(?P<number>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)\b"
    rf"|\b(?P<ordinal>{'|'.join(ORDINALS)}) {_PICTURE}\b",
    re.IGNORECASE,
)
_MOST_NAMED = 10  # “a photo 35 mm wide” names none
_Operation = TypeVar("_Operation", bound=AnyOperation)
_WHOSE = {"edit": "", "document": ", this document's model,", "version": ", which drew that edit,"}
_CANNOT = {Ability.INSTRUCT: "does not edit by instruction"}


class NoModel(EditError):
    """That model is not here, or cannot do this."""

    code = "no_model"
    hint = "`inlay models list` says which there are and what they can."


@dataclass(frozen=True, slots=True)
class OpenModels:
    """Those that can be used, and what was said of them.

    Attributes:
        present: names of those whose weights are here and whole.
        of_edit: named by this edit; ``auto``: whatever fits, whatever the document says; empty: not said.
        of_document: the document's; empty: none.
        why_not: why a model cannot run on this device, or None where it can.
    """

    present: tuple[str, ...] = ()
    of_edit: str = ""
    of_document: str = ""
    why_not: Callable[[Entry], str | None] = lambda _: None

    def for_edit(self, of_edit: str, of_document: str) -> OpenModels:
        """The same for one edit of a document."""
        return replace(self, of_edit=of_edit, of_document=of_document)

    def can(self, ability: Ability, named: str | None = None) -> bool:
        """Whether a model that would be asked can do it; with a name, whether that one can."""
        name = named or self._pinned
        if name is not None:
            return name in self.present and ability in abilities_of(name)
        return any(ability in abilities_of(one) for one in self.present)

    def given(self, operation: _Operation, cannot: Callable[[str], str | None]) -> _Operation:
        """The operation with the model that draws it, and as many pictures as that looks at; as it is where the
        built-in ones do, which look at none beside a prompt.

        Args:
            cannot: why a prompt is nothing that the built-in models can draw, or None.

        Raises:
            NoModel: a model was named that is not here, or that cannot do this.
        """
        given = self._given(operation, cannot)
        if not isinstance(given, Beside) or given.references is None:
            return given
        # Pictures that nobody looks at are neither asked for nor kept.
        return given.model_copy(update={"references": given.references[: looks_at(model_of(given))] or None})

    def _given(self, operation: _Operation, cannot: Callable[[str], str | None]) -> _Operation:
        if not isinstance(operation, Drawn) or getattr(operation, "reference", None) is not None:
            return operation
        named = operation.model or self.of_edit
        if named and named != AUTO:
            return operation.model_copy(update={"model": self._checked(named, operation)})
        if isinstance(operation, Again | Variations) or not _needs_one(operation, cannot):
            return operation
        if named != AUTO and self.of_document and self.of_document != AUTO:
            if self.of_document == BUILT_IN and not isinstance(operation, Instruct):
                return operation
            return operation.model_copy(update={"model": self._checked(self.of_document, operation, "document")})
        found = self._best(operation).name
        return operation.model_copy(update={"model": found}) if found in self.present else operation

    def kept(self, operation: _Operation) -> _Operation:
        """The operation as it was drawn before, if its model is still here.

        Raises:
            NoModel: it is not.
        """
        if model_of(operation):
            self._checked(model_of(operation), operation, "version")
        return operation

    def why(self, operations: Iterable[AnyOperation]) -> tuple[str, ...]:
        """A sentence for each open model that was not named by the edit: why it is that one."""
        said: dict[str, None] = {}
        for operation in operations:
            name = model_of(operation)
            if name and name == self.of_document and self.of_edit != AUTO:
                said[f"{title_of(name)} is this document's model."] = None
            elif name and name != self.of_edit:
                said[self._best(operation).reason] = None
        return tuple(said)

    def lacking(self, ability: Ability) -> str:
        """What to do where no model is here that could have helped."""
        names = names_with(ability)
        return "" if self.can(ability) or not names else f"`inlay models pull {names[0]}` fetches a model that can."

    def _best(self, operation: AnyOperation) -> Choice:
        return choose(_op_of(operation), self.present, why_not=self.why_not, looks=bool(pictures_of(operation)))

    @property
    def named(self) -> str:
        """The model that the edit or else the document names; empty: none."""
        return self._pinned or ""

    @property
    def _pinned(self) -> str | None:
        if self.of_edit:
            return None if self.of_edit == AUTO else self.of_edit
        return self.of_document if self.of_document not in ("", AUTO) else None

    def _checked(self, name: str, operation: AnyOperation, whose: str = "edit") -> str:
        """The name, of a model that is here and can.

        Raises:
            NoModel: it is not, or cannot.
        """
        otherwise = "`inlay models use auto` lets Inlay choose" if whose == "document" else "name another one"
        if name == BUILT_IN:
            if isinstance(operation, Instruct):
                raise NoModel("The built-in model reads no instructions.", hint=f"Nothing was changed; {otherwise}.")
            return name
        title = title_of(name)
        ability = None if isinstance(operation, Again | Variations) else ability_for(operation)
        if not abilities_of(name):
            raise NoModel(
                f"Inlay knows no model called “{title}”{_WHOSE[whose].rstrip(',')}.",
                hint=f"`inlay models list` names those it knows; {otherwise}. Nothing was changed.",
            )
        if ability is not None and ability not in abilities_of(name):
            able = ", ".join(title_of(one) for one in names_with(ability))
            cannot = _CANNOT.get(ability, "cannot do this")
            raise NoModel(f"{title}{_WHOSE[whose]} {cannot}.", hint=f"These can: {able}. Nothing was changed.")
        if name not in self.present:
            raise NoModel(
                f"{title}{_WHOSE[whose]} is not on this machine.",
                hint=(f"`inlay models pull {name}` fetches it, or {otherwise}. Nothing was changed."),
            )
        return name


def beside(operations: tuple[_Operation, ...], references: int) -> tuple[_Operation, ...]:
    """The operations; those that draw words get the pictures that these name, also one that did not come; where they
    name none, those that came with them and that no other of them uses.

    Args:
        references: how many pictures came; without any, nothing is taken for the name of one.
    """
    free = _unused(operations, references)
    return tuple(
        operation.model_copy(update={"references": _named_in(operation, references) or free or None})
        if references and isinstance(operation, Beside) and not pictures_of(operation)
        else operation
        for operation in operations
    )


def saying(plan: Plan, found: tuple[AnyOperation, ...] | AnyOperation, models: OpenModels, references: int) -> Plan:
    """The plan with the open models that were chosen for it, and what becomes of the pictures that came."""
    operations = found if isinstance(found, tuple) else (found,)
    seen = _looking(operations, references)
    if plan.ops == operations or len(plan.ops) != len(operations):
        return plan.model_copy(update={"says": (*plan.says, *seen)}) if seen else plan
    ops = tuple(
        operation
        if isinstance(operation, Instruct)
        else said.model_copy(update=_drawn_by(operation))
        if isinstance(said, Drawn) and isinstance(operation, Drawn)
        else said
        for said, operation in zip(plan.ops, operations, strict=True)
    )
    told = Plan.of(ops, plan.keep)
    picked = (new for said, new in zip(plan.ops, ops, strict=True) if getattr(said, "model", None) is None)
    return told.model_copy(update={"says": (*told.says, *models.why(picked), *seen)})


def _looking(operations: Iterable[AnyOperation], references: int) -> tuple[str, ...]:
    """Which of the pictures that came with words are looked at, and which are not: a sentence for each that draws.

    Args:
        operations: with the models that draw them (`OpenModels.given`). references: how many pictures came.
    """
    operations = tuple(operations)
    unused, said = _unused(operations, references), dict[str, None]()
    for operation in operations:
        if not isinstance(operation, Beside) or getattr(operation, "reference", None) is not None:
            continue
        name, seen = model_of(operation), operation.references or ()
        if seen:
            more = ", and at no more" if unused else ""
            said[f"{title_of(name)} looks at {_images(seen)} with the words{more}."] = None
        elif unused:
            who = f"{title_of(name)} does" if name else "The built-in models do"
            said[f"{who} not look at other pictures: {_images(unused)} will not be used."] = None
    return tuple(said)


def _unused(operations: Iterable[AnyOperation], references: int) -> tuple[int, ...]:
    used = {number for operation in operations for number in pictures_of(operation)}
    return tuple(number for number in range(1, references + 1) if number not in used)


def _named_in(operation: Beside, references: int) -> tuple[int, ...]:
    """The pictures that its words name, in their order."""
    words = [operation.prompt or "", *((operation.prompts or ()) if isinstance(operation, Series) else ())]
    numbers: dict[int, None] = {}
    for match in _NAMED.finditer(" , ".join(words)):
        number = count_of(said.lower()) if (said := match["number"]) else ORDINALS[match["ordinal"].lower()]
        if number is not None and number <= _MOST_NAMED:
            numbers[number or references] = None  # “last” is 0
    return tuple(numbers)


def _drawn_by(operation: Drawn) -> dict[str, object]:
    """By what it is drawn, and looking at what: its fields that the bridge fills."""
    by: dict[str, object] = {"model": operation.model}
    return {**by, "references": operation.references} if isinstance(operation, Beside) else by


def looks_at(name: str) -> int:
    """How many pictures that open model looks at with the words."""
    return next((entry.references for entry in open_entries() if entry.name == name), 0)


def _images(numbers: tuple[int, ...]) -> str:
    return f"image{'s' if len(numbers) > 1 else ''} {listed([str(number) for number in numbers])}"


def pictures_of(operation: AnyOperation) -> tuple[int, ...]:
    """The numbers of the pictures that it uses, whatever for."""
    one, several = getattr(operation, "reference", None), getattr(operation, "references", None)
    return tuple(several or ()) if one is None else (one,)


def abilities_of(name: str) -> frozenset[Ability]:
    """What that open model can; nothing where there is none of that name."""
    return frozenset(ability for entry in open_entries() if entry.name == name for ability in entry.abilities)


def names_with(ability: Ability) -> tuple[str, ...]:
    """Open models that can do this, best first."""
    return tuple(entry.name for entry in open_entries() if ability in entry.abilities)


def ability_for(operation: AnyOperation) -> Ability:
    """What a model must be able to do for this operation."""
    return ABILITY_OF[_op_of(operation)]


def _op_of(operation: AnyOperation) -> str:
    """A series is a row of new backgrounds."""
    return "background_replace" if isinstance(operation, Series) else operation.op


def model_of(operation: AnyOperation) -> str:
    """The open model that draws it; empty where the built-in ones do."""
    name = operation.model if isinstance(operation, Drawn) else None
    return "" if name is None or name == BUILT_IN else name


def _needs_one(operation: AnyOperation, cannot: Callable[[str], str | None]) -> bool:
    if isinstance(operation, Instruct):
        return True
    if isinstance(operation, Series):
        return any(cannot(prompt) is not None for prompt in operation.prompts or (operation.prompt or "",))
    prompt = getattr(operation, "prompt", None)
    return isinstance(prompt, str) and cannot(prompt) is not None


def settings_of(series: Series) -> tuple[BackgroundReplace, ...]:
    """A series' settings as operations, all drawn by the same model."""
    prompts = series.prompts or (series.prompt or "",) * (series.count or 1)
    return tuple(
        BackgroundReplace(prompt=prompt, references=series.references, model=series.model) for prompt in prompts
    )
