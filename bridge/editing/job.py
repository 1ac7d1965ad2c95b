"""What one edit works on: where, from which version, with which words and seeds."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace

import numpy as np
from pydantic import ValidationError

from bridge.editing.ability import NO_MODELS, Edits, Runnable, cannot_draw, runnable
from bridge.editing.extent import HINTED, extent_of, is_shown_where_selected
from bridge.editing.models import AUTO, OpenModels, beside, pictures_of, saying, settings_of
from bridge.editing.places import rect_of
from bridge.editing.work import Work, box_in
from bridge.errors import BadPixels, NeedsReference, NeedsSelection, NothingChanged, NothingTo, NotUnderstood, TooLarge
from bridge.history.records import FinishedEdit, Hash, Layer, Version
from bridge.history.versions import Versions
from bridge.protocol import messages as m
from engine.api import Mask, Pixels
from engine.commands import parse
from engine.commands.grammar import filled
from engine.commands.plan import (
    AddText,
    Again,
    Drawn,
    PlaceImage,
    Plan,
    Series,
    Variations,
)
from engine.commands.regions import Region
from engine.geometry import PixelRect, TileIndex

# Pixels of an edit's reach that the bridge is ready to hold at once, raw.
REACH_BYTES = 384 << 20
# And of what the layer becomes: 16384 × 16384 of 8 bit RGB.
RESULT_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Take:
    """One candidate: what is done, in order, with which seed.

    ``plan`` is what it was made by where that is only a part of the edit's plan (one setting of a series).
    """

    operations: tuple[Edits, ...]
    seed: int
    plan: Plan | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One edit of pixels, decided.

    Attributes:
        takes: one a candidate.
        base: the layer as it is where the edit starts; its head is the parent of the result.
        rect_px: what of it may change.
        reach_px: what the engine has to see.
        becomes: whether the layer's size or format change.
        text: the words that the version will carry.
        selection_px: box of the selection, None when there is none.
        kept: what must stay as it is; ``keep``: the places among it.
        instead_of: the version that this is another one of: the head goes from there over to the result.
        mask_of: the version whose selection is used again, or None when the client sends one.
        overrides: tiles whose contents at the base differ from what the client shows now.
        all_here: the overrides are the whole layer, so the client is asked for nothing.
        pictures: numbers of those beside the layer that are needed.
    """

    takes: tuple[Take, ...]
    base: Layer
    rect_px: PixelRect
    reach_px: PixelRect
    becomes: bool
    text: str
    selection_px: PixelRect | None = None
    kept: tuple[Region, ...] = ()
    keep: tuple[PixelRect, ...] = ()
    instead_of: str | None = None
    mask_of: Version | None = None
    overrides: dict[TileIndex, Hash] = field(default_factory=dict[TileIndex, Hash])
    all_here: bool = False
    pictures: tuple[int, ...] = ()

    @property
    def base_version_id(self) -> str:
        """The version that the edit starts from."""
        return self.base.head_version_id

    def work(self, pixels: Pixels, mask: Mask | None) -> Work:
        """The beginning: ``pixels`` of the reach, ``mask`` of the selection's box."""
        return Work.of(self.base.size, self.base.format, self.reach_px, pixels, mask, self.selection_px)

    def before(self, tiles: dict[TileIndex, tuple[Hash, bytes]]) -> dict[Hash, bytes]:
        """The tiles as they are now, which the result's version will refer to, as far as that is known by now."""
        return dict(tiles[cell] for cell in self.rect_px.cells(m.TILE_PX)) if self.selection_px is not None else {}

    def finished(
        self,
        edit_id: str,
        person_id: str,
        plan: Plan,
        tiles: dict[TileIndex, tuple[Hash, bytes]],
        works: tuple[Work, ...],
    ) -> FinishedEdit:
        """What the history stores; ``tiles`` are the reach's, of which only those that changed are kept.

        Raises:
            NothingChanged: the operation found nothing to change.
        """
        canvas = works[0].canvas
        changed = functools.reduce(np.maximum, (work.changed for work in works))
        rect_px = canvas.size.rect if canvas is not None else box_in(changed, self.reach_px)
        if rect_px is None:
            raise NothingChanged
        touched = (rect_px if canvas is None else self.base.size.rect).cells(m.TILE_PX)
        before = {cell: tiles[cell] for cell in touched}
        candidates = (
            replace(
                work.candidate(rect_px, take.seed),
                plan=self._done(take, take.plan or plan).model_dump_json(),
                says=None if take.plan is None else take.plan.says,
            )
            for work, take in zip(works, self.takes, strict=True)
        )
        return FinishedEdit(
            edit_id=edit_id,
            layer_id=self.base.layer_id,
            person_id=person_id,
            base_version_id=self.base_version_id,
            size=self.base.size,
            format=self.base.format,
            rect_px=rect_px,
            mask=np.ascontiguousarray(changed[rect_px.slices(works[0].reach_px)]),
            before={cell: key for cell, (key, _) in before.items()},
            before_tiles=dict(before.values()),
            text=self.text,
            plan=self._done(self.takes[0], plan).model_dump_json(),
            says=plan.says,
            candidates=tuple(candidates),
            canvas=canvas,
            instead_of=self.instead_of,
        )

    def _done(self, take: Take, plan: Plan) -> Plan:
        """What was carried out: the words alone do not say what was selected then, nor what “again” repeated."""
        return Plan(ops=take.operations, keep=self.kept, says=plan.says)


def understand(
    text: str,
    *,
    has_selection: bool,
    references: int = 0,
    plan: Plan | None = None,
    models: OpenModels = NO_MODELS,
) -> tuple[Plan, Runnable]:
    """③ The plan for these words and what it does, which can be run.

    Args:
        text: as typed.
        has_selection: whether something is selected.
        references: how many pictures came with it.
        plan: what was made of the words; None for what the rules make of them.
        models: the open models that are here, and what was said of them.

    Returns:
        the plan, saying also which open model draws what and why, and what it does.

    Raises:
        NoModel: an open model was named that is not here, or that cannot do it.
        NeedsSelection, NeedsReference: it would be clear with one.
        NotUnderstood: it is not; the message says what to try.
        CannotYet: it is clear, but the engine cannot do it yet.
    """
    plan = plan or parse(text, has_selection, references)
    if plan.unsure or not plan.ops:
        selected = parse(text, True, references)
        if selected.unsure:
            selected = filled(text, has_selection=True, model=models.named) or selected
        if not has_selection and not selected.unsure:
            # What could not be done with one either is said first: nobody selects in vain.
            runnable(selected, has_selection=True, references=references, models=models)
            raise NeedsSelection("There is no selection to work on.")
        if references < m.MOST_REFERENCES and not parse(text, has_selection, m.MOST_REFERENCES).unsure:
            raise NeedsReference(_missing(plan.unsure) if references else "There is no picture with the command.")
        raise _not_understood(" ".join(plan.unsure))
    found = runnable(plan, has_selection=has_selection, references=references, models=models)
    return saying(plan, found, models, references), found


def chosen(plan: Plan, models: OpenModels, references: int = 0) -> Plan:
    """The plan with the open models that would draw it, whatever else it lacks.

    Args:
        references: how many pictures come with it.

    Raises:
        NoModel: one was named that is not here, or that cannot do it.
    """
    found = tuple(models.given(operation, cannot_draw) for operation in beside(plan.ops, references))
    return saying(plan, found, models, references)


def _missing(unsure: tuple[str, ...]) -> str:
    """Which picture; what to do about it is the error's hint."""
    return " ".join(unsure).partition(" Add it")[0]


def _not_understood(said: str) -> NotUnderstood:
    """What happened, and what to try as its hint where the words name it."""
    what, tries, nearest = said.partition(" Try “")
    return NotUnderstood(what, hint=f"Nothing was changed. Try “{nearest}") if tries else NotUnderstood(said)


async def job_of(
    operations: tuple[Edits, ...] | Series | Again | Variations,
    plan: Plan,
    start: m.EditStart,
    layer: Layer,
    seed: int,
    versions: Versions,
    models: OpenModels = NO_MODELS,
) -> Job:
    """What to do where.

    Raises:
        NoModel: what is repeated was drawn by an open model that is not here any more.
        BadPixels: the selection's box is empty or leaves the layer.
        TooLarge: the reach is beyond what the bridge holds.
        NothingTo: there is no edit yet that could be repeated.
        NeedsSelection: what is repeated worked on a selection that its version does not tell.
        NeedsReference: what is repeated looked at pictures that did not come again.
    """
    match operations:
        case Again():
            last = await _last_edit(layer, versions, "repeat")
            job = Job(
                takes=_takes(
                    _again(_operations_of(last), operations, models, len(start.references)), seed, start.variations
                ),
                base=layer,
                rect_px=layer.size.rect,
                reach_px=layer.size.rect,
                becomes=False,
                text=last.text,
                selection_px=last.rect_px,
                mask_of=last,
            )
            job = _repeating(job, last, start, layer)
        case Variations():
            last = await _last_edit(layer, versions, "vary")
            assert last.parent_id is not None, "an edit has a parent"
            found = await versions.between(layer.head_version_id, last.parent_id)
            job = Job(
                takes=_takes(
                    _again(_operations_of(last), operations, models, len(start.references)), seed, operations.count
                ),
                base=await versions.layer_at(layer, last.parent_id),
                rect_px=layer.size.rect,
                reach_px=layer.size.rect,
                becomes=False,
                text=last.text,
                selection_px=last.rect_px,
                instead_of=last.version_id,
                mask_of=last,
                overrides=found.tiles,
                all_here=found.canvas is not None,
            )
            job = _repeating(job, last, start, job.base)
        case Series():
            job = _fresh(_settings(operations, seed), plan, start, layer)
        case _:
            job = _fresh(_takes(operations, seed, start.variations), plan, start, layer)
    return _with_extent(job, len(start.references))


def _repeating(job: Job, last: Version, start: m.EditStart, layer: Layer) -> Job:
    """Where it works this time: where the last edit worked, if its version tells, or where is selected now.

    A version's mask is what changed. Where something was found, or put, that is not what was selected.

    Raises:
        NeedsSelection: it worked on a selection that its version does not tell.
    """
    kept = _stored(last).keep
    job = replace(job, kept=kept, keep=_places(kept, layer))
    operations = job.takes[0].operations
    tells = last.canvas is None and not any(_found_by_itself(operation) for operation in operations)
    if tells and (start.mask_rect_px is None or job.instead_of is not None):  # another one is where the one was
        return job
    if start.mask_rect_px is not None:
        return replace(job, selection_px=_selection_px(start.mask_rect_px, layer), mask_of=None)
    if any(_on_selection(operation) for operation in operations):
        raise NeedsSelection("That edit worked on a selection, and did more than that, so it has to be selected again.")
    return replace(job, selection_px=None, mask_of=None)


def _on_selection(operation: Edits) -> bool:
    said = getattr(operation, "place", None) or getattr(operation, "region", None)
    return said == "selection"


def _places(kept: tuple[Region, ...], layer: Layer) -> tuple[PixelRect, ...]:
    return tuple(kept_px for region in kept if (kept_px := rect_of(region, layer.size)) is not None)


def _fresh(takes: tuple[Take, ...], plan: Plan, start: m.EditStart, layer: Layer) -> Job:
    return Job(
        takes=takes,
        base=layer,
        rect_px=layer.size.rect,
        reach_px=layer.size.rect,
        becomes=False,
        text=start.text,
        selection_px=None if start.mask_rect_px is None else _selection_px(start.mask_rect_px, layer),
        kept=plan.keep,
        keep=_places(plan.keep, layer),
    )


def _takes(operations: tuple[Edits, ...], seed: int, count: int) -> tuple[Take, ...]:
    """One seed a candidate; the first is the edit's own, so that it can be had again alone."""
    return tuple(Take(operations, (seed + number) % 2**32) for number in range(count))


def _settings(series: Series, seed: int) -> tuple[Take, ...]:
    """One candidate a setting: named ones with the same seed, else the same words with others."""
    takes: list[Take] = []
    for number, setting in enumerate(settings_of(series)):
        shift = 0 if series.prompts else number
        takes.append(Take((setting,), (seed + shift) % 2**32, Plan.of((setting,))))
    return tuple(takes)


def _again(
    operations: tuple[Edits, ...], asked: Again | Variations, models: OpenModels, references: int
) -> tuple[Edits, ...]:
    """What an edit did, by the same models, or by the one that is named now, which is shown the pictures that came now.

    Raises:
        NoModel: such a model is not here, or cannot do it.
    """
    if asked.model is None and models.of_edit != AUTO:
        return tuple(models.kept(operation) for operation in operations)
    named = tuple(
        operation.model_copy(update={"model": asked.model}) if isinstance(operation, Drawn) else operation
        for operation in operations
    )
    return tuple(models.given(operation, cannot_draw) for operation in beside(named, references))


async def _last_edit(layer: Layer, versions: Versions, verb: str) -> Version:
    last = await versions.last_edit(layer.layer_id)
    if last is None or not layer.size.rect.contains(last.rect_px):
        raise NothingTo(verb)
    return last


def _operations_of(last: Version) -> tuple[Edits, ...]:
    """What an earlier edit did. Its text is that of the first in the row, whatever “again” and “another one” followed.

    Raises:
        NothingTo: this version of Inlay reads the words in another way.
    """
    for operations in (_stored(last).ops, parse(last.text, True).ops, parse(last.text, False).ops):
        edits = tuple(operation for operation in operations if isinstance(operation, Edits))
        if edits:
            return edits
    raise NothingTo("repeat")


def _stored(last: Version) -> Plan:
    """The plan that a version was made by; a language model's cannot be had from the words again."""
    try:
        return Plan.model_validate_json(last.plan)
    except ValidationError:
        return Plan()


def _selection_px(rect: tuple[int, int, int, int], layer: Layer) -> PixelRect:
    if rect[2] <= rect[0] or rect[3] <= rect[1]:
        raise BadPixels("The selection is empty.", hint="Select the thing to change, then try again.")
    rect_px = PixelRect(*rect)
    if not layer.size.rect.contains(rect_px):
        raise BadPixels(f"The selection reaches beyond the layer, which is {layer.size}.")
    return rect_px


def _found_by_itself(operation: Edits) -> bool:
    """Whether what it changes is not what is selected: that is a hint, or where something goes."""
    # A picture is shown where the background was, found or selected.
    return isinstance(operation, HINTED | AddText | PlaceImage) and not is_shown_where_selected(operation)


def _with_extent(job: Job, references: int) -> Job:
    """How far all steps of all candidates go.

    Raises:
        TooLarge: that is more than the bridge holds at once.
    """
    rect_px = reach_px = PixelRect(0, 0, 0, 0)
    becomes = by_selection = False
    pictures: set[int] = set()
    for take in job.takes:
        size, format_ = job.base.size, job.base.format
        for operation in take.operations:
            pictures.update(pictures_of(operation))
            extent = extent_of(operation, job.selection_px, size, format_)
            by_selection |= extent.by_selection
            if extent.becomes is not None:
                becomes, size, format_ = True, extent.becomes.size, extent.becomes.format
                if size.rect.area * format_.bytes_per_pixel > RESULT_BYTES:
                    raise TooLarge(f"A layer of {size} is more than this bridge makes at once.")
            if not becomes:
                rect_px, reach_px = rect_px.union(extent.rect_px), reach_px.union(extent.reach_px)
    if becomes:
        rect_px = reach_px = job.base.size.rect
    if reach_px.area * job.base.format.bytes_per_pixel > REACH_BYTES:
        raise TooLarge(f"A selection of {rect_px.size} is more than this bridge takes at once.")
    if pictures and max(pictures) > references:
        raise NeedsReference(
            f"That edit looked at image {max(pictures)}, and {references or 'none'} came with the command."
        )
    if not by_selection and job.mask_of is not None:  # it found its place by itself, and will again
        job = replace(job, selection_px=None, mask_of=None)
    return replace(job, rect_px=rect_px, reach_px=reach_px, becomes=becomes, pictures=tuple(sorted(pictures)))
